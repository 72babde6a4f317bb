import { Command } from 'commander';
import { openDirectoryArchive } from '../archive/directory.js';
import { registeredKeys } from '../archive/key-register.js';
import { readClientConfig } from '../config.js';
import { addKey, openToOthers } from '../encryption/key-file.js';
import { newKey, readKeys } from '../encryption/keyring.js';
import { printResult, say } from './output.js';

/** `keys`: the keys that personal data is encrypted with. */
export function keysCommand(): Command {
  return new Command('keys')
    .summary('the keys that personal data is encrypted with')
    .addCommand(newCommand())
    .addCommand(listCommand());
}

function newCommand(): Command {
  return new Command('new')
    .summary('make a key')
    .description(
      'Prints a new key, or adds it to a file (mode 0600), made if there is none. Back the file up apart from the data: without it nothing that was encrypted can be read again.',
    )
    .option('--file <FILE>', 'add it to this file, which ENCRYPTION_KEYS_FILE names')
    .option('--for-writing', 'before the other keys of the file, so that it encrypts from the next start on')
    .addHelpText(
      'after',
      `
Examples:
  $ ace-onboarding keys new --file /etc/ace-onboarding/keys
  $ ace-onboarding keys new --file /etc/ace-onboarding/keys --for-writing
  $ ace-onboarding keys new`,
    )
    .action(async ({ file, forWriting }: { file?: string; forWriting?: true }) => {
      if (!file) {
        const key = newKey();
        const read = readKeys(key);
        if (!('problems' in read)) say(`Key ${read.writingId}. Keep it secret, and keep a copy.`);
        printResult(undefined, key, () => key);
        return;
      }
      await addKey(file, forWriting ? 'for writing' : 'for reading');
      const open = await openToOthers(file);
      if (open) say(open);
      say(`A new key is in ${file}. Restart every worker and client to have it used.`);
    });
}

interface ListedKey {
  id: string;
  held: boolean;
  writing: boolean;
  firstUsed?: string;
  retiredAt?: string;
}

function listCommand(): Command {
  return new Command('list')
    .summary('list the keys by their ids: which are held, which one writes, since when each is in use')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExamples:\n  $ ace-onboarding keys list')
    .action(async ({ json }: { json?: true }) => {
      const { archiveDir, encryptionKeys } = readClientConfig();
      const used = await registeredKeys(await openDirectoryArchive(archiveDir));
      const held = encryptionKeys?.ids ?? [];
      const ids = [...new Set([...held, ...used.map(({ id }) => id)])];
      const keys = ids.map((id): ListedKey => {
        const known = used.find((one) => one.id === id);
        return {
          id,
          held: held.includes(id),
          writing: encryptionKeys?.writingId === id,
          ...(known ? { firstUsed: known.since } : {}),
          ...(known?.retiredAt ? { retiredAt: known.retiredAt } : {}),
        };
      });
      printResult(json, keys, () => (keys.length === 0 ? 'No keys: nothing is encrypted.' : keys.map(text).join('\n')));
    });
}

function text({ id, held, writing, firstUsed, retiredAt }: ListedKey): string {
  const use = writing ? 'writes and reads' : held ? 'reads' : retiredAt ? `retired ${retiredAt}` : 'NOT HELD';
  return `${id}  ${use.padEnd(16)}  ${firstUsed ? `in use since ${firstUsed}` : 'not used yet'}`;
}
