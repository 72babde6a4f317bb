import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  LOCKFILE_REMEDY,
  type LockedPackage,
  type Lockfile,
  lockfileGaps,
  notInstalled,
} from '../../../scripts/lockfile.mjs';
import { CHECKOUT } from '../../servers/checkout.js';
import { temporaryFolder } from '../../temporary-folder.js';

const readLockfile = (): Lockfile => JSON.parse(readFileSync(path.join(CHECKOUT, 'package-lock.json'), 'utf8'));

describe('package-lock.json', () => {
  test('has a version and an integrity for every package, and every package that one depends on', () => {
    expect(lockfileGaps(readLockfile()).map((gap) => `${gap} ${LOCKFILE_REMEDY}`)).toEqual([]);
  });

  test('names no registry: each machine asks its own', () => {
    const text = readFileSync(path.join(CHECKOUT, 'package-lock.json'), 'utf8');
    expect(text).not.toContain('"resolved"');
  });

  const swc = 'node_modules/@swc/core-darwin-arm64';
  test.each<[string, (packages: NonNullable<Lockfile['packages']>) => void, string]>([
    ['a version', (packages) => delete packages[swc]?.version, `${swc} has no version.`],
    ['an integrity', (packages) => delete packages[swc]?.integrity, `${swc} has no integrity.`],
    [
      'a whole entry',
      (packages) => delete packages[swc],
      '@swc/core-darwin-arm64, which node_modules/@swc/core depends on, has no entry.',
    ],
    [
      'a dependency of its own',
      (packages) => delete packages['node_modules/zod'],
      'zod, which package.json depends on, has no entry.',
    ],
    ['everything', (packages) => delete packages[''], 'package-lock.json has no entry for the project itself.'],
  ])('without %s is found to have a gap', (_what, damage, gap) => {
    const lockfile = readLockfile();
    damage(lockfile.packages ?? {});
    expect(lockfileGaps(lockfile)).toContain(gap);
  });

  test('may leave out what is part of another package or a folder of the checkout', () => {
    const packages = {
      '': {},
      'node_modules/a': { link: true },
      'node_modules/b': { version: '1.0.0', inBundle: true },
    };
    expect(lockfileGaps({ packages })).toEqual([]);
  });
});

describe('dependencies are installed', () => {
  const lockfile: { packages: Record<string, LockedPackage> } = {
    packages: {
      '': { version: '0.1.0', dependencies: { zod: '4.6.7', a: '1.0.0' } },
      'node_modules/zod': { version: '4.6.7' },
      'node_modules/a': {
        version: '1.0.0',
        dependencies: { b: '1.0.0' },
        optionalDependencies: { 'for-windows': '1.0.0', 'for-musl': '1.0.0', 'not-for-windows': '1.0.0' },
      },
      'node_modules/a/node_modules/b': { version: '1.0.0' },
      'node_modules/for-windows': { version: '1.0.0', optional: true, os: ['win32'], dependencies: { below: '1.0.0' } },
      'node_modules/below': { version: '1.0.0', optional: true },
      'node_modules/for-musl': { version: '1.0.0', optional: true, os: ['linux'], libc: ['musl'] },
      'node_modules/not-for-windows': { version: '1.0.0', optional: true, os: ['!win32'] },
    },
  };
  const without = (...places: string[]) => ({
    packages: Object.fromEntries(Object.entries(lockfile.packages).filter(([place]) => !places.includes(place))),
  });

  test('when there are none', () => {
    expect(notInstalled(lockfile, {})).toEqual(['zod', 'a', 'b']);
  });
  test('when one is of another version than the lockfile says', () => {
    const installed = { packages: { ...lockfile.packages, 'node_modules/zod': { version: '4.6.6' } } };
    expect(notInstalled(lockfile, installed)).toEqual(['zod']);
  });
  test('never when all are there, whatever another platform would have', () => {
    expect(notInstalled(lockfile, lockfile)).toEqual([]);
    expect(notInstalled(lockfile, without('node_modules/for-windows', 'node_modules/below'))).toEqual([]);
  });
  test.each([
    [{ os: 'win32', cpu: 'x64' }, ['for-windows', 'below']],
    [{ os: 'linux', cpu: 'x64', libc: 'musl' }, ['for-musl', 'not-for-windows']],
    [{ os: 'linux', cpu: 'x64', libc: 'glibc' }, ['not-for-windows']],
  ])('on %j only with what is for it, and what that needs', (platform, names) => {
    const optional = Object.entries(lockfile.packages).flatMap(([place, entry]) => (entry.optional ? [place] : []));
    expect(notInstalled(lockfile, without(...optional), platform)).toEqual(names);
  });
  test('and nothing is missing in this checkout, so that set-up leaves it alone', () => {
    const installed = JSON.parse(readFileSync(path.join(CHECKOUT, 'node_modules/.package-lock.json'), 'utf8'));
    expect(notInstalled(readLockfile(), installed)).toEqual([]);
  });
});

describe('npm run lock', () => {
  test.each([404, 503, 'reset'] as const)(
    'writes nothing and says which package the registry did not answer for (%s)',
    async (answer) => {
      const project = await projectWithRegistry(answer);
      const { code, said } = await makeLockfile(project);
      expect(code).toBe(1);
      expect(said).toContain('for-others, which node_modules/has-optional depends on, has no entry.');
      expect(said).toContain('package-lock.json is as it was.');
      expect(existsSync(path.join(project, 'package-lock.json'))).toBe(false);
    },
  );

  test('writes the lockfile when the registry has them all', async () => {
    const project = await projectWithRegistry('has it');
    expect(await makeLockfile(project)).toMatchObject({ code: 0 });
    const { packages } = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8'));
    expect(Object.keys(packages)).toEqual(['', 'node_modules/for-others', 'node_modules/has-optional']);
  });
});

/** A project that depends on a package with an optional one for another platform, for which its registry answers so. */
async function projectWithRegistry(answer: 404 | 503 | 'reset' | 'has it'): Promise<string> {
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? '';
    if (name === 'for-others' && answer === 'reset') return request.socket.destroy();
    if (name === 'for-others' && typeof answer === 'number') return response.writeHead(answer).end('{}');
    const dist = { tarball: `http://127.0.0.1/${name}.tgz`, integrity: `sha512-${'A'.repeat(86)}==` };
    const more = name === 'for-others' ? { os: ['aix'] } : { optionalDependencies: { 'for-others': '1.0.0' } };
    const versions = { '1.0.0': { name, version: '1.0.0', dist, ...more } };
    response.end(JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const project = temporaryFolder('lock');
  const dependencies = { 'has-optional': '1.0.0' };
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'it', version: '1.0.0', dependencies }));
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  writeFileSync(
    path.join(project, '.npmrc'),
    `registry=${registry}\nfetch-retries=0\nomit-lockfile-registry-resolved=true\n`,
  );
  return project;
}

async function makeLockfile(project: string): Promise<{ code: number; said: string }> {
  const program = `
    import { makeLockfile } from './scripts/make-lockfile.mjs';
    import { runScript } from './scripts/run-script.mjs';
    await runScript(async () => { makeLockfile(${JSON.stringify(project)}, () => {}); return 0; });`;
  // Settings in the environment would win over the project's own.
  const foreign = /^(npm_config_|https?_proxy$)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: CHECKOUT, env });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, said };
}
