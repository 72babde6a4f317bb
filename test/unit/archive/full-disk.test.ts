import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Shortage } from '../../../src/archive/archive.js';
import { registeredKeys } from '../../../src/archive/key-register.js';
import { makeArchive, openArchive, openStore } from '../../../src/archive/open-archive.js';
import { mailboxStatus } from '../../../src/archive/records.js';
import { main } from '../../../src/cli/main.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { EXIT } from '../../../src/process/output.js';
import { dataConverter } from '../../../src/temporal/data-converter/data-converter.js';
import { quietWhileFull } from '../../../src/worker/quiet-while-full.js';
import { SpaceAlarm } from '../../../src/worker/space-alarm.js';
import { smallDisk, smallDisksAreMissing } from '../../support/small-disk.js';
import { keyringOf } from '../encryption/keyring-of.js';

const [old, fresh] = [newKey(), newKey()];
const FORM = Buffer.from('%PDF-1.7 the filled form');

/** An archive that a worker made and used, on a disk that can be filled. */
async function usedArchive(encryptionKeys: ReturnType<typeof keyringOf> | undefined) {
  const disk = smallDisk(4 * 2 ** 20);
  onTestFinished(() => disk.remove());
  const place = {
    archiveDir: path.join(disk.dir, 'archive'),
    importerKeyFile: path.join(disk.dir, 'key'),
    encryptionKeys,
  };
  const { archive } = await makeArchive(place);
  await archive.createRecord('claims/A', { reference: 'acme' });
  await archive.replaceRecord(mailboxStatus.key('main'), {
    ...{ mailbox: 'main', connected: true, counts: {}, lastSweepFinishedAt: new Date().toISOString() },
  });
  const { sha256 } = await archive.putDocument(FORM);
  return { disk, place, sha256, scratch: path.join(place.archiveDir, 'scratch') };
}

describe.skipIf(smallDisksAreMissing())('on a full disk', () => {
  test.each([
    ['in clear', undefined],
    ['encrypted', keyringOf(old, fresh)],
  ])('an archive %s is opened and read by workers and commands, and goes on when there is space', async (_, keys) => {
    const { disk, place, sha256, scratch } = await usedArchive(keys);
    disk.fill();
    const shortages: Shortage[] = [];
    const worker = await makeArchive(place, { onFull: (shortage) => shortages.push(shortage) });
    const command = await openArchive(place);
    for (const { archive } of [worker, command]) {
      expect(await archive.readRecord('claims/A')).toEqual({ reference: 'acme' });
      expect(Buffer.from(await archive.getDocument(sha256))).toEqual(FORM);
      // Nothing new: it needs no space.
      expect(await archive.createRecord('claims/A', { reference: 'other' })).toEqual({
        created: false,
        existing: { reference: 'acme' },
      });
    }
    expect(await command.freeBytes()).toBe(0);
    expect(shortages).toEqual([]);

    const refused = await worker.archive.createRecord('claims/B', { reference: 'bolt' }).catch((error) => error);
    expect(refused).toMatchObject({ name: 'ArchiveError', code: 'full' });
    expect(refused.message).toMatch(
      /create a record in the archive .*: it is full \(ENOSPC.*Nothing is lost.*Free some space/,
    );
    expect(refused.message).not.toContain('\n');
    await expect(worker.archive.putDocument(Buffer.from('another'))).rejects.toMatchObject({ code: 'full' });
    expect(shortages.map(({ error }) => error.code)).toEqual(['full', 'full']);
    await expect(shortages[0]?.tryAgain()).rejects.toThrow('ENOSPC');
    expect(await worker.archive.readRecord('claims/B')).toBeUndefined();
    expect(readdirSync(scratch)).toEqual([]);

    disk.empty();
    await shortages[0]?.tryAgain();
    expect(readdirSync(scratch)).toEqual([]);
    expect(await worker.archive.createRecord('claims/B', { reference: 'bolt' })).toEqual({ created: true });
  });

  test('a command whose key no one wrote with yet reads, and registers it before it writes', async () => {
    const { disk, place, sha256 } = await usedArchive(keyringOf(old, fresh));
    disk.fill();
    const store = await openStore(place);
    const isUsed = async () =>
      (await registeredKeys(store)).find(({ id }) => id === keyringOf(fresh).writingId)?.readOnly !== true;
    const { archive, encryption } = await openArchive({ ...place, encryptionKeys: keyringOf(fresh, old) });
    expect(Buffer.from(await archive.getDocument(sha256))).toEqual(FORM);
    const payload = { metadata: {}, data: Buffer.from('{}') };
    const [codec] = dataConverter(encryption).payloadCodecs ?? [];
    // What cannot be registered is not written: neither to the archive nor to Temporal.
    await expect(archive.replaceRecord('claims/B', {})).rejects.toMatchObject({ code: 'full' });
    await expect(archive.putDocument(FORM)).rejects.toMatchObject({ code: 'full' });
    await expect(codec?.encode([payload])).rejects.toMatchObject({ code: 'full' });
    expect(await isUsed()).toBe(false);
    disk.empty();
    expect(await codec?.encode([payload])).toHaveLength(1);
    expect(await isUsed()).toBe(true);
  });

  test('a command that reads says that the archive is full, and one that writes says so in one line', async () => {
    const { disk, place } = await usedArchive(undefined);
    vi.stubEnv('ARCHIVE_DIR', place.archiveDir);
    vi.stubEnv('IMPORTER_KEY_FILE', place.importerKeyFile);
    vi.stubEnv('BROKER_ACE_EMAIL', 'ace@broker.example');
    const said: string[] = [];
    const written = (text: unknown) => said.push(String(text)) > 0;
    const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
    for (const spy of spies) spy.mockImplementation(written);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      for (const spy of spies) spy.mockRestore();
    });
    expect(await main(['mailbox', 'status'])).toBe(EXIT.ok);
    disk.fill();
    said.length = 0;
    expect(await main(['mailbox', 'status'])).toBe(EXIT.findings);
    expect(said.join('')).toMatch(/Attention {4}The disk of the archive is full \(0 bytes left\)/);
    expect(await main(['mail', 'list'])).toBe(EXIT.ok);
    said.length = 0;
    expect(await main(['ace-user', 'signed-in', '--actor', 'jo'])).not.toBe(EXIT.ok);
    expect(said.join('')).toMatch(/^[^\n]*it is full \(ENOSPC[^\n]*Nothing is lost[^\n]*\n$/);
  });

  test('an activity that needs space is tried again without a warning each time, and its failure stays readable', async () => {
    const keys = keyringOf(fresh);
    const { disk, place } = await usedArchive(keys);
    const { archive, encryption } = await makeArchive(place);
    disk.fill();
    const environment = new MockActivityEnvironment({}, { interceptors: quietWhileFull.activity ?? [] });
    const failure = await environment.run(() => archive.putDocument(FORM)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'archive-full', nonRetryable: false, category: 'BENIGN' });
    const { failureConverterPath } = dataConverter(encryption);
    const { failureConverter } = createRequire(import.meta.url)(failureConverterPath ?? '');
    const { message, encodedAttributes } = failureConverter.errorToFailure(failure, defaultPayloadConverter);
    expect(message).toContain('Free some space');
    expect(encodedAttributes).toBeUndefined();
    await expect(environment.run(() => archive.getDocument('0'.repeat(64)))).rejects.toMatchObject({
      code: 'document-missing',
    });
  });

  test('a worker raises one alarm, and says once when it is over', async () => {
    const { disk, place } = await usedArchive(undefined);
    const logged: string[] = [];
    const alarm = new SpaceAlarm(
      { error: (message) => logged.push(message), info: (message) => logged.push(message) },
      5,
    );
    onTestFinished(() => alarm.close());
    const { archive } = await makeArchive(place, { onFull: (shortage) => alarm.raise(shortage) });
    disk.fill();
    for (const name of ['B', 'C']) await archive.replaceRecord(`claims/${name}`, {}).catch(() => undefined);
    await archive.putDocument(Buffer.alloc(3 * 4096)).catch(() => undefined);
    expect(alarm.says).toContain('it is full');
    disk.empty();
    await vi.waitFor(() => expect(alarm.says).toBeUndefined());
    expect(logged).toEqual([expect.stringContaining('the archive is full'), 'the archive has space again']);
  });
});
