import { expect, test } from 'vitest';
import { checkInWithKeys } from '../../../src/archive/key-register.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { keyringOf } from '../encryption/keyring-of.js';

/** Another worker begins, and writes, right after the first look at the register. */
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

test('two workers may begin an encrypted archive at the same instant', async () => {
  const keyring = keyringOf(newKey());
  const archive = new OvertakenArchive(async (shared) => {
    await checkInWithKeys(shared, keyring);
    await shared.createRecord('archive-secrets/document-names', {});
  });
  expect(await checkInWithKeys(archive, keyring)).toEqual({ missing: [] });
});

test('a worker with keys does not begin where another one just wrote in clear', async () => {
  const archive = new OvertakenArchive((shared) => shared.createRecord('claims/ABC', {}));
  await expect(checkInWithKeys(archive, keyringOf(newKey()))).rejects.toThrow('--take-up-plain');
});
