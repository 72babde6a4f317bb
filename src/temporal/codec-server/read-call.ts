import type { IncomingMessage } from 'node:http';
import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import type { BytesInFlight, Share } from './bytes-in-flight.js';

/** Reads what a caller asks for and its payloads, without letting it use more memory than a call may. */

/** The call is answered with a status and a reason instead of payloads. */
export class RefusedCall extends Error {
  constructor(
    readonly status: number,
    /** For the caller, who may be anyone. */
    message: string,
    /** For the record. */
    readonly why = message,
  ) {
    super(message);
  }
}

const METHODS = { '/decode': 'decode', '/encode': 'encode' } as const;

/** @throws RefusedCall for any other path, method or kind of body */
export function operationOf(request: IncomingMessage): 'decode' | 'encode' {
  const [pathname = ''] = (request.url ?? '').split('?');
  const operation = METHODS[pathname as keyof typeof METHODS];
  if (!operation) throw new RefusedCall(404, 'Use POST /decode or POST /encode.');
  if (request.method !== 'POST') throw new RefusedCall(405, `${pathname} needs POST.`);
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new RefusedCall(415, 'The body must be application/json.');
  return operation;
}

/**
 * A body of unknown length is refused: the caller could cut it into any number of pieces, each of which costs memory.
 * @throws RefusedCall
 */
export function lengthOf(request: IncomingMessage, maxBytes: number): number {
  const length = request.headers['content-length'];
  if (length === undefined)
    throw new RefusedCall(411, 'The request must give the length of its body in Content-Length.');
  if (Number(length) > maxBytes) throw new RefusedCall(413, `A request may have at most ${maxBytes} bytes.`);
  return Number(length);
}

/** Memory is used as bytes arrive, not as they are announced. @throws RefusedCall */
export function bodyOf(request: IncomingMessage, length: number, inFlight: BytesInFlight): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let body: Buffer = Buffer.alloc(0);
    let read = 0;
    const share = inFlight.share(() =>
      end(() => reject(new RefusedCall(503, 'There are too many large calls at once. Try again in a second.'))),
    );
    const take = (chunk: Buffer) => {
      body = roomFor(read + chunk.length, length, body, share);
      read += chunk.copy(body, read);
    };
    const end = (settle: () => void) => {
      request.off('data', take);
      share.release();
      settle();
      // The rest of the request may take long to arrive and would keep the buffer alive.
      body = Buffer.alloc(0);
    };
    const brokenOff = () => end(() => reject(new RefusedCall(400, 'The call broke off before the end of its body.')));
    // The connection may have closed while we checked who calls.
    if (request.destroyed) return brokenOff();
    request.on('data', take);
    request.once('end', () => end(() => resolve(body)));
    request.once('error', brokenOff);
  });
}

const FIRST_ROOM = 4_096;

/** Doubles the buffer, so that a body in many small pieces is copied only a few times. */
function roomFor(needed: number, length: number, body: Buffer, share: Share): Buffer {
  if (needed <= body.length) return body;
  const larger = Buffer.allocUnsafeSlow(Math.min(length, Math.max(needed, FIRST_ROOM, 2 * body.length)));
  share.use(larger.length);
  body.copy(larger);
  return larger;
}

const MAX_PAYLOADS = 10_000;

/** Protobuf's JSON may leave out what is empty: a query without arguments comes as `{}`. */
const bodySchema = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), z.base64()).nullish(), data: z.base64().nullish() }))
    .max(MAX_PAYLOADS)
    .nullish(),
});

/** @throws RefusedCall */
export function payloadsIn(bytes: Buffer): Payload[] {
  if (mostValuesIn(bytes) > 10 * MAX_PAYLOADS)
    throw new RefusedCall(413, `A request may have at most ${MAX_PAYLOADS} payloads with a few metadata entries each.`);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new RefusedCall(400, 'The body is not JSON.');
  }
  const checked = bodySchema.safeParse(json);
  if (!checked.success)
    throw new RefusedCall(400, 'The body must be {"payloads":[{"metadata":{…},"data":"…"}]} in base64.');
  return (checked.data.payloads ?? []).map(({ metadata, data }) => ({
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
    ),
    ...(data == null ? {} : { data: Buffer.from(data, 'base64') }),
  }));
}

/**
 * At least the number of values in the JSON. Each takes some fifty bytes as an object, however short it is written, so a
 * body full of empty values would become hundreds of megabytes.
 */
function mostValuesIn(json: Buffer): number {
  let values = 0;
  for (const byte of json) if (byte === COMMA || byte === BRACKET || byte === BRACE) values += 1;
  return values;
}
const [COMMA, BRACKET, BRACE] = Buffer.from(',[{');
