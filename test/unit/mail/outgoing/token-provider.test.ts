import { createVerify, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { read, sendStops } from '../../../../src/archive/records.js';
import { ConfigurationError } from '../../../../src/config/configuration-error.js';
import { createTokenProvider, secretOf } from '../../../../src/mail/outgoing/token-provider.js';
import { redactForLog } from '../../../../src/process/log-redaction.js';
import { aConfig, anOutgoingCase, MAILBOX } from './outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from './scripted-smtp.js';

let endpoint: Server;
let url: string;
let asked: URLSearchParams[];
interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** Text goes out as it is. */
  body: unknown;
  /** Keeps the connection open afterward. */
  unfinished?: true;
}
let answer: (form: URLSearchParams) => Answer;
beforeEach(async () => {
  asked = [];
  answer = () => ({ body: { access_token: `token-${asked.length}`, token_type: 'Bearer', expires_in: 3_600 } });
  endpoint = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const form = new URLSearchParams(text);
      asked.push(form);
      const { status = 200, headers, body, unfinished } = answer(form);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.write(typeof body === 'string' ? body : JSON.stringify(body));
      if (!unfinished) response.end();
    });
  });
  endpoint.listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  const address = endpoint.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/token`;
});
afterEach(() => {
  endpoint.closeAllConnections();
  endpoint.close();
  vi.restoreAllMocks();
});

const microsoft = (more: Record<string, string> = {}) => ({
  SMTP_USER: MAILBOX,
  IMAP_USER: MAILBOX,
  SMTP_AUTH: 'oauth2-client-credentials',
  IMAP_AUTH: 'oauth2-client-credentials',
  OAUTH_TOKEN_URL: url,
  OAUTH_CLIENT_ID: 'client',
  OAUTH_CLIENT_SECRET: 'hush',
  ...more,
});

const tokenOf = async (login: ReturnType<ReturnType<typeof createTokenProvider>['smtp']>, renew = false) => {
  if (login?.kind !== 'oauth2') throw new Error('no token login');
  return await login.accessToken({ renew });
};

describe('requests to the token endpoint', () => {
  test('Microsoft 365 with client credentials', async () => {
    const logins = createTokenProvider(aConfig(25, microsoft()));
    expect(await tokenOf(logins.smtp())).toBe('token-1');
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client',
      client_secret: 'hush',
      scope: 'https://outlook.office365.com/.default',
    });
  });

  test('a refresh token, and next time the one that replaced it', async () => {
    answer = () => ({ body: { access_token: 'a', token_type: 'Bearer', refresh_token: `next-${asked.length}` } });
    const logins = createTokenProvider(
      aConfig(25, microsoft({ SMTP_AUTH: 'oauth2-refresh-token', OAUTH_REFRESH_TOKEN: 'first' })),
    );
    await tokenOf(logins.smtp(), true);
    await tokenOf(logins.smtp(), true);
    expect(asked.map((form) => form.get('refresh_token'))).toEqual(['first', 'next-1']);
    expect(asked[0]?.get('grant_type')).toBe('refresh_token');
  });

  test('a refresh token of an application without a secret, and no scope unless it is set', async () => {
    const { OAUTH_CLIENT_SECRET: _, ...publicClient } = microsoft({
      SMTP_AUTH: 'oauth2-refresh-token',
      OAUTH_REFRESH_TOKEN: 'first',
      IMAP_AUTH: 'oauth2-refresh-token',
    });
    await tokenOf(createTokenProvider(aConfig(25, publicClient)).smtp());
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      grant_type: 'refresh_token',
      client_id: 'client',
      refresh_token: 'first',
    });
  });

  test("a Google service account signs for the mailbox's user with a valid signature", async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = {
      client_email: 'mailer@project.iam.gserviceaccount.example',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    };
    const logins = createTokenProvider(
      aConfig(25, microsoft({ SMTP_AUTH: 'google-service-account', GOOGLE_SERVICE_ACCOUNT_KEY: JSON.stringify(key) })),
      () => 1_800_000_000_000,
    );
    await tokenOf(logins.smtp());
    expect([...(asked[0]?.keys() ?? [])].sort()).toEqual(['assertion', 'grant_type']);
    expect(asked[0]?.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header = '', claims = '', signature = ''] = (asked[0]?.get('assertion') ?? '').split('.');
    expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(
      true,
    );
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'JWT' });
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      iss: key.client_email,
      sub: MAILBOX,
      scope: 'https://mail.google.com/',
      aud: url,
      iat: 1_800_000_000,
      exp: 1_800_000_300,
    });
  });

  test('a private key that cannot sign is refused before anything is asked, with its reason as the cause', async () => {
    const key = JSON.stringify({ client_email: 'mailer@project.example', private_key: 'no key' });
    const logins = createTokenProvider(
      aConfig(25, microsoft({ SMTP_AUTH: 'google-service-account', GOOGLE_SERVICE_ACCOUNT_KEY: key })),
    );
    await expect(tokenOf(logins.smtp())).rejects.toMatchObject({
      code: 'token-refused',
      message: expect.stringContaining('cannot be used'),
      cause: expect.any(Error),
    });
    expect(asked).toEqual([]);
  });
});

describe('a token', () => {
  test('is requested once for many callers, SMTP and IMAP alike, and again near its expiry', async () => {
    let now = 0;
    const logins = createTokenProvider(aConfig(25, microsoft()), () => now);
    const tokens = await Promise.all([tokenOf(logins.smtp()), tokenOf(logins.imap()), tokenOf(logins.smtp())]);
    expect(new Set(tokens)).toEqual(new Set(['token-1']));
    now = 3_500_000;
    expect(await tokenOf(logins.smtp())).toBe('token-1');
    now = 3_541_000;
    expect(await tokenOf(logins.smtp())).toBe('token-2');
  });

  test('is fresh for each IMAP connection, which cannot renew it', async () => {
    const logins = createTokenProvider(aConfig(25, microsoft()));
    expect(await secretOf(logins.imap())).toEqual({ accessToken: 'token-1' });
    expect(await secretOf(logins.imap())).toEqual({ accessToken: 'token-2' });
  });

  test('if refused, needs a person, and the reason does not contain our secret', async () => {
    answer = () => ({ status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000222: expired' } });
    const logins = createTokenProvider(aConfig(25, microsoft()));
    await expect(tokenOf(logins.smtp())).rejects.toMatchObject({
      code: 'token-refused',
      message: expect.stringMatching(/401: invalid_client: AADSTS7000222: expired(?!.*hush)/),
    });
  });

  test.each([
    ['the endpoint is down', { status: 503, body: 'down' }],
    ['the endpoint is busy', { status: 429, body: {} }],
    ['the endpoint says so', { status: 400, body: { error: 'temporarily_unavailable' } }],
  ])('unavailable because %s is a temporary problem', async (_what, said) => {
    answer = () => said;
    const logins = createTokenProvider(aConfig(25, microsoft()));
    await expect(tokenOf(logins.smtp())).rejects.toMatchObject({ code: 'token-unavailable' });
    answer = () => ({ body: { access_token: 'now', token_type: 'Bearer' } });
    expect(await tokenOf(logins.smtp())).toBe('now');
  });
});

describe('an unusual response', () => {
  const refusedBy = async (what: Answer) => {
    answer = () => what;
    return await tokenOf(createTokenProvider(aConfig(25, microsoft())).smtp()).then(
      () => expect.fail('a token was taken'),
      (error: Error) => error,
    );
  };

  test.each<[string, Answer, RegExp]>([
    [
      'a challenge beside the reason',
      {
        status: 401,
        headers: { 'www-authenticate': 'Bearer realm="https://login.example"' },
        body: { error: 'invalid_client', error_description: 'AADSTS7000215: invalid secret' },
      },
      /answered 401: invalid_client: AADSTS7000215: invalid secret\.$/,
    ],
    [
      'a reason that does not say it is JSON',
      { status: 400, headers: { 'content-type': 'text/plain' }, body: '{"error":"invalid_grant"}' },
      /answered 400: invalid_grant\.$/,
    ],
    [
      'no reason at all',
      { status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Blocked</h1>' },
      /403: no token and no reason\.$/,
    ],
    [
      'a token that is no bearer token',
      { body: { access_token: 'TOKEN', token_type: 'mac' } },
      /200: no usable token \(.*token_type/,
    ],
    ['no token', { body: { token_type: 'Bearer' } }, /200: no usable token \(.*access_token/],
    ['a token that is not in JSON', { body: 'TOKEN' }, /200: no usable token/],
    [
      'a life that is no number',
      { body: { access_token: 'TOKEN', token_type: 'Bearer', expires_in: 'soon' } },
      /expires_in/,
    ],
  ])('with %s is reported without its content', async (_what, said, message) => {
    const error = await refusedBy(said);
    expect(error).toMatchObject({ code: 'token-refused', message: expect.stringMatching(message) });
    expect(JSON.stringify(redactForLog({ error }))).not.toMatch(/TOKEN|hush/);
    // The library's error contains the response.
    expect(error.cause).toBeUndefined();
  });

  test('a redirect is not followed with our secret, and is a temporary problem', async () => {
    const error = await refusedBy({ status: 307, headers: { location: '/elsewhere' }, body: '' });
    expect(error).toMatchObject({ code: 'token-unavailable' });
    expect(asked).toHaveLength(1);
  });

  test.each<[string, Answer]>([
    ['answers nothing', { body: '', unfinished: true }],
    ['stops in the middle of an answer', { body: '{"access_token":', unfinished: true }],
    ['stops in the middle of a refusal', { status: 400, body: '{"error":', unfinished: true }],
  ])('an endpoint that %s is given up after 15 seconds, and is a temporary problem', async (_what, said) => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const limit = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(100));
    expect(await refusedBy(said)).toMatchObject({ code: 'token-unavailable' });
    expect(limit.mock.calls).toEqual([[15_000]]);
  });

  test.each([[null], [['mail.send']]])('a scope in the response is ignored in any format: %j', async (scope) => {
    answer = () => ({ body: { access_token: 'now', token_type: 'Bearer', scope } });
    expect(await tokenOf(createTokenProvider(aConfig(25, microsoft())).smtp())).toBe('now');
  });

  test('an ID token in the response is ignored', async () => {
    answer = () => ({ body: { access_token: 'now', token_type: 'Bearer', id_token: 'e30.e30.e30' } });
    expect(await tokenOf(createTokenProvider(aConfig(25, microsoft())).smtp())).toBe('now');
  });
});

test('plain http is used only for this machine, even if the configuration allows more', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('asked'));
  const config = aConfig(25, microsoft());
  config.oauth.tokenUrl = 'http://login.example/token';
  await expect(tokenOf(createTokenProvider(config).smtp())).rejects.toMatchObject({
    code: 'token-refused',
    message: expect.stringMatching(/request a token from login\.example: .*HTTPS.*Check OAUTH_TOKEN_URL/),
  });
  expect(fetched).not.toHaveBeenCalled();
});

test('a private key that cannot sign needs a person', async () => {
  const key = JSON.stringify({ client_email: 'mailer@project.example', private_key: 'SECRET-KEY' });
  const logins = createTokenProvider(
    aConfig(25, microsoft({ SMTP_AUTH: 'google-service-account', GOOGLE_SERVICE_ACCOUNT_KEY: key })),
  );
  const error = await tokenOf(logins.smtp()).catch((refused: unknown) => refused);
  expect(error).toMatchObject({
    code: 'token-refused',
    message: 'The private key in GOOGLE_SERVICE_ACCOUNT_KEY cannot be used.',
  });
  expect(JSON.stringify(redactForLog({ error }))).not.toContain('SECRET');
});

test('a key that is not JSON is never quoted, whatever the parser says', async () => {
  const key = '{"private_key": SECRET-KEY}';
  const logins = createTokenProvider(
    aConfig(25, microsoft({ SMTP_AUTH: 'google-service-account', GOOGLE_SERVICE_ACCOUNT_KEY: key })),
  );
  const error = await tokenOf(logins.smtp()).catch((refused: unknown) => refused);
  expect(error).toMatchObject({ code: 'token-refused' });
  expect(JSON.stringify(redactForLog({ error }))).not.toContain('SECRET');
});

describe('the configuration names everything that is missing for a login method at once', () => {
  test.each([
    ['oauth2-client-credentials', ['OAUTH_TOKEN_URL', 'OAUTH_CLIENT_ID', 'OAUTH_CLIENT_SECRET', 'SMTP_USER']],
    ['oauth2-refresh-token', ['OAUTH_TOKEN_URL', 'OAUTH_CLIENT_ID', 'OAUTH_REFRESH_TOKEN', 'SMTP_USER']],
    ['google-service-account', ['GOOGLE_SERVICE_ACCOUNT_KEY', 'SMTP_USER']],
  ])('%s', (auth, names) => {
    const refused = () => aConfig(25, { SMTP_AUTH: auth });
    for (const name of names) expect(refused).toThrow(new RegExp(`${name} is not set`));
  });

  test('without LIVE=true, only a loopback token endpoint is used; with it, only https', () => {
    const elsewhere = { OAUTH_TOKEN_URL: 'https://login.microsoftonline.com/t/oauth2/v2.0/token' };
    expect(() => aConfig(25, microsoft(elsewhere))).toThrow(ConfigurationError);
    expect(() => aConfig(25, microsoft({ LIVE: 'true', OAUTH_TOKEN_URL: 'http://login.example/token' }))).toThrow(
      /https/,
    );
  });
});

describe('sending with tokens', () => {
  let smtp: ScriptedSmtp;
  beforeEach(async () => {
    smtp = await openScriptedSmtp();
    smtp.extensions = ['AUTH XOAUTH2'];
  });
  afterEach(() => smtp.close());
  const given = (command: string) => Buffer.from(command.split(' ')[2] ?? '', 'base64').toString();

  test('logs in with the token', async () => {
    const { activities, application } = await anOutgoingCase(smtp.port, { environment: microsoft() });
    expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted' });
    const auth = smtp.sessions[0]?.commands.find((command) => command.startsWith('AUTH')) ?? '';
    expect(given(auth)).toBe(`user=${MAILBOX}\x01auth=Bearer token-1\x01\x01`);
  });

  test('a token that the server no longer accepts is renewed within the same dialogue', async () => {
    smtp.script = (point, _session, command) =>
      point === 'auth' && given(command).includes('token-1') ? { say: '535 5.7.3 token expired' } : undefined;
    const { activities, application } = await anOutgoingCase(smtp.port, { environment: microsoft() });
    expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted' });
    expect(smtp.sessions).toHaveLength(1);
    expect(asked).toHaveLength(2);
  });

  test('a refused token stops all sending with one alert; an endpoint that is down stops nothing', async () => {
    answer = () => ({ status: 503, body: {} });
    const { activities, application, archive } = await anOutgoingCase(smtp.port, { environment: microsoft() });
    await expect(activities.sendApplication(application)).rejects.toMatchObject({ type: 'smtp-unavailable' });
    expect(await read(archive, sendStops, MAILBOX)).toBeUndefined();
    answer = () => ({ status: 400, body: { error: 'unauthorized_client' } });
    await expect(activities.sendApplication(application)).rejects.toMatchObject({
      type: 'smtp-misconfigured',
      message: expect.stringContaining('unauthorized_client'),
    });
    expect(await read(archive, sendStops, MAILBOX)).toBeDefined();
  });
});
