import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyMissing, newKey, readKeys } from '../../../src/encryption/keyring.js';
import { keyringOf } from './keyring-of.js';

describe('a keyring', () => {
  test('opens anything it sealed', () => {
    const ring = keyringOf(newKey());
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.string(), (plain, bound) => {
        const opened = ring.open('temporal payload', ring.seal('temporal payload', plain, bound), bound);
        expect(Buffer.compare(opened ?? Buffer.from('nothing'), plain)).toBe(0);
      }),
    );
  });

  test('does not open data with a changed bit, cut off or lengthened', () => {
    const ring = keyringOf(newKey());
    const { keyId, bytes } = ring.seal('temporal payload', Buffer.from('12-3456789'), 'x');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (index, bit) => {
        const altered = Buffer.from(bytes);
        altered[index] = (altered[index] ?? 0) ^ (1 << bit);
        expect(ring.open('temporal payload', { keyId, bytes: altered }, 'x')).toBeUndefined();
      }),
    );
    for (let length = 0; length < bytes.length; length++)
      expect(ring.open('temporal payload', { keyId, bytes: bytes.subarray(0, length) }, 'x')).toBeUndefined();
    expect(
      ring.open('temporal payload', { keyId, bytes: Buffer.concat([bytes, Buffer.alloc(1)]) }, 'x'),
    ).toBeUndefined();
  });

  test('does not open data sealed for another purpose or place', () => {
    const ring = keyringOf(newKey());
    const sealed = ring.seal('archive record', Buffer.from('{}'), 'claims/A');
    expect(ring.open('archive record', sealed, 'claims/B')).toBeUndefined();
    expect(ring.open('archive document', sealed, 'claims/A')).toBeUndefined();
    expect(ring.open('archive record', sealed, 'claims/A')).toBeDefined();
  });

  test('does not open data with one key if it names another', () => {
    const [a, b] = [newKey(), newKey()];
    const ring = keyringOf(a, b);
    const sealed = ring.seal('temporal payload', Buffer.from('x'), '');
    expect(ring.open('temporal payload', { ...sealed, keyId: ring.ids[1] ?? '' }, '')).toBeUndefined();
  });

  test('never gives the same bytes twice', () => {
    const ring = keyringOf(newKey());
    const sealed = Array.from({ length: 1_000 }, () =>
      Buffer.from(ring.seal('archive record', Buffer.from('x'), '').bytes),
    );
    expect(new Set(sealed.map((bytes) => bytes.toString('hex'))).size).toBe(1_000);
  });

  test('writes with the first key and reads with all', () => {
    const [old, fresh] = [newKey(), newKey()];
    const before = keyringOf(old);
    const during = keyringOf(fresh, old);
    const sealed = before.seal('temporal payload', Buffer.from('x'), '');
    expect(during.open('temporal payload', sealed, '')?.toString()).toBe('x');
    expect(during.seal('temporal payload', Buffer.from('x'), '').keyId).toBe(keyringOf(fresh).writingId);
  });

  test('names the missing key, and what to do', () => {
    const [theirs, ours] = [keyringOf(newKey()), keyringOf(newKey())];
    const sealed = theirs.seal('temporal payload', Buffer.from('x'), '');
    expect(() => ours.open('temporal payload', sealed, '')).toThrow(KeyMissing);
    expect(() => ours.open('temporal payload', sealed, '')).toThrow(
      new RegExp(`${theirs.writingId}.*${ours.writingId}.*Add that key to ENCRYPTION_KEYS`),
    );
  });

  test('gives a key the same id everywhere, and never shows a key', () => {
    const key = newKey();
    const [one, other] = [keyringOf(key), keyringOf(key)];
    expect(one.ids).toEqual(other.ids);
    expect(one.writingId).toMatch(/^k-[0-9a-f]{12}$/);
    const shown = `${JSON.stringify(one)} ${inspect(one, { depth: 9, showHidden: true })}`;
    expect(shown).not.toContain(key);
    expect(shown).not.toContain(Buffer.from(key, 'base64').toString('hex').slice(0, 8));
  });

  test('reads keys with comments, from one line or several', () => {
    const [a, b] = [newKey(), newKey()];
    const ids = keyringOf(a, b).ids;
    for (const text of [`${a},${b}`, `# keys\n${a} # since March\n\n${b}\n`, ` ${a}  ${b} `]) {
      expect(readKeys(text)).toMatchObject({ ids });
    }
  });

  test.each([
    ['nothing', '', /has no key/],
    ['only comments', '# none', /has no key/],
    ['a short key', Buffer.alloc(31).toString('base64'), /key 1 is not base64 of 32 bytes/],
    ['hexadecimal', `${newKey()}\n${'ab'.repeat(32)}`, /key 2 is not base64 of 32 bytes/],
    ['the same key twice', `${'A'.repeat(43)}= ${'A'.repeat(43)}=`, /twice/],
  ])('refuses %s without showing it', (_, text, says) => {
    const read = readKeys(text);
    expect('problems' in read && read.problems.join()).toMatch(says);
    expect(JSON.stringify(read)).not.toContain('abab');
  });
});
