// Writes .env.example and docs/configuration.md from the tables that the code itself reads.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { runScript, say } from './run-script.mjs';

/**
 * @typedef {{ about: string, default?: string, required?: true, secret?: true }} Variable
 * @typedef {Record<string, Variable>} Variables
 */

/** A section begins at this variable. */
export const SECTIONS = /** @type {const} */ ([
  ['LIVE', 'General'],
  ['FORM_TEMPLATE', 'The form'],
  ['CBP_APPLICATIONS_ADDRESS', 'CBP'],
  ['SMTP_HOST', 'Outgoing mail'],
  ['IMAP_HOST', 'Incoming mail'],
  ['BROKER_NAME', 'The broker'],
  ['CALENDAR_CUT_OFF_HOUR', 'Calendar and deadlines'],
  ['DNS_RECORDS_FILE', 'Rehearsals only'],
  ['TEMPORAL_ADDRESS', 'Temporal'],
]);

/**
 * A file to copy to .env: required variables are blank, all others are commented out with their defaults.
 * @param {Variables} variables
 */
export function envExample(variables) {
  const lines = [
    '# Copy with "install -m 600 .env.example .env" and fill in the blanks. Everything else is shown with its default.',
    '# docs/configuration.md has the same as a page.',
    '# To keep a secret elsewhere, set NAME_FILE to the path of a file, or NAME_COMMAND to a command that prints it.',
    "# This does not work for TEMPORAL_ variables, which Temporal's own library reads.",
  ];
  for (const [name, variable] of Object.entries(variables)) {
    const section = sectionBeginningAt(name);
    if (section) lines.push('', `# ${section} ${'-'.repeat(100 - section.length)}`);
    lines.push('', ...wrapped(variable.about).map((line) => `# ${line}`));
    lines.push(variable.required ? `${name}=` : `# ${name}=${quoted(variable.default ?? '')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** @param {Variables} variables */
export function configurationPage(variables) {
  const lines = [
    '# Configuration',
    '',
    'All settings are environment variables, read once at start. If something is wrong, every problem is reported at once, each with its remedy. `.env.example` has the same table as a file to copy. Both are written by `node scripts/configuration-pages.mjs` from `src/config/variables.ts` and `src/config/temporal-variables.ts`, and a test keeps them up to date.',
    '',
    "A variable marked *secret* is masked wherever the configuration is shown. To keep its value elsewhere, set `NAME_FILE` to the path of a file, or `NAME_COMMAND` to a command that prints it. This does not work for `TEMPORAL_` variables, which Temporal's own library reads.",
    '',
    'Files with secrets, `IMPORTER_KEY_FILE` and `ARCHIVE_DIR` must be private to one user: nothing starts if others can read or change them, and the message has the `chmod` command to run. This is only a warning in `/run/secrets`, `/run/credentials` and `CREDENTIALS_DIRECTORY`, where an orchestrator mounts secrets and sets their modes. The same rule applies to a `.env` that sets a secret or a command that prints one, to `TEMPORAL_TLS_CLIENT_KEY_PATH`, and to a `TEMPORAL_CONFIG_FILE` that contains a secret. Files that you load with `node --env-file` are not checked.',
    '',
    'Write numbers in plain digits. If a number is out of range, the message gives the range. You get a warning about a variable that nothing reads but that looks like one of these, such as `LATE_DAY`: in the log of a worker when it starts, on stderr from every command, and under `warnings` in `config show --json`.',
  ];
  for (const [name, variable] of Object.entries(variables)) {
    const section = sectionBeginningAt(name);
    if (section) lines.push('', `## ${section}`, '', '| variable | default | meaning |', '|---|---|---|');
    const standard = variable.required ? '**must be set**' : variable.default ? `\`${variable.default}\`` : '';
    const about = `${variable.about}${variable.secret ? ' *Secret.*' : ''}`.replaceAll('|', '\\|');
    lines.push(`| \`${name}\` | ${standard} | ${about} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** @param {string} name */
const sectionBeginningAt = (name) => SECTIONS.find(([first]) => first === name)?.[1];

/** @param {string} value */
const quoted = (value) => (/[\s#]/.test(value) ? `"${value}"` : value);

/** @param {string} text */
function wrapped(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line && line.length + word.length > 110) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    build();
    /** @param {string} file */
    const load = (file) => import(new URL(`../dist/src/${file}`, import.meta.url).href);
    const variables = {
      ...(await load('config/variables.js')).VARIABLES,
      ...(await load('config/temporal-variables.js')).TEMPORAL_VARIABLES,
    };
    const root = fileURLToPath(new URL('../', import.meta.url));
    for (const [file, text] of Object.entries({
      '.env.example': envExample(variables),
      'docs/configuration.md': configurationPage(variables),
    })) {
      writeFileSync(path.join(root, file), text);
      say(`Wrote ${file}`);
    }
    return 0;
  });
