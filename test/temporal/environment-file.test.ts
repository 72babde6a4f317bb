import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT } from '../support/checkout.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test.skipIf(process.platform === 'win32').each([
  ['ace-onboarding', ['config', 'show'], 5],
  ['ace-onboarding-worker', [], 78],
])('%s refuses a .env with a secret that other users can open', (program, args, code) => {
  const folder = temporaryFolder('environment-file');
  const file = path.join(folder, '.env');
  writeFileSync(file, 'SMTP_PASSWORD=hunter2\n');
  chmodSync(file, 0o666);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(CHECKOUT, `bin/${program}.mjs`), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  });
  expect(status).toBe(code);
  expect(stderr).toContain('Other users can open .env (mode 666): run chmod 600 .env.');
  expect(stdout + stderr).not.toContain('hunter2');
});

test.skipIf(process.platform === 'win32')(
  'the cluster script refuses a file with a secret that other users can open',
  () => {
    const folder = temporaryFolder('environment-file');
    const file = path.join(folder, 'env');
    writeFileSync(file, 'SMTP_PASSWORD=hunter2\n');
    chmodSync(file, 0o644);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        path.join(CHECKOUT, 'test/support/cluster/cluster.mjs'),
        '--env-file',
        file,
        '--folder',
        path.join(folder, 'cluster'),
      ],
      { env: { PATH: process.env.PATH }, encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(stderr).toContain(`Other users can open ${file} (mode 644): run chmod 600 ${file}.`);
    expect(stdout + stderr).not.toContain('hunter2');
  },
);
