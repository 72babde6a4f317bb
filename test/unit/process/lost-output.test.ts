import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { makeArchive } from '../../../src/archive/open-archive.js';
import { mails, reviews } from '../../../src/archive/records.js';
import { CHECKOUT } from '../../support/checkout.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** Runs the command line in a shell, with its output going to a full disk or a reader that is gone. */

const folder = temporaryFolder('lost-output');
const archiveDir = path.join(folder, 'archive');
const MAILS = 16;

beforeAll(async () => {
  build();
  // As large as the output of a broker's busiest week: far more than any pipe buffers.
  const { archive } = await makeArchive({ archiveDir, importerKeyFile: path.join(folder, 'importer-key') });
  for (let at = 0; at < MAILS; at++) {
    const mailId = `${at}`.padStart(64, '0');
    const reasons = ['x'.repeat(500_000)];
    const record = {
      mailId,
      mailbox: 'main',
      receivedAt: '',
      firstSeenAt: '',
      state: 'review',
      candidates: [],
      reasons,
    };
    await archive.replaceRecord(mails.key(mailId), { ...record, mail: { mailId } });
    await archive.replaceRecord(reviews.key(mailId), { mailId, since: '' });
  }
}, 120_000);

/** Runs a script of `sh` in the folder, with the command line as `ace`. */
async function sh(script: string): Promise<{ code: number; out: string; err: string }> {
  const ace = `ace() { "${process.execPath}" "${path.join(CHECKOUT, 'bin/ace-onboarding.mjs')}" "$@"; }`;
  const env = { PATH: process.env.PATH, ARCHIVE_DIR: archiveDir };
  return await new Promise((resolve) =>
    execFile('sh', ['-c', `${ace}\n${script}`], { cwd: folder, env, maxBuffer: 2 ** 26 }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    ),
  );
}

const listed = (json: string) => (JSON.parse(json) as unknown[]).length;

describe('if the reader has seen enough', () => {
  test.each([
    ['mail list --json', 0],
    ['--help', 0],
    // Without any settings, a worker would not start. Its exit code and message stay.
    ['config show', 5],
  ])('%s ends with %i as usual', async (command, code) => {
    const { err } = await sh(`{ ace ${command}; echo "exit $?" >&2; } | head -c 1`);
    expect(err).toMatch(code === 0 ? /^exit 0\n$/ : new RegExp(`^A worker would not start:[^]*exit ${code}\n$`));
    expect(err).not.toMatch(/EPIPE|\n {4}at /);
  });

  test('of both streams, nothing fails', async () => {
    expect(await sh('{ ace no-such-command 2>&1; echo "exit $?" >&3; } 3>&2 | true')).toMatchObject({
      err: 'exit 2\n',
    });
  });
});

describe('large output', () => {
  test('reaches a slow reader completely', async () => {
    const { out } = await sh('ace mail list --json | { head -c 1; read -r line; echo "$line"; cat; }');
    expect(listed(out)).toBe(MAILS);
  });

  test('reaches a file completely', async () => {
    expect(await sh('ace mail list --json > list.json')).toEqual({ code: 0, out: '', err: '' });
    expect(listed(readFileSync(path.join(folder, 'list.json'), 'utf8'))).toBe(MAILS);
  });

  test('fails if only the beginning of it fits in a file', async () => {
    const { code, err } = await sh(`trap '' XFSZ; ulimit -f 1000; ace mail list --json > beginning.json`);
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/^The output could not be written: EFBIG.*\n$/),
    });
  });
});

describe.runIf(process.platform === 'linux')('a full disk', () => {
  test('is reported in one line', async () => {
    const line =
      'The output could not be written: the disk is full (ENOSPC). Free some space and run the command again.\n';
    expect(await sh('ace mail list > /dev/full')).toEqual({ code: 1, out: '', err: line });
    expect(await sh('ace --help > /dev/full')).toEqual({ code: 1, out: '', err: line });
  });

  test('is reported once, no matter how much follows', async () => {
    const module = path.join(CHECKOUT, 'dist/src/process/lost-output.js');
    const program = `import { watchOutput } from '${module}';
      watchOutput();
      const print = (left) => process.stdout.write('x', () => left > 0 && setImmediate(print, left - 1));
      print(3);`;
    const { err } = await sh(`"${process.execPath}" --input-type=module -e "${program}" > /dev/full`);
    expect(err.match(/ENOSPC/g)).toHaveLength(1);
  });

  test('takes precedence over what the command found, because the result is incomplete', async () => {
    expect(await sh('ace config show > /dev/full')).toMatchObject({ code: 1 });
  });

  test('shows only in the exit code if stderr is lost, too', async () => {
    expect(await sh('ace mail list > /dev/full 2> /dev/full')).toEqual({ code: 1, out: '', err: '' });
    expect(await sh('ace no-such-command 2> /dev/full')).toEqual({ code: 2, out: '', err: '' });
  });

  test('ends with 1 if only stderr is lost, and the result is complete', async () => {
    expect(await sh('ace keys new 2> /dev/full')).toEqual({
      code: 1,
      out: expect.stringMatching(/^\S{44}\n$/),
      err: '',
    });
  });
});

describe('a closed terminal', () => {
  test('causes no message', async () => {
    expect(await sh('ace mail list >&- 2>&-')).toEqual({ code: 0, out: '', err: '' });
  });

  test('is reported in one line if only stdout is lost', async () => {
    expect(await sh('ace mail list 1< /dev/null')).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^The output could not be written: EBADF.*run the command again\.\n$/),
    });
  });
});
