import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Payload } from '@temporalio/common';
import { printableJson } from '../../application/plain-text.js';
import { isLoopback } from '../../config/loopback.js';
import { KeyMissing, type Keyring } from '../../encryption/keyring.js';
import { type ConnectionBounds, type ListeningServer, listeningServer } from '../../process/http-listener.js';
import { encryptionCodec, keyIdOf } from '../data-converter/encryption-codec.js';
import { BytesInFlight } from './bytes-in-flight.js';
import { type CodecCall, DisclosureRecord, RefusalRecord } from './call-record.js';
import { type CallerCredentials, callerIdentifier, isOpen } from './identify-caller.js';
import { bodyOf, lengthOf, operationOf, payloadsIn, RefusedCall } from './read-call.js';

/**
 * Decrypts for the Temporal Web UI and command line, if the caller may see the data: `POST /decode` and `POST /encode`,
 * Temporal's protocol for remote codecs. The keys stay in this process.
 */
export interface CodecServerOptions extends CallerCredentials {
  keyring: Keyring;
  /** Default 127.0.0.1. Any address but loopback needs credentials, or `openOn`. */
  host?: string;
  /** Default: a free one. */
  port?: number;
  /** Exact URLs of the Web UI, such as `https://temporal.broker.example`. Browsers elsewhere are refused. */
  origins: readonly string[];
  /** The address of `host`, to serve everyone who reaches it: for a container whose port only this machine can reach. */
  openOn?: string | undefined;
  /** Most bytes in a request. Default 6 MiB. */
  maxBytes?: number;
  /** Most bytes in all requests and answers at once. Default 24 MiB. */
  maxBytesInFlight?: number;
  /** Default: as for all our servers. */
  bounds?: ConnectionBounds;
  /**
   * Gets one entry for each call before it is answered, with no data in it. It must have written the entry when it
   * returns, and throw if it cannot: then nothing is shown. For calls that are refused before we know the caller, it gets
   * only the first with each status in a minute, and then how many more there were.
   */
  audit: (call: CodecCall) => void;
}

/**
 * The Web UI and the command line send one `Payloads` message a call, and Temporal accepts no message above 4 MiB, which
 * is 5.4 MiB in base64.
 */
export const DEFAULT_MAX_BYTES = 6 * 2 ** 20;
/** Four of the largest at once. Decoding takes several times that for a moment, but handles one call at a time. */
export const DEFAULT_MAX_BYTES_IN_FLIGHT = 4 * DEFAULT_MAX_BYTES;

/** @throws if it would be open to the network without credentials, or the port is taken. */
export async function startCodecServer(options: CodecServerOptions): Promise<ListeningServer> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopback(host) && isOpen(options) && options.openOn !== host)
    throw new Error(
      `The codec server would listen on ${host} and show importer numbers and birth dates to anyone who asks. Set CODEC_OIDC_ISSUER or CODEC_TOKEN, or put an authenticating gateway in front and set CODEC_USER_HEADER. If only this machine can reach it, set ALLOW_OPEN_CODEC=${host}.`,
    );
  const record = new DisclosureRecord(options.audit);
  const refusals = new RefusalRecord((call) => record.write(call));
  const serving: Serving = {
    ...options,
    identify: callerIdentifier(options),
    inFlight: new BytesInFlight(options.maxBytesInFlight ?? DEFAULT_MAX_BYTES_IN_FLIGHT),
    record,
    refusals,
  };
  const port = options.port ?? 0;
  const server = await listeningServer(
    (request, response) => {
      // All errors of a call are answered by then. What is left is that the answer cannot be written.
      void serve(request, response, serving).catch(() => response.destroy());
    },
    { host, port },
    (reason) =>
      `The codec server cannot listen on ${host}:${port}: ${reason}. Choose a free CODEC_PORT, or stop the program that listens there.`,
    options.bounds,
  );
  const close = async () => {
    await server.close();
    refusals.flush();
  };
  return { ...server, close };
}

interface Serving extends CodecServerOptions {
  identify: ReturnType<typeof callerIdentifier>;
  inFlight: BytesInFlight;
  record: DisclosureRecord;
  /** For unknown callers. */
  refusals: RefusalRecord;
}

async function serve(request: IncomingMessage, response: ServerResponse, options: Serving): Promise<void> {
  let isKnown = false;
  const call: CodecCall = {
    at: new Date().toISOString(),
    operation: 'refused',
    status: 500,
    who: 'nobody',
    address: request.socket.remoteAddress ?? '',
  };
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('vary', 'origin');
  try {
    allowOrigin(request, response, options);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    if (isHealth(request)) return answerHealth(response, call, options.record);
    const operation = operationOf(request);
    const length = lengthOf(request, options.maxBytes ?? DEFAULT_MAX_BYTES);
    call.who = await options.identify(request);
    isKnown = true;
    Object.assign(call, originOf(request), namespaceOf(request));
    const payloads = payloadsIn(await bodyOf(request, length, options.inFlight));
    const converted = await convert(operation, payloads, options.keyring);
    const answer = Buffer.from(JSON.stringify({ payloads: converted.map(asJson) }));
    Object.assign(call, { operation, status: 200, payloads: payloads.length, ...keysOf([...payloads, ...converted]) });
    const share = options.inFlight.share(() => response.destroy());
    response.once('close', share.release);
    share.use(answer.length);
    if (!options.record.write(call)) throw new RefusedCall(503, NOT_RECORDED);
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  } catch (error) {
    const { status, message, why } = error instanceof RefusedCall ? error : unexpected(error);
    Object.assign(call, { operation: 'refused', status, why: isKnown ? why : shortened(why) });
    if (isKnown) options.record.write(call);
    else if (request.method !== 'OPTIONS' && !isHealth(request)) options.refusals.add(call);
    refuse(request, response, { status, message, isLast: !isKnown });
  }
}

/** Gives only the kind of error: its message might quote secret data. */
function unexpected(error: unknown): RefusedCall {
  const kind = error instanceof Error ? error.name : typeof error;
  return new RefusedCall(500, `The codec server failed on this call (${kind}). Nothing was encoded or decoded.`);
}

const NOT_RECORDED = 'The record of disclosures cannot be written, so nothing is shown.';

function isHealth({ method, url }: IncomingMessage): boolean {
  return method === 'GET' && url === '/health';
}

/**
 * After a lost entry, the health check itself tries to write one: a server that gets no calls because it is unhealthy must
 * be able to recover.
 */
function answerHealth(response: ServerResponse, call: CodecCall, record: DisclosureRecord): void {
  if (record.isLost && !record.write({ ...call, status: 503, why: NOT_RECORDED }))
    throw new RefusedCall(503, NOT_RECORDED);
  response.writeHead(200).end('ok\n');
}

const LONGEST_WHY = 120;

/** The beginning and the end of a text, in as many characters as the record may use. An escaped character takes six. */
function shortened(why: string): string {
  const fits = (text: string) => printableJson(JSON.stringify(text)).length - 2 <= LONGEST_WHY;
  let short = why;
  for (let half = LONGEST_WHY / 2; !fits(short); half--) short = `${why.slice(0, half)}…${why.slice(-half)}`;
  return short;
}

/**
 * Reads the rest of the body before closing the connection of an unknown caller: closing earlier could lose the answer on
 * its way.
 */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, message, isLast }: { status: number; message: string; isLast: boolean },
): void {
  const answer = Buffer.from(JSON.stringify({ message }));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': answer.length,
    ...(status === 503 ? { 'retry-after': '1' } : {}),
    ...(isLast ? { connection: 'close' } : {}),
  });
  if (!isLast || request.complete) return void response.end(answer);
  response.write(answer);
  request.resume().once('close', () => response.end());
}

/** Keeps pages of other origins from reading answers and from making calls, and refuses host names that are not ours. */
function allowOrigin(request: IncomingMessage, response: ServerResponse, options: CodecServerOptions): void {
  const { origin, host } = request.headers;
  // Without credentials, a page could use a name that points to this machine (DNS rebinding) and be of the same origin.
  if (isOpen(options) && !isLoopback((host ?? '').replace(/:\d+$/, '')))
    throw new RefusedCall(403, 'Call this codec server as 127.0.0.1 or localhost.');
  if (origin === undefined) return;
  if (!options.origins.includes(origin))
    throw new RefusedCall(
      403,
      `Pages at ${origin.slice(0, 200)} may not decode. CODEC_ORIGINS lists the ones that may.`,
    );
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
  response.setHeader('access-control-allow-headers', 'content-type, authorization, x-namespace');
  response.setHeader('access-control-max-age', '600');
}

/** Payloads encrypted with a key that is not here stay encrypted, so that the rest of a page still shows. */
async function convert(operation: 'decode' | 'encode', payloads: Payload[], keyring: Keyring): Promise<Payload[]> {
  const codec = encryptionCodec({ keyring });
  if (operation === 'encode') return await codec.encode(payloads);
  return await Promise.all(
    payloads.map(async (payload) => {
      try {
        return (await codec.decode([payload]))[0] ?? payload;
      } catch (error) {
        if (error instanceof KeyMissing) return payload;
        throw error;
      }
    }),
  );
}

function asJson({ metadata, data }: Payload) {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
    ...(data ? { data: base64(data) } : {}),
  };
}

/** The ids of the keys used. Text that is not the id of a key stays out of the record. */
function keysOf(payloads: Payload[]): Pick<CodecCall, 'keyIds'> {
  const ids = new Set(payloads.map(keyIdOf).filter((id) => id !== undefined && /^k-[0-9a-f]{12}$/.test(id)));
  return ids.size > 0 ? { keyIds: [...ids] as string[] } : {};
}

function originOf({ headers: { origin } }: IncomingMessage): Pick<CodecCall, 'origin'> {
  return origin ? { origin: origin.slice(0, 200) } : {};
}

function namespaceOf(request: IncomingMessage): Pick<CodecCall, 'namespace'> {
  const namespace = request.headers['x-namespace'];
  return typeof namespace === 'string' ? { namespace: namespace.slice(0, 200) } : {};
}
