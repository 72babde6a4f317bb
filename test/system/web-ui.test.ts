import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VIEWS } from '../../scripts/operators-view.mjs';
import { findChromium, NO_CHROMIUM, openDetails, openList, openOperatorsBrowser } from '../../scripts/web-ui.mjs';
import type { DevServer } from '../../simulator/dev-server/dev-server.js';
import { isOnLoopback, listeningOn } from '../support/listening.js';
import { connect, reaches, startOnboarding, startWorker } from '../support/parked-onboardings.js';
import { startDevServer } from '../support/temporal-dev-server.js';

const missing = findChromium() ? undefined : NO_CHROMIUM;
if (missing) process.stderr.write(`SKIPPED, the Web UI in a browser: ${missing}\n`);

describe.skipIf(missing)('the real Web UI', () => {
  const workflowId = 'onboarding-web-ui-client';
  const closers: (() => Promise<unknown>)[] = [];
  let server: DevServer;
  let page: Page;

  beforeAll(async () => {
    server = await startDevServer({ ui: true });
    closers.push(() => server.stop());
    const { client, connection } = await connect(server.address, undefined);
    closers.push(() => connection.close());
    const worker = await startWorker(server.address, 'onboarding', undefined);
    closers.push(() => worker.stop());
    await reaches(await startOnboarding(client, 'onboarding', 'web-ui-client'), 'awaiting-acknowledgement');
    page = await openOperatorsBrowser();
    closers.push(() => page.close());
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  test.skipIf(process.platform !== 'linux')('is reached from this machine only, like its server', () => {
    const addresses = listeningOn(server.pid) ?? [];
    expect(addresses).toContain(`127.0.0.1:${server.uiPort}`);
    expect(addresses.filter((address) => !isOnLoopback(address))).toEqual([]);
  });

  test('shows an operator whose turn it is, when it is due and why, and what to paste', async () => {
    const details = await openDetails(page, { uiUrl: server.uiUrl ?? '', workflowId });
    expect(details).toMatch(/CBP.s turn since .* ET/);
    expect(details).toMatch(/Next: the missing acknowledgement is noted/);
    expect(details).toMatch(/Due .*business day/);
    expect(details).toContain('ace-onboarding decide web-ui-client approved --verification seen-in-ace');
  });

  test('lists onboardings with the operator’s columns and views', async () => {
    const [open] = VIEWS;
    const shown = await openList(page, { uiUrl: server.uiUrl ?? '', query: open?.query ?? '' });
    for (const text of ['OnboardingStage', 'NeedsAttention', 'DueAt', 'awaiting-acknowledgement', "Broker's turn"]) {
      expect(shown).toContain(text);
    }
  });
});
