import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createMailReceiver } from '../../../src/activities/receive-mail.js';
import { makeArchive, openArchive } from '../../../src/archive/open-archive.js';
import { mails, recordsBelow } from '../../../src/archive/records.js';
import { main } from '../../../src/cli/main.js';
import { EXIT } from '../../../src/process/output.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { mail } from '../mail/judging/corpus.js';
import { judged } from '../mail/judging/judged.js';
import { hear } from './heard.js';
import { expectDisarmed, expectPlain, HOSTILE, HOSTILE_NAME, LINKS } from './hostile-text.js';

const heard = hear();

/** Mails made to take over the terminal of who reads them, from their raw bytes through judge and archive to each command. */

const encodedWord = (text: string) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
const RAW = '\x1b]8;;x\x07\x1b[1A\x9b2K\x85\u202e\u2066\u200b\b\x7f FORGED';

const MESSAGES: Record<string, () => Buffer> = {
  'everything in encoded words': () =>
    mail({
      from: `${encodedWord(HOSTILE_NAME)} <www.${encodedWord(RAW)}@evil.example>`,
      subject: encodedWord(HOSTILE + LINKS),
      contentType: 'multipart/mixed; boundary=b',
      body: [
        ...['--b', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64', ''],
        ...[Buffer.from(HOSTILE + LINKS).toString('base64'), '--b', 'Content-Type: application/pdf'],
        ...[`Content-Disposition: attachment; filename="${encodedWord(HOSTILE_NAME)}"`, '', 'x', '--b--'],
      ].join('\n'),
    }),
  'everything raw': () =>
    mail({
      from: `"Acme ${RAW}" <www.x${RAW.replaceAll(/[\s;[\]]/g, '')}@evil.example>`,
      subject: RAW + LINKS,
      body: HOSTILE + LINKS,
    }),
  'raw bytes in no charset': () =>
    Buffer.from(mail({ from: 'a@evil.example', subject: `\x9b2K\x85 FORGED${LINKS}`, body: RAW }).toString(), 'latin1'),
  'sign-in data, of which only a text is kept': () =>
    mail({ from: 'a@evil.example', subject: 'Welcome', body: `Your password: hunter22\n${HOSTILE}${LINKS}` }),
  'a bounce that says how it went': () =>
    mail({
      from: 'mailer-daemon@evil.example',
      contentType: 'multipart/report; report-type=delivery-status; boundary=b',
      body: [
        ...[
          '--b',
          '',
          'Your mail came back.',
          '--b',
          'Content-Type: message/delivery-status',
          '',
          'Reporting-MTA: dns; x',
        ],
        ...['', 'Final-Recipient: rfc822; x@y.example', `Action: failed`, `Status: 5${RAW}${LINKS}`, '', '--b--'],
      ].join('\n'),
    }),
  'a signature of a domain that is none': () =>
    mail({
      subject: RAW + LINKS,
      headers: [
        `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=evil${RAW}.example; s=${RAW}; h=from; bh=x; b=x`,
      ],
    }),
};

describe.each(Object.entries(MESSAGES))('an email with %s', (_, message) => {
  let folder: string;
  let mailId: string;
  const raw = message();
  beforeAll(async () => {
    folder = temporaryFolder('ace-onboarding');
    vi.stubEnv('ARCHIVE_DIR', path.join(folder, 'archive'));
    const importerKeyFile = path.join(folder, 'importer-key');
    const { archive } = await makeArchive({ archiveDir: path.join(folder, 'archive'), importerKeyFile });
    const receiver = createMailReceiver({
      archive,
      judge: { judge: (bytes) => judged(bytes) },
      patience: { unmatchedMs: 0, ownCopyMs: 0 },
      signal: async () => 'not-found',
    });
    await receiver.receive({ raw, receivedAt: '2026-03-02T15:00:00.000Z', mailbox: 'main', attempt: 1 });
    for await (const { record } of recordsBelow(archive, 'mails/', mails)) {
      mailId = record.mailId;
      for (const text of textsIn({ ...record, redactedText: undefined })) {
        expect(text).not.toContain('\n');
        expectPlain(text);
      }
      expect(String(record.redactedText).replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(JSON.stringify(record)).toMatch(/FORGED|evil/);
    }
  });
  afterAll(() => vi.unstubAllEnvs());

  test.each([['list'], ['show']])('is shown by mail %s without changing the terminal', async (command) => {
    expect(await main(['mail', command, ...(command === 'show' ? [mailId] : [])])).toBe(EXIT.ok);
    expect(heard.out).toMatch(/FORGED|evil/);
    expectPlain(heard.out);
    expect(heard.err).toBe('');
    if (/evil\.example\/x/.test(heard.out)) expectDisarmed(heard.out);
  });

  test('is explained, in words and as JSON', async () => {
    const file = path.join(folder, `${HOSTILE_NAME}.eml`);
    await writeFile(file, raw);
    for (const args of [
      ['mail', 'explain', file],
      ['mail', 'explain', file, '--json'],
      ['mail', 'show', mailId, '--json'],
    ]) {
      expect(await main(args)).toBe(EXIT.ok);
      expectPlain(heard.out);
      expect(heard.err).toBe('');
    }
  });

  test('is stored in the archive as it arrived, unless it contains sign-in data', async () => {
    const { archive } = await openArchive({ archiveDir: path.join(folder, 'archive') });
    const record = mails.schema.parse(await archive.readRecord(mails.key(mailId)));
    const file = path.join(folder, 'mail.eml');
    const exitCode = await main(['document', record.mail.documentSha256, '--out', file]);
    expectPlain(heard.err);
    if (record.credentials) expect(exitCode).toBe(EXIT.notFound);
    else expect(await readFile(file)).toEqual(raw);
  });
});

describe('sign-in data', () => {
  test('is removed even when hidden by invisible characters, wherever they appear', async () => {
    const secret = 'Your pass\u200bword: hunt\u00ader22';
    const { mail: told, redactedText } = await judged(mail({ subject: encodedWord(secret), body: secret }));
    expect([told.subject, told.excerpt, redactedText?.trim()]).toEqual(Array(3).fill('Your password: [removed]'));
    const { mail: quoting } = await judged(mail({ body: `> ${secret}` }));
    expect(quoting.excerpt).toBe('> Your password: [removed]');
  });

  test.each([0, 1])('cut off in the middle of a character (%i) leaves no partial character', async (before) => {
    const body = `Your password: hunter22\n${'x'.repeat(before)}${'😀'.repeat(11_000)}`;
    const { redactedText } = await judged(mail({ body }));
    expect(redactedText?.length).toBeGreaterThan(19_990);
    expect(redactedText).not.toMatch(/\p{Cs}/u);
  });
});

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
