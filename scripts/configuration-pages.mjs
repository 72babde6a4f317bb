// Writes .env.example and docs/configuration.md from the tables the code itself reads.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { runScript, say } from './run-script.mjs';

/**
 * @typedef {{ about: string, default?: string, required?: true, secret?: true }} Variable
 * @typedef {Record<string, Variable>} Variables
 */

/** A section begins at the variable named. */
export const SECTIONS = /** @type {const} */ ([
  ['LIVE', 'General'],
  ['FORM_TEMPLATE', 'The form'],
  ['CBP_APPLICATIONS_ADDRESS', 'CBP, and whom to believe'],
  ['SMTP_HOST', 'Outgoing mail'],
  ['IMAP_HOST', 'Incoming mail'],
  ['BROKER_NAME', 'The broker'],
  ['CALENDAR_CUT_OFF_HOUR', 'Calendar and deadlines'],
  ['TEMPORAL_ADDRESS', 'Temporal'],
]);

/**
 * A file to copy to .env: what must be set stands open, everything else is a comment with its default.
 * @param {Variables} variables
 */
export function envExample(variables) {
  const lines = [
    '# Copy with "install -m 600 .env.example .env" and fill in what is open; the rest shows its default.',
    '# docs/configuration.md says the same as a page.',
    '# Secrets may be given as NAME_FILE with the path of a file instead, or as NAME_COMMAND with a command that prints them;',
    '# only TEMPORAL_ variables may not, which are read by others.',
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
    'Everything is configured by environment variables, read once at start; all problems are reported at once, each with its remedy. `.env.example` is the same table as a file to copy. Both are written by `node scripts/configuration-pages.mjs` from the tables in `src/config/config.ts` and `src/config/temporal-variables.ts`, and a test keeps them so.',
    '',
    'A variable marked *secret* is masked wherever configuration is shown. Its value may come from a file, named by `NAME_FILE`, or from a command that prints it, given as `NAME_COMMAND`; only those named `TEMPORAL_` are read by others, which know neither.',
    '',
    'A file with a secret, `IMPORTER_KEY_FILE` and `ARCHIVE_DIR` are for one user alone: nothing starts when others can read or change them, and the message has the `chmod` to run. Below `/run/secrets`, `/run/credentials` and `CREDENTIALS_DIRECTORY`, where an orchestrator mounts secrets and sets their modes, that is a warning only. The same holds for a `.env` that sets a secret, or a command that prints one; for `TEMPORAL_TLS_CLIENT_KEY_PATH`; and for a `TEMPORAL_CONFIG_FILE` with a secret in it. What `node --env-file` reads is not checked.',
    '',
    'Numbers are plain digits, within the bounds that the message names. A variable that nothing reads and that looks like one of these, such as `LATE_DAY`, is warned of: in the log of a worker at its start, on stderr by every command, and under `warnings` by `config show --json`.',
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
      ...(await load('config/config.js')).VARIABLES,
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
