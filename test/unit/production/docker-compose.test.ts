import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkNode } from '../../../scripts/supported-node.mjs';
import { TEMPORAL_VARIABLES } from '../../../src/config/temporal-variables.js';
import { VARIABLES } from '../../../src/config/variables.js';
import { CHECKOUT } from '../../support/checkout.js';
import { composeProgram } from '../../support/cluster/compose-program.mjs';
import { TEMPORAL_SERVER_VERSION, TEMPORAL_UI_VERSION } from '../../support/cluster/temporal-server.mjs';

interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string>;
  env_file?: string;
  ports?: string[];
  volumes?: string[];
  depends_on?: string[] | Record<string, unknown>;
  healthcheck?: unknown;
  networks?: string[];
  deploy?: { replicas?: number };
  restart?: string;
  pull_policy?: string;
  logging?: { driver?: string; options?: Record<string, string> };
  security_opt?: string[];
  cap_drop?: string[];
  cap_add?: string[];
  privileged?: boolean;
  user?: string;
  read_only?: boolean;
  tmpfs?: string[];
}
const text = readFileSync(path.join(CHECKOUT, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as { services: Record<string, Service>; volumes: Record<string, unknown> };
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image === 'ace-onboarding');
/** Names of the services that match. */
const those = (among: [string, Service][], holds: (service: Service) => unknown) =>
  among.filter(([, service]) => holds(service)).map(([name]) => name);
const dockerfile = readFileSync(path.join(CHECKOUT, 'Dockerfile'), 'utf8');

const secrets = Object.entries(VARIABLES).flatMap(([name, about]) =>
  'secret' in about ? [`${name}_FILE`, `${name}_COMMAND`] : [],
);
const readByUs = new Set([...Object.keys(VARIABLES), ...secrets, ...Object.keys(TEMPORAL_VARIABLES)]);
const hasGo = spawnSync('go', ['version']).status === 0;
if (!hasGo)
  process.stderr.write('!!! SKIPPED: docker-compose.yml against the Compose Specification, which needs Go.\n');

describe('docker-compose.yml', () => {
  test.skipIf(!hasGo)('is valid for the library that docker compose uses', { timeout: 300_000 }, () => {
    const checked = spawnSync(composeProgram(path.join(CHECKOUT, '.cache')), ['-no-interpolation', '-'], {
      input: text.replaceAll(/^ +env_file: .*$/gm, ''),
      encoding: 'utf8',
    });
    expect(checked.stderr).toBe('');
    expect(checked.status).toBe(0);
    expect(parse(checked.stdout)).toMatchObject({ services: { worker: { deploy: { replicas: 2 } } } });
  });

  test("sets only variables that the code reads for the product's services", () => {
    expect(ours.map(([name]) => name)).toEqual(['prepare', 'worker', 'codec-server']);
    const given = ours.flatMap(([, { environment }]) => Object.keys(environment ?? {}));
    expect(given.filter((name) => !readByUs.has(name))).toEqual([]);
  });

  test('needs only variables that are in .env.example', () => {
    const asked = [...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map((match) => match[1] ?? '');
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !readByUs.has(name))).toEqual([]);
  });

  test('passes the namespace and the settings for codec server callers from .env to the services that use them', () => {
    expect(compose.services.prepare?.environment?.TEMPORAL_NAMESPACE).toBe(`\${TEMPORAL_NAMESPACE:-default}`);
    const codec = compose.services['codec-server']?.environment ?? {};
    const asking = [...Object.keys(VARIABLES), ...secrets].filter((name) => name.startsWith('CODEC_'));
    expect(asking).toContain('CODEC_TOKEN_FILE');
    expect(asking.filter((name) => !(name in codec))).toEqual([]);
  });

  test('opens every port on loopback only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
  });

  test('runs two workers, and has a health check for every server', () => {
    expect(compose.services.worker?.deploy?.replicas).toBe(2);
    const lasting = services.filter(([name]) => !['temporal-schema', 'prepare'].includes(name));
    expect(lasting.map(([name]) => name)).toEqual(['postgres', 'temporal', 'temporal-ui', 'worker', 'codec-server']);
    expect(lasting.filter(([, { healthcheck }]) => !healthcheck)).toEqual([]);
  });

  test('connects the Web UI to the codec server, which answers its pages and shares its network with no other service', () => {
    const [ui, codec] = [compose.services['temporal-ui'], compose.services['codec-server']];
    const [uiPort, codecPort] = [ui, codec].map((service) => service?.ports?.[0]?.split(':')[1]);
    expect(ui?.environment?.TEMPORAL_CODEC_ENDPOINT).toBe(`http://localhost:${codecPort}`);
    const origins = codec?.environment?.CODEC_ORIGINS?.match(/^\$\{CODEC_ORIGINS:-(.+)\}$/)?.[1];
    expect(origins?.split(',')).toEqual([`http://localhost:${uiPort}`, `http://127.0.0.1:${uiPort}`]);
    expect(ui?.environment?.TEMPORAL_CORS_ORIGINS).toBe(origins);
    const sharing = services.filter(([, { networks }]) => networks?.includes('codec'));
    expect(sharing.map(([name]) => name)).toEqual(['codec-server']);
  });

  test('allows exactly the open address that the workers connect to', () => {
    const { environment = {} } = compose.services.worker ?? {};
    expect(environment.ALLOW_OPEN_TEMPORAL).toBe(environment.TEMPORAL_ADDRESS);
    const codec = compose.services['codec-server']?.environment ?? {};
    expect(codec.ALLOW_OPEN_CODEC).toBe(codec.CODEC_HOST);
  });

  test('passes secrets as files, except for the password of the database', () => {
    const given = services.flatMap(([, { environment }]) => Object.entries(environment ?? {}));
    const inClear = given.filter(([name]) => secrets.includes(`${name}_FILE`));
    expect(inClear.filter(([, value]) => !value.endsWith(':-}'))).toEqual([]);
    const files = given.filter(([name, value]) => secrets.includes(name) && !value.endsWith(':-}'));
    expect(files.length).toBe(2);
    expect(files.filter(([, file]) => !file.startsWith('/run/secrets/'))).toEqual([]);
    expect(readFileSync(path.join(CHECKOUT, '.gitignore'), 'utf8')).toMatch(/^\/secrets\/$/m);
  });

  test('mounts every secret file that a variable names, at the path on the production page', () => {
    const page = readFileSync(path.join(CHECKOUT, 'docs/production.md'), 'utf8');
    const said = (name: string) => new RegExp(`${name}=(/[\\w./-]+)`).exec(page)?.[1];
    const files = services.flatMap(([name, { environment = {}, env_file, volumes = [] }]) => [
      ...Object.entries(environment)
        .filter(([variable]) => secrets.includes(variable) && variable.endsWith('_FILE'))
        .map(([variable, file]) => ({ name, variable, file: file.startsWith('/') ? file : said(variable), volumes })),
      // The workers get .env unchanged.
      ...(env_file === '.env'
        ? [{ name, variable: 'SMTP_PASSWORD_FILE', file: said('SMTP_PASSWORD_FILE'), volumes }]
        : []),
    ]);
    const mounted = ({ file, volumes }: (typeof files)[number]) =>
      volumes.some((volume) => {
        const [from = '', to = ''] = volume.split(':');
        return from.startsWith('./secrets') && (file === to || file?.startsWith(`${to}/`));
      });
    expect(files.map(({ name, variable }) => `${name} ${variable}`)).toEqual([
      'worker ENCRYPTION_KEYS_FILE',
      'worker SMTP_PASSWORD_FILE',
      'codec-server ENCRYPTION_KEYS_FILE',
      'codec-server CODEC_TOKEN_FILE',
    ]);
    expect(files.filter((one) => !mounted(one))).toEqual([]);
    // The codec server does not get the password of the mailbox.
    expect(compose.services['codec-server']?.volumes).not.toContainEqual(expect.stringMatching(/^\.\/secrets\/?:/));
  });

  test('pins every image that we do not build to one release', () => {
    // PostgreSQL's releases have two numbers.
    const isPinned = ({ image }: Service) => /^postgres:\d+\.\d+(-|$)/.test(image) || /:\d+\.\d+\.\d+(-|$)/.test(image);
    expect(those(services, (service) => !isPinned(service))).toEqual(ours.map(([name]) => name));
  });

  test('uses our own image only from this machine', () => {
    expect(those(ours, ({ pull_policy }) => pull_policy !== 'never')).toEqual([]);
    expect(those(services, ({ build }) => build)).toEqual(['prepare']);
  });

  test('limits the size of every log', () => {
    const isRotated = ({ logging }: Service) =>
      logging?.driver === 'json-file' &&
      /^\d+m$/.test(logging.options?.['max-size'] ?? '') &&
      /^\d+$/.test(logging.options?.['max-file'] ?? '');
    expect(those(services, (service) => !isRotated(service))).toEqual([]);
  });

  test('sets a restart policy for every service', () => {
    expect(those(services, ({ restart }) => restart !== 'unless-stopped')).toEqual(['temporal-schema', 'prepare']);
    expect(those(services, ({ restart }) => restart === undefined)).toEqual([]);
  });

  test('lets no process gain privileges, and gives none more than its image has', () => {
    expect(those(services, ({ security_opt }) => !security_opt?.includes('no-new-privileges:true'))).toEqual([]);
    expect(those(services, ({ cap_add, privileged, user }) => cap_add || privileged || user)).toEqual([]);
  });

  test('drops all capabilities except for the two images that start as root', () => {
    expect(those(services, ({ cap_drop }) => cap_drop?.join() !== 'ALL')).toEqual(['postgres', 'temporal-ui']);
  });

  test("lets the product's containers write only to their volume and to /tmp", () => {
    expect(those(ours, ({ read_only, tmpfs }) => read_only !== true || tmpfs?.join() !== '/tmp')).toEqual([]);
    const writable = ours.flatMap(([, { volumes = [] }]) => volumes.filter((volume) => !volume.endsWith(':ro')));
    expect(writable).toEqual(['data:/data']);
  });

  const PASSWORD = { postgres: 'POSTGRES_PASSWORD', 'temporal-schema': 'SQL_PASSWORD', temporal: 'POSTGRES_PWD' };

  test('passes the password of the database only to the services that need it, and .env only to the workers', () => {
    const files = services.flatMap(([name, { env_file }]) => (env_file ? [[name, env_file]] : []));
    const needing = Object.keys(PASSWORD).map((name) => [name, 'postgres.env']);
    expect(files).toEqual([...needing, ['worker', '.env']]);
    const names = new Set(Object.values(PASSWORD));
    expect(
      those(services, ({ environment }) => Object.keys(environment ?? {}).some((name) => names.has(name))),
    ).toEqual([]);
    const asked = [...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map((match) => match[1] ?? '');
    expect(asked.filter((name) => names.has(name) || /PASSWORD|PWD/.test(name))).toEqual([]);
    expect(readFileSync(path.join(CHECKOUT, '.env.example'), 'utf8')).not.toContain('POSTGRES');
    expect(readFileSync(path.join(CHECKOUT, '.gitignore'), 'utf8')).toMatch(/^\/postgres\.env$/m);
    const sent = readFileSync(path.join(CHECKOUT, '.dockerignore'), 'utf8').split('\n');
    expect(sent[0]).toBe('**');
    expect(sent.filter((line) => /^!.*(env|secret)/.test(line))).toEqual([]);
  });

  test('has a command that makes the file for the database: one random password under each name, private to its owner', () => {
    const command = /^#\s+(\(umask.* > postgres\.env\))$/m.exec(text)?.[1] ?? '';
    expect(readFileSync(path.join(CHECKOUT, 'docs/production.md'), 'utf8').split('\n')).toContain(command);
    const folder = mkdtempSync(path.join(tmpdir(), 'ace-compose-'));
    const made = [1, 2].map(() => {
      expect(spawnSync('sh', ['-c', command], { cwd: folder }).status).toBe(0);
      return readFileSync(path.join(folder, 'postgres.env'), 'utf8');
    });
    expect(statSync(path.join(folder, 'postgres.env')).mode & 0o777).toBe(0o600);
    rmSync(folder, { recursive: true });
    const lines = made.map((file) =>
      file
        .trimEnd()
        .split('\n')
        .map((line) => line.split('=')),
    );
    for (const file of lines) expect(file.map(([name]) => name).sort()).toEqual(Object.values(PASSWORD).sort());
    const passwords = lines.map((file) => new Set(file.map(([, value]) => value)));
    expect(passwords.map(({ size }) => size)).toEqual([1, 1]);
    expect(new Set(passwords.flatMap((one) => [...one])).size).toBe(2);
    expect([...(passwords[0] ?? [])][0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test('runs the versions of Temporal that the native cluster is tested with', () => {
    expect(compose.services.temporal?.image).toBe(`temporalio/server:${TEMPORAL_SERVER_VERSION}`);
    expect(compose.services['temporal-ui']?.image).toBe(`temporalio/ui:${TEMPORAL_UI_VERSION}`);
    expect(compose.services['temporal-schema']?.image).toContain(`:${TEMPORAL_SERVER_VERSION}-`);
  });

  test('depends on and mounts only what it defines', () => {
    const needed = services.flatMap(([, { depends_on = [] }]) =>
      Array.isArray(depends_on) ? depends_on : Object.keys(depends_on),
    );
    expect(needed.filter((name) => !(name in compose.services))).toEqual([]);
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    const named = mounted.filter((name) => !name.startsWith('./secrets'));
    expect(named.filter((name) => !(name in compose.volumes))).toEqual([]);
  });

  test('keeps the archive and the importer key in a volume that outlives the container', () => {
    const { environment = {}, volumes = [] } = compose.services.worker ?? {};
    expect(volumes).toContain('data:/data');
    expect(environment.ARCHIVE_DIR).toMatch(/^\/data\//);
    expect(environment.IMPORTER_KEY_FILE).toMatch(/^\/data\//);
  });
});

describe('the image', () => {
  const commands = [
    ...dockerfile.matchAll(/^CMD \["node", "dist\/(.+)\.js"\]/gm),
    ...services.map(([, { command }]) => command?.join(' ').match(/^node dist\/(.+)\.js/)),
  ].flatMap((match) => match?.[1] ?? []);

  test('starts existing programs', () => {
    expect(commands.length).toBe(2);
    expect(commands.filter((program) => !existsSync(path.join(CHECKOUT, `${program}.ts`)))).toEqual([]);
  });

  test('does not run as root, and has a pinned Node.js from a tested release line', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1]);
    expect(new Set(bases).size).toBe(1);
    const [, version = ''] = /^node:(\d+\.\d+\.\d+)-bookworm-slim$/.exec(bases[0] ?? '') ?? [];
    const { engines } = JSON.parse(readFileSync(path.join(CHECKOUT, 'package.json'), 'utf8'));
    expect(checkNode(version, engines.node)).toBeUndefined();
  });

  test('copies only files that are in the repository and that .dockerignore allows', () => {
    const ignore = readFileSync(path.join(CHECKOUT, '.dockerignore'), 'utf8').split('\n');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      (match) => match[1]?.split(' ') ?? [],
    );
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((file) => !existsSync(path.join(CHECKOUT, file)))).toEqual([]);
    expect(copied.filter((file) => !ignore.includes(`!${file.split('/')[0]}`))).toEqual([]);
  });
});
