import { expect, test } from 'vitest';
import { checkInWithKeys, registeredKeys, wasOursIn } from '../../../src/archive/key-register.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { keyringOf } from '../encryption/keyring-of.js';

/** Another worker starts, and writes, right after the first read of the register. */
class OvertakenArchive extends MemoryArchive {
  constructor(private readonly another: (archive: MemoryArchive) => Promise<unknown>) {
    super();
  }
  private isOvertaken = false;

  override async *listRecords(prefix: string) {
    yield* super.listRecords(prefix);
    if (this.isOvertaken) return;
    this.isOvertaken = true;
    await this.another(this);
  }
}

test('two workers can start an encrypted archive at the same instant', async () => {
  const keyring = keyringOf(newKey());
  const archive = new OvertakenArchive(async (shared) => {
    await checkInWithKeys(shared, keyring);
    await shared.createRecord('archive-secrets/document-names', {});
  });
  expect(await checkInWithKeys(archive, keyring)).toEqual({ missing: [] });
});

test('a worker with keys does not start where another one just wrote unencrypted data', async () => {
  const archive = new OvertakenArchive((shared) => shared.createRecord('claims/ABC', {}));
  await expect(checkInWithKeys(archive, keyringOf(newKey()))).rejects.toThrow('--take-up-plain');
});

test('a worker registers the keys it reads with; no other process registers any', async () => {
  const [writing, old] = [newKey(), newKey()];
  const keyring = keyringOf(writing, old);
  for (const asWorker of [true, false]) {
    const archive = new MemoryArchive();
    await checkInWithKeys(archive, keyringOf(writing), { asWorker: true });
    await checkInWithKeys(archive, keyring, { asWorker });
    const known = (await registeredKeys(archive)).map(({ id, readOnly }) => [id, readOnly]);
    expect(known).toEqual([[keyring.ids[0], undefined], ...(asWorker ? [[keyring.ids[1], true]] : [])]);
  }
});

test('without any keys an encrypted archive is refused, and the refusal says so', async () => {
  const archive = new MemoryArchive();
  await checkInWithKeys(archive, keyringOf(newKey()));
  await expect(checkInWithKeys(archive, undefined)).rejects.toThrow('ENCRYPTION_KEYS has no keys');
  const wrong = keyringOf(newKey());
  await expect(checkInWithKeys(archive, wrong)).rejects.toThrow(`has the wrong keys (${wrong.ids.join(', ')})`);
});

test('a key that wrote here was ours, however often one asks; another never was', async () => {
  const archive = new MemoryArchive();
  const keyring = keyringOf(newKey());
  await checkInWithKeys(archive, keyring);
  const wasOurs = wasOursIn(archive);
  for (const _ of ['first', 'again']) {
    expect(await wasOurs(keyring.writingId)).toBe(true);
    expect(await wasOurs('k-000000000000')).toBe(false);
    expect(await wasOurs('../claims/ABC')).toBe(false);
  }
});
