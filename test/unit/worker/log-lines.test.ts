import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { CHECKOUT } from '../../servers/checkout.js';

beforeAll(() => void build(), 120_000);

test('a log line shows a terminal nothing that acts on it, and a program every value exactly', () => {
  const hostile = 'a\x1b[2J\x9b1A\x7f\u202e\u200b\u2028\nb';
  const program = `import { logLines } from '${path.join(CHECKOUT, 'dist/src/log-lines.js')}';
    logLines({ level: 'info' }).info({ why: ${JSON.stringify(hostile)} }, ${JSON.stringify(hostile)});`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(out.trimEnd()).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(out)).toMatchObject({ why: hostile, msg: hostile });
});
