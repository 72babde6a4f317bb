// Columns and saved views for operators, which the Temporal Web UI keeps in the browser. Run it to get a snippet to paste
// once into the browser's console on a page of the Web UI.
import { fileURLToPath } from 'node:url';

const ONBOARDINGS = 'WorkflowType="onboardImporter"';

/** Search attributes as columns, the most useful first. */
export const COLUMNS = [
  'Workflow ID',
  'Company',
  'OnboardingStage',
  'WaitingOn',
  'NeedsAttention',
  'DueAt',
  'Handler',
  'Outcome',
];

/** @type {{ name: string, query: string }[]} */
export const VIEWS = [
  { name: 'Onboardings, open', query: `${ONBOARDINGS} AND ExecutionStatus="Running"` },
  { name: 'Needs attention', query: `${ONBOARDINGS} AND ExecutionStatus="Running" AND NeedsAttention IS NOT NULL` },
  { name: "Broker's turn", query: `${ONBOARDINGS} AND ExecutionStatus="Running" AND WaitingOn="broker"` },
  { name: "Client's turn", query: `${ONBOARDINGS} AND ExecutionStatus="Running" AND WaitingOn="client"` },
  { name: "CBP's turn", query: `${ONBOARDINGS} AND ExecutionStatus="Running" AND WaitingOn="cbp"` },
  { name: 'Onboardings, closed', query: `${ONBOARDINGS} AND ExecutionStatus="Completed"` },
  // Business outcomes complete, so a failure is always a bug.
  { name: 'Broken', query: `${ONBOARDINGS} AND ExecutionStatus="Failed"` },
];

/**
 * What the Web UI 2.42 reads from the browser's local storage.
 * @param {string} namespace
 * @returns {Record<string, string>}
 */
export function localStorageFor(namespace) {
  const views = VIEWS.map(({ name, query }) => ({ id: `ace-onboarding ${name}`, name, query }));
  return {
    'namespace-workflow-table-columns': JSON.stringify({ [namespace]: COLUMNS.map((label) => ({ label })) }),
    'saved-workflow-queries': JSON.stringify({ [namespace]: views }),
  };
}

/**
 * The list of one view in the Web UI.
 * @param {string} uiUrl
 * @param {string} namespace
 * @param {string} query
 */
export function listUrl(uiUrl, namespace, query) {
  return `${uiUrl.replace(/\/$/, '')}/namespaces/${namespace}/workflows?query=${encodeURIComponent(query)}`;
}

/**
 * For the browser's console: adds the columns and views of a namespace, and keeps those of other namespaces.
 * @param {string} namespace
 */
export function consoleSnippet(namespace) {
  return `for (const [key, value] of Object.entries(${JSON.stringify(localStorageFor(namespace))}))
  localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key) ?? '{}'), ...JSON.parse(value) }));
location.reload();`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stderr.write("Paste this once into the browser's console on a page of the Web UI:\n\n");
  process.stdout.write(`${consoleSnippet(process.argv[2] ?? 'default')}\n`);
}
