import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { CHECKOUT } from '../../support/checkout.js';
import { expectPlain } from '../cli/hostile-text.js';

beforeAll(() => void build(), 120_000);

test('an error while preparing a namespace is printed as plain text, no matter what it quotes', async () => {
  const preparing = spawn(process.execPath, [path.join(CHECKOUT, 'dist/src/temporal/prepare-namespace.js')], {
    env: { PATH: process.env.PATH, TEMPORAL_CONFIG_FILE: '/nowhere/\x1b[2J\u202e\u3164FORGED' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  preparing.stderr.on('data', (chunk) => (err += chunk));
  await expect.poll(() => err).toMatch(/^Not ready yet: .*:\n {2}- .*FORGED.*\n$/);
  preparing.kill();
  await once(preparing, 'close');
  expectPlain(err);
});
