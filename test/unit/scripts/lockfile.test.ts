import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  installedIn,
  LOCKFILE_REMEDY,
  type LockedPackage,
  type Lockfile,
  lockfileGaps,
  notInstalled,
  readLockfile,
  thisPlatform,
} from '../../../scripts/lockfile.mjs';
import { CHECKOUT } from '../../support/checkout.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('package-lock.json', () => {
  test('has a version and an integrity for every package and all its dependencies', () => {
    expect(lockfileGaps(readLockfile(CHECKOUT)).map((gap) => `${gap} ${LOCKFILE_REMEDY}`)).toEqual([]);
  });

  test('names no registry, so that each machine uses its own', () => {
    const text = readFileSync(path.join(CHECKOUT, 'package-lock.json'), 'utf8');
    expect(text).not.toContain('"resolved"');
  });

  test('has each package in a version that satisfies the others, according to npm', () => {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const { stderr } = spawnSync(npm, ['ls', '--all', '--package-lock-only'], { cwd: CHECKOUT, encoding: 'utf8' });
    expect(stderr.includes('ELSPROBLEMS') && `${stderr} ${LOCKFILE_REMEDY}`).toBe(false);
  });

  const swc = 'node_modules/@swc/core-darwin-arm64';
  test.each<[string, (packages: NonNullable<Lockfile['packages']>) => void, string]>([
    ['a version', (packages) => delete packages[swc]?.version, `${swc} has no version.`],
    ['an integrity', (packages) => delete packages[swc]?.integrity, `${swc} has no integrity (sha512-…).`],
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
  ])('has a gap without %s', (_what, damage, gap) => {
    const lockfile = readLockfile(CHECKOUT);
    damage(lockfile.packages ?? {});
    expect(lockfileGaps(lockfile)).toContain(gap);
  });

  test('may omit what is part of another package or a folder of the checkout', () => {
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
      'node_modules/for-windows': { version: '1.0.0', os: ['win32'], dependencies: { below: '1.0.0' } },
      'node_modules/below': { version: '1.0.0' },
      'node_modules/for-musl': { version: '1.0.0', os: ['linux'], libc: ['musl'] },
      'node_modules/not-for-windows': { version: '1.0.0', os: ['!win32'] },
    },
  };
  const windows = { os: 'win32', cpu: 'x64' };
  const linux = { os: 'linux', cpu: 'x64', libc: 'glibc' };
  const without = (...places: string[]) => ({
    packages: Object.fromEntries(Object.entries(lockfile.packages).filter(([place]) => !places.includes(place))),
  });

  test('if there are none', () => {
    expect(notInstalled(lockfile, {}, windows)).toEqual(['zod', 'a', 'b', 'for-windows', 'below']);
  });
  test('if one has another version than the lockfile', () => {
    const installed = { packages: { ...lockfile.packages, 'node_modules/zod': { version: '4.6.6' } } };
    expect(notInstalled(lockfile, installed, windows)).toEqual(['zod']);
  });
  test('but not if all are there, even if another platform needs more', () => {
    expect(notInstalled(lockfile, lockfile, linux)).toEqual([]);
    expect(notInstalled(lockfile, without('node_modules/for-windows', 'node_modules/below'), linux)).toEqual([]);
  });
  test.each([
    [windows, ['for-windows', 'below']],
    [{ os: 'linux', cpu: 'x64', libc: 'musl' }, ['for-musl', 'not-for-windows']],
    [linux, ['not-for-windows']],
  ])('on %j only if they are for that platform, with what they need', (platform, names) => {
    const optional = ['for-windows', 'below', 'for-musl', 'not-for-windows'].map((name) => `node_modules/${name}`);
    expect(notInstalled(lockfile, without(...optional), platform)).toEqual(names);
  });
  test('and nothing is missing in this checkout, so set-up does nothing', () => {
    expect(notInstalled(readLockfile(CHECKOUT), installedIn(CHECKOUT), thisPlatform())).toEqual([]);
  });
});

describe('npm run lock', () => {
  test.each([404, 503, 'reset'] as const)(
    'writes nothing and names the package that the registry did not return (%s)',
    async (answer) => {
      const project = await projectWithRegistry({ metadata: answer });
      const { code, said } = await makeLockfile(project);
      expect(code).toBe(1);
      expect(said).toContain('is-optional, which node_modules/has-optional depends on, has no entry.');
      expect(said).toContain('package-lock.json was not changed.');
      expect(existsSync(path.join(project, 'package-lock.json'))).toBe(false);
    },
  );

  test('writes nothing if its lockfile fails another check', async () => {
    const project = await projectWithRegistry();
    const { code, said } = await makeLockfile(project, "throw new SetupFailed('It does not install.')");
    expect({ code, said: said.trim().split('\n').at(-1) }).toEqual({ code: 1, said: 'It does not install.' });
    expect(existsSync(path.join(project, 'package-lock.json'))).toBe(false);
  });

  test('writes the lockfile if the registry has every package', async () => {
    const project = await projectWithRegistry();
    expect(await makeLockfile(project)).toMatchObject({ code: 0 });
    const { packages } = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8'));
    expect(Object.keys(packages)).toEqual(['', 'node_modules/has-optional', 'node_modules/is-optional']);
  });
});

describe('a strict install', () => {
  const installed = async (project: string) => {
    await makeLockfile(project);
    return await runCode(`
      import { installInto } from './scripts/strict-install.mjs';
      await runScript(async () => { installInto(${JSON.stringify(project)}, { name: 'npm', cache: ${JSON.stringify(temporaryFolder('npm-cache'))} }); return 0; });`);
  };

  test('passes if everything is there', async () => {
    const { code, said } = await installed(await projectWithRegistry());
    expect(said).toMatch(/npm, for \S+: everything in package-lock\.json installs/);
    expect(code).toBe(0);
  });

  test('fails although npm succeeds: an optional package for this platform is missing', async () => {
    const { code, said } = await installed(await projectWithRegistry({ archive: 404 }));
    expect(said).toMatch(/not installed: is-optional\. Check that the npm registry has them/);
    expect(code).toBe(1);
  });

  test('fails if npm fails, and says what to do', async () => {
    const { code, said } = await installed(await projectWithRegistry({ archive: 'tampered' }));
    expect(said).toContain('npm ci failed (see above). Check that npm can reach its registry.');
    expect(code).toBe(1);
  });
});

/**
 * A project that depends on a package that has an optional dependency, and their registry.
 *
 * @param answers for the optional package if the registry does not have it: for its description and for its archive.
 * `tampered` is an archive with other content for the required package
 */
async function projectWithRegistry(
  answers: { metadata?: 404 | 503 | 'reset'; archive?: 404 | 'tampered' } = {},
): Promise<string> {
  const archives = { 'has-optional': archiveOf('has-optional'), 'is-optional': archiveOf('is-optional') };
  const server = createServer((request, response) => {
    const [, name = '', archive] = request.url?.split('/') ?? [];
    const bytes = archives[name as keyof typeof archives];
    const answer = name === 'is-optional' ? (archive ? answers.archive : answers.metadata) : undefined;
    if (answer === 'reset') return request.socket.destroy();
    if (typeof answer === 'number') return response.writeHead(answer).end('{}');
    if (archive) return response.end(answers.archive === 'tampered' ? archiveOf('another') : bytes);
    const dist = {
      tarball: `http://${request.headers.host}/${name}/archive.tgz`,
      integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    };
    const more = name === 'has-optional' ? { optionalDependencies: { 'is-optional': '1.0.0' } } : {};
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

/** A package in npm's format. */
function archiveOf(name: string): Buffer {
  const folder = temporaryFolder('archive');
  mkdirSync(path.join(folder, 'package'));
  writeFileSync(path.join(folder, 'package/package.json'), JSON.stringify({ name, version: '1.0.0' }));
  return execFileSync('tar', ['-czf', '-', '-C', folder, 'package']);
}

async function makeLockfile(project: string, check = ''): Promise<{ code: number; said: string }> {
  return await runCode(`
    import { makeLockfile } from './scripts/make-lockfile.mjs';
    await runScript(async () => { makeLockfile(${JSON.stringify(project)}, () => { ${check} }); return 0; });`);
}

/** Runs code in a separate process, because the scripts block. */
async function runCode(code: string): Promise<{ code: number; said: string }> {
  const program = `import { runScript, SetupFailed } from './scripts/run-script.mjs'; ${code}`;
  // Settings in the environment would override the project's own.
  const foreign = /^(npm_config_|https?_proxy$)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: CHECKOUT, env });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [exitCode] = await once(child, 'close');
  return { code: exitCode, said };
}
