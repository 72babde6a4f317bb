import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { CHECKOUT } from '../../support/checkout.js';

test('a usage error of a script says where the usage is, without a stack', () => {
  const called = spawnSync(process.execPath, ['test/support/cluster/cluster.mjs', '--nosuch'], {
    cwd: CHECKOUT,
    encoding: 'utf8',
  });
  expect(called.status).toBe(2);
  expect(called.stderr).toBe(
    "Unknown option '--nosuch'. See the usage at the top of test/support/cluster/cluster.mjs.\n",
  );
});
