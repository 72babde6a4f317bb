import { expect, test } from 'vitest';
import { checkInWithKeys } from '../../../src/archive/key-register.js';
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
