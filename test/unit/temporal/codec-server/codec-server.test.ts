import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { printableJson } from '../../../../src/application/plain-text.js';
import { newKey } from '../../../../src/encryption/keyring.js';
import type { ListeningServer } from '../../../../src/process/http-listener.js';
import type { CodecCall } from '../../../../src/temporal/codec-server/call-record.js';
import { type CodecServerOptions, startCodecServer } from '../../../../src/temporal/codec-server/codec-server.js';
import { keyringOf } from '../../encryption/keyring-of.js';

const UI = 'https://temporal.broker.example';
const keyring = keyringOf(newKey());
const SECRET = '"born 1968-03-14"';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const plain = { metadata: { encoding: base64('json/plain') }, data: base64(SECRET) };

let server: ListeningServer | undefined;
let calls: CodecCall[];
beforeEach(() => {
  calls = [];
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Partial<CodecServerOptions> = {}): Promise<ListeningServer> {
  server = await startCodecServer({ keyring, origins: [UI], audit: (call) => calls.push(call), ...options });
  return server;
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** A raw request, because fetch does not let us set Host and Origin. */
function call(path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: server?.port,
        path,
        method,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body));
  });
}

async function encoded(): Promise<unknown[]> {
  return JSON.parse((await call('/encode', { payloads: [plain] })).body).payloads;
}

describe('the codec server', () => {
  test('encodes and decodes like any Temporal codec, and leaves other encodings alone', async () => {
    await start();
    const payloads = await encoded();
    expect(JSON.stringify(payloads)).not.toContain(base64(SECRET));
    const answer = await call('/decode', { payloads: [...payloads, plain, { metadata: {} }, {}] });
    expect(JSON.parse(answer.body).payloads).toEqual([plain, plain, { metadata: {} }, { metadata: {} }]);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  });

  test('accepts a body without payloads, as from a query without arguments', async () => {
    await start();
    for (const nothing of [{}, { payloads: null }, { payloads: [] }])
      expect(await call('/encode', nothing)).toMatchObject({ status: 200, body: '{"payloads":[]}' });
  });

  test('leaves a payload alone if its key is missing, and decodes the rest', async () => {
    await start();
    const mine = await encoded();
    await server?.close();
    await start({ keyring: keyringOf(newKey()) });
    const answer = JSON.parse((await call('/decode', { payloads: [...mine, plain] })).body);
    expect(answer.payloads).toEqual([...mine, plain]);
  });

  test('records for each call who, from where and how much, never what', async () => {
    await start({ token: 'a-token-of-24-characters' });
    const authorization = 'Bearer a-token-of-24-characters';
    const sealed = JSON.parse((await call('/encode', { payloads: [plain] }, { authorization })).body).payloads;
    await call('/decode', { payloads: sealed }, { authorization, origin: UI, 'x-namespace': 'default' });
    await call('/decode', { payloads: sealed });
    expect(calls).toMatchObject([
      { operation: 'encode', status: 200, who: 'token', payloads: 1 },
      {
        operation: 'decode',
        status: 200,
        who: 'token',
        origin: UI,
        namespace: 'default',
        payloads: 1,
        keyIds: keyring.ids,
      },
      { operation: 'refused', status: 401, who: 'nobody' },
    ]);
    expect(JSON.stringify(calls)).not.toMatch(/1968|token-of|MTk2O/);
  });

  test('records little about an unknown caller, whatever it sends', async () => {
    await start({ token: 'a-token-of-24-characters' });
    const long = '\u0080'.repeat(300);
    await call('/decode', { payloads: [] }, { origin: long, 'x-namespace': long });
    await call('/decode', { payloads: [] }, { origin: UI, 'x-namespace': long });
    expect(calls).toMatchObject([
      { status: 403, why: expect.stringMatching(/^Pages at .*ORIGINS lists the ones that may\.$/) },
      { status: 401 },
    ]);
    for (const entry of calls) {
      expect(entry).not.toHaveProperty('origin');
      expect(entry).not.toHaveProperty('namespace');
      expect(printableJson(JSON.stringify(entry.why)).length).toBeLessThanOrEqual(122);
    }
  });

  test('records the ids of keys, but no other text in their place', async () => {
    await start();
    const foreign = (id: string) => ({
      metadata: { encoding: base64('binary/encrypted'), 'encryption-key-id': base64(id) },
      data: base64('x'),
    });
    const named = ['k-000000000000', 'Jane Doe, 1968-03-14'];
    expect((await call('/decode', { payloads: named.map(foreign) })).status).toBe(200);
    expect(calls).toMatchObject([{ operation: 'decode', payloads: 2, keyIds: ['k-000000000000'] }]);
  });

  test('answers pages of the Web UI and no others', async () => {
    await start();
    const preflight = await call('/decode', '', { origin: UI, 'access-control-request-method': 'POST' }, 'OPTIONS');
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-headers': expect.stringMatching(/authorization.*x-namespace/),
    });
    for (const origin of [
      `${UI}.evil.example`,
      'http://temporal.broker.example',
      `${UI}:444`,
      'null',
      'https://evil.example',
    ]) {
      const answer = await call('/decode', { payloads: await encoded() }, { origin });
      expect([answer.status, answer.headers['access-control-allow-origin']], origin).toEqual([403, undefined]);
      expect((await call('/decode', '', { origin }, 'OPTIONS')).status).toBe(403);
    }
  });

  test('cannot be reached by DNS rebinding', async () => {
    await start();
    expect((await call('/decode', { payloads: [] }, { host: 'evil.example' })).status).toBe(403);
    expect((await call('/decode', { payloads: [] }, { host: `localhost:${server?.port}` })).status).toBe(200);
  });

  test('needs its token, and the name of the user from the gateway', async () => {
    await start({ token: 'a-token-of-24-characters', userHeader: 'X-Forwarded-Email' });
    const authorization = 'Bearer a-token-of-24-characters';
    expect((await call('/decode', { payloads: [] })).status).toBe(401);
    expect((await call('/decode', { payloads: [] }, { authorization: `${authorization}x` })).status).toBe(401);
    expect((await call('/decode', { payloads: [] }, { authorization })).status).toBe(401);
    expect(
      (await call('/decode', { payloads: [] }, { authorization, 'x-forwarded-email': 'jo@broker.example' })).status,
    ).toBe(200);
    expect(calls.at(-1)?.who).toBe('jo@broker.example');
  });

  test('does not listen on the network without one or the other', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toThrow(/CODEC_TOKEN.*CODEC_USER_HEADER/);
    expect((await start()).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test.each([
    ['a body that is not JSON', '{', 400],
    ['payloads that are not a list', '{"payloads":{}}', 400],
    ['payloads that are not base64', '{"payloads":[{"metadata":{"encoding":"%%%"},"data":"x"}]}', 400],
    ['null', 'null', 400],
    ['a body beyond the cap', JSON.stringify({ payloads: [{ data: 'A'.repeat(4_000) }] }), 413],
  ])('refuses %s and keeps working', async (_, body, status) => {
    await start({ maxBytes: 2_000 });
    expect((await call('/decode', body)).status).toBe(status);
    expect((await call('/decode', { payloads: [plain] })).status).toBe(200);
  });

  test('says which port is taken, and what to do', async () => {
    const { port } = await start();
    await expect(startCodecServer({ keyring, origins: [UI], audit: () => {}, port })).rejects.toThrow(
      new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}.*Choose a free CODEC_PORT`),
    );
  });

  test('answers a caller that keeps sending a body that is too long', async () => {
    await start({ maxBytes: 2_000 });
    const { body } = await call('/decode', 'x'.repeat(5_000_000));
    expect(JSON.parse(body).message).toContain('at most 2000 bytes');
  });

  test('refuses a body of unknown length', async () => {
    await start();
    expect((await call('/decode', '{}', { 'transfer-encoding': 'chunked' })).status).toBe(411);
  });

  test('refuses a short body that would take a lot of memory, without parsing it', async () => {
    await start();
    const parse = vi.spyOn(JSON, 'parse');
    const answers = await Promise.all([
      call('/decode', `{"payloads":[${'{},'.repeat(200_000)}{}]}`),
      call('/decode', '['.repeat(200_000)),
      call('/decode', `{"payloads":[{"metadata":{${'"":"",'.repeat(200_000)}"":""}}]}`),
    ]);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
    expect(answers.map(({ status }) => status)).toEqual([413, 413, 413]);
  });

  test('accepts as many payloads as its messages say', async () => {
    await start();
    const metadata = { encoding: base64('json/protobuf'), messageType: base64('a.b.C'), other: base64('x') };
    const payloads = Array.from({ length: 10_000 }, () => ({ metadata, data: base64('{}') }));
    expect(JSON.parse((await call('/decode', { payloads })).body)).toEqual({ payloads });
  });

  test('leaves data alone that is encrypted with our key but is not a payload', async () => {
    await start();
    const { keyId, bytes } = keyring.seal('temporal payload', Buffer.from([0x0f, 0xff]), 'binary/encrypted');
    const sealed = {
      metadata: { encoding: base64('binary/encrypted'), 'encryption-key-id': base64(keyId) },
      data: Buffer.from(bytes).toString('base64'),
    };
    const { status, body } = await call('/decode', { payloads: [sealed, plain] });
    expect([status, JSON.parse(body)]).toEqual([200, { payloads: [sealed, plain] }]);
  });

  test('answers and records a call that fails unexpectedly, without quoting it', async () => {
    const failing = keyringOf(newKey());
    vi.spyOn(failing, 'seal').mockImplementation(() => {
      throw new TypeError(SECRET);
    });
    await start({ keyring: failing });
    const { status, body } = await call('/encode', { payloads: [plain] });
    expect([status, JSON.parse(body).message]).toEqual([500, expect.stringContaining('TypeError')]);
    expect(calls).toMatchObject([{ operation: 'refused', status: 500, why: expect.stringContaining('TypeError') }]);
    expect(body + JSON.stringify(calls)).not.toContain('1968');
    expect((await call('/decode', { payloads: [plain] })).status).toBe(200);
  });

  test('serves two paths, with one method and one kind of body', async () => {
    await start();
    expect((await call('/', {})).status).toBe(404);
    expect((await call('//', {})).status).toBe(404);
    expect((await call('/decode', '', {}, 'GET')).status).toBe(405);
    expect((await call('/decode', 'payloads=', { 'content-type': 'text/plain' })).status).toBe(415);
    expect(await call('/health', '', {}, 'GET')).toMatchObject({ status: 200, body: 'ok\n' });
  });
});
