import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readLockfile } from '../../scripts/lockfile.mjs';
import { runNpm } from '../../scripts/run-script.mjs';
import { freePort } from '../../src/process/free-port.js';
import { CHECKOUT } from '../support/checkout.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startWorker, workerSettings } from '../support/worker-process.js';

/** What back-office code does with the package, in TypeScript at its strictest and with every declaration checked. */
const CONSUMER = `
import { connectOnboardingClient, type OnboardingClient, OnboardingError, STAGES, TURNS } from 'ace-onboarding';
import type {
  Answer, Application, ApprovalArrived, ArchivedPiece, Attention, ChangeDeadline, ClientConfig, Complaint,
  ConfirmAccessGranted, CorrectApplication, Decide, DismissMail, ListFilter, MailLine, Note,
  OnboardingStage, Outcome, Progress, SettleSubmission, StartAnswer, StepName, Verification, WaitingOn, Withdraw,
} from 'ace-onboarding';

export const decide: Decide = { actor: 'jo', evidence: 'ticket 1', decision: 'approved', verification: 'seen-in-ace' };
// @ts-expect-error without evidence nothing is decided
export const unproven: Decide = { actor: 'jo', decision: 'approved', verification: 'seen-in-ace' };
// @ts-expect-error there is no such stage
export const misspelled: OnboardingStage = 'awaiting-decison';
export const stage: OnboardingStage = STAGES[0];
export const settle: SettleSubmission = { actor: 'jo', evidence: 'sent folder', outcome: 'not-sent' };
export const deadline: ChangeDeadline = { actor: 'jo', reason: 'closure', deadline: 'late' satisfies StepName, at: '2026-12-03T22:00:00Z' };
export const messages: {
  approval?: ApprovalArrived; correct?: CorrectApplication; confirm?: ConfirmAccessGranted; dismiss?: DismissMail;
  withdraw?: Withdraw; application?: Application; verification?: Verification; filter?: ListFilter; config?: ClientConfig;
} = { filter: { waitingOn: TURNS[1] } };

export async function approve(client: OnboardingClient, reference: string): Promise<string> {
  const answer: Answer = await client.decide(reference, decide);
  const progress: Progress = await client.progress(reference);
  const facts: [WaitingOn, Attention[], Outcome | undefined, MailLine[], Note[], ArchivedPiece[]] = [
    progress.waitingOn, progress.attention, progress.outcome, progress.mails, progress.notes, progress.documents,
  ];
  const started: StartAnswer = await client.start({});
  const warnings: Complaint[] = started.warnings;
  return [answer.said, facts.length, warnings.length].join();
}

const refused = await connectOnboardingClient().then(() => undefined, (error: unknown) => error);
console.log(JSON.stringify({
  refused: refused instanceof Error ? refused.message : refused,
  code: new OnboardingError('not-found', 'There is none.').code,
  stages: STAGES.length,
}));
`;

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    skipLibCheck: false,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
  },
  files: ['consumer.ts'],
};

let checkout: string;
let project: string;
let packed: string[];

beforeAll(() => {
  const folder = realpathSync(temporaryFolder('ace-package'));
  project = path.join(folder, 'project');
  checkout = path.join(folder, 'checkout');
  install(pack(), project);
  const root = path.join(project, 'node_modules/ace-onboarding');
  packed = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(root, path.join(parentPath, name)).replaceAll('\\', '/'));
  cpSync(path.join(CHECKOUT, 'examples'), path.join(project, 'examples'), { recursive: true });
});

/** In a copy, since packing compiles from nothing, and with files beside the product that must not get out. */
function pack(): string {
  const left = ['node_modules', 'dist', '.cache', '.git', '.ace-onboarding', '.env', 'secrets'].map((name) =>
    path.join(CHECKOUT, name),
  );
  cpSync(CHECKOUT, checkout, { recursive: true, filter: (source) => !left.includes(source) });
  symlinkSync(path.join(CHECKOUT, 'node_modules'), path.join(checkout, 'node_modules'), 'junction');
  for (const [file, text] of Object.entries({
    '.env': 'SMTP_PASSWORD=hunter2\n',
    'secrets/encryption-keys': 'key\n',
    'forms/ace-application.pdf': 'of a client',
    'dist/src/of-a-source-that-went-away.js': 'throw new Error();\n',
  })) {
    mkdirSync(path.dirname(path.join(checkout, file)), { recursive: true });
    writeFileSync(path.join(checkout, file), text);
  }
  expect(runNpm(['run', 'package', '--silent'], { cwd: checkout }).ok).toBe(true);
  const [tarball] = readdirSync(checkout).filter((file) => file.endsWith('.tgz'));
  return path.join(checkout, tarball ?? '');
}

/** With everything in the version that our lockfile has, which set-up left in npm's cache. */
function install(tarball: string, folder: string): void {
  mkdirSync(folder);
  const { packages = {}, ...lockfile } = readLockfile(CHECKOUT);
  const needed = Object.entries(packages).filter(([place, { dev }]) => place !== '' && !dev);
  const manifest = { name: 'back-office', private: true, type: 'module' };
  for (const [file, json] of Object.entries({
    'package.json': manifest,
    'package-lock.json': {
      ...lockfile,
      name: manifest.name,
      packages: { '': manifest, ...Object.fromEntries(needed) },
    },
    'tsconfig.json': TSCONFIG,
  }))
    writeFileSync(path.join(folder, file), JSON.stringify(json));
  writeFileSync(path.join(folder, 'consumer.ts'), CONSUMER);
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  expect(runNpm(['install', tarball, '--prefer-offline', ...quiet], { cwd: folder }).ok).toBe(true);
}

/** Node.js in the project, with nothing of this process's environment. */
function node(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  return { status, out: stdout, err: stderr };
}

const program = (name: string) => {
  const folder = path.join(project, 'node_modules/ace-onboarding');
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, bin[name]);
};

describe('the package', () => {
  test('has the programs and the files that they read', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        'dist/src/client.js',
        'dist/src/client.d.ts',
        'dist/src/worker.js',
        'dist/src/workflows/workflow-bundle.js',
        'dist/src/form/tasks/form-process-entry.js',
        'dist/src/mail/judging/judge-thread.js',
        'dist/src/temporal/data-converter/tolerant-payload-converter.cjs',
        'forms/replica.pdf',
        'forms/replica.map.json',
        'templates/cbp/application.eta',
        'templates/en/grant-instructions.eta',
        'templates/es/words.json',
        'docs/bring-your-own-form.md',
        'README.md',
        'CHANGELOG.md',
      ]),
    );
  });

  test('has every page that its pages link to', () => {
    const missing = packed
      .filter((file) => file.endsWith('.md'))
      .flatMap((page) => {
        const text = readFileSync(path.join(project, 'node_modules/ace-onboarding', page), 'utf8');
        const pages = [...text.matchAll(/\]\(([^):#\s]+\.md)(?:#[^)]*)?\)/g)].map(([, to = '']) =>
          path.posix.join(path.posix.dirname(page), to),
        );
        return pages.filter((to) => !packed.includes(to)).map((to) => `${page}: ${to}`);
      });
    expect(missing).toEqual([]);
  });

  test('has no sources, tests, scripts, secrets or leftovers of an older build', () => {
    const kinds = new Set(packed.map((file) => /^(bin|dist\/src|docs|examples|forms|ops|templates)\//.exec(file)?.[1]));
    expect([...kinds].sort()).toEqual(
      ['bin', 'dist/src', 'docs', 'examples', 'forms', 'ops', 'templates', undefined].sort(),
    );
    expect(packed.filter((file) => !file.includes('/')).sort()).toEqual([
      '.env.example',
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'README.md',
      'SECURITY.md',
      'package.json',
    ]);
    expect(packed.filter((file) => /(?<!\.d)\.[cm]?ts$|\.map$|went-away|screenshots/.test(file))).toEqual([]);
    expect(packed.filter((file) => file.startsWith('forms/')).sort()).toEqual([
      'forms/replica.map.json',
      'forms/replica.pdf',
    ]);
  });

  test.each([
    [
      'a type error',
      'src/broken.ts',
      "export const broken: number = 'text';",
      'There are type errors (see above), so nothing was packed',
    ],
    [
      'no workflows',
      'src/workflows/index.ts',
      "import 'node:fs';",
      'The workflows could not be bundled (see above), so nothing was packed',
    ],
  ])('is not made with %s', (_what, file, added, said) => {
    const source = path.join(checkout, file);
    const before = existsSync(source) ? readFileSync(source, 'utf8') : '';
    writeFileSync(source, `${before}\n${added}\n`);
    const made = runNpm(['run', 'package', '--silent'], { cwd: checkout });
    writeFileSync(source, before);
    expect(made).toEqual({ ok: false, said: expect.stringContaining(said) });
  });
});

describe('a project with the package', () => {
  test('compiles against its types, with every declaration checked, and runs', () => {
    const compiled = node([path.join(CHECKOUT, 'node_modules/typescript/bin/tsc'), '--pretty', 'false']);
    expect(compiled.out + compiled.err).toBe('');
    const { out, err } = node(['consumer.js'], { ARCHIVE_BUCKET: 'a-folder' });
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({
      refused: expect.stringContaining('ARCHIVE_BUCKET is "a-folder": must be s3://BUCKET'),
      code: 'not-found',
      stages: 7,
    });
  });

  test.each([
    ['--help', /Usage: ace-onboarding/],
    ['--version', /^\d+\.\d+\.\d+\n$/],
    ['calendar due --from 2026-11-25T15:00:00Z --days 5', /Thanksgiving/],
    ['start examples/clients.csv --dry-run', /harbor-light: valid/],
    ['mail preview application --application examples/application.json', /^Subject: ACE Portal Account Application/m],
    ['form fill --application examples/application.json --out filled.pdf', /filled\.pdf: 5 pages, edition replica-1/],
    ['form inspect filled.pdf', /AcroForm/],
    [
      'form check node_modules/ace-onboarding/forms/replica.pdf --map node_modules/ace-onboarding/forms/replica.map.json',
      /replica/,
    ],
  ])('has the command line: %s', (command, expected) => {
    const { status, out, err } = node([program('ace-onboarding'), ...command.split(' ')]);
    expect({ status, err: status === 0 ? '' : err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(expected);
  });

  test('has the command line, which prints a warning about an unread variable and its result', () => {
    const command = ['calendar', 'holidays', '--year', '2026', '--json'];
    const { status, out, err } = node([program('ace-onboarding'), ...command], { LATE_DAY: '7' });
    expect({ status, err }).toEqual({
      status: 0,
      err: 'LATE_DAY is set, but nothing reads it: did you mean LATE_DAYS?\n',
    });
    expect(JSON.parse(out)).toBeTruthy();
  });

  test('has the worker, which says what its configuration is missing', () => {
    const { status, err } = node([program('ace-onboarding-worker')]);
    expect(status).toBe(78);
    expect(err).toContain('SMTP_HOST is not set.');
  });

  test('has the worker, which runs in a folder with none of our files', async () => {
    const port = await freePort();
    const settings = workerSettings(temporaryFolder('ace-package-worker'), {
      TASK_QUEUE: 'package',
      HEALTH_PORT: String(port),
    });
    const worker = startWorker(settings, { program: program('ace-onboarding-worker'), cwd: project });
    onTestFinished(() => void worker.process.kill('SIGKILL'));
    const status = () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        (answer) => answer.status,
        () => worker.log(),
      );
    await expect.poll(status, { timeout: 60_000 }).toBe(200);
  });

  test('asks to be installed again when its compiled part is missing', () => {
    renameSync(path.join(project, 'node_modules/ace-onboarding/dist'), path.join(project, 'dist'));
    const { status, err } = node([program('ace-onboarding'), '--help']);
    expect(status).toBe(1);
    expect(err).toContain('is missing from the package ace-onboarding. Install the package again.');
  });
});
