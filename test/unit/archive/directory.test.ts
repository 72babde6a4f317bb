import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Archive } from '../../../src/archive/archive.js';
import { openDirectoryArchive } from '../../../src/archive/directory.js';
import { temporaryName } from '../../../src/files/temporary-name.js';
import { compiled } from '../../support/compiled.js';

let dir: string;
let archive: Archive;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'archive-'));
  archive = await openDirectoryArchive(dir);
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const bytes = (text: string) => new TextEncoder().encode(text);
const HELLO_SHA256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

/** What can go wrong only with files. What every archive must do is in archive-contract.test.ts. */
describe('documents', () => {
  it('are stored under their sha256', async () => {
    expect(await archive.putDocument(bytes('hello'))).toEqual({ sha256: HELLO_SHA256, bytes: 5 });
    expect(Buffer.from(await archive.getDocument(HELLO_SHA256)).toString()).toBe('hello');
    expect(await readdir(join(dir, 'documents', '2c'))).toEqual([HELLO_SHA256]);
  });

  it('leave nothing behind when stored twice at the same time', async () => {
    const stored = await Promise.all(Array.from({ length: 20 }, () => archive.putDocument(bytes('hello'))));
    expect(new Set(stored.map((s) => s.sha256))).toEqual(new Set([HELLO_SHA256]));
    expect(await readdir(join(dir, 'scratch'))).toEqual([]);
  });
});

describe('records', () => {
  it('that are no longer JSON are reported', async () => {
    await archive.createRecord('claims/ABC', {});
    await writeFile(join(dir, 'records', 'claims', 'ABC'), '{"half');
    await expect(archive.readRecord('claims/ABC')).rejects.toMatchObject({ code: 'record-corrupt' });
  });

  it('that cannot be read do not count as missing', async () => {
    await mkdir(join(dir, 'records', 'claims', 'ABC'), { recursive: true });
    await expect(archive.readRecord('claims/ABC')).rejects.toMatchObject({ code: 'unreachable' });
    await mkdir(join(dir, 'documents', '2c', HELLO_SHA256), { recursive: true });
    await expect(archive.getDocument(HELLO_SHA256)).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('have nothing below them: it is listed as nothing and removed without complaint', async () => {
    await archive.createRecord('claims/ABC', {});
    await archive.removeRecord('claims/ABC/below');
    const found: string[] = [];
    for await (const key of archive.listRecords('claims/ABC/')) found.push(key);
    expect(found).toEqual([]);
    expect(await archive.readRecord('claims/ABC/below')).toBeUndefined();
    expect(await archive.readRecord('claims/ABC')).toEqual({});
  });

  it('have exactly one creator among 50 simultaneous ones in 5 processes', async () => {
    const src = compiled('src/archive/directory.ts');
    const program = `
      const { openDirectoryArchive } = await import(${JSON.stringify(pathToFileURL(join(src, 'archive/directory.js')))});
      const archive = await openDirectoryArchive(${JSON.stringify(dir)});
      process.stdout.write('ready\\n');
      await new Promise((go) => process.stdin.once('data', go));
      const results = await Promise.all(Array.from({ length: 10 }, (_, i) =>
        archive.createRecord('claims/CONTESTED', { by: process.pid + '-' + i, ballast: 'x'.repeat(20_000) })));
      process.stdout.write(JSON.stringify(results.map((r) => r.created ? 'created' : r.existing.by)));
      process.exit(0);`;
    const contenders = Array.from({ length: 5 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    const outputs = contenders.map((child) => {
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += chunk;
      });
      return {
        ready: new Promise<void>((resolve) => child.stdout.once('data', () => resolve())),
        done: new Promise<string>((resolve) => child.once('close', () => resolve(text))),
      };
    });
    await Promise.all(outputs.map((o) => o.ready));
    for (const child of contenders) child.stdin.on('error', () => child.kill()).write('go\n');
    const results = (await Promise.all(outputs.map((o) => o.done))).flatMap(
      (text) => JSON.parse(text.replace('ready\n', '')) as string[],
    );

    await rm(src, { recursive: true });
    const winner = (await archive.readRecord('claims/CONTESTED')) as { by: string };
    expect(results).toHaveLength(50);
    expect(results.filter((r) => r === 'created')).toHaveLength(1);
    expect(new Set(results.filter((r) => r !== 'created'))).toEqual(new Set([winner.by]));
  });
});

describe('the directory', () => {
  it('has every folder once it is opened', async () => {
    expect((await readdir(dir)).sort()).toEqual(['documents', 'records', 'scratch']);
  });

  it.each(['documents', 'records', 'scratch'])(
    'is an archive only with %s; otherwise it has to be made first',
    async (folder) => {
      await rm(join(dir, folder), { recursive: true });
      await expect(openDirectoryArchive(dir, { make: false })).rejects.toMatchObject({ code: 'not-made' });
      await openDirectoryArchive(dir);
      await openDirectoryArchive(dir, { make: false });
    },
  );

  it('cannot be read by other users', async () => {
    const { sha256 } = await archive.putDocument(bytes('hello'));
    await archive.createRecord('claims/ABC', {});
    const mode = async (...path: string[]) => ((await stat(join(dir, ...path))).mode & 0o777).toString(8);
    expect(await mode('documents')).toBe('700');
    expect(await mode('documents', '2c')).toBe('700');
    expect(await mode('documents', '2c', sha256)).toBe('600');
    expect(await mode('records', 'claims')).toBe('700');
    expect(await mode('records', 'claims', 'ABC')).toBe('600');
  });

  it('loses what a killed process left behind, but not what another process is writing', async () => {
    await writeFile(join(dir, 'scratch', '.1-old.tmp'), '');
    await utimes(join(dir, 'scratch', '.1-old.tmp'), new Date(0), new Date(0));
    await writeFile(join(dir, 'scratch', '.2-new.tmp'), '');
    await openDirectoryArchive(dir);
    expect(await readdir(join(dir, 'scratch'))).toEqual(['.2-new.tmp']);
  });

  it('loses what may be abandoned after a day, and no sooner', async () => {
    const hours = (ago: number) => new Date(Date.now() - ago * 3_600_000);
    for (const ago of [1, 23, 25]) {
      const file = join(dir, 'scratch', `.${ago}-hours.tmp`);
      await writeFile(file, '');
      await utimes(file, hours(ago), hours(ago));
    }
    await openDirectoryArchive(dir);
    expect((await readdir(join(dir, 'scratch'))).sort()).toEqual(['.1-hours.tmp', '.23-hours.tmp']);
  });

  it('loses at once what a process that is gone was writing, and only that', async () => {
    const src = compiled('src/files/temporary-name.ts');
    const url = pathToFileURL(join(src, 'files/temporary-name.js'));
    const program = `
      const { temporaryName } = await import(${JSON.stringify(url)});
      process.stdout.write(temporaryName());
      if (process.argv[1] === 'stay') setInterval(() => {}, 1_000);`;
    const writer = (fate: string) =>
      spawn(process.execPath, ['--input-type=module', '-e', program, fate], { stdio: ['pipe', 'pipe', 'inherit'] });
    const nameFrom = (child: ReturnType<typeof writer>) =>
      new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))));
    const [gone, living] = [writer('go'), writer('stay')];
    try {
      const closed = once(gone, 'close');
      const names = await Promise.all([gone, living].map(nameFrom));
      await closed;
      const [ofGone = '', ofLiving = ''] = names;
      const own = temporaryName();
      const fromBefore = temporaryName();
      const elsewhere = `.${'0'.repeat(12)}-${gone.pid}-00.tmp`;
      for (const name of [ofGone, ofLiving, own, fromBefore, elsewhere])
        await writeFile(join(dir, 'scratch', name), '');
      const beforeUs = new Date(Date.now() - process.uptime() * 1000 - 10_000);
      await utimes(join(dir, 'scratch', fromBefore), beforeUs, beforeUs);
      await openDirectoryArchive(dir);
      expect((await readdir(join(dir, 'scratch'))).sort()).toEqual([ofLiving, own, elsewhere].sort());
    } finally {
      living.kill();
      await rm(src, { recursive: true });
    }
  });

  it('says where it is and what to do if it cannot be used', async () => {
    const file = join(dir, 'not-a-directory');
    await writeFile(file, '');
    await expect(openDirectoryArchive(join(file, 'archive'))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('Check that the directory exists'),
    });
  });

  it('can be deep in a tree that does not exist yet', async () => {
    const deep = await openDirectoryArchive(join(dir, 'a', 'b', 'c'));
    expect(await deep.createRecord('claims/X', {})).toEqual({ created: true });
  });
});
