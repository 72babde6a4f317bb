import { expect, test } from 'vitest';
import { feed } from '../../support/dovecot.js';

/** More than a pipe takes at once. */
const MESSAGE = Buffer.alloc(4 * 2 ** 20, 'x');

test('an agent that ends before it has read the message is a rejected delivery with its words, not the end of the run', async () => {
  await expect(feed('sh', ['-c', 'exec <&-; echo "no such user" >&2; exit 67'], MESSAGE)).rejects.toThrow(
    /^sh ended with 67: no such user/,
  );
  await expect(feed('/bin/false', [], MESSAGE)).rejects.toThrow('false ended with 1');
  await expect(feed('sh', ['-c', 'kill -KILL $$'], MESSAGE)).rejects.toThrow('sh ended with SIGKILL');
  await expect(feed('/does/not/exist', [], MESSAGE)).rejects.toThrow('ENOENT');
});

test('an agent gets the whole message', async () => {
  await feed('sh', ['-c', `test "$(wc -c)" -eq ${MESSAGE.length}`], MESSAGE);
});
