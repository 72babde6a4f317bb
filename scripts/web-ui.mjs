// The Temporal Web UI in a real browser, set up as for an operator: for the screenshots and for the tests.
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { listUrl, localStorageFor } from './operators-view.mjs';

/** @typedef {import('playwright-core').Page} Page */

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of the browser: CHROMIUM, or where Linux distributions put it. @returns {string | undefined} */
export function findChromium() {
  return [process.env.CHROMIUM ?? '', ...PLACES].find((place) => place !== '' && existsSync(place));
}

export const NO_CHROMIUM =
  'Chromium is not installed (Debian: apt-get install chromium), and CHROMIUM does not name one.';

/**
 * A page in a browser that has the operator's columns and views. Close it with `page.close()`, which also ends the browser.
 *
 * @param {{ namespace?: string, width?: number, height?: number }} [options]
 * @returns {Promise<Page>}
 */
export async function openOperatorsBrowser({ namespace = 'default', width = 1680, height = 1050 } = {}) {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(NO_CHROMIUM);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const context = await browser.newContext({ viewport: { width, height } });
  const stored = JSON.stringify(localStorageFor(namespace));
  await context.addInitScript(`for (const [key, value] of Object.entries(${stored})) localStorage.setItem(key, value)`);
  const page = await context.newPage();
  page.on('close', () => void browser.close());
  return page;
}

/**
 * Opens a list, and resolves to its text once there is an onboarding.
 * @param {Page} page
 * @param {{ uiUrl: string, namespace?: string, query: string }} list
 */
export async function openList(page, { uiUrl, namespace = 'default', query }) {
  await page.goto(listUrl(uiUrl, namespace, query));
  await page
    .getByRole('link', { name: /^onboarding-/ })
    .first()
    .waitFor();
  return (await page.locator('body').textContent()) ?? '';
}

/**
 * Opens the tab User Metadata of an onboarding, and resolves to the text of its current details once they are there.
 * @param {Page} page
 * @param {{ uiUrl: string, namespace?: string, workflowId: string }} onboarding
 * @throws if the UI shows none: no worker answers, or the codec server does not decode for the UI
 */
export async function openDetails(page, { uiUrl, namespace = 'default', workflowId }) {
  await page.goto(`${await pageOf({ uiUrl, namespace, workflowId })}/user-metadata`);
  const details = await renderedMarkdown(page, /turn since|In progress since|Closed:/);
  if (details !== undefined) return details;
  throw new Error(
    `The Web UI shows no current details of ${workflowId}: no worker answers, or the payloads are encrypted and no codec server decodes them for the UI.`,
  );
}

/**
 * Sends an update as an operator does, under More Actions.
 * Resolves to the reason in the dialog if it was refused, or to nothing if it was accepted and the dialog closed.
 * @param {Page} page
 * @param {{ uiUrl: string, namespace?: string, workflowId: string, update: string, payload: string }} what
 */
export async function sendUpdate(page, { uiUrl, namespace = 'default', workflowId, update, payload }) {
  await page.goto(`${await pageOf({ uiUrl, namespace, workflowId })}/history`);
  await page.getByRole('button', { name: 'More Actions' }).locator('visible=true').first().click();
  await page.getByRole('menuitem', { name: 'Send an Update' }).click();
  const dialog = page.locator('dialog[open]', { hasText: 'Send an Update' });
  await dialog.getByTestId('update-select-button').click();
  await dialog.getByRole('option', { name: new RegExp(`^\\s*${update}\\b`) }).click();
  // The editor completes brackets and quotes that are typed one by one, but not pasted text.
  await dialog.getByRole('textbox').last().click();
  await page.keyboard.insertText(payload);
  // When it loses focus, the editor formats the text, and the button moves away from under the mouse.
  await dialog.getByRole('textbox').last().blur();
  await dialog.getByTestId('confirm-modal-button').locator('visible=true').click();
  const refused = dialog.getByRole('alert');
  await Promise.race([refused.waitFor(), dialog.waitFor({ state: 'hidden' })]);
  return (await dialog.isVisible()) ? ((await refused.textContent()) ?? '') : undefined;
}

/**
 * The page of the current run of a workflow, without the tab.
 * @param {{ uiUrl: string, namespace?: string, workflowId: string }} onboarding
 */
export async function pageOf({ uiUrl, namespace = 'default', workflowId }) {
  const base = uiUrl.replace(/\/$/, '');
  const api = `${base}/api/v1/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
  const described = /** @type {{ workflowExecutionInfo: { execution: { runId: string } } }} */ (
    await (await fetch(api)).json()
  );
  const { runId } = described.workflowExecutionInfo.execution;
  return `${base}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}`;
}

const PATIENCE_MS = 30_000;

/**
 * The Web UI renders each piece of Markdown in its own frame.
 * @param {Page} page
 * @param {RegExp} wanted
 */
async function renderedMarkdown(page, wanted) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await delay(250)) {
    for (const frame of page.frames().filter((one) => one !== page.mainFrame())) {
      const text = await frame
        .locator('body')
        .textContent({ timeout: 1_000 })
        .catch(() => undefined);
      if (text && wanted.test(text)) return text;
    }
  }
  return undefined;
}
