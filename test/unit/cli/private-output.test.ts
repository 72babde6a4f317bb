import { execFile, spawn } from 'node:child_process';
import { chmod, lstat, mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { makeArchive, openArchive } from '../../../src/archive/open-archive.js';
import { main } from '../../../src/cli/main.js';
import { writePrivately } from '../../../src/cli/private-output.js';
import { connectOnboardingClient } from '../../../src/client.js';
import { CommandFailure, EXIT } from '../../../src/process/output.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { sampleApplication } from '../application/sample.js';

vi.mock('../../../src/client.js', { spy: true });

let folder: string;
beforeEach(() => {
  folder = temporaryFolder('ace-onboarding');
});
const named = (name: string) => path.join(folder, name);
const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

async function openFile(name = 'open'): Promise<string> {
  await writeFile(named(name), 'before');
  await chmod(named(name), 0o666);
  return named(name);
}

describe('a file with personal data', () => {
  test.each(['new', 'open'])('is readable only by its owner: %s', async (name) => {
    await openFile();
    await writePrivately(named(name), 'personal');
    expect(await modeOf(named(name))).toBe(0o600);
    expect(await readFile(named(name), 'utf8')).toBe('personal');
    expect((await readdir(folder)).sort()).toEqual([...new Set(['open', name])].sort());
  });

  test.each(['open', 'nothing'])("replaces a link to %s, and leaves the link's target alone", async (to) => {
    const target = await openFile();
    await symlink(named(to), named('link'));
    await writePrivately(named('link'), 'personal');
    expect((await lstat(named('link'))).isFile()).toBe(true);
    expect(await modeOf(named('link'))).toBe(0o600);
    expect([await readFile(target, 'utf8'), await modeOf(target)]).toEqual(['before', 0o666]);
    expect((await readdir(folder)).sort()).toEqual(['link', 'open']);
  });

  test('is written into a pipe without replacing it', async () => {
    const pipe = named('pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
    const read = text(reader.stdout);
    try {
      await writePrivately(pipe, 'personal');
      expect((await lstat(pipe)).isFIFO()).toBe(true);
      expect(await read).toBe('personal');
    } finally {
      reader.kill();
    }
  });

  test.runIf(process.platform === 'linux')('goes through a descriptor into the file that is open there', async () => {
    const handle = await open(named('redirected'), 'w');
    try {
      await writePrivately(`/proc/self/fd/${handle.fd}`, 'personal');
    } finally {
      await handle.close();
    }
    expect(await readFile(named('redirected'), 'utf8')).toBe('personal');
  });

  test('that cannot be written is reported with what to do', async () => {
    await mkdir(named('folder'));
    for (const file of [named('folder'), named('none/file')]) {
      const failure = await writePrivately(file, 'personal').catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(CommandFailure);
      expect(String(failure)).toContain(`${file} cannot be written: E`);
    }
  });
});

describe('replaces an open file, so that no one else can read it', () => {
  test('the application that show writes', async () => {
    const office = { application: async () => sampleApplication(), close: async () => undefined } as never;
    vi.mocked(connectOnboardingClient).mockResolvedValueOnce(office);
    const file = await openFile();
    expect(await main(['show', 'maple-imports', '--application', file])).toBe(EXIT.ok);
    expect(await modeOf(file)).toBe(0o600);
  });

  test('a document from the archive', async () => {
    const env = { archiveDir: named('archive'), importerKeyFile: named('importer-key') };
    await makeArchive(env);
    vi.stubEnv('ARCHIVE_DIR', env.archiveDir);
    vi.stubEnv('IMPORTER_KEY_FILE', env.importerKeyFile);
    const { sha256 } = await (await openArchive(env)).archive.putDocument(Buffer.from('personal'));
    const file = await openFile();
    expect(await main(['document', sha256, '--out', file])).toBe(EXIT.ok);
    expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['personal', 0o600]);
    vi.unstubAllEnvs();
  });
});
