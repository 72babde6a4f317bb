import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKey } from '../../../../src/encryption/keyring.js';
import type { ListeningServer } from '../../../../src/process/http-listener.js';
import type { CodecCall } from '../../../../src/temporal/codec-server/call-record.js';
import { type CodecServerOptions, startCodecServer } from '../../../../src/temporal/codec-server/codec-server.js';
import { keyringOf } from '../../encryption/keyring-of.js';

/** A single sign-on with one key, which tests can replace. */
let signOn: Server;
let issuer: string;
let signOnIsUp: boolean;
let privateKey: CryptoKey;
let publicKeys: object[];
let keysAt: string | undefined;

let server: ListeningServer;
let calls: CodecCall[];

beforeEach(async () => {
  calls = [];
  signOnIsUp = true;
  keysAt = undefined;
  await useKey('first');
  signOn = createServer((request, response) => {
    if (!signOnIsUp) return response.writeHead(500).end();
    const pages: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: keysAt ?? `${issuer}/keys` },
      '/keys': { keys: publicKeys },
    };
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(pages[request.url ?? ''] ?? {}));
  });
  await new Promise<void>((resolve) => signOn.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(signOn.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await server?.close();
  signOn.close();
  signOn.closeAllConnections();
});

async function useKey(kid: string): Promise<void> {
  const pair = await generateKeyPair('ES256');
  privateKey = pair.privateKey;
  publicKeys = [{ ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256' }];
}

async function start(options: Partial<CodecServerOptions> = {}): Promise<void> {
  server = await startCodecServer({
    keyring: keyringOf(newKey()),
    origins: [],
    audit: (call) => calls.push(call),
    oidc: { issuer, audience: 'codec' },
    ...options,
  });
}

interface Token {
  claims?: JWTPayload;
  iss?: string;
  aud?: string;
  exp?: string;
  kid?: string;
  key?: CryptoKey;
}

function tokenOf({ claims = {}, iss = issuer, aud = 'codec', exp = '5m', kid = 'first', key }: Token = {}) {
  const token = new SignJWT({ sub: 'u-17', email: 'jo@broker.example', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(iss)
    .setAudience(aud)
    .setIssuedAt();
  return (exp === 'never' ? token : token.setExpirationTime(exp)).sign(key ?? privateKey);
}

async function encode(token?: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${server.url}/encode`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: '{"payloads":[]}',
  });
  return { status: answer.status, body: await answer.text() };
}

describe('a codec server behind a single sign-on', () => {
  test('serves callers with its token, and records who they are', async () => {
    await start();
    expect((await encode(await tokenOf())).status).toBe(200);
    expect((await encode(await tokenOf({ claims: { email: undefined } }))).status).toBe(200);
    expect(calls.map(({ who }) => who)).toEqual(['jo@broker.example', 'u-17']);
  });

  test('may listen beyond loopback', async () => {
    await start({ host: '0.0.0.0' });
    const answer = await fetch(`http://127.0.0.1:${server.port}/encode`, { method: 'POST' });
    expect(answer.status).not.toBe(200);
  });

  const stranger = generateKeyPair('ES256');
  const bad: [string, () => Promise<string | undefined> | string | undefined][] = [
    ['no token', () => undefined],
    ['another audience', () => tokenOf({ aud: 'temporal' })],
    ['another issuer', () => tokenOf({ iss: 'https://elsewhere.example' })],
    ['expired', () => tokenOf({ exp: '-5m' })],
    ['no end', () => tokenOf({ exp: 'never' })],
    ['another key under the same name', async () => tokenOf({ key: (await stranger).privateKey })],
    ['an unknown key', () => tokenOf({ kid: 'unknown' })],
    ['no signature', () => new UnsecuredJWT({ sub: 'u', iss: issuer, aud: 'codec', exp: 4e9 }).encode()],
    ['no token at all', () => 'rubbish'],
  ];
  test.each(bad)('refuses a token with %s, and reveals nothing in it', async (_, make) => {
    await start();
    const { status, body } = await encode(await make());
    expect(status).toBe(401);
    expect(body).not.toContain('jo@');
    expect(calls.at(-1)).toMatchObject({ operation: 'refused', status: 401, who: 'nobody' });
  });

  test('gets the keys from the configured URL', async () => {
    await start({ oidc: { issuer, audience: 'codec', jwksUrl: `${issuer}/nowhere` } });
    expect((await encode(await tokenOf())).status).toBe(503);
    await server.close();
    await start({ oidc: { issuer, audience: 'codec', jwksUrl: `${issuer}/keys` } });
    expect((await encode(await tokenOf())).status).toBe(200);
  });

  test('does not get keys over http from another machine', async () => {
    keysAt = 'http://sso.broker.example/keys';
    await start();
    expect((await encode(await tokenOf())).status).toBe(503);
    expect(calls.at(-1)?.why).toMatch(/^Cannot get the keys of .*could sign tokens/);
  });

  test('refuses all callers while the sign-on is down, and recovers when it is back', async () => {
    signOnIsUp = false;
    await start();
    expect((await encode(await tokenOf())).status).toBe(503);
    signOnIsUp = true;
    expect((await encode(await tokenOf())).status).toBe(200);
  });

  test('records why the sign-on does not work, without telling unknown callers where it is', async () => {
    signOnIsUp = false;
    await start();
    for (const token of [undefined, 'rubbish', await tokenOf()])
      expect((await encode(token)).body).not.toMatch(/127\.0\.0\.1|answered 500/);
    expect(calls.at(-1)).toMatchObject({ status: 503, why: expect.stringContaining('answered 500.') });
  });

  test('also serves programs that send the token of the server itself', async () => {
    await start({ token: 'a token for a machine, long enough' });
    const machine = await fetch(`${server.url}/encode`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer machine-token-of-24-chars' },
      body: '{"payloads":[]}',
    });
    expect(machine.status).toBe(401);
    await server.close();
    await start({ token: 'machine-token-of-24-chars' });
    expect((await encode('machine-token-of-24-chars')).status).toBe(200);
    expect((await encode(await tokenOf())).status).toBe(200);
    expect(calls.map(({ who }) => who)).toEqual(['nobody', 'token', 'jo@broker.example']);
  });
});

test('without credentials, it listens beyond loopback only if that address is named', async () => {
  await expect(start({ oidc: undefined, host: '0.0.0.0' })).rejects.toThrow(/ALLOW_OPEN_CODEC=0.0.0.0/);
  await expect(start({ oidc: undefined, host: '0.0.0.0', openOn: '127.0.0.1' })).rejects.toThrow(/ALLOW_OPEN_CODEC/);
  await start({ oidc: undefined, host: '0.0.0.0', openOn: '0.0.0.0' });
  const answer = await fetch(`http://127.0.0.1:${server.port}/encode`, { method: 'POST' });
  expect(answer.status).toBe(415);
});
