import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { printableJson } from '../../application/plain-text.js';
import type { OidcSettings } from '../../config/config.js';
import { isLoopback } from '../../config/loopback.js';
import { KeyMissing, type Keyring } from '../../encryption/keyring.js';
import { type ConnectionBounds, type ListeningServer, listeningServer } from '../../process/http-listener.js';
import { encryptionCodec, keyIdOf } from '../data-converter/encryption-codec.js';
import { bearerTokens, InvalidToken } from './bearer-tokens.js';
import { BytesInFlight, type Share } from './bytes-in-flight.js';
import { DisclosureRecord } from './disclosure-record.js';
import { RefusalRecord } from './refusal-record.js';

/**
 * Shows the Temporal Web UI and command line what is encrypted, to those who may see it: `POST /decode` and
 * `POST /encode`, as Temporal's remote codecs do. The keys stay in this process.
 */
export interface CodecServerOptions {
  keyring: Keyring;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default: a free one. */
  port?: number;
  /** Where the Web UI is reached, exactly: `https://temporal.broker.example`. Browsers elsewhere are refused. */
  origins: readonly string[];
  /** Callers must send `Authorization: Bearer <token>`. Without it only loopback is served. */
  token?: string | undefined;
  /**
   * Header in which an authenticating gateway in front says who the user is; calls without it are refused. Only for a
   * server that nobody can reach but through the gateway.
   */
  userHeader?: string | undefined;
  /** Callers must send a token of this single sign-on, or `token` where that is given too. */
  oidc?: OidcSettings | undefined;
  /** The address of `host`, to serve whoever reaches it: for a container whose port only this machine reaches. */
  openOn?: string | undefined;
  /** Bytes of a request at most. Default 6 MiB. */
  maxBytes?: number;
  /** Bytes that the requests and answers under way hold together. Default 24 MiB. */
  maxBytesInFlight?: number;
  /** Default: those of every server here. */
  bounds?: ConnectionBounds;
  /**
   * Gets one entry for each call before it is answered, with no data in it. It must have written the entry when it
   * returns, and throw when it cannot: then nothing is shown. Of the calls that are refused before it is known who calls,
   * it gets the first with each status in a minute, and how many more there were.
   */
  audit: (call: CodecCall) => void;
}

/** Who looked at how much of what; for the record that a broker keeps of disclosures (19 CFR 111.24). */
export interface CodecCall {
  at: string;
  operation: 'decode' | 'encode' | 'refused';
  status: number;
  /** The user by the single sign-on's token or the gateway's word, `token`, or `local`. */
  who: string;
  address: string;
  /** As the caller says; like `namespace`, only of callers that are known. */
  origin?: string;
  namespace?: string;
  payloads?: number;
  keyIds?: string[];
  why?: string;
  /** This entry is for so many calls that were refused with this status. `address` is that of the last one. */
  calls?: number;
}

/**
 * The Web UI and the command line send one `Payloads` message a call, and Temporal takes no message above 4 MiB: 5.4 MiB
 * in base64.
 */
export const DEFAULT_MAX_BYTES = 6 * 2 ** 20;
/** Four of the largest at once. Work takes several times that while it lasts, but one call is worked on at a time. */
export const DEFAULT_MAX_BYTES_IN_FLIGHT = 4 * DEFAULT_MAX_BYTES;

/** @throws when it would be open to the network without a token or a gateway, or the port is taken. */
export async function startCodecServer(options: CodecServerOptions): Promise<ListeningServer> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopback(host) && isOpen(options) && options.openOn !== host)
    throw new Error(
      `The codec server would listen on ${host} and show importer numbers and birth dates to whoever asks. Set CODEC_OIDC_ISSUER or CODEC_TOKEN, or put an authenticating gateway in front and set CODEC_USER_HEADER. If only this machine reaches it: ALLOW_OPEN_CODEC=${host}.`,
    );
  const record = new DisclosureRecord(options.audit);
  const refusals = new RefusalRecord((call: CodecCall) => record.write(call));
  const serving: Serving = {
    ...options,
    authenticate: authentication(options),
    inFlight: new BytesInFlight(options.maxBytesInFlight ?? DEFAULT_MAX_BYTES_IN_FLIGHT),
    record,
    refusals,
  };
  const port = options.port ?? 0;
  const server = await listeningServer(
    (request, response) => {
      // Every error of a call is answered by then; what is left is that the answer cannot be written.
      void serve(request, response, serving).catch(() => response.destroy());
    },
    { host, port },
    (reason) =>
      `The codec server cannot listen on ${host}:${port}: ${reason}. Choose a free CODEC_PORT, or end what listens there.`,
    options.bounds,
  );
  const close = async () => {
    await server.close();
    refusals.flush();
  };
  return { ...server, close };
}

/** A call that is answered with a status and a reason instead of payloads. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    /** For the caller, who may be anybody. */
    message: string,
    /** For the record. */
    readonly why = message,
  ) {
    super(message);
  }
}

/** The kind of error alone: what it says might quote what was to stay secret. */
function unexpected(error: unknown): Refusal {
  const kind = error instanceof Error ? error.name : typeof error;
  return new Refusal(500, `The codec server failed on this call (${kind}). Nothing was encoded or decoded.`);
}

/** Whether whoever reaches it is served. */
function isOpen({ token, userHeader, oidc }: CodecServerOptions): boolean {
  return !token && !userHeader && !oidc;
}

type Authenticate = (request: IncomingMessage) => Promise<string>;

interface Serving extends CodecServerOptions {
  authenticate: Authenticate;
  inFlight: BytesInFlight;
  record: DisclosureRecord<CodecCall>;
  /** Of callers that are not known. */
  refusals: RefusalRecord<CodecCall>;
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
    call.who = await options.authenticate(request);
    isKnown = true;
    Object.assign(call, header(request, 'origin'), namespaceOf(request));
    const payloads = payloadsIn(await bodyOf(request, length, options.inFlight));
    const worked = await work(operation, payloads, options.keyring);
    const answer = Buffer.from(JSON.stringify({ payloads: worked.map(asJson) }));
    Object.assign(call, { operation, status: 200, payloads: payloads.length, ...keysOf([...payloads, ...worked]) });
    const share = options.inFlight.share(() => response.destroy());
    response.once('close', share.release);
    share.hold(answer.length);
    if (!options.record.write(call)) throw new Refusal(503, NOT_ON_RECORD);
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  } catch (error) {
    const { status, message, why } = error instanceof Refusal ? error : unexpected(error);
    Object.assign(call, { operation: 'refused', status, why: isKnown ? why : shortened(why) });
    if (isKnown) options.record.write(call);
    else if (request.method !== 'OPTIONS' && !isHealth(request)) options.refusals.add(call);
    refuse(request, response, { status, message, isLast: !isKnown });
  }
}

const NOT_ON_RECORD = 'The record of disclosures cannot be written, so nothing is shown.';

function isHealth({ method, url }: IncomingMessage): boolean {
  return method === 'GET' && url === '/health';
}

/** After a loss it tries to write an entry itself: a server that is sent no calls because of it must recover, too. */
function answerHealth(response: ServerResponse, call: CodecCall, record: DisclosureRecord<CodecCall>): void {
  if (record.isLost && !record.write({ ...call, status: 503, why: NOT_ON_RECORD }))
    throw new Refusal(503, NOT_ON_RECORD);
  response.writeHead(200).end('ok\n');
}

const LONGEST_WHY = 120;

/** Its beginning and its end, within so many characters as the record has them: one that is escaped takes six. */
function shortened(why: string): string {
  const fits = (text: string) => printableJson(JSON.stringify(text)).length - 2 <= LONGEST_WHY;
  let short = why;
  for (let half = LONGEST_WHY / 2; !fits(short); half--) short = `${why.slice(0, half)}…${why.slice(-half)}`;
  return short;
}

/**
 * Node.js reads past the rest of a body, since to close before would take the answer from the caller. It is the last
 * answer on the connection of a caller that is not known.
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

const METHODS = { '/decode': 'decode', '/encode': 'encode' } as const;

function operationOf(request: IncomingMessage): 'decode' | 'encode' {
  const [pathname = ''] = (request.url ?? '').split('?');
  const operation = METHODS[pathname as keyof typeof METHODS];
  if (!operation) throw new Refusal(404, 'There is only POST /decode and POST /encode.');
  if (request.method !== 'POST') throw new Refusal(405, `${pathname} takes POST.`);
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415, 'The body must be application/json.');
  return operation;
}

/** A page of another origin must neither read an answer nor make a call; and no name but ours may lead here. */
function allowOrigin(request: IncomingMessage, response: ServerResponse, options: CodecServerOptions): void {
  const { origin, host } = request.headers;
  // Without a token, a page whose name was made to point at this machine would be of its own origin.
  if (isOpen(options) && !isLoopback((host ?? '').replace(/:\d+$/, '')))
    throw new Refusal(403, 'This codec server is reached as 127.0.0.1 or localhost only.');
  if (origin === undefined) return;
  if (!options.origins.includes(origin))
    throw new Refusal(403, `Pages of ${origin.slice(0, 200)} may not decode. CODEC_ORIGINS has those that may.`);
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
  response.setHeader('access-control-allow-headers', 'content-type, authorization, x-namespace');
  response.setHeader('access-control-max-age', '600');
}

/** Says who calls, or refuses. */
function authentication({ token, userHeader, oidc }: CodecServerOptions): Authenticate {
  const userOf = oidc && bearerTokens(oidc);
  return async (request) => {
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const byToken = token !== undefined && bearer !== undefined && isSame(bearer, token);
    if (!byToken && userOf) return await userOf(bearer).catch(refusedToken);
    if (!byToken && token)
      throw new Refusal(401, 'Authorization: Bearer with the token of this codec server is needed.');
    if (!userHeader) return byToken ? 'token' : 'local';
    const user = request.headers[userHeader.toLowerCase()];
    if (typeof user !== 'string' || user.trim() === '')
      throw new Refusal(401, `The gateway did not say in ${userHeader} who the user is.`);
    return user.trim().slice(0, 200);
  };
}

function refusedToken(error: unknown): never {
  if (error instanceof InvalidToken) throw new Refusal(401, error.message);
  // The issuer does not answer: no mistake of the caller, who must not learn either where the issuer is.
  throw new Refusal(
    503,
    'The single sign-on cannot be asked at the moment. Try again later.',
    `The keys of CODEC_OIDC_ISSUER cannot be had: ${(error as Error).message}.`,
  );
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Bodies of unknown length are refused: a caller may cut them into any number of pieces, each of which costs memory. */
function lengthOf(request: IncomingMessage, maxBytes: number): number {
  const length = request.headers['content-length'];
  if (length === undefined) throw new Refusal(411, 'The request must say in Content-Length how long its body is.');
  if (Number(length) > maxBytes) throw new Refusal(413, `A request has at most ${maxBytes} bytes.`);
  return Number(length);
}

/** Memory is taken as bytes arrive, not as they are announced. */
function bodyOf(request: IncomingMessage, length: number, inFlight: BytesInFlight): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let body: Buffer = Buffer.alloc(0);
    let read = 0;
    const share = inFlight.share(() =>
      end(() => reject(new Refusal(503, 'There are too many large calls at once. Try again in a second.'))),
    );
    const take = (chunk: Buffer) => {
      body = roomFor(read + chunk.length, length, body, share);
      read += chunk.copy(body, read);
    };
    const end = (settle: () => void) => {
      request.off('data', take);
      share.release();
      settle();
      // The rest of the request may be long in coming, and would keep it.
      body = Buffer.alloc(0);
    };
    const brokenOff = () => end(() => reject(new Refusal(400, 'The call broke off before the end of its body.')));
    // It may have while it was found out who calls.
    if (request.destroyed) return brokenOff();
    request.on('data', take);
    request.once('end', () => end(() => resolve(body)));
    request.once('error', brokenOff);
  });
}

const FIRST_ROOM = 4_096;

/** Doubles, so that a body in many small pieces is copied a few times only. */
function roomFor(needed: number, length: number, body: Buffer, share: Share): Buffer {
  if (needed <= body.length) return body;
  const larger = Buffer.allocUnsafeSlow(Math.min(length, Math.max(needed, FIRST_ROOM, 2 * body.length)));
  share.hold(larger.length);
  body.copy(larger);
  return larger;
}

const MAX_PAYLOADS = 10_000;

/**
 * At least as many as JSON has values. Each takes some fifty bytes as an object, however short it is written: a body of
 * empty ones would become hundreds of megabytes.
 */
function piecesOf(json: Buffer): number {
  let pieces = 0;
  for (const byte of json) if (byte === COMMA || byte === BRACKET || byte === BRACE) pieces += 1;
  return pieces;
}
const [COMMA, BRACKET, BRACE] = Buffer.from(',[{');

/** As protobuf writes JSON: what is empty may be left out. A query without arguments comes as `{}`. */
const body = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), z.base64()).nullish(), data: z.base64().nullish() }))
    .max(MAX_PAYLOADS)
    .nullish(),
});

function payloadsIn(bytes: Buffer): Payload[] {
  if (piecesOf(bytes) > 10 * MAX_PAYLOADS)
    throw new Refusal(413, `A request has at most ${MAX_PAYLOADS} payloads, with a few metadata each.`);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
  const checked = body.safeParse(json);
  if (!checked.success)
    throw new Refusal(400, 'The body must be {"payloads":[{"metadata":{…},"data":"…"}]} in base64.');
  return (checked.data.payloads ?? []).map(({ metadata, data }) => ({
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
    ),
    ...(data == null ? {} : { data: Buffer.from(data, 'base64') }),
  }));
}

/** What is sealed with a key that is not here stays sealed, so that the rest of a page still shows. */
async function work(operation: 'decode' | 'encode', payloads: Payload[], keyring: Keyring): Promise<Payload[]> {
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

/** Ids of the keys concerned; foreign text is not let into the record. */
function keysOf(payloads: Payload[]): Pick<CodecCall, 'keyIds'> {
  const ids = new Set(payloads.map(keyIdOf).filter((id) => id !== undefined && /^k-[0-9a-f]{12}$/.test(id)));
  return ids.size > 0 ? { keyIds: [...ids] as string[] } : {};
}

function header(request: IncomingMessage, name: 'origin'): Pick<CodecCall, 'origin'> {
  const value = request.headers[name];
  return value ? { origin: value.slice(0, 200) } : {};
}

function namespaceOf(request: IncomingMessage): Pick<CodecCall, 'namespace'> {
  const namespace = request.headers['x-namespace'];
  return typeof namespace === 'string' ? { namespace: namespace.slice(0, 200) } : {};
}
