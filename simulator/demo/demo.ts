import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { machineProblem } from '../../scripts/machine-problem.mjs';
import { watchOutput } from '../../src/process/lost-output.js';
import { COMMANDER_OUTPUT, say } from '../../src/process/output.js';
import { hanging } from '../../src/process/plain-text-output.js';
import { type Case, differences, stepsTaken } from '../rehearsal/rehearsal.js';
import { startWorkerKiller, type WorkerKiller } from '../worker/worker-killer.js';
import { readParts } from './demo-clients.js';
import { type DemoView, openView } from './demo-view.js';
import { CHECKOUT, openWorld, type World, type WorldOptions } from './demo-world.js';
import { type Lifetime, newLifetime } from './lifetime.js';

/**
 * `npm start`: the whole product on this machine, with a simulated CBP and simulated people, until the last case closes.
 */

interface Options extends WorldOptions {
  once?: true;
  clients: string;
  killWorker?: number;
  seed?: number;
  patience: number;
}

/** @param unseen aborted when no one can see the output anymore */
export async function runDemo(argv: string[], unseen?: AbortSignal): Promise<number> {
  const program = new Command('npm start --')
    .description('Onboards the sample clients with a simulated CBP, simulated clients and a local mail server.')
    .option('--once', 'exit when every onboarding has closed: 0 if each ended as its scenario says, otherwise 1')
    .option(
      '--clients <file>',
      'CSV of applications; its column "scenario" says what happens (without one, all goes well)',
      join(CHECKOUT, 'examples/clients.csv'),
    )
    .option('--speed <seconds>', 'seconds per business day', positive, 1.5)
    .option('--port <port>', 'port of the Temporal server (default: a free one)', port)
    .option('--ui-port <port>', 'port of the Temporal Web UI (default: a free one)', port)
    .option('--data <dir>', 'where the run keeps its data (default: a new folder in .ace-onboarding/demo)')
    .option('--kill-worker <times>', 'kill the worker (SIGKILL) this many times, and restart it', whole)
    .option('--seed <number>', 'with --kill-worker: repeat the moments of an earlier run', whole)
    .option('--patience <seconds>', 'with --once: give up after this long', positive, 600)
    .addHelpText(
      'after',
      `
Examples:
  npm start                              watch, approve one client yourself, stop with Ctrl-C
  npm start -- --once                    run to the end and check the outcomes
  npm start -- --clients my.csv          your own clients; nothing leaves this machine
  npm start -- --once --kill-worker 20   with the worker killed at 20 moments`,
    )
    .exitOverride()
    .configureOutput(COMMANDER_OUTPUT);
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  return await run(program.opts<Options>(), unseen);
}

async function run(options: Options, unseen?: AbortSignal): Promise<number> {
  const interrupted = AbortSignal.any([interruption(), ...(unseen ? [unseen] : [])]);
  const view = openView(process.stdout, process.stderr);
  const parts = await readParts(options.clients, { once: options.once === true });
  if ('problems' in parts) {
    view.print(parts.problems);
    return 1;
  }
  view.print(
    pc.bold(
      `ACE onboarding rehearsal with ${parts.parts.length} clients. A business day takes ${options.speed} s. No email leaves this machine.`,
    ),
  );
  const lifetime = newLifetime(interrupted);
  try {
    const world = await lifetime.within(openWorld(options, parts.parts, view, lifetime));
    return await play(world, options, view, lifetime);
  } catch (error) {
    if (interrupted.aborted) return INTERRUPTED;
    // Printed first, because stopping everything takes a while.
    view.showError(await whatIsWrong(lifetime.failure ?? (error as Error), options));
    lifetime.fail(error as Error);
    return 1;
  } finally {
    view.print('Stopping …');
    await lifetime.close();
  }
}

/** One line with what to do. A full disk causes many kinds of errors. */
async function whatIsWrong(error: Error, options: Options): Promise<string> {
  const folder = options.data ?? join(CHECKOUT, '.ace-onboarding');
  return (await machineProblem(error, folder)) ?? (debugging && error.stack ? error.stack : error.message);
}

/** Starts every client and lets the scenarios run: to the end with `--once`, or else until interrupted. */
async function play(world: World, options: Options, view: DemoView, lifetime: Lifetime): Promise<number> {
  const { client, cases } = world;
  const everyCase = [...cases.values()];
  const listUrl = `${world.uiUrl}/namespaces/default/workflows?query=${encodeURIComponent('WorkflowType="onboardImporter"')}`;
  view.print(
    `Temporal Web UI: ${pc.underline(listUrl)}
  Each client is a workflow. Open one: its tab "User Metadata" shows whose turn it is and what to do.
Data of this run: ${fromHere(world.dataDir)}
  The product already knows ${world.knownLetters} of the simulated CBP's letters. A new installation knows none.
`,
  );

  const applications = everyCase.map(({ application }) => application);
  for (const answer of await lifetime.within(client.startMany(applications))) {
    const one = cases.get(answer.reference.toLowerCase());
    if ('error' in answer) {
      if (one) Object.assign(one, { closed: true, troubles: [`was not started: ${answer.error.message}`] });
    } else if (answer.status !== 'started') {
      if (one) one.ofEarlierRun = true;
      view.print(
        answer.status === 'closed'
          ? `${answer.reference} was already closed in an earlier run.`
          : `${answer.reference} is still open from an earlier run, whose mail is gone. Continue it by hand.`,
      );
    }
  }
  const killer = startKilling(world, options, view);
  const started = Date.now();
  let told = false;
  try {
    for (;;) {
      await lifetime.within(look(world));
      view.show(everyCase);
      const newcomer = everyCase.find((one) => one.leftToNewcomer);
      if (newcomer && !told && newcomer.row?.stage === 'awaiting-decision') {
        told = true;
        view.print(forTheNewcomer(newcomer, world));
      }
      if (everyCase.every((one) => one.closed || (options.once && one.ofEarlierRun))) break;
      if (options.once && Date.now() - started > options.patience * 1000) break;
      await lifetime.within(delay(LOOK_MS));
    }
  } finally {
    killer?.stop();
  }
  const good = report(everyCase, view, killer, options);
  if (options.once) return good ? 0 : 1;
  view.print(`\nAll onboardings are closed. The Web UI stays up: ${pc.underline(listUrl)}\nPress Ctrl-C to stop.`);
  return await lifetime.within(new Promise<never>(() => undefined));
}

const LOOK_MS = 400;
/** Signals within this time count as one. */
const ONE_SIGNAL_MS = 500;
const INTERRUPTED = 0;

/** Reads the list, and asks each onboarding whose deadline changed until when it waits. */
async function look({ rehearsal, cases, client }: World): Promise<void> {
  const before = new Map([...cases.values()].map((one) => [one, one.row?.dueAt]));
  try {
    await rehearsal.look();
  } catch {
    return; // The server was busy. The next look comes soon.
  }
  for (const [one, dueAt] of before) {
    if (one.row?.dueAt === dueAt) continue;
    void client.progress(one.application.reference).then(
      ({ due }) => {
        const until = due && /due ([^()]+)/.exec(due.explanation)?.[1]?.trim();
        if (until) one.until = until;
        else delete one.until;
      },
      () => undefined,
    );
  }
}

function startKilling(world: World, options: Options, view: DemoView): WorkerKiller | undefined {
  if (!options.killWorker) return undefined;
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  view.print(`The worker will be killed ${options.killWorker} times. To repeat the same moments: --seed ${seed}.`);
  return startWorkerKiller({
    worker: world.worker,
    mail: world.mail,
    count: options.killWorker,
    seed,
    matters: ({ to }) => to.some((address) => address.toLowerCase() === world.cbp.address.toLowerCase()),
    progress: () => stepsTaken([...world.cases.values()]),
    onKill: (kill) => view.say(`The worker was killed (${kill}).`),
  });
}

function forTheNewcomer({ application }: Case, { environmentFile }: World): string {
  const { reference, importerNumber } = application;
  const commandLine = `node --env-file=${fromHere(environmentFile)} bin/ace-onboarding.mjs`;
  return `
${pc.bold(`${reference} is yours.`)} CBP will not answer for it. To approve it, run this in another terminal:

  ${commandLine} approve ${reference} \\
    --importer-number ${importerNumber} --source phone --actor you --evidence "CBP called"

To see its status and what else you can do:  ${commandLine} show ${reference}
`;
}

/** A path as typed from the current folder. */
function fromHere(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}

/** Prints how each case ended. True when all ended as their scenarios say. */
function report(cases: Case[], view: DemoView, killer: WorkerKiller | undefined, options: Options): boolean {
  const punctual = !options.killWorker;
  const lines = cases.flatMap((one) => {
    const found = differences(one, { punctual });
    return [
      `${found.length === 0 ? pc.green('✓') : pc.red('✗')} ${one.application.reference}  ${pc.bold(one.row?.outcome ?? one.row?.stage ?? 'not started')}  (${one.scenarioName})  ${pc.dim(one.row?.url ?? '')}`,
      ...found.map((difference) => pc.red(`    ${difference}`)),
      pc.dim(`    ${one.scenario.story}`),
    ];
  });
  const wrong = cases.filter((one) => differences(one, { punctual }).length > 0).length;
  const kills = killer?.kills.length ?? 0;
  const missed = (options.killWorker ?? 0) - kills;
  if (options.killWorker) lines.push(`The worker was killed ${kills} times.`);
  if (missed > 0) lines.push(pc.red(`The run ended before the other ${missed}. Make it slower with --speed.`));
  lines.push(
    wrong === 0
      ? pc.green(
          cases.length === 1 ? 'It ended as its scenario says.' : `All ${cases.length} ended as their scenarios say.`,
        )
      : pc.red(`${wrong} of ${cases.length} did not end as their scenarios say.`),
  );
  view.print(`\n${lines.join('\n')}`);
  return wrong === 0 && missed <= 0;
}

/** Aborted by Ctrl-C or a signal to end. A second signal ends the process right away. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A signal to the whole group can also be forwarded to us, so we get it twice.
      if (controller.signal.aborted && Date.now() - first > ONE_SIGNAL_MS) process.exit(130);
      first ||= Date.now();
      controller.abort();
    });
  }
  return controller.signal;
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

function whole(text: string): number {
  const number = positive(text);
  if (!Number.isInteger(number)) throw new InvalidArgumentError('It must be a whole number.');
  return number;
}

function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
  throw new InvalidArgumentError('It must be a whole number from 1 to 65535. Leave it out to get a free port.');
}

// Read now, because the demo removes the user's settings from the environment.
const debugging = process.env.LOG_LEVEL === 'debug';
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const unseen = new AbortController();
  watchOutput(() => unseen.abort());
  runDemo(process.argv.slice(2), unseen.signal).then(
    (code) => process.exit(code),
    (error: Error) => {
      say(hanging((debugging && error.stack) || error.message));
      process.exit(1);
    },
  );
}
