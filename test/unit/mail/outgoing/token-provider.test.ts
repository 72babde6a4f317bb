import { createVerify, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { read, sendStops } from '../../../../src/archive/records.js';
import { ConfigurationError } from '../../../../src/config/config.js';
import { createTokenProvider, secretOf } from '../../../../src/mail/outgoing/token-provider.js';
import { logFields } from '../../../../src/process/log-redaction.js';
import { aConfig, anOutgoingCase, MAILBOX } from './outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from './scripted-smtp.js';

let endpoint: Server;
let url: string;
let asked: URLSearchParams[];
let answer: (form: URLSearchParams) => { status?: number; body: unknown };
beforeEach(async () => {
  asked = [];
  answer = () => ({ body: { access_token: `token-${asked.length}`, expires_in: 3_600 } });
  endpoint = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const form = new URLSearchParams(text);
      asked.push(form);
      const { status = 200, body } = answer(form);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
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

describe('what is asked of the token endpoint', () => {
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

  test('a refresh token, and the one the provider gave in its place the next time', async () => {
    answer = () => ({ body: { access_token: 'a', refresh_token: `next-${asked.length}` } });
    const logins = createTokenProvider(
      aConfig(25, microsoft({ SMTP_AUTH: 'oauth2-refresh-token', OAUTH_REFRESH_TOKEN: 'first' })),
    );
    await tokenOf(logins.smtp(), true);
    await tokenOf(logins.smtp(), true);
    expect(asked.map((form) => form.get('refresh_token'))).toEqual(['first', 'next-1']);
    expect(asked[0]?.get('grant_type')).toBe('refresh_token');
  });

  test("a Google service account vouches for the mailbox's user with a signature that holds", async () => {
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
    expect(asked[0]?.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header = '', claims = '', signature = ''] = (asked[0]?.get('assertion') ?? '').split('.');
    expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(
      true,
    );
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      iss: key.client_email,
      sub: MAILBOX,
      scope: 'https://mail.google.com/',
      aud: url,
      iat: 1_800_000_000,
      exp: 1_800_000_300,
    });
  });
});

describe('a token', () => {
  test('is asked for once by many, SMTP and IMAP alike, and again when it nears its end', async () => {
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

  test('refused is for a person, and the reason is told without our secret', async () => {
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
  ])('not to be had because %s passes by itself', async (_what, said) => {
    answer = () => said;
    const logins = createTokenProvider(aConfig(25, microsoft()));
    await expect(tokenOf(logins.smtp())).rejects.toMatchObject({ code: 'token-unavailable' });
    answer = () => ({ body: { access_token: 'now' } });
    expect(await tokenOf(logins.smtp())).toBe('now');
  });
});

test('of a key that is no JSON nothing is quoted, whatever the parser says', async () => {
  const key = '{"private_key": SECRET-KEY}';
  const logins = createTokenProvider(
    aConfig(25, microsoft({ SMTP_AUTH: 'google-service-account', GOOGLE_SERVICE_ACCOUNT_KEY: key })),
  );
  const error = await tokenOf(logins.smtp()).catch((refused: unknown) => refused);
  expect(error).toMatchObject({ code: 'token-refused' });
  expect(JSON.stringify(logFields({ error }))).not.toContain('SECRET');
});

describe('the configuration names everything that a way of logging in lacks, at once', () => {
  test.each([
    ['oauth2-client-credentials', ['OAUTH_TOKEN_URL', 'OAUTH_CLIENT_ID', 'OAUTH_CLIENT_SECRET', 'SMTP_USER']],
    ['oauth2-refresh-token', ['OAUTH_TOKEN_URL', 'OAUTH_CLIENT_ID', 'OAUTH_REFRESH_TOKEN', 'SMTP_USER']],
    ['google-service-account', ['GOOGLE_SERVICE_ACCOUNT_KEY', 'SMTP_USER']],
  ])('%s', (auth, names) => {
    const refused = () => aConfig(25, { SMTP_AUTH: auth });
    for (const name of names) expect(refused).toThrow(new RegExp(`${name} is not set`));
  });

  test('unarmed, no token endpoint but a loopback one is asked; armed, only over https', () => {
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

  test('a token that the server no longer takes is renewed within the same dialogue', async () => {
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
