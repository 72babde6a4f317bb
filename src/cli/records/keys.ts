import { Command } from 'commander';
import { registeredKeys, retireKey } from '../../archive/key-register.js';
import { openArchive, openArchiveToReencrypt, openStore } from '../../archive/open-archive.js';
import { ConfigurationError } from '../../config/configuration-error.js';
import { readClientConfig } from '../../config/read-config.js';
import { addKey } from '../../encryption/key-file.js';
import { newKey, readKeys } from '../../encryption/keyring.js';
import { exposureOf } from '../../files/private-path.js';
import { CommandFailure, EXIT, printResult, say } from '../../process/output.js';
import { itemized, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { CARRIES_NO_DATA, connectClient } from '../../temporal/connect.js';
import { executionsWithKey } from '../../temporal/data-converter/key-use.js';

/** `keys`: the keys that personal data is encrypted with. */
export function keysCommand(): Command {
  return new Command('keys')
    .summary('the keys that personal data is encrypted with')
    .addCommand(newCommand())
    .addCommand(listCommand())
    .addCommand(reencryptCommand())
    .addCommand(retireCommand());
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
        if (!('problems' in read)) say(plain`Key ${read.writingId}. Keep it secret, and keep a copy.`);
        printResult(undefined, key, () => plain`${key}`);
        return;
      }
      await addKey(file, forWriting ? 'for writing' : 'for reading');
      const open = exposureOf(file, 'file', process.env);
      if (open) say(plain`${open.message}`);
      say(plain`A new key is in ${file}. Restart every worker and client to have it used.`);
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
      const config = readClientConfig();
      const { encryptionKeys } = config;
      const used = await openStore(config).then(registeredKeys, (error: unknown) => {
        // Keys are made before the archive.
        if (error instanceof ConfigurationError) return [];
        throw error;
      });
      const held = encryptionKeys?.ids ?? [];
      const ids = [...new Set([...held, ...used.map(({ id }) => id)])];
      const keys = ids.map((id): ListedKey => {
        const known = used.find((one) => one.id === id);
        return {
          id,
          held: held.includes(id),
          writing: encryptionKeys?.writingId === id,
          ...(known && !known.readOnly ? { firstUsed: known.since } : {}),
          ...(known?.retiredAt ? { retiredAt: known.retiredAt } : {}),
        };
      });
      printResult(json, keys, () =>
        keys.length === 0 ? plain`No keys: nothing is encrypted.` : lines(keys.map(text)),
      );
    });
}

function text({ id, held, writing, firstUsed, retiredAt }: ListedKey): Plain {
  const use = writing ? 'writes and reads' : held ? 'reads' : retiredAt ? `retired ${retiredAt}` : 'NOT HELD';
  return plain`${id}  ${use.padEnd(16)}  ${firstUsed ? `in use since ${firstUsed}` : 'not used yet'}`;
}

function reencryptCommand(): Command {
  return new Command('reencrypt')
    .summary('encrypt the archive with the writing key')
    .description(
      'Encrypts with the first of ENCRYPTION_KEYS whatever in the archive is encrypted with another. Stop the workers first.',
    )
    .option('--take-up-plain', 'also what lies there in clear, from before there were keys')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ ace-onboarding keys reencrypt')
    .action(async ({ takeUpPlain, json }: { takeUpPlain?: true; json?: true }) => {
      const config = readClientConfig();
      const { encryptionKeys } = config;
      if (!encryptionKeys)
        throw new CommandFailure(EXIT.usage, plain`ENCRYPTION_KEYS is not set: there is nothing to encrypt with.`);
      const archive = await openArchiveToReencrypt(config, encryptionKeys);
      const done = await archive.reencrypt({ takeUpPlain: takeUpPlain === true });
      printResult(
        json,
        { key: encryptionKeys.writingId, ...done },
        () =>
          plain`${done.documents} documents and ${done.records} records; ${done.changed} were encrypted anew, with ${encryptionKeys.writingId}.`,
      );
    });
}

function retireCommand(): Command {
  return new Command('retire')
    .summary('check that nothing needs a key any more, and let it go')
    .description(
      `Looks through the archive and the histories of every workflow that Temporal still has. Ends with ${EXIT.findings} and names them when some are encrypted with the key: their data would be unreadable. Run keys reencrypt before.`,
    )
    .argument('<KEY-ID>', 'as keys list prints it')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ ace-onboarding keys retire k-123456789012')
    .action(async (keyId: string, { json }: { json?: true }) => {
      const config = readClientConfig();
      if (config.encryptionKeys?.writingId === keyId)
        throw new CommandFailure(EXIT.conflict, plain`${keyId} is the key that writes. Put a new one before it first.`);
      const store = await openStore(config);
      if (!(await registeredKeys(store)).some(({ id }) => id === keyId))
        throw new CommandFailure(EXIT.notFound, plain`No key ${keyId} was ever used here.`);
      const { encryptionKeys } = config;
      await openArchive(config);
      const inArchive = encryptionKeys
        ? await (await openArchiveToReencrypt(config, encryptionKeys)).encryptedWith(keyId)
        : 0;
      if (inArchive > 0)
        throw new CommandFailure(
          EXIT.findings,
          plain`${inArchive} documents and records of the archive are encrypted with ${keyId}. Stop the workers for a moment and run: ace-onboarding keys reencrypt`,
          { keyId, retired: false, inArchive },
        );
      const { client, close } = await connectClient(CARRIES_NO_DATA);
      try {
        const needed = await executionsWithKey(client, keyId);
        if (needed.length > 0) {
          throw new CommandFailure(
            EXIT.findings,
            itemized(
              plain`${needed.length} workflow(s) in Temporal are encrypted with ${keyId}; keep it until they are gone:`,
              needed.slice(0, 20),
            ),
            { keyId, retired: false, workflows: needed },
          );
        }
      } finally {
        await close();
      }
      await retireKey(store, keyId);
      printResult(
        json,
        { keyId, retired: true },
        () =>
          plain`${keyId} is needed no more: remove it from ENCRYPTION_KEYS. Keep it with your backups as long as you keep them.`,
      );
    });
}
