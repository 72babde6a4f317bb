import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  findChromium,
  NO_CHROMIUM,
  openDetails,
  openOperatorsBrowser,
  pageOf,
  sendUpdate,
} from '../../scripts/web-ui.mjs';
import type { DevServer } from '../../simulator/dev-server/dev-server.js';
import { newKey } from '../../src/encryption/keyring.js';
import { freePort } from '../../src/process/free-port.js';
import { startCodecServer } from '../../src/temporal/codec-server/codec-server.js';
import * as messages from '../../src/workflows/contract/messages.js';
import { connect, reaches, startOnboarding, startWorker } from '../support/parked-onboardings.js';
import { startDevServer } from '../support/temporal-dev-server.js';
import { keyringOf } from '../unit/encryption/keyring-of.js';
import { mail } from '../unit/workflows/onboarding/records.js';

const missing = findChromium() ? undefined : NO_CHROMIUM;
if (missing) process.stderr.write(`SKIPPED, the Web UI with encryption in a browser: ${missing}\n`);

/** What people and mails said, each word of it recognizable. */
const SAID = [
  'Zaphira',
  'Quillonby',
  'wombatgram',
  'snorkelpost',
  'xylosubject',
  'yttriexcerpt',
  'vexreason',
  '07-1234567A1',
];
/** Of the sample client: the persons and the numbers. */
const PERSONAL = ['Tarn', 'Quist', 'ivo@', '07-123456700', '1970-03-14'];

/** The page asks for nothing more. A history is asked for without end, so it never counts as idle. */
async function quiet(page: Page): Promise<void> {
  for (let more = true; more; ) {
    more = await page
      .waitForRequest(() => true, { timeout: 700 })
      .then(
        () => true,
        () => false,
      );
  }
}

describe.skipIf(missing)('the real Web UI, with encryption and its codec server', () => {
  const workflowId = 'onboarding-sealed-client';
  const closers: (() => Promise<unknown>)[] = [];
  const asked: string[] = [];
  let server: DevServer;
  let page: Page;
  let handle: Awaited<ReturnType<typeof startOnboarding>>;

  beforeAll(async () => {
    const keyring = keyringOf(newKey());
    const encryption = { keyring, wasOurs: async () => true };
    const uiPort = await freePort();
    const origins = [`http://127.0.0.1:${uiPort}`, `http://localhost:${uiPort}`];
    const codec = await startCodecServer({ keyring, origins, audit: () => undefined });
    closers.push(() => codec.close());
    server = await startDevServer({ ui: true, uiPort, codecEndpoint: codec.url });
    closers.push(() => server.stop());
    const { client, connection } = await connect(server.address, encryption);
    closers.push(() => connection.close());
    const worker = await startWorker(server.address, 'onboarding', encryption);
    closers.push(() => worker.stop());
    handle = await startOnboarding(client, 'onboarding', 'sealed-client');
    await reaches(handle, 'awaiting-acknowledgement');
    await everythingSaid();
    page = await openOperatorsBrowser();
    page.on('request', (request) => asked.push(request.url()));
    closers.push(() => page.close());
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  /** Words of people, strangers and other systems in every place that takes some. */
  async function everythingSaid() {
    const [
      person = '',
      family = '',
      evidence = '',
      reason = '',
      subject = '',
      excerpt = '',
      further = '',
      number = '',
    ] = SAID;
    const actor = `${person} ${family}`;
    await handle.signal(messages.mailReceived, {
      ...mail('approved', { mailId: 'a'.repeat(64), subject, excerpt, from: `${family}@client.example` }),
      authenticity: { verdict: 'unauthentic', reasons: [further] },
      evidence: [further],
      assigned: { actor, reason },
    });
    await handle.signal(messages.approvalArrived, { source: further, actor, evidence, importerNumber: number });
    const deadline = {
      actor,
      reason,
      deadline: 'acknowledgement',
      at: new Date(Date.now() + 86_400_000).toISOString(),
    } as const;
    await handle.executeUpdate(messages.changeDeadline, { args: [deadline] });
    const what = { actor, evidence, decision: 'correction-needed', waitingOn: 'client', what: further } as const;
    await handle.executeUpdate(messages.decide, { args: [what] });
    await reaches(handle, 'awaiting-correction');
    const progress = JSON.stringify(await handle.query(messages.progress));
    for (const word of [person, evidence, reason, further]) expect(progress).toContain(word);
  }

  test('shows in the dialog why an update was refused and what to do, like the command line', async () => {
    const refused = await sendUpdate(page, {
      uiUrl: server.uiUrl ?? '',
      workflowId,
      update: 'decide',
      payload: JSON.stringify({ actor: `${SAID[0]}`, decision: 'aproved', evidence: `${SAID[2]}` }),
    });
    const said = 'decision must be one of: approved, already-registered, correction-needed, rejected, abandoned.';
    expect(refused).toContain(said);
    expect(refused).not.toContain('Encoded failure');
    const wrong = { actor: 'jo', decision: 'aproved', evidence: 'x' } as unknown as messages.Decide;
    await expect(handle.executeUpdate(messages.decide, { args: [wrong] })).rejects.toMatchObject({
      cause: { message: said },
    });
    if (process.env.PICTURE_OF_REFUSAL) await page.screenshot({ path: process.env.PICTURE_OF_REFUSAL });
  });

  test('requests no address that contains a person, an importer number or the text of an email', async () => {
    const uiUrl = server.uiUrl ?? '';
    const details = await openDetails(page, { uiUrl, workflowId });
    expect(details).toMatch(/Client.s turn|Broker.s turn/);
    const base = await pageOf({ uiUrl, workflowId });
    for (const tab of [
      'history',
      'timeline',
      'workers',
      'relationships',
      'pending-activities',
      'call-stack',
      'queries',
      'metadata',
      'search-attributes',
      'memo',
      'user-metadata',
      'history/events/1',
      'history/events/5',
    ]) {
      await page.goto(`${base}/${tab}`);
      await quiet(page);
    }
    await page.goto(`${uiUrl}/namespaces/default/workflows`);
    await quiet(page);
    const addresses = asked.map((url) => decodeURIComponent(url.replaceAll('+', ' ')));
    // It does put the details into addresses; that is why.
    expect(addresses.filter((url) => url.includes('/render?content='))).not.toEqual([]);
    for (const word of [...SAID, ...PERSONAL])
      expect(
        addresses.filter((url) => url.includes(word)),
        word,
      ).toEqual([]);
    expect(Math.max(...asked.filter((url) => url.includes('/render?')).map((url) => url.length))).toBeLessThan(8_000);
  });
});
