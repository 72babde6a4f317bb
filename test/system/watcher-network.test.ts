import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ImapSettings } from '../../src/mail/incoming/mailbox/imap-session.js';
import { expectEveryDocumentOwned } from '../support/document-owners.js';
import { type Dovecot, dovecotIsMissing, startDovecot } from '../support/dovecot.js';
import { type Meddling, startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';
import { startWatching } from '../support/watching.js';

const soon = { timeout: 15_000, interval: 50 };
let count = 0;
const mailFor = (workflowId: string, text = 'Approved.') => {
  count += 1;
  return `Subject: mail ${count}\nX-For: ${workflowId}\n\n${text}\n`;
};

describe.skipIf(dovecotIsMissing())('a watcher on a bad network', () => {
  let dovecot: Dovecot;
  beforeAll(async () => {
    dovecot = await startDovecot();
  });
  afterAll(() => dovecot?.stop());
  beforeEach(() => dovecot.emptyFolders());

  async function watchThrough(meddling: Meddling, settings: Partial<ImapSettings> = {}) {
    const proxy: TcpProxy = await startTcpProxy(dovecot.port, meddling);
    const watching = await startWatching(
      sharedDevServer().address,
      dovecot.settings({ port: proxy.port, ...settings }),
    );
    onTestFinished(async () => {
      await watching.stop();
      await proxy.close();
      await expectEveryDocumentOwned(watching.archive);
    });
    return { ...watching, proxy };
  }

  test('reads an email that IDLE did not announce with the next sweep', async () => {
    const { recipient, told, status } = await watchThrough(
      { toClient: (said) => (/^(\* \d+ (EXISTS|RECENT)\r\n)+$/.test(said) ? undefined : said) },
      { sweepSeconds: 2 },
    );
    await vi.waitFor(async () => expect((await status())?.connected).toBe(true), soon);
    const onboarding = await recipient();
    await dovecot.drop(mailFor(onboarding.workflowId));
    await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(1), soon);
  });

  test('reconnects right away whenever the connection is cut, and passes on each email once', async () => {
    const { recipient, told, status, proxy } = await watchThrough({});
    const onboarding = await recipient();
    for (let i = 1; i <= 5; i++) {
      await vi.waitFor(async () => expect((await status())?.connected).toBe(true), soon);
      await dovecot.drop(mailFor(onboarding.workflowId));
      proxy.cut();
      await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(i), soon);
    }
    expect(new Set(await told(onboarding)).size).toBe(5);
  });

  test('fetches a message again when cut off in the middle', async () => {
    let cuts = 0;
    let cut = () => {};
    const { recipient, told, archive, proxy } = await watchThrough({
      toClient: (said) => {
        if (!said.includes('first half') || cuts > 0) return said;
        cuts += 1;
        setImmediate(() => cut());
        return said.slice(0, said.indexOf('first half'));
      },
    });
    cut = proxy.cut;
    const onboarding = await recipient();
    const raw = mailFor(onboarding.workflowId, `first half ${'x'.repeat(200_000)} second half`);
    await dovecot.drop(raw);
    await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(1), soon);
    expect(cuts).toBe(1);
    expect([...archive.documents.values()].map((bytes) => Buffer.from(bytes).toString().replaceAll('\r', ''))).toEqual([
      raw,
    ]);
  });

  test('that is throttled waits for as long as the server says', async () => {
    const searches: number[] = [];
    const { recipient, told, status } = await watchThrough({
      toServer: (said, answer) => {
        const tag = /^(\S+) UID SEARCH/.exec(said)?.[1];
        if (!tag) return said;
        searches.push(Date.now());
        if (searches.length > 1) return said;
        answer(`${tag} BAD Request is throttled. Suggested Backoff Time: 2500 milliseconds\r\n`);
        return undefined;
      },
    });
    const onboarding = await recipient();
    await dovecot.drop(mailFor(onboarding.workflowId));
    await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(1), soon);
    expect((searches[1] ?? 0) - (searches[0] ?? 0)).toBeGreaterThanOrEqual(2_500);
    await vi.waitFor(async () => expect((await status())?.connected).toBe(true), soon);
  });

  test('that is locked out says so, and does not log in again for a while', async () => {
    const { status, proxy } = await watchThrough({
      toServer: (said, answer) => {
        const tag = /^(\S+) (AUTHENTICATE|LOGIN)/i.exec(said)?.[1];
        if (!tag) return said;
        answer(`${tag} NO [UNAVAILABLE] User is authenticated but not connected.\r\n`);
        return undefined;
      },
    });
    await vi.waitFor(async () => expect((await status())?.problem).toMatch(/refuses the login/), soon);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(proxy.connections()).toBe(1);
  });
});
