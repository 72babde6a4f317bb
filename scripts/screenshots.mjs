// Takes the screenshots in docs/screenshots: the Temporal Web UI during the demonstration, as an operator sees it.
//
//   node scripts/screenshots.mjs                       runs the demonstration
//   node scripts/screenshots.mjs --only list.png   one of them
//   node scripts/screenshots.mjs --ui http://127.0.0.1:8233     uses a running one with its Web UI there
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { VIEWS } from './operators-view.mjs';
import { CHECKOUT, runScript, SetupFailed, say } from './run-script.mjs';
import { findChromium, NO_CHROMIUM, openDetails, openList, openOperatorsBrowser, sendUpdate } from './web-ui.mjs';

const FOLDER = path.join(CHECKOUT, 'docs/screenshots');
const PATIENCE_MS = 600_000;
const OPEN = VIEWS[0]?.query ?? '';

/**
 * Each screenshot is taken when there is a matching case, and kept only if it shows its subject, because cases move on.
 * @type {{ file: string, of: string, shows: RegExp, list?: true }[]}
 */
const PICTURES = [
  {
    file: 'awaiting-decision.png',
    of: `${OPEN} AND OnboardingStage="awaiting-decision" AND NeedsAttention IS NULL`,
    shows: /awaiting CBP.s decision.*Due/s,
  },
  { file: 'grant-partial.png', of: `${OPEN} AND NeedsAttention="grant-partial"`, shows: /grant-partial/ },
  { file: 'list.png', of: `${OPEN} AND NeedsAttention="late"`, shows: /awaiting-decision/, list: true },
  { file: 'client-silent.png', of: `${OPEN} AND NeedsAttention="client-silent"`, shows: /client-silent/ },
  { file: 'overdue.png', of: `${OPEN} AND NeedsAttention="overdue"`, shows: /overdue/ },
];

/**
 * @param {string} uiUrl
 * @param {string | undefined} only
 */
async function takePictures(uiUrl, only) {
  mkdirSync(FOLDER, { recursive: true });
  const page = await openOperatorsBrowser();
  try {
    const missing = new Set(PICTURES.filter(({ file }) => !only || file === only));
    const end = Date.now() + PATIENCE_MS;
    for (; missing.size > 0 && Date.now() < end; await delay(500)) {
      for (const picture of missing) {
        const workflowId = await firstOf(uiUrl, picture.of);
        if (!workflowId) continue;
        await page.setViewportSize({ width: 1680, height: picture.list ? 900 : 1500 });
        const shown = await (picture.list
          ? openList(page, { uiUrl, query: OPEN })
          : openDetails(page, { uiUrl, workflowId })
        ).catch((/** @type {Error} */ error) => {
          say(`${picture.file}: ${error.message} Trying again.`);
          return '';
        });
        if (!picture.shows.test(shown)) continue;
        await page.screenshot({ path: path.join(FOLDER, picture.file) });
        say(`docs/screenshots/${picture.file}`);
        missing.delete(picture);
      }
    }
    if (!only || only === REFUSED) await takeRefusal(page, uiUrl);
    for (const { file, of } of missing) say(`${file} was not taken: no case matched ${of}`);
    return missing.size === 0 ? 0 : 1;
  } finally {
    await page.close();
  }
}

/**
 * The answer of the Web UI to an update with a typo.
 * @param {import('playwright-core').Page} page
 * @param {string} uiUrl
 */
async function takeRefusal(page, uiUrl) {
  const workflowId = await firstOf(uiUrl, OPEN);
  if (!workflowId) throw new SetupFailed(`${REFUSED} was not taken: no onboarding is open.`);
  await page.setViewportSize({ width: 1680, height: 1050 });
  const payload = JSON.stringify({ actor: 'jo', decision: 'aproved', evidence: 'ticket 4711' });
  await sendUpdate(page, { uiUrl, workflowId, update: 'decide', payload });
  await page.screenshot({ path: path.join(FOLDER, REFUSED) });
  say(`docs/screenshots/${REFUSED}`);
}
const REFUSED = 'refused-update.png';

/**
 * @param {string} uiUrl
 * @param {string} query
 * @returns {Promise<string | undefined>} a workflow's id
 */
async function firstOf(uiUrl, query) {
  const answer = await fetch(`${uiUrl}/api/v1/namespaces/default/workflows?query=${encodeURIComponent(query)}`).catch(
    (/** @type {Error} */ cause) => {
      throw new SetupFailed(`There is no longer a Web UI at ${uiUrl}: ${cause.message}`);
    },
  );
  const found = /** @type {{ executions?: { execution: { workflowId: string } }[] }} */ (await answer.json());
  return found.executions?.[0]?.execution.workflowId;
}

/** The demonstration, slow enough to look at. @returns {Promise<{ uiUrl: string, stop: () => Promise<void> }>} */
async function runDemonstration() {
  const child = spawn(process.execPath, [path.join(CHECKOUT, 'scripts/start.mjs'), '--speed', '15'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGINT');
    await gone;
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => void stop().then(() => process.exit(130)));
  }
  let printed = '';
  const uiUrl = await Promise.race([
    /** @type {Promise<string>} */ (
      new Promise((resolve) => {
        child.stdout.on('data', (chunk) => {
          printed += chunk;
          const found = /Web UI:.*?(http:\/\/[^/\s]+)/.exec(printed)?.[1];
          if (found) resolve(found);
        });
      })
    ),
    gone.then(() => {
      throw new SetupFailed(`The demonstration ended before it had a Web UI:\n${printed}`);
    }),
  ]);
  return { uiUrl, stop };
}

await runScript(async () => {
  const { values } = parseArgs({ options: { ui: { type: 'string' }, only: { type: 'string' } } });
  if (!findChromium()) throw new SetupFailed(NO_CHROMIUM);
  if (values.ui) return await takePictures(values.ui.replace(/\/$/, ''), values.only);
  const { uiUrl, stop } = await runDemonstration();
  try {
    return await takePictures(uiUrl, values.only);
  } finally {
    await stop();
  }
});
