import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Archive } from '../../src/archive/archive.js';
import { openDirectoryArchive } from '../../src/archive/directory.js';
import { cases, onboardings } from '../../src/archive/records.js';
import { newAliases } from '../../src/mail/outgoing/reply-alias.js';
import type { SendPoint } from '../../src/mail/outgoing/send-once.js';
import type { ApplicationMail, ApplicationSent } from '../../src/workflows/contract/mail-activities.js';
import { CHECKOUT } from '../support/checkout.js';
import { expectEveryDocumentOwned } from '../support/document-owners.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { anApplication, CBP, FORM, mailEnvironment } from '../unit/mail/outgoing/outgoing-case.js';
import { type Act, openScriptedSmtp, type Point, type ScriptedSmtp } from '../unit/mail/outgoing/scripted-smtp.js';

/**
 * An application reaches CBP at most once, and its fate is known or in a person's hands, whatever happens to the worker
 * and to the mail server at whatever point of the dialogue. Workers are processes of their own; the one who retries is
 * what Temporal would be, the one who settles is what a person would be.
 */

const AT_ONCE = 5;
const TIMEOUTS = { connectMs: 10_000, greetingMs: 10_000, silenceMs: 3_000, bodyMs: 1_500, overallMs: 30_000 };

type Mishap =
  /** The worker kills itself at a point of its own. */
  | { worker: SendPoint }
  /** The worker is killed when the server has come so far. */
  | { killedAt: Point | 'answered' }
  /** The server misbehaves. */
  | { server: Point; act: Act };

const MISHAPS: Mishap[] = [
  { worker: 'before-connect' },
  { worker: 'before-claim' },
  { worker: 'claimed' },
  { worker: 'before-end' },
  { worker: 'answered' },
  { worker: 'recorded' },
  { killedAt: 'greeting' },
  { killedAt: 'mail' },
  { killedAt: 'rcpt' },
  { killedAt: 'data' },
  { killedAt: 'body' },
  { killedAt: 'dot' },
  { killedAt: 'answered' },
  { server: 'rcpt', act: { say: '451 4.7.1 greylisted' } },
  { server: 'data', act: 'cut' },
  { server: 'body', act: 'reset' },
  { server: 'dot', act: 'cut' },
  { server: 'dot', act: 'keep-and-cut' },
  { server: 'dot', act: 'keep-and-silence' },
  { server: 'dot', act: { say: '451 4.3.0 try again' } },
  { server: 'dot', act: 'half-answer' },
];

/** Each mishap three times. By hand more: `SENDS=1000`. */
const SENDS = Number(process.env.SENDS ?? 3 * MISHAPS.length);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** mulberry32 */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

let archive: Archive;
let archiveDir: string;
let documents: { applicationSha256: string; formSha256: string };
const lanes: ScriptedSmtp[] = [];
beforeAll(async () => {
  for (let lane = 0; lane < AT_ONCE; lane++) lanes.push(await openScriptedSmtp());
  archiveDir = temporaryFolder('send-kills');
  archive = await openDirectoryArchive(archiveDir);
  const application = await archive.putDocument(Buffer.from(JSON.stringify(anApplication())));
  const form = await archive.putDocument(FORM);
  documents = { applicationSha256: application.sha256, formSha256: form.sha256 };
});
afterAll(async () => {
  await Promise.all(lanes.map((smtp) => smtp.close()));
  await expectEveryDocumentOwned(archiveDir);
});

beforeEach(() => lanes.forEach(healthy));

/** How often CBP got an application of this onboarding, over all servers and Message-IDs. */
function copiesAtCbp({ reference }: ApplicationMail): number {
  return lanes
    .flatMap(({ received }) => received)
    .filter(({ to, raw }) => to.includes(CBP) && raw.includes(`filename=ace-application-${reference}.pdf`)).length;
}

async function onboarding(reference: string): Promise<ApplicationMail> {
  const workflowId = `onboarding-${reference.toLowerCase()}`;
  const { applicationSha256 } = documents;
  const started = { round: 1, applicationSha256, state: 'started', startedAt: new Date().toISOString() };
  await archive.createRecord(onboardings.key(reference), { reference, workflowId, ...started });
  await archive.createRecord(cases.key(workflowId), { workflowId, reference, aliases: newAliases() });
  return { workflowId, reference, attempt: 1, transmission: 1, ...documents };
}

type Ended = { result: ApplicationSent } | { failure: { type?: string; message: string } } | { killed: true };
type Job = { mail: ApplicationMail; dieAt?: SendPoint; haltAt?: SendPoint };

/** A process that sends what it is given, until it is killed. */
class Worker {
  readonly child: ChildProcess;
  readonly gone: Promise<void>;
  private readonly readied: Promise<void>;
  private said: (ended: Ended) => void = () => {};
  private saidHalt: () => void = () => {};

  constructor(private readonly smtp: ScriptedSmtp) {
    const script = path.join(CHECKOUT, 'test/support/send-process.mjs');
    const told = { archiveDir, timeouts: TIMEOUTS, environment: mailEnvironment(smtp.port) };
    this.child = fork(script, [JSON.stringify(told)], { execArgv: [] });
    let ready = () => {};
    this.readied = new Promise((resolve) => {
      ready = resolve;
    });
    this.gone = new Promise((resolve) => {
      this.child.once('exit', () => {
        this.said({ killed: true });
        resolve();
      });
    });
    this.child.on('message', (message: Ended | { find: string } | { halted: string } | { ready: true }) => {
      if ('find' in message) this.child.send({ copy: sentCopy(this.smtp, message.find) }, () => {});
      else if ('halted' in message) this.saidHalt();
      else if ('ready' in message) ready();
      else this.said(message);
    });
  }

  /** Its process is up and waits for work. */
  ready(): Promise<void> {
    return this.readied;
  }

  async send(job: Job): Promise<Ended> {
    await this.ready();
    return new Promise((resolve) => {
      this.said = resolve;
      this.child.send(job, () => {});
    });
  }

  halted(): Promise<void> {
    return new Promise((resolve) => {
      this.saidHalt = resolve;
    });
  }

  go(): void {
    this.child.send('go', () => {});
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }
}

const workers = new Map<ScriptedSmtp, Worker>();
afterAll(async () => {
  await Promise.all([...workers.values()].map((worker) => worker.kill()));
});

/** The worker of a mail server: the one before, if nothing has killed it. */
function workerOf(smtp: ScriptedSmtp): Worker {
  const current = workers.get(smtp);
  if (current?.alive) return current;
  const next = new Worker(smtp);
  workers.set(smtp, next);
  return next;
}

/** What workers did not find in the sent folder. */
const lookedFor = new Set<string>();

/** Our sent folder is at the server, which files what it took over. */
function sentCopy(smtp: ScriptedSmtp, messageId: string): { at: string } | null {
  if (smtp.received.some((kept) => kept.messageId === messageId)) return { at: new Date().toISOString() };
  lookedFor.add(messageId);
  return null;
}

/** As Temporal: what died or failed is tried again until there is a result. */
async function untilResult(smtp: ScriptedSmtp, mail: ApplicationMail, mishap?: Mishap): Promise<ApplicationSent> {
  for (let tries = 1; tries <= 5; tries++) {
    const disturbed = tries === 1 ? mishap : undefined;
    const worker = workerOf(smtp);
    if (disturbed) disturb(smtp, disturbed, worker);
    const ended = await worker.send({
      mail,
      ...(disturbed && 'worker' in disturbed ? { dieAt: disturbed.worker } : {}),
    });
    healthy(smtp);
    if ('result' in ended) return ended.result;
    if ('failure' in ended && ended.failure.type !== 'smtp-unavailable') throw new Error(ended.failure.message);
  }
  throw new Error(`no result after five tries with ${JSON.stringify(mishap)}`);
}

const WELL = '250 2.0.0 Ok: queued';

function healthy(smtp: ScriptedSmtp): void {
  smtp.script = () => undefined;
  smtp.goodbye = () => WELL;
}

function disturb(smtp: ScriptedSmtp, mishap: Mishap, worker: Worker): void {
  if ('worker' in mishap) return;
  if ('server' in mishap) {
    smtp.script = (point) => (point === mishap.server ? mishap.act : undefined);
    return;
  }
  const kill = async () => {
    await worker.kill();
    return undefined;
  };
  if (mishap.killedAt !== 'answered') smtp.script = (point) => (point === mishap.killedAt ? kill() : undefined);
  else
    smtp.goodbye = () => {
      setTimeout(() => void kill(), 1);
      return WELL;
    };
}

test(`${SENDS} applications, through kills and faults at every point: CBP gets each at most once, and its outcome is known or left to a person`, async () => {
  process.stderr.write(`send-kills: SEED=${seed}\n`);
  const random = randomFrom(seed);
  const planned = Array.from({ length: SENDS }, (_, index) => ({ index, mishap: MISHAPS[index % MISHAPS.length] }))
    .map((plan) => ({ ...plan, order: random() }))
    .sort((a, b) => a.order - b.order);
  const tally = new Map<string, number>();
  const count = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1);

  const oneAfterTheOther = async (smtp: ScriptedSmtp) => {
    for (let plan = planned.shift(); plan; plan = planned.shift()) {
      const mail = await onboarding(`K-${plan.index}`);
      const about = `K-${plan.index} ${JSON.stringify(plan.mishap)}`;
      const result = await untilResult(smtp, mail, plan.mishap);
      expect(copiesAtCbp(mail), `${about}: ${result.kind}`).toBeLessThanOrEqual(1);
      if (result.kind === 'accepted') {
        count('accepted');
        expect(copiesAtCbp(mail), about).toBe(1);
        continue;
      }
      expect(result.kind, about).toBe('unknown');
      // Neither our copy nor an answer of CBP turns up, so a person looks, finds nothing and says so. People are slower
      // than mail servers.
      await expect.poll(() => smtp.open, { timeout: 30_000, interval: 10 }).toBe(0);
      if (copiesAtCbp(mail) === 1) {
        // It came after the worker had looked, or the worker should have found it.
        expect(lookedFor.has(result.messageId), about).toBe(true);
        count('found by a person');
        continue;
      }
      count('settled by a person');
      const again = await untilResult(smtp, { ...mail, transmission: 2 });
      expect(again.kind, about).toBe('accepted');
      expect(copiesAtCbp(mail), about).toBe(1);
    }
  };
  await Promise.all(lanes.map(oneAfterTheOther));
  process.stderr.write(`send-kills: ${JSON.stringify(Object.fromEntries(tally))}\n`);
  // Kills before the server has the message and after it: both fates must have been seen, or nothing was tested.
  expect(tally.get('accepted')).toBeGreaterThan(SENDS / 3);
  expect(tally.get('settled by a person')).toBeGreaterThan(SENDS / 20);

  // A run that is reset to before the submission sends everything again, as far as it knows.
  const sample = Array.from({ length: 10 }, () => Math.floor(random() * SENDS));
  for (const index of new Set(sample)) {
    const mail = { ...(await onboarding(`K-${index}`)) };
    const before = copiesAtCbp(mail);
    await untilResult(lanes[0] as ScriptedSmtp, mail);
    expect(copiesAtCbp(mail)).toBe(before);
  }
}, 290_000);

describe('a worker that freezes in the middle of the body and wakes after its timeout', () => {
  test.each<[SendPoint]>([['before-claim'], ['claimed'], ['before-end']])(
    'at %s sends nothing more, although another transmission was made meanwhile',
    async (point) => {
      const smtp = lanes[0] as ScriptedSmtp;
      const mail = await onboarding(`F-${point}`);
      const frozen = new Worker(smtp);
      const halted = frozen.halted();
      const waking = frozen.send({ mail, haltAt: point });
      await halted;
      frozen.child.kill('SIGSTOP');
      const overtaking = await untilResult(smtp, mail);
      if (point === 'before-claim') expect(overtaking.kind).toBe('accepted');
      else {
        expect(overtaking.kind).toBe('unknown');
        expect((await untilResult(smtp, { ...mail, transmission: 2 })).kind).toBe('accepted');
      }
      await afterItsTime();
      frozen.go();
      frozen.child.kill('SIGCONT');
      await waking;
      expect(copiesAtCbp(mail)).toBe(1);
      await frozen.kill();
    },
    60_000,
  );

  test('at before-end, with no other worker meanwhile, does not finish the message, and its outcome stays unknown', async () => {
    const smtp = lanes[0] as ScriptedSmtp;
    const mail = await onboarding('F-alone');
    const frozen = new Worker(smtp);
    const halted = frozen.halted();
    const waking = frozen.send({ mail, haltAt: 'before-end' });
    await halted;
    frozen.child.kill('SIGSTOP');
    await afterItsTime();
    frozen.go();
    frozen.child.kill('SIGCONT');
    expect(await waking).toMatchObject({ result: { kind: 'unknown' } });
    expect(copiesAtCbp(mail)).toBe(0);
    await frozen.kill();
  }, 60_000);
});

/** The frozen process's time for the body passes whether or not anybody looks: the one thing here that has to be waited out. */
function afterItsTime(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, TIMEOUTS.bodyMs + 200));
}

test('only one of two workers with the same send at the same instant sends it, twenty times out of twenty', async () => {
  const smtp = lanes[0] as ScriptedSmtp;
  const pair = [new Worker(smtp), new Worker(smtp)];
  await Promise.all(pair.map((worker) => worker.ready()));
  for (let index = 0; index < 20; index++) {
    const mail = await onboarding(`T-${index}`);
    const ended = await Promise.all(pair.map((worker) => worker.send({ mail })));
    expect(ended.some((end) => 'result' in end && end.result.kind === 'accepted')).toBe(true);
    expect(copiesAtCbp(mail)).toBe(1);
  }
  await Promise.all(pair.map((worker) => worker.kill()));
}, 60_000);
