import { Worker } from 'node:worker_threads';
import { FORM_TASKS, type FormTaskName } from './form-tasks.js';

/** What runs in the process for PDFs: answers one task after the other until the parent goes or kills it. */

const [megabytes = 0, milliseconds = 0] = process.argv.slice(2).map(Number);

/** When the task under way began, and the processor time used until then, both in milliseconds. */
const began = new Float64Array(new SharedArrayBuffer(16));
/** The id of the task under way, or one of these. Whoever changes it first decides: the answer counts, or it is given up. */
const current = new Int32Array(new SharedArrayBuffer(4));
const [NONE, GIVEN_UP] = [0, -1];

/**
 * The loop below is blocked while a PDF is read, so time and memory are watched from a thread beside it. Time is the
 * processor's, which a busy machine does not use up; a task that waits for nothing has used none of it. Which signal it is
 * tells the parent why.
 */
new Worker(
  `const { workerData } = require('node:worker_threads');
  const { began, current, NONE, GIVEN_UP, megabytes, milliseconds } = workerData;
  setInterval(() => {
    if (process.memoryUsage.rss() > megabytes * 1024 * 1024) process.kill(process.pid, 'SIGKILL');
    const task = Atomics.load(current, 0);
    if (task === NONE) return;
    const [at, usedBefore] = began;
    const { user, system } = process.cpuUsage();
    const used = (user + system) / 1000 - usedBefore;
    const passed = Date.now() - at;
    const hangs = passed > milliseconds && used < passed / 20;
    if (used <= milliseconds && !hangs) return;
    if (Atomics.compareExchange(current, 0, task, GIVEN_UP) === task) process.kill(process.pid, 'SIGTERM');
  }, 10);`,
  { eval: true, workerData: { began, current, NONE, GIVEN_UP, megabytes, milliseconds } },
).unref();

interface Request {
  id: number;
  task: FormTaskName;
  argument: unknown;
}

process.on('message', (request: Request) => void answer(request));
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function answer({ id, task, argument }: Request): Promise<void> {
  const { user, system } = process.cpuUsage();
  began.set([Date.now(), (user + system) / 1000]);
  Atomics.store(current, 0, id);
  const outcome = await outcomeOf(FORM_TASKS[task] as (argument: unknown) => Promise<unknown>, argument);
  // Given up at the last moment: the end is on its way, and whatever is asked after an answer would be blamed for it.
  if (Atomics.compareExchange(current, 0, id, NONE) !== id) return;
  process.send?.({ id, megabytes: process.memoryUsage.rss() / 1024 / 1024, ...outcome });
}

async function outcomeOf(run: (argument: unknown) => Promise<unknown>, argument: unknown) {
  try {
    return { result: await run(argument) };
  } catch (error) {
    return { error: plain(error) };
  }
}

/** Errors cross between processes as plain data. */
function plain(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { cause: _, ...own } = { ...error } as Record<string, unknown>;
  return { ...own, name: error.name, message: error.message };
}
