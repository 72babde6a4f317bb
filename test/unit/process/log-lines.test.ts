import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { CHECKOUT } from '../../support/checkout.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

beforeAll(() => void build(), 120_000);

test('a log line is harmless to a terminal, and programs get every value exactly', () => {
  const hostile = 'a\x1b[2J\x9b1A\x7f\u202e\u200b\u2028\nb';
  const program = `import { logLines } from '${path.join(CHECKOUT, 'dist/src/process/log-lines.js')}';
    logLines({ level: 'info' }, { text: '' }).info({ why: ${JSON.stringify(hostile)} }, ${JSON.stringify(hostile)});`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(out.trimEnd()).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(out)).toMatchObject({ why: hostile, msg: hostile });
});

/** Runs a program that logs, in a script of `sh` that sets its stdout. */
function logging(program: string, script: string) {
  const whole = `import { truncateSync } from 'node:fs';
    import { logLines } from '${path.join(CHECKOUT, 'dist/src/process/log-lines.js')}';
    const log = logLines({ level: 'info' }, { text: 'Lost.' });
    ${program}`;
  const file = path.join(temporaryFolder('log-lines'), 'log');
  const run = spawnSync('sh', ['-c', script, process.execPath, whole, file], { encoding: 'utf8' });
  return { code: run.status, err: run.stderr, file };
}

describe.runIf(process.platform === 'linux')('a log that cannot be written', () => {
  test('is reported once, and the program keeps running', () => {
    const { code, err } = logging(
      `for (let at = 0; at < 1_000; at++) log.info('x'.repeat(100));
      setImmediate(() => (log.info('again'), process.exitCode = 7));`,
      '"$0" --input-type=module -e "$1" > /dev/full',
    );
    expect({ code, err }).toEqual({ code: 7, err: expect.stringMatching(/^Lost\. \(ENOSPC[^\n]*\)\n$/) });
  });

  test('continues with the next line once there is room', () => {
    const { code, err, file } = logging(
      `for (let at = 0; at < 20; at++) log.info('x'.repeat(1_000));
      truncateSync(process.argv[1]);
      setImmediate(() => log.info('room'));`,
      'trap "" XFSZ; ulimit -f 8; "$0" --input-type=module -e "$1" "$2" >> "$2"',
    );
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^Lost\. \(EFBIG[^\n]*\)\n$/) });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ msg: 'room' });
  });

  test('is also reported if its reader is gone', () => {
    const { code, err } = logging(
      `log.info('x');
      setImmediate(() => log.info('y'));`,
      // The reader closes its end before the program starts.
      'rm -f "$2"; mkfifo "$2"; exec 3<> "$2" 4> "$2" 3>&-; "$0" --input-type=module -e "$1" >&4',
    );
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^Lost\. \(EPIPE[^\n]*\)\n$/) });
  });
});
