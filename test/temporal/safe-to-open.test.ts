import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, type Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DevServer } from '../../simulator/dev-server/dev-server.js';
import { makeArchive } from '../../src/archive/open-archive.js';
import { main } from '../../src/cli/main.js';
import { readClientConfig } from '../../src/config/read-config.js';
import { type Keyring, newKey } from '../../src/encryption/keyring.js';
import { connectClient } from '../../src/temporal/connect.js';
import { dataConverter } from '../../src/temporal/data-converter/data-converter.js';
import { ensureWatcher } from '../../src/temporal/ensure-watcher.js';
import { claimNamespace, ENCRYPTED_WITH, namespaceUse, refuseMisuse } from '../../src/temporal/namespace-use.js';
import { CHECKOUT } from '../support/checkout.js';
import { connect } from '../support/parked-onboardings.js';
import { startDevServer } from '../support/temporal-dev-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { hear } from '../unit/cli/heard.js';
import { keyringOf } from '../unit/encryption/keyring-of.js';

/** A client that is started in the wrong place writes nothing, neither there nor on the server. */

const [key, other] = [newKey(), newKey()];
const encryption = (keyring: Keyring) => ({ keyring, wasOurs: async () => true });
let server: DevServer;
let connection: Connection;
let client: Client;
let folder: string;
let namespaces = 0;
beforeAll(async () => {
  server = await startDevServer();
  ({ connection, client } = await connect(server.address, undefined));
});
afterAll(async () => {
  await connection?.close();
  await server?.stop();
});
beforeEach(() => {
  folder = temporaryFolder('ace-safe-to-open');
});

async function newNamespace(): Promise<string> {
  const namespace = `safe-${++namespaces}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await vi.waitFor(() => new Client({ connection, namespace }).workflow.count(), { timeout: 30_000, interval: 200 });
  return namespace;
}

const APPLICATION = path.join(CHECKOUT, 'examples/application.json');

const heard = hear();

/** Runs the command line in the folder, with only these environment variables. */
async function commandLine(args: string[], env: Record<string, string>): Promise<{ exitCode: number; said: string }> {
  const [ours, place] = [process.env, process.cwd()];
  process.env = { PATH: ours.PATH, TEMPORAL_ADDRESS: server.address, ...env };
  process.chdir(folder);
  heard.said = '';
  try {
    return { exitCode: await main(args), said: heard.said };
  } finally {
    process.env = ours;
    process.chdir(place);
  }
}

const written = async () => (await readdir(folder, { recursive: true })).sort();
const workflowsIn = async (namespace: string) => {
  const found: string[] = [];
  for await (const { workflowId } of new Client({ connection, namespace }).workflow.list()) found.push(workflowId);
  return found;
};

describe('with an encrypted namespace', () => {
  let namespace: string;
  beforeAll(async () => {
    namespace = await newNamespace();
    await claimNamespace(connection, namespace, keyringOf(key));
  });

  test.each([
    ['start', APPLICATION],
    ['list'],
    ['show', 'acme'],
    ['withdraw', 'acme', '--actor', 'jo', '--reason', 'x'],
    ['reopen', APPLICATION, '--actor', 'jo', '--reason', 'x'],
    ['mail', 'list'],
    ['mail', 'assign', '3f786850e387', 'acme', '--actor', 'jo', '--reason', 'x'],
    ['forget', 'acme', '--actor', 'jo', '--second', 'kim', '--reason', 'x'],
    ['document', 'a'.repeat(64), '--out', 'form.pdf'],
    ['incident', 'list'],
    ['mailbox', 'status'],
    ['deploy', 'status'],
    ['keys', 'retire', 'k-000000000000'],
  ])('%s in an empty folder says what to do, and writes nothing', async (...args) => {
    const { exitCode, said } = await commandLine(args, { TEMPORAL_NAMESPACE: namespace });
    expect(said).toMatch(/There is no archive at .*\.ace-onboarding\/archive.*ARCHIVE_DIR.*ENCRYPTION_KEYS_FILE/);
    expect(exitCode).toBe(5);
    expect(await written()).toEqual([]);
    expect(await workflowsIn(namespace)).toEqual([]);
  });

  test.each([
    ['no key', {}, /ENCRYPTION_KEYS is not set.*is encrypted.*ENCRYPTION_KEYS_FILE to the same as for the workers/],
    ['another key', { ENCRYPTION_KEYS: other }, /they could not read what you write/],
    ['your own key before theirs', { ENCRYPTION_KEYS: `${other},${key}` }, /they could not read what you write/],
  ])('with your own archive and %s, start writes nothing to either', async (_, env, problem) => {
    await commandLine(['init'], env);
    const before = await written();
    expect(before).not.toEqual([]);
    const { exitCode, said } = await commandLine(['start', APPLICATION], { TEMPORAL_NAMESPACE: namespace, ...env });
    expect(said).toMatch(problem);
    expect(exitCode).toBe(5);
    expect(await written()).toEqual(before);
    expect(await workflowsIn(namespace)).toEqual([]);
  });

  test.each([
    ['for unencrypted rehearsals', true, /its workers could not read encrypted data/],
    ['that no worker has used', false, /no one would read what is written there/],
  ])('with keys, start writes nothing into a namespace %s', async (_, rehearsal, problem) => {
    const another = await newNamespace();
    if (rehearsal) await claimNamespace(connection, another, undefined);
    await commandLine(['init'], { ENCRYPTION_KEYS: key });
    const before = await written();
    const env = { TEMPORAL_NAMESPACE: another, ENCRYPTION_KEYS: key };
    const { exitCode, said } = await commandLine(['start', APPLICATION], env);
    expect(said).toMatch(problem);
    expect(exitCode).toBe(5);
    expect(await written()).toEqual(before);
    expect(await workflowsIn(another)).toEqual([]);
  });

  test('with the key of the workers, start works', async () => {
    const env = { TEMPORAL_NAMESPACE: namespace, ENCRYPTION_KEYS: `${key},${other}` };
    await commandLine(['init'], env);
    await addAttributes(namespace);
    const { exitCode, said } = await commandLine(['start', APPLICATION], env);
    expect(said).toMatch(/: started/);
    expect(exitCode).toBe(0);
    expect(await workflowsIn(namespace)).toHaveLength(1);
  });

  test('a worker without that key does not start', async () => {
    for (const keyring of [undefined, keyringOf(other)])
      await expect(claimNamespace(connection, namespace, keyring)).rejects.toThrow(/ENCRYPTION_KEYS/);
    expect(await namespaceUse(connection, namespace)).toEqual({
      kind: 'encrypted',
      keyIds: keyringOf(key).ids,
      by: 'data',
    });
  });
});

async function addAttributes(namespace: string): Promise<void> {
  const { registerSearchAttributes } = await import('../../src/temporal/register-search-attributes.js');
  await registerSearchAttributes(connection, namespace);
}

describe('without encryption', () => {
  test('nothing is written into a namespace that is not marked as a rehearsal', async () => {
    const namespace = await newNamespace();
    await commandLine(['init'], {});
    const { exitCode, said } = await commandLine(['start', APPLICATION], { TEMPORAL_NAMESPACE: namespace });
    expect(said).toMatch(/the namespace .* is not marked as a rehearsal.*start a worker first/);
    expect(exitCode).toBe(5);
    expect(await workflowsIn(namespace)).toEqual([]);
  });

  test('start works once a worker without keys has run, until a worker with keys has', async () => {
    const namespace = await newNamespace();
    const use = () => namespaceUse(connection, namespace);
    await claimNamespace(connection, namespace, undefined);
    expect(await use()).toEqual({ kind: 'rehearsal', by: 'data' });
    refuseMisuse(await use(), undefined, namespace);
    await claimNamespace(connection, namespace, keyringOf(key));
    expect(await use()).toEqual({ kind: 'encrypted', keyIds: keyringOf(key).ids, by: 'data' });
  });

  test('if a worker with keys and one without start at the same moment, the namespace is encrypted in the end', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const namespace = await newNamespace();
      const [encrypting] = await Promise.allSettled([
        claimNamespace(connection, namespace, keyringOf(key)),
        claimNamespace(connection, namespace, undefined),
      ]);
      expect(encrypting.status).toBe('fulfilled');
      expect(await namespaceUse(connection, namespace)).toMatchObject({ kind: 'encrypted' });
      await expect(claimNamespace(connection, namespace, undefined)).rejects.toThrow(/ENCRYPTION_KEYS is not set/);
    }
  });

  test.each(['', 'rubbish', 'k-', 'true k-1'])('garbled data (%j) is ignored and rewritten', async (data) => {
    const namespace = await newNamespace();
    await connection.workflowService.updateNamespace({ namespace, updateInfo: { data: { [ENCRYPTED_WITH]: data } } });
    expect(await namespaceUse(connection, namespace)).toEqual({ kind: 'unknown' });
    await claimNamespace(connection, namespace, keyringOf(key));
    expect(await namespaceUse(connection, namespace)).toMatchObject({
      kind: 'encrypted',
      keyIds: keyringOf(key).ids,
    });
  });

  test('workers take over changed keys from each other', async () => {
    const namespace = await newNamespace();
    for (const keyring of [keyringOf(key), keyringOf(key, other), keyringOf(other, key), keyringOf(other)])
      await claimNamespace(connection, namespace, keyring);
    expect(await namespaceUse(connection, namespace)).toEqual({
      kind: 'encrypted',
      keyIds: keyringOf(other).ids,
      by: 'data',
    });
    expect(() =>
      refuseMisuse({ kind: 'encrypted', keyIds: keyringOf(other).ids, by: 'data' }, keyringOf(key), namespace),
    ).toThrow();
  });
});

describe('if the data of a namespace cannot be changed', () => {
  /** The answer of Temporal Cloud, where namespaces can be changed only in the console. */
  const cloud = () =>
    vi
      .spyOn(connection.workflowService, 'updateNamespace')
      .mockRejectedValue(Object.assign(new Error('denied'), { code: 7, details: 'denied', metadata: {} }));

  test.each([
    ['encrypted', keyringOf(key), { kind: 'encrypted', keyIds: keyringOf(key).ids, by: 'memo' }],
    ['in clear', undefined, { kind: 'rehearsal', by: 'memo' }],
  ])('the watcher that a worker starts tells what it is used for, %s', async (_, keyring, use) => {
    const namespace = await newNamespace();
    const denied = cloud();
    await claimNamespace(connection, namespace, keyring);
    expect(denied).toHaveBeenCalledOnce();
    denied.mockRestore();
    expect(await namespaceUse(connection, namespace)).toEqual({ kind: 'unknown' });
    const worker = new Client({
      connection,
      namespace,
      dataConverter: dataConverter(keyring && encryption(keyring)),
    });
    await ensureWatcher(worker.workflow, 'no-one-works-here', 'main');
    expect(await namespaceUse(connection, namespace)).toEqual(use);
  });

  test('a rehearsal cannot turn into real use unnoticed', async () => {
    const namespace = await newNamespace();
    await ensureWatcher(new Client({ connection, namespace }).workflow, 'no-one-works-here', 'main');
    const denied = cloud();
    await expect(claimNamespace(connection, namespace, keyringOf(key))).rejects.toThrow(
      /Terminate the workflow mailbox-main/,
    );
    denied.mockRestore();
  });
});

test('a client checks the namespace before it connects, and closes its connection otherwise', async () => {
  const namespace = await newNamespace();
  vi.stubEnv('TEMPORAL_ADDRESS', server.address);
  vi.stubEnv('TEMPORAL_NAMESPACE', namespace);
  try {
    await expect(connectClient(undefined)).rejects.toThrow(/is not marked as a rehearsal/);
    await (await connectClient(undefined, { claim: true })).close();
    await (await connectClient(undefined)).close();
  } finally {
    vi.unstubAllEnvs();
  }
  expect(client.options.namespace).toBe('default');
});

/** docs/privacy.md: first every process reads with the new key, then each one writes with it, in any order. */
test.each([
  ['the back office first', ['client', 'worker']],
  ['the workers first', ['worker', 'client']],
])('keys can be changed with %s, and no process is refused', async (_, order) => {
  const namespace = await newNamespace();
  await addAttributes(namespace);
  const stages: [string, string][] = [
    ['the old key', key],
    ['reading with the new one', `${key},${other}`],
    ['writing with the new one', `${other},${key}`],
    ['the new key alone', other],
  ];
  const worker = async (keys: string) => {
    const env = {
      archiveDir: path.join(folder, '.ace-onboarding/archive'),
      importerKeyFile: path.join(folder, '.ace-onboarding/importer-key'),
    };
    await makeArchive({ ...env, encryptionKeys: keyringOf(...keys.split(',')) });
    await claimNamespace(connection, namespace, keyringOf(...keys.split(',')));
  };
  await worker(key);
  let before = key;
  for (const [what, keys] of stages) {
    // Workers go first in the first and the last step: only then can someone, or no one, read the other key.
    const turns = what.startsWith('writing') ? order : ['worker', 'client'];
    if (what.startsWith('the new key')) await reencrypted(keys === other ? `${other},${key}` : keys);
    for (const turn of turns) {
      if (turn === 'worker') await worker(keys);
      const held = turn === 'client' || turns.indexOf('client') < turns.indexOf('worker') ? keys : before;
      const { exitCode, said } = await commandLine(['list'], { TEMPORAL_NAMESPACE: namespace, ENCRYPTION_KEYS: held });
      expect(exitCode, `${what}: ${said}`).toBe(0);
    }
    before = keys;
  }
});

async function reencrypted(keys: string): Promise<void> {
  const { exitCode, said } = await commandLine(['keys', 'reencrypt'], { ENCRYPTION_KEYS: keys });
  expect(exitCode, said).toBe(0);
}

test('init makes the same files as a worker, changes nothing the second time, and never prints a secret', async () => {
  const first = await commandLine(['init', '--json'], { ENCRYPTION_KEYS: key });
  expect(JSON.parse(first.said)).toMatchObject({ encryptedWith: keyringOf(key).writingId });
  const before = await written();
  expect(await commandLine(['init', '--json'], { ENCRYPTION_KEYS: key })).toEqual(first);
  expect(await written()).toEqual(before);
  await writeFile(path.join(folder, '.env'), `ENCRYPTION_KEYS=${key}\n`, { mode: 0o600 });
  vi.stubEnv('ARCHIVE_DIR', path.join(folder, '.ace-onboarding/archive'));
  vi.stubEnv('IMPORTER_KEY_FILE', path.join(folder, '.ace-onboarding/importer-key'));
  vi.stubEnv('ENCRYPTION_KEYS', key);
  try {
    await makeArchive(readClientConfig());
  } finally {
    vi.unstubAllEnvs();
  }
  expect((await written()).filter((file) => file !== '.env')).toEqual(before);
});
