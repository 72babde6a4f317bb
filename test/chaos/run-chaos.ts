import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { teachKnownLetters } from '../../simulator/cbp/known-letters.js';
import { withoutSettings } from '../../simulator/demo/demo-environment.js';
import { openArchive } from '../../src/archive/open-archive.js';
import { connectOnboardingClient, type OnboardingClient } from '../../src/client.js';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { readClientConfig } from '../../src/config/read-config.js';
import type { ListedOnboarding } from '../../src/onboardings/list-onboardings.js';
import { connectClient } from '../../src/temporal/connect.js';
import { TemporalUnreachable } from '../../src/temporal/unreachable.js';
import { CHECKOUT } from '../support/checkout.js';
import { DOT_FAULTS, planDots } from './dot-plan.js';
import { type FaultRunner, startFaults } from './faults.js';
import { Moments } from './moments.js';
import { copyApplications, duplicating, type MailFaults, openCbpDesk } from './people/cbp-desk.js';
import { makeClients } from './people/clients.js';
import { type Office, openOffice } from './people/office.js';
import { randomStream, sample } from './random.js';
import { failedTasks, mailFacts, orphansOf } from './verdict/facts.js';
import { forgetOne } from './verdict/forget-one.js';
import { type Facts, judge, type Violation } from './verdict/judge.js';
import type { DotFault } from './world/dot-proxy.js';
import { keepEvidence, openWorld, type World } from './world/world.js';

export interface ChaosOptions {
  seed: number;
  /** Number of onboardings. */
  size: number;
  /** Mean time between two faults by the clock. */
  intervalMs: number;
  /** How long there are faults. */
  seconds: number;
  /** How often each fault at the final dot of an application has to happen. */
  dotFaults: number;
  workers: number;
  /** How long everything may take to come to rest once the faults are over. */
  restSeconds: number;
  /** Where logs, spool and archive are kept in any case. Otherwise they are kept only after a violation. */
  keep?: string | undefined;
  /** A folder with another `dist` for the workers. */
  checkout?: string;
  say: (line: string) => void;
}

export interface ChaosReport {
  seed: number;
  onboardings: number;
  closed: number;
  faults: Record<string, number>;
  dotFaults: Record<DotFault, number>;
  mail: MailFaults;
  /** Workers killed, at the final dot and elsewhere. */
  kills: number;
  /** Workers that ended by themselves, as when the disk is full. */
  ownEnds: number;
  /** Applications that the mail server accepted for CBP. */
  sends: number;
  /** What people did: settled, decided, called. */
  acts: Record<string, number>;
  /** Violations by kind. */
  duplicates: number;
  lost: number;
  stuck: number;
  documentsWithoutOwner: number;
  failedWorkflowTasks: number;
  violations: Violation[];
  seconds: number;
  /** Seconds from the last fault until everything was at rest; undefined: it never was. */
  rest: number | undefined;
  /** Where logs, spool and archive are, if they were kept. */
  kept?: string;
}

/** Slow enough that a case is not late, only because a worker was away. */
const SECONDS_PER_BUSINESS_DAY = 5;
/** The share of the time with faults in which cases start. */
const STARTING = 0.6;
const SAY_EVERY_MS = 10_000;

/** A whole broker under faults, then the verdict. Restores `process.env`, which it needs for the client. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, size, say } = options;
  const begun = Date.now();
  const environment = { ...process.env };
  const clients = await makeClients(size);
  const plan = planDots(seed, size, options.dotFaults);
  const dotFaults = Object.fromEntries(DOT_FAULTS.map((fault) => [fault, 0])) as Record<DotFault, number>;
  const mail: MailFaults = { duplicated: 0, reordered: 0, applicationsCopied: 0 };
  const moments = new Moments();
  let dots = 0;
  /** Planned, but something else came first: for the next application. */
  const missed: DotFault[] = [];
  const cbpAddress = 'ace.applications@cbp.dhs.gov';
  const world = await openWorld({
    clients,
    workers: options.workers,
    checkout: options.checkout ?? CHECKOUT,
    secondsPerBusinessDay: SECONDS_PER_BUSINESS_DAY,
    moments,
    duplicating: (people) => duplicating(people, seed, mail),
    faultAtDot: ({ recipients }) => {
      if (!recipients.includes(cbpAddress)) return undefined;
      dots += 1;
      return plan.get(dots - 1) ?? missed.shift();
    },
    onDotMissed: (fault) => missed.push(fault),
    onDotFault: (fault) => {
      dotFaults[fault] += 1;
    },
  });
  const closers: (() => unknown)[] = [() => world.stop()];
  let report: ChaosReport;
  try {
    for (const name of Object.keys(process.env)) if (!(name in withoutSettings(environment))) delete process.env[name];
    Object.assign(process.env, world.settings);
    const client = await connectPatiently();
    closers.push(() => client.close());
    const config = readClientConfig();
    const opened = await openArchive(config);
    await teachKnownLetters(opened.archive, world.cbp);
    const desk = openCbpDesk({ cbp: world.cbp, seed, moments, faults: mail });
    copyApplications(world.mailboxes, world.dovecot, seed, mail);
    const { archive } = opened;
    const office = openOffice({ world, clients, client, archive, approvedByCbp: desk.approved, seed, moments });
    closers.push(() => office.stop());
    const faults = startFaults(world, { seed, intervalMs: options.intervalMs, moments });
    closers.push(() => faults.stop());
    const progress = setInterval(() => say(progressLine(office, faults, dotFaults)), SAY_EVERY_MS);
    closers.push(() => clearInterval(progress));

    const started = office.startAll(options.seconds * 1_000 * STARTING);
    await delay(options.seconds * 1_000);
    await faults.stop();
    say('No more faults. Waiting for everything to come to rest.');
    const calm = Date.now();
    const atRest = await comeToRest(world, office, size, options.restSeconds * 1_000);
    const rest = atRest ? (Date.now() - calm) / 1_000 : undefined;
    if (atRest) await started;
    clearInterval(progress);
    await office.stop();
    await Promise.all(world.workers.map((worker) => worker.stop()));

    const temporal = await connectClient(opened.encryption);
    closers.push(() => temporal.close());
    const facts: Facts = {
      cases: await casesOf(
        client,
        office,
        clients.map(({ reference }) => reference),
      ),
      ...(await mailFacts(world, clients)),
      orphans: await orphansOf(world.settings),
      failedTasks: await failedTasks(temporal.client),
      left: [],
      dotFaults,
      dotFaultsWanted: options.dotFaults,
    };
    const closed = facts.cases.filter(({ status }) => status === 'closed');
    const [chosen = 0] = sample(randomStream(seed, 'forgotten'), 1, closed.length);
    const forgettable = closed[chosen];
    if (forgettable) {
      facts.left = await forgetOne(forgettable.reference, opened, temporal.client);
      const before = new Set(facts.orphans);
      facts.left.push(...(await orphansOf(world.settings)).filter((name) => !before.has(name)));
    }
    await writeFile(path.join(world.folder, 'facts.json'), JSON.stringify(facts, undefined, 1));
    const violations = judge(facts);
    const count = (kind: Violation['kind']) => violations.filter((one) => one.kind === kind).length;
    report = {
      seed,
      onboardings: size,
      closed: facts.cases.filter(({ status }) => status === 'closed').length,
      faults: { ...faults.counts },
      dotFaults,
      mail,
      kills: faults.kills() + dotFaults['killed-before'] + dotFaults['killed-after'],
      ownEnds: world.workers.reduce((sum, { ownEnds }) => sum + ownEnds, 0),
      sends: new Set(facts.acceptedForCbp).size,
      acts: Object.fromEntries(office.acts),
      duplicates: count('duplicate'),
      lost: count('lost'),
      stuck: count('stuck') + count('failed'),
      documentsWithoutOwner: count('orphan'),
      failedWorkflowTasks: count('failed-task'),
      violations,
      seconds: (Date.now() - begun) / 1_000,
      rest,
    };
    await writeFile(path.join(world.folder, 'report.json'), JSON.stringify(report, undefined, 1));
  } catch (error) {
    const kept = await end(closers, world, options.keep ?? (await placeFor(seed)));
    throw new Error(`The chaos run failed. SEED=${seed}; logs, spool and archive: ${kept}`, { cause: error });
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
  }
  const place = options.keep ?? (report.violations.length > 0 ? await placeFor(seed) : undefined);
  const kept = await end(closers, world, place);
  return { ...report, ...(kept ? { kept } : {}) };
}

const placeFor = (seed: number) => mkdtemp(path.join(tmpdir(), `chaos-evidence-${seed}-`));

async function end(closers: (() => unknown)[], world: World, keep: string | undefined): Promise<string | undefined> {
  for (const close of closers.reverse()) await close();
  if (keep) await keepEvidence(world.folder, keep);
  world.disk?.remove();
  await rm(world.folder, { recursive: true, force: true });
  return keep;
}

/** The first worker makes the archive and says what the namespace is for. */
async function connectPatiently(): Promise<OnboardingClient> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await connectOnboardingClient(readClientConfig());
    } catch (error) {
      const early = error instanceof TemporalUnreachable || error instanceof ConfigurationError;
      if (!early || Date.now() > deadline) throw error;
      await delay(200);
    }
  }
}

async function comeToRest(world: World, office: Office, size: number, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  const { smtpd, dovecot, mailboxes } = world;
  for (let looks = 0; Date.now() < deadline; looks++) {
    const closed = [...office.rows.values()].filter(({ status }) => status !== 'running').length;
    const onItsWay = mailboxes.sending() + (await smtpd.queued()).length + (await dovecot.count('INBOX'));
    if (closed === size && onItsWay === 0) return true;
    // The mail server waits for minutes after a failed delivery.
    if (looks % 10 === 0) await smtpd.flush();
    await delay(500);
  }
  return false;
}

async function casesOf(client: OnboardingClient, office: Office, references: string[]): Promise<Facts['cases']> {
  const rows = new Map<string, ListedOnboarding>();
  for await (const row of client.list()) rows.set(row.reference.toLowerCase(), row);
  return references.map((reference) => {
    const row = rows.get(reference.toLowerCase());
    return {
      reference,
      started: office.startAnswers.get(reference) ?? [],
      status: row?.status,
      stage: row?.stage,
      outcome: row?.outcome,
      refusal: office.refusals.get(reference),
    };
  });
}

function progressLine(office: Office, faults: FaultRunner, dotFaults: Record<DotFault, number>): string {
  const stages = new Map<string, number>();
  for (const { stage = '-' } of office.rows.values()) stages.set(stage, (stages.get(stage) ?? 0) + 1);
  const counted = Object.entries({ ...faults.counts, ...dotFaults }).map(([name, count]) => `${name} ${count}`);
  return `${[...stages].map(([stage, count]) => `${stage} ${count}`).join(', ') || 'no case yet'} | ${counted.join(', ')}`;
}
