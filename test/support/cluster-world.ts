import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { teachKnownLetters } from '../../simulator/cbp/known-letters.js';
import { readParts } from '../../simulator/demo/demo-clients.js';
import { clientEnvironment, demoEnvironment, withoutSettings } from '../../simulator/demo/demo-environment.js';
import { type MailServers, openMailServers } from '../../simulator/mail/mail-servers.js';
import { BROKER, openCbpFor, openRehearsalWithActors } from '../../simulator/rehearsal/actors.js';
import { type Case, newCases, type ScenarioRun } from '../../simulator/rehearsal/rehearsal.js';
import { startWorkerProcess, type WorkerProcess } from '../../simulator/worker/worker-process.js';
import { openArchive } from '../../src/archive/open-archive.js';
import { connectOnboardingClient, type OnboardingClient } from '../../src/client.js';
import { readClientConfig } from '../../src/config/read-config.js';
import { beginAsWorker } from './as-a-worker.js';
import { CHECKOUT } from './checkout.js';

/** The whole product against a running Temporal server: several workers, one mailbox, a simulated CBP. */
export interface ClusterWorld {
  /** The started ones, in that order. */
  workers: WorkerProcess[];
  cases: Case[];
  client: OnboardingClient;
  mail: MailServers;
  /** Starts one more worker, with or without a version. */
  startWorker(version?: Version): WorkerProcess;
  /** Runs `ace-onboarding …` of a version and returns what it prints. Never rejects. */
  commandLine(version: Version, args: string[]): Promise<{ exitCode: number; said: string }>;
  /** Reads the list and plays the people who do what it asks for. Rejects while Temporal is down. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export interface Version {
  buildId: string;
  /** Its folder, compiled and complete. */
  checkout: string;
}

/**
 * @param folder for the archive, the key and the workers' logs
 * @param count number of clients, whose applications are all approved
 */
export async function openClusterWorld(options: {
  folder: string;
  temporalAddress: string;
  count: number;
  secondsPerBusinessDay: number;
  /** Settings of workers and client in addition to those of the demo. */
  settings?: Record<string, string>;
}): Promise<ClusterWorld> {
  const { folder, temporalAddress, secondsPerBusinessDay, settings = {} } = options;
  const mail = await openMailServers({ broker: BROKER.mailbox });
  const parts = await clientsThatGoWell(options.count);
  const cases = newCases(parts);
  const cbp = openCbpFor(parts, mail);
  const dnsRecordsFile = path.join(folder, 'dns-records.json');
  await writeFile(dnsRecordsFile, JSON.stringify(cbp.dnsRecords));
  const places = {
    temporalAddress,
    uiUrl: 'http://127.0.0.1:8233',
    archiveDir: path.join(folder, 'archive'),
    importerKeyFile: path.join(folder, 'importer-key'),
  };
  Object.assign(process.env, clientEnvironment(places), settings);
  const environment = {
    ...withoutSettings(process.env),
    ...demoEnvironment({ ...places, dnsRecordsFile, mail, secondsPerBusinessDay }),
    ...settings,
  };
  const workers: WorkerProcess[] = [];
  await beginAsWorker();
  const { archive } = await openArchive(readClientConfig());
  await teachKnownLetters(archive, cbp);
  const client = await connectOnboardingClient(readClientConfig());
  const rehearsal = openRehearsalWithActors({
    mail,
    cbp,
    cases,
    office: client,
    archive,
    secondsPerBusinessDay,
  });
  return {
    workers,
    cases: [...cases.values()],
    client,
    mail,
    startWorker(version) {
      const checkout = version?.checkout ?? CHECKOUT;
      const worker = startWorkerProcess({
        command: [path.join(checkout, 'dist/src/worker.js')],
        env: { ...environment, ...(version ? { BUILD_ID: version.buildId } : {}) },
        cwd: checkout,
        logFile: path.join(folder, `worker-${workers.length + 1}.log`),
        onGivenUp: (error) => process.stderr.write(`${error.message}\n`),
      });
      workers.push(worker);
      return worker;
    },
    commandLine: ({ checkout }, args) =>
      new Promise((resolve) =>
        execFile(
          process.execPath,
          [path.join(checkout, 'bin/ace-onboarding.mjs'), ...args],
          { cwd: checkout, env: environment },
          (error, stdout, stderr) => resolve({ exitCode: error ? Number(error.code) : 0, said: stdout + stderr }),
        ),
      ),
    look: () => rehearsal.look(),
    close: async () => {
      rehearsal.stop();
      await Promise.all(workers.map((worker) => worker.stop()));
      await client.close();
      await mail.close();
    },
  };
}

/** Copies of the first sample client, each with its own name, number and address. */
async function clientsThatGoWell(count: number): Promise<ScenarioRun[]> {
  const read = await readParts(path.join(CHECKOUT, 'examples/clients.csv'), { once: true });
  const sample = 'parts' in read ? read.parts.find(({ scenarioName }) => scenarioName === 'happy') : undefined;
  if (!sample) throw new Error('examples/clients.csv has no client whose application is approved.');
  return Array.from({ length: count }, (_, index) => {
    const { application } = sample;
    // The name has no word that a letter could contain: otherwise it would not be masked, and a person would have to look.
    const company = { ...application.company, legalName: `Fleet Imports ${index + 1} LLC` };
    const accountOwner = { ...application.accountOwner, email: `owner-${index + 1}@fleet.example` };
    // EIN prefix 07 was never assigned.
    const importerNumber = `07-${String(3_000_000 + index)}00`;
    return {
      ...sample,
      application: { ...application, reference: `fleet-${index + 1}`, importerNumber, company, accountOwner },
    };
  });
}
