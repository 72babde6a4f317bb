import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { makeArchive } from '../../src/archive/open-archive.js';
import { connectOnboardingClient, type OnboardingClient } from '../../src/client.js';
import { readClientConfig } from '../../src/config/read-config.js';
import { makeKeyFile } from '../../src/encryption/key-file.js';
import { readKeys } from '../../src/encryption/keyring.js';
import { productFile } from '../../src/files/product-file.js';
import { freePort } from '../../src/process/free-port.js';
import type { ListeningServer } from '../../src/process/http-listener.js';
import { startCodecServer } from '../../src/temporal/codec-server/codec-server.js';
import { WITHOUT_PROXY } from '../../src/temporal/http-proxy.js';
import { NoWorkerYet } from '../../src/temporal/namespace-use.js';
import { TemporalUnreachable } from '../../src/temporal/unreachable.js';
import type { Cbp } from '../cbp/cbp.js';
import { teachKnownLetters } from '../cbp/known-letters.js';
import { type DevServer, startDevServer } from '../dev-server/dev-server.js';
import { getTemporalCli } from '../dev-server/temporal-cli.js';
import { type MailServers, openMailServers } from '../mail/mail-servers.js';
import { BROKER, openCbpFor, openRehearsalWithActors } from '../rehearsal/actors.js';
import { type Case, newCases, type Rehearsal, type ScenarioRun } from '../rehearsal/rehearsal.js';
import { startWorkerProcess, type WorkerProcess } from '../worker/worker-process.js';
import { clientEnvironment, demoEnvironment, environmentFile, withoutSettings } from './demo-environment.js';
import type { DemoView } from './demo-view.js';
import type { Lifetime } from './lifetime.js';
import { watchVitalSigns } from './vital-signs.js';

export const CHECKOUT = productFile();

/** Everything that the demo runs on, and everyone in it. */
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
  /** How many of CBP's letters are known from the start. */
  knownLetters: number;
  environmentFile: string;
}

export interface WorldOptions {
  /** Ports of Temporal and its Web UI (default: free ones). */
  port?: number;
  uiPort?: number;
  /** Seconds per business day. */
  speed: number;
  /** Where the run keeps its data (default: a new folder in `.ace-onboarding/demo`). */
  data?: string;
}

/**
 * @param lifetime learns of everything that was started, even if a later part does not start, and of parts that fail
 * @throws when a part does not start
 */
export async function openWorld(
  options: WorldOptions,
  parts: ScenarioRun[],
  view: DemoView,
  lifetime: Lifetime,
): Promise<World> {
  const dataDir = await dataDirectory(options.data);
  const cli = await getTemporalCli({ cacheDir: join(CHECKOUT, '.cache'), say: (line) => view.say(line) });
  lifetime.signal.throwIfAborted();
  const temporalLog = join(dataDir, 'temporal.log');
  const port = options.port ?? (await freePort());
  const uiPort = options.uiPort ?? (await freePort());
  const connection = Connection.lazy({ address: `127.0.0.1:${port}`, ...WITHOUT_PROXY });
  const vitalSigns = watchVitalSigns({
    folder: dataDir,
    askServer: () => connection.withDeadline(Date.now() + 5_000, () => connection.workflowService.getSystemInfo({})),
    logFile: temporalLog,
    onWarning: (line) => view.print(line),
    onFailure: lifetime.fail,
  });
  lifetime.endWith(() => vitalSigns.stop());
  const encryptionKeysFile = join(dataDir, 'encryption-keys');
  const codec = await startCodec(encryptionKeysFile, uiPort, join(dataDir, 'codec-server.log'));
  lifetime.endWith(() => codec.close());
  const server = await startDevServer({
    executable: cli.path,
    logFile: temporalLog,
    db: join(dataDir, 'temporal.db'),
    ui: true,
    uiPort,
    codecEndpoint: codec.url,
    port,
    onDied: lifetime.fail,
  });
  lifetime.endWith(() => server.stop());
  const uiUrl = server.uiUrl ?? '';

  const mail = await openMailServers({ broker: BROKER.mailbox });
  lifetime.endWith(() => mail.close());
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

  // A profile in the user's home folder may point to another cluster.
  const noProfile = { TEMPORAL_CONFIG_FILE: join(dataDir, 'no-profile.toml') };
  await writeFile(noProfile.TEMPORAL_CONFIG_FILE, '[profile.default]\n');
  for (const name of Object.keys(process.env)) if (!(name in foreign)) delete process.env[name];
  Object.assign(process.env, clientEnvironment(places), noProfile);

  // Not left to the worker, which may be killed at any moment.
  const { archive } = await makeArchive(readClientConfig(process.env));
  const knownLetters = await teachKnownLetters(archive, cbp);
  lifetime.signal.throwIfAborted();
  const worker = startWorkerProcess({
    command: [join(CHECKOUT, 'dist/src/worker.js')],
    env: { ...foreign, ...environment, ...noProfile },
    cwd: CHECKOUT,
    logFile: join(dataDir, 'worker.log'),
    onGivenUp: lifetime.fail,
  });
  lifetime.endWith(() => worker.stop(lifetime.failure ? FAILED_PATIENCE_MS : undefined));

  // Left open: a retry on a closed connection would crash the process, which ends soon anyway.
  const client = await connectPatiently(lifetime);
  const cases = newCases(parts);
  const rehearsal = openRehearsalWithActors({
    mail,
    cbp,
    cases,
    office: client,
    archive,
    secondsPerBusinessDay: options.speed,
    onEvent: ({ reference, who, what }) => view.say(`${reference}  ${who} ${what}`),
  });
  lifetime.endWith(() => rehearsal.stop());
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
    knownLetters,
    environmentFile: environmentPath,
  };
}

/** Retries for as long as the run lasts. A server that hangs or a worker that never starts ends the run. */
async function connectPatiently(lifetime: Lifetime): Promise<OnboardingClient> {
  for (;;) {
    try {
      return await connectOnboardingClient(readClientConfig(process.env));
    } catch (error) {
      lifetime.signal.throwIfAborted();
      if (!(error instanceof TemporalUnreachable || error instanceof NoWorkerYet)) throw error;
      await lifetime.within(delay(100));
    }
  }
}

/** Everything is encrypted as in production. The codec server lets the Web UI show it. */
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
  // Some may belong to another user.
  for (const run of earlier.slice(0, -RUNS_KEPT))
    await rm(join(runs, run), { recursive: true, force: true }).catch(() => undefined);
  return await mkdtemp(join(runs, `${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}-`));
}

const RUNS_KEPT = 3;
/** How long a worker may take to stop when its servers are gone. */
const FAILED_PATIENCE_MS = 1_000;
