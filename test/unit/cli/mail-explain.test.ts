import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { compiled } from '../../support/compiled.js';
import { dnsRecords, fromCbp, type MailParts, mail, SENT } from '../mail/judging/corpus.js';

let program: string;
let folder: string;
beforeAll(async () => {
  program = compiled('src/cli/main.ts', 'src/mail/judging/judge-thread.ts');
  await symlink(join(import.meta.dirname, '../../../node_modules'), join(program, 'node_modules'));
  folder = await mkdtemp(join(tmpdir(), 'mails-'));
  await write('dns.json', JSON.stringify(dnsRecords()));
  await write('sent.json', JSON.stringify(SENT));
}, 120_000);
afterAll(async () => {
  await Promise.all([program, folder].map((path) => rm(path, { recursive: true, force: true })));
});

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** The command as an operator runs it: a process of its own, an environment that configures nothing but what is given. */
function explain(
  files: string[],
  env: Record<string, string> = {},
  ...options: string[]
): Promise<{ code: number; out: string; err: string }> {
  return run(['mail', 'explain', ...files, '--sent', 'sent.json', '--dns', 'dns.json', ...options], env);
}

function run(args: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> {
  const url = JSON.stringify(pathToFileURL(join(program, 'cli/main.js')).href);
  const script = `const { main } = await import(${url}); process.exitCode = await main(process.argv.slice(1));`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '-e', script, '--', ...args],
      { env: { PATH: process.env.PATH, ...env }, cwd: folder },
      (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

const APPROVAL: MailParts = {
  to: 'ace+aaaaaaaaaaaaaaaa@broker.example',
  inReplyTo: '<app-acme@broker.example>',
  body: 'Your ACE Portal account application has been approved.',
};

describe('mail explain', { timeout: 120_000 }, () => {
  it('explains an email as JSON, without a server or configuration', async () => {
    const file = await write('approved.eml', await fromCbp(APPROVAL));
    const { code, out, err } = await explain([file], {}, '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      kind: 'approved',
      confidence: expect.any(Number),
      evidence: [expect.stringContaining('has been approved')],
      authentic: true,
      authenticity: { verdict: 'authentic', reasons: expect.any(Array) },
      candidates: [{ reference: 'ACME-1', evidence: expect.any(Array) }],
      action: 'review',
      counts: false,
      letter: null,
      unknown: ['Your application', 'Your ACE Portal account application has been approved.'],
      doubts: ['unknown-letter'],
      reference: 'ACME-1',
      reasons: expect.arrayContaining([expect.stringContaining('ACME-1')]),
    });
  });

  it('prints a list for several files in order, and an unreadable file does not stop the others', async () => {
    const copy = {
      from: 'ace@broker.example',
      to: 'ACE.Applications@cbp.dhs.gov',
      messageId: '<app-acme@broker.example>',
    };
    const { code, out, err } = await explain(
      [
        await write('garbage.eml', Buffer.from([0, 255, 13, 10, 7, 0])),
        'missing.eml',
        await write('good.eml', await fromCbp(APPROVAL)),
        await write('copy.eml', mail({ ...APPROVAL, ...copy })),
      ],
      {},
      '--json',
    );
    expect(JSON.parse(out)).toMatchObject([
      { kind: 'unclear', action: 'review', authentic: false },
      { file: 'missing.eml', error: expect.stringContaining('ENOENT'), action: 'review', candidates: [] },
      { kind: 'approved', action: 'review', reference: 'ACME-1' },
      { kind: 'own-copy', action: 'ignore', reference: 'ACME-1' },
    ]);
    expect(code).toBe(1);
    expect(err).toContain('missing.eml');
  });

  it('judges by the letters of an export, and says which letter it matches or what is new', async () => {
    const file = await write('approved.eml', await fromCbp(APPROVAL));
    const letters = ['--letters', 'letters.json'];
    const teach = ['letters', 'add', file, '--as', 'approved', '--reference', 'ACME-1', '--actor', 'jo', ...letters];
    expect((await run([...teach, '--sent', 'sent.json', '--dns', 'dns.json'])).code).toBe(0);
    const one = await explain([file], {}, ...letters);
    expect(one.out).toContain('Moves its case without a person: no');
    const { id } = JSON.parse(await readFile(join(folder, 'letters.json'), 'utf8')).letters[0];
    expect((await run(['letters', 'confirm', id, '--actor', 'kim', ...letters])).code).toBe(0);
    const two = JSON.parse((await explain([file], {}, ...letters, '--json')).out);
    expect(two).toMatchObject({
      kind: 'approved',
      counts: true,
      letter: id,
      unknown: [],
      doubts: [],
      action: 'signal',
    });
    const body = `${APPROVAL.body}\n\nIt opens next year.`;
    const { out } = await explain([await write('later.eml', await fromCbp({ ...APPROVAL, body }))], {}, ...letters);
    expect(out).toContain('Moves its case without a person: no');
    expect(out).toContain('new text: "It opens next year."');
  });

  it.each([
    ['--sent', '{"reference": 1}', /array/],
    ['--dns', '{"name": {"TXT": 5}}', /TXT/],
    ['--dns', 'no JSON', /is not JSON/],
  ])('refuses an invalid file for %s (%s) with a reason and exit code 5', async (option, content, reason) => {
    expect(await inProcess(option, await write('wrong.json', content))).toEqual({
      code: 5,
      err: expect.stringMatching(reason),
    });
  });

  it('refuses an invalid file of letters, and says what is wrong with it', async () => {
    const file = await write('broken.json', JSON.stringify({ version: 1, letters: [{}], fillers: [] }));
    const { code, err } = await inProcess('--letters', file);
    expect(code).toBe(5);
    expect(err).toMatch(/letters\.0\.kind/);
  });
});

/** Refusals need no threads: they are had without a process. */
async function inProcess(...options: string[]): Promise<{ code: number; err: string }> {
  let err = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
  const code = await main(['mail', 'explain', await write('some.eml', mail()), ...options]);
  spy.mockRestore();
  return { code, err };
}
