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
import { examples } from '../command-help.js';

/** `keys`: manages the keys that encrypt personal data. */
export function keysCommand(): Command {
  return new Command('keys')
    .summary('manage the keys that encrypt personal data')
    .addCommand(newCommand())
    .addCommand(listCommand())
    .addCommand(reencryptCommand())
    .addCommand(retireCommand());
}

function newCommand(): Command {
  return new Command('new')
    .summary('create a key')
    .description(
      'Prints a new key, or adds it to a file, which is created with mode 0600 if needed. Back up the file separately from the data: without it, no one can read the encrypted data again.',
    )
    .configureHelp(
      examples(
        'keys new --file /etc/ace-onboarding/keys',
        'keys new --file /etc/ace-onboarding/keys --for-writing',
        'keys new',
      ),
    )
    .option('--file <FILE>', 'add it to this file, the one in ENCRYPTION_KEYS_FILE')
    .option('--for-writing', 'put it first in the file, so that it encrypts after the next restart')
    .action(async ({ file, forWriting }: { file?: string; forWriting?: true }) => {
      if (!file) {
        const key = newKey();
        const read = readKeys(key);
        if (!('problems' in read)) say(plain`Key ${read.writingId}. Keep it secret, and keep a backup.`);
        printResult(undefined, key, () => plain`${key}`);
        return;
      }
      await addKey(file, forWriting ? 'for writing' : 'for reading');
      const open = exposureOf(file, 'file', process.env);
      if (open) say(plain`${open.message}`);
      say(plain`Added a new key to ${file}. Restart every worker and client to use it.`);
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
    .summary('list the keys by id')
    .description('Lists the keys by id: which ones you have, which one encrypts, and since when each has been in use.')
    .configureHelp(examples('keys list'))
    .option('--json', 'print the result as JSON')
    .action(async ({ json }: { json?: true }) => {
      const config = readClientConfig();
      const { encryptionKeys } = config;
      const used = await openStore(config).then(registeredKeys, (error: unknown) => {
        // Keys are created before the archive.
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
  const use = writing ? 'writes and reads' : held ? 'reads' : retiredAt ? `retired ${retiredAt}` : 'MISSING';
  return plain`${id}  ${use.padEnd(16)}  ${firstUsed ? `in use since ${firstUsed}` : 'not used yet'}`;
}

function reencryptCommand(): Command {
  return new Command('reencrypt')
    .summary('encrypt the archive again with the first key')
    .description('Encrypts everything in the archive with the first key of ENCRYPTION_KEYS. Stop the workers first.')
    .configureHelp(examples('keys reencrypt'))
    .option('--take-up-plain', 'also encrypt what is not encrypted yet, from before you had keys')
    .option('--json', 'print the result as JSON')
    .action(async ({ takeUpPlain, json }: { takeUpPlain?: true; json?: true }) => {
      const config = readClientConfig();
      const { encryptionKeys } = config;
      if (!encryptionKeys)
        throw new CommandFailure(EXIT.usage, plain`ENCRYPTION_KEYS is not set, so there is no key to encrypt with.`);
      const archive = await openArchiveToReencrypt(config, encryptionKeys);
      const done = await archive.reencrypt({ takeUpPlain: takeUpPlain === true });
      printResult(
        json,
        { key: encryptionKeys.writingId, ...done },
        () =>
          plain`${done.documents} documents and ${done.records} records. ${done.changed} of them were re-encrypted with ${encryptionKeys.writingId}.`,
      );
    });
}

function retireCommand(): Command {
  return new Command('retire')
    .summary('check that nothing needs a key anymore, and retire it')
    .description(
      `Searches the archive and the history of every workflow that Temporal still has. Exits with ${EXIT.findings} and lists what is still encrypted with the key. Run keys reencrypt first.`,
    )
    .configureHelp(examples('keys retire k-123456789012'))
    .argument('<KEY-ID>', 'as keys list prints it')
    .option('--json', 'print the result as JSON')
    .action(async (keyId: string, { json }: { json?: true }) => {
      const config = readClientConfig();
      if (config.encryptionKeys?.writingId === keyId)
        throw new CommandFailure(
          EXIT.conflict,
          plain`${keyId} is the key that encrypts. Put a new one before it first: ace-onboarding keys new --for-writing`,
        );
      const store = await openStore(config);
      if (!(await registeredKeys(store)).some(({ id }) => id === keyId))
        throw new CommandFailure(
          EXIT.notFound,
          plain`This archive has never used a key ${keyId}. See: ace-onboarding keys list`,
        );
      const { encryptionKeys } = config;
      await openArchive(config);
      const inArchive = encryptionKeys
        ? await (await openArchiveToReencrypt(config, encryptionKeys)).encryptedWith(keyId)
        : 0;
      if (inArchive > 0)
        throw new CommandFailure(
          EXIT.findings,
          plain`${inArchive} documents and records of the archive are still encrypted with ${keyId}. Stop the workers and run: ace-onboarding keys reencrypt`,
          { keyId, retired: false, inArchive },
        );
      const { client, close } = await connectClient(CARRIES_NO_DATA);
      try {
        const needed = await executionsWithKey(client, keyId);
        if (needed.length > 0) {
          throw new CommandFailure(
            EXIT.findings,
            itemized(
              plain`${needed.length} workflow(s) in Temporal are encrypted with ${keyId}. Keep it until they are gone:`,
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
          plain`Nothing needs ${keyId} anymore. Remove it from ENCRYPTION_KEYS. Keep it with your backups for as long as you keep them.`,
      );
    });
}
