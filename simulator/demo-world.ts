import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectOnboardingClient, type OnboardingClient } from '../src/client.js';
import { readClientConfig } from '../src/config.js';
import { makeKeyFile } from '../src/encryption/key-file.js';
import { readKeys } from '../src/encryption/keyring.js';
import type { ListeningServer } from '../src/listening-server.js';
import { startCodecServer } from '../src/temporal/codec-server.js';
import { type DevServer, startDevServer } from '../src/temporal/dev-server/dev-server.js';
import { freePort } from '../src/temporal/dev-server/free-port.js';
import { getTemporalCli } from '../src/temporal/dev-server/temporal-cli.js';
import type { Cbp } from './cbp.js';
import { BROKER, clientEnvironment, demoEnvironment, environmentFile, withoutSettings } from './demo-environment.js';
import type { DemoView } from './demo-view.js';
import { openCbpFor, openRehearsalWithEverybody } from './everybody.js';
import { type MailServers, openMailServers } from './mail-servers.js';
import { type Case, newCases, type Part, type Rehearsal } from './rehearsal.js';
import { startWorkerProcess, type WorkerProcess } from './worker-process.js';

export const CHECKOUT = checkoutRoot();

/** Everything that the demonstration runs on, and everybody in it. */
export interface World {
  dataDir: string;
  server: DevServer;
  uiUrl: string;
  mail: MailServers;
  cbp: Cbp;
  worker: WorkerProcess;
  client: OnboardingClient;
  cases: Map<string, Case>;
  rehearsal: Rehearsal;
  /** The worker keeps dying. */
  failed: Promise<never>;
  environmentFile: string;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Of Temporal and of its Web UI. Default: free ones. */
  port?: number;
  uiPort?: number;
  /** Seconds of a business day. */
  speed: number;
  /** Where the run keeps everything. Default: a new folder in `.ace-onboarding/demo`. */
  data?: string;
}

/** @throws when interrupted, or when a part does not start; all that was started is ended then. */
export async function openWorld(
  options: WorldOptions,
  parts: Part[],
  view: DemoView,
  interrupted: AbortSignal,
): Promise<World> {
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const close = async () => {
    for (const one of closers.reverse()) await one();
  };
  try {
    return { ...(await buildWorld(options, parts, view, interrupted, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function buildWorld(
  options: WorldOptions,
  parts: Part[],
  view: DemoView,
  interrupted: AbortSignal,
  closers: (() => unknown)[],
): Promise<Omit<World, 'close'>> {
  const dataDir = await dataDirectory(options.data);
  const cli = await getTemporalCli({ cacheDir: join(CHECKOUT, '.cache'), say: (line) => view.say(line) });
  interrupted.throwIfAborted();
  const uiPort = options.uiPort ?? (await freePort());
  const encryptionKeysFile = join(dataDir, 'encryption-keys');
  const codec = await startCodec(encryptionKeysFile, uiPort, join(dataDir, 'codec-server.log'));
  closers.push(() => codec.close());
  const server = await startDevServer({
    executable: cli.path,
    logFile: join(dataDir, 'temporal.log'),
    db: join(dataDir, 'temporal.db'),
    ui: true,
    uiPort,
    codecEndpoint: codec.url,
    ...(options.port ? { port: options.port } : {}),
  });
  closers.push(() => server.stop());
  const uiUrl = server.uiUrl ?? '';

  const mail = await openMailServers({ broker: BROKER.mailbox });
  closers.push(() => mail.close());
  const cbp = openCbpFor(parts, mail);
  const dnsRecordsFile = join(dataDir, 'dns-records.json');
  await writeFile(dnsRecordsFile, JSON.stringify(cbp.dnsRecords, null, 2));

  const places = {
    temporalAddress: server.address,
    uiUrl,
    archiveDir: join(dataDir, 'archive'),
    importerKeyFile: join(dataDir, 'importer-key'),
    encryptionKeysFile,
  };
  const environment = demoEnvironment({ ...places, dnsRecordsFile, mail, secondsPerBusinessDay: options.speed });
  const environmentPath = join(dataDir, 'environment');
  await writeFile(environmentPath, environmentFile(clientEnvironment(places)));
  const foreign = withoutSettings(process.env);

  // A profile in the user's home may point to a cluster of its own.
  const noProfile = { TEMPORAL_CONFIG_FILE: join(dataDir, 'no-profile.toml') };
  await writeFile(noProfile.TEMPORAL_CONFIG_FILE, '[profile.default]\n');
  for (const name of Object.keys(process.env)) if (!(name in foreign)) delete process.env[name];
  Object.assign(process.env, clientEnvironment(places), noProfile);

  let giveUp: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  failed.catch(() => undefined);
  const worker = startWorkerProcess({
    command: [join(CHECKOUT, 'dist/src/worker.js')],
    env: { ...foreign, ...environment, ...noProfile },
    cwd: CHECKOUT,
    logFile: join(dataDir, 'worker.log'),
    onGivenUp: giveUp,
  });
  closers.push(() => worker.stop());

  // Left open: a call that is tried again on a closed connection would end the process, and the process ends anyway.
  const client = await connectOnboardingClient(readClientConfig(process.env));
  const cases = newCases(parts);
  const rehearsal = openRehearsalWithEverybody({
    mail,
    cbp,
    cases,
    office: client,
    secondsPerBusinessDay: options.speed,
    onDeed: ({ reference, who, what }) => view.say(`${reference}  ${who} ${what}`),
  });
  closers.push(() => rehearsal.stop());
  return {
    dataDir,
    server,
    uiUrl,
    mail,
    cbp,
    worker,
    client,
    cases,
    rehearsal,
    failed,
    environmentFile: environmentPath,
  };
}

/** Everything is encrypted, as it would be in earnest; the Web UI shows it all the same, by way of the codec server. */
async function startCodec(keysFile: string, uiPort: number, auditFile: string): Promise<ListeningServer> {
  await makeKeyFile(keysFile);
  const keyring = readKeys(await readFile(keysFile, 'utf8'));
  if ('problems' in keyring) throw new Error(`${keysFile}: ${keyring.problems.join('; ')}`);
  return await startCodecServer({
    keyring,
    origins: [`http://127.0.0.1:${uiPort}`, `http://localhost:${uiPort}`],
    audit: (call) => void appendFile(auditFile, `${JSON.stringify(call)}\n`).catch(() => undefined),
  });
}

async function dataDirectory(wanted: string | undefined): Promise<string> {
  if (wanted) {
    await mkdir(resolve(wanted), { recursive: true });
    return resolve(wanted);
  }
  const runs = join(CHECKOUT, '.ace-onboarding', 'demo');
  await mkdir(runs, { recursive: true });
  const earlier = (await readdir(runs)).sort();
  for (const run of earlier.slice(0, -RUNS_KEPT)) await rm(join(runs, run), { recursive: true, force: true });
  return await mkdtemp(join(runs, `${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}-`));
}

const RUNS_KEPT = 3;

/** The folder with `package.json`, from the sources as from `dist`. */
function checkoutRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return here.endsWith(join('dist', 'simulator')) ? resolve(here, '..', '..') : resolve(here, '..');
}
