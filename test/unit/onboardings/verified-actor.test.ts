import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mails } from '../../../src/archive/records.js';
import { OnboardingClient, OnboardingError } from '../../../src/client.js';
import { readClientConfig } from '../../../src/config/read-config.js';
import { createMailReview } from '../../../src/onboardings/mail-review.js';
import { MemoryArchive } from '../../support/memory-archive.js';

let signOn: Server;
let issuer: string;
let privateKey: CryptoKey;
/** What the workflow was told. */
let heard: unknown[];

beforeAll(async () => {
  const pair = await generateKeyPair('ES256');
  privateKey = pair.privateKey;
  const keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'now', alg: 'ES256' }];
  signOn = createServer((request, response) => {
    const found = { issuer, jwks_uri: `${issuer}/keys` };
    response.end(JSON.stringify(request.url === '/keys' ? { keys } : found));
  });
  await new Promise<void>((resolve) => signOn.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(signOn.address() as AddressInfo).port}`;
});
afterAll(() => {
  signOn.close();
  signOn.closeAllConnections();
});
beforeEach(() => {
  heard = [];
});

const token = (audience = 'back-office', claims: JWTPayload = {}) =>
  new SignJWT({ email: 'jo@broker.example', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'now' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject('u-17')
    .setExpirationTime('5m')
    .sign(privateKey);

function office(env: Record<string, string> = {}): OnboardingClient {
  const handle = {
    signal: async (_: unknown, said: unknown) => void heard.push(said),
    executeUpdate: async (_: unknown, { args }: { args: unknown[] }) => heard.push(...args),
  };
  const temporal = {
    options: { namespace: 'default' },
    workflow: { getHandle: () => handle },
    withDeadline: (_: unknown, work: () => unknown) => work(),
  };
  return new OnboardingClient({
    temporal: temporal as never,
    archive: new MemoryArchive(),
    importerKeys: { keyOf: () => 'KEY' },
    config: readClientConfig({ ACTOR_OIDC_ISSUER: issuer, ACTOR_OIDC_AUDIENCE: 'back-office', ...env }),
  });
}

const approval = { source: 'crm', actor: 'somebody else', evidence: 'ticket 4711', importerNumber: '07-210348800' };
const verified = () => `jo@broker.example, verified by ${issuer}`;

describe('the actor of a message', () => {
  test('is recorded as stated by a client without sign-on', async () => {
    await office().approve('acme', { ...approval, actor: 'jo' });
    await office().withdraw('acme', { actor: 'jo', reason: 'changed broker' });
    expect(heard).toMatchObject([{ actor: 'jo' }, { actor: 'jo' }]);
  });

  test('is the person in the token, whatever the message says', async () => {
    const jo = await office().actingAs(await token());
    await jo.approve('acme', approval);
    await jo.withdraw('acme', { actor: 'the boss', reason: 'changed broker' });
    expect(heard).toMatchObject([{ actor: verified(), source: 'crm' }, { actor: verified() }]);
  });

  test('is the person’s unique name if the token says that the email address is unverified', async () => {
    const jo = await office().actingAs(await token('back-office', { email_verified: false }));
    await jo.withdraw('acme', { actor: 'jo', reason: 'changed broker' });
    expect(heard).toMatchObject([{ actor: `u-17, verified by ${issuer}` }]);
  });

  test('cannot be made to look verified when assigning an email either', async () => {
    const archive = new MemoryArchive();
    const mailId = 'a'.repeat(64);
    const times = { receivedAt: '2026-03-02T15:00:00.000Z', firstSeenAt: '2026-03-02T15:00:00.000Z' };
    const waiting = {
      mailId,
      mailbox: 'main',
      ...times,
      state: 'review',
      candidates: [],
      reasons: [],
      mail: { mailId },
    };
    await archive.replaceRecord(mails.key(mailId), waiting);
    const review = createMailReview({ archive });
    const dismissed = review.dismiss(mailId, { actor: verified(), reason: 'a newsletter' });
    await expect(dismissed).rejects.toMatchObject({ code: 'actor-refused' });
    expect(await review.dismiss(mailId, { actor: 'jo', reason: 'a newsletter' })).toMatchObject({ state: 'dismissed' });
  });

  test('cannot be made to look verified', async () => {
    for (const said of [
      () => office().approve('acme', { ...approval, actor: verified() }),
      () => office().withdraw('acme', { actor: verified(), reason: 'changed broker' }),
      () => office().withdraw('acme', { actor: 'jo (Verified  by SSO)', reason: 'changed broker' }),
      // A zero-width space, a soft hyphen and full-width letters, which are invisible in the notes.
      () => office().withdraw('acme', { actor: 'jo, verified\u200b by https://sso', reason: 'changed broker' }),
      () => office().withdraw('acme', { actor: 'jo, veri\u00adfied by https://sso', reason: 'changed broker' }),
      () => office().withdraw('acme', { actor: 'jo, ｖerified by https://sso', reason: 'changed broker' }),
    ])
      await expect(said()).rejects.toMatchObject({ code: 'refused' });
    expect(heard).toEqual([]);
  });

  test.each([
    ['of another application', () => token('payroll')],
    ['that is not a token', async () => 'rubbish'],
  ])('cannot be verified with a token %s', async (_, make) => {
    await expect(office().actingAs(await make())).rejects.toMatchObject({ code: 'actor-not-verified' });
  });

  test('cannot be verified while the keys of the single sign-on are unavailable, and the error names them', async () => {
    const away = office({ ACTOR_OIDC_JWKS_URL: 'http://127.0.0.1:1/keys' }).actingAs(await token());
    await expect(away).rejects.toMatchObject({
      code: 'actor-not-verified',
      message: expect.stringMatching(/ACTOR_OIDC_ISSUER.*127\.0\.0\.1:1/),
    });
  });

  test('cannot be verified if no single sign-on is configured', async () => {
    const plain = office({ ACTOR_OIDC_ISSUER: '', ACTOR_OIDC_AUDIENCE: '' });
    await expect(plain.actingAs(await token())).rejects.toThrow(OnboardingError);
  });
});
