import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Archive } from '../../../../../src/archive/archive.js';
import { makeArchive } from '../../../../../src/archive/open-archive.js';
import { type MailboxStatus, mailboxStatus } from '../../../../../src/archive/records.js';
import { reportOf } from '../../../../../src/cli/mail/mailbox.js';
import { main } from '../../../../../src/cli/main.js';
import { EXIT } from '../../../../../src/process/output.js';

let archive: Archive;
let printed = '';
beforeEach(async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'ace-status-'));
  vi.stubEnv('ARCHIVE_DIR', dir);
  ({ archive } = await makeArchive({ archiveDir: dir, importerKeyFile: path.join(dir, 'importer-key') }));
  printed = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(async () => {
    out.mockRestore();
    err.mockRestore();
    vi.unstubAllEnvs();
    await rm(dir, { recursive: true, force: true });
  });
});

const well = (): MailboxStatus => ({
  mailbox: 'main',
  connected: true,
  sweepSeconds: 60,
  lastSweepFinishedAt: new Date().toISOString(),
  lastMailAt: '2026-03-02T15:00:00.000Z',
  counts: { signalled: 12, review: 1 },
});

describe('mailbox status', () => {
  test('shows connection, last sweep, last mail and counts, without any server', async () => {
    await archive.replaceRecord(mailboxStatus.key('main'), well());
    expect(await main(['mailbox', 'status'])).toBe(EXIT.ok);
    expect(printed).toMatch(/Mailbox main\n {2}Connection {3}up/);
    expect(printed).toMatch(/Last email {3}2026-03-02T15:00/);
    expect(printed).toMatch(/Passed on {4}12/);
  });

  test('ends with findings, and still prints JSON, when a mailbox needs attention', async () => {
    const troubles = [{ kind: 'mailbox-login-refused', says: 'Check the password.' }];
    await archive.replaceRecord(mailboxStatus.key('main'), { ...well(), connected: false, troubles });
    expect(await main(['mailbox', 'status', '--json'])).toBe(EXIT.findings);
    expect(JSON.parse(printed)).toMatchObject([{ status: { connected: false }, attention: ['Check the password.'] }]);
  });

  test('says so when no one reads the mailbox any more', () => {
    const now = new Date('2026-03-05T12:00:00Z');
    expect(reportOf({ ...well(), lastSweepFinishedAt: '2026-03-05T11:57:00Z' }, now).attention).toEqual([]);
    expect(reportOf({ ...well(), lastSweepFinishedAt: '2026-03-05T11:00:00Z' }, now).attention[0]).toMatch(
      /60 minutes ago. Check that a worker is running/,
    );
  });

  test('of a mailbox that was never read is not found', async () => {
    expect(await main(['mailbox', 'status', 'other'])).toBe(EXIT.notFound);
  });
});
