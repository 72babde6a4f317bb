import { Worker } from 'node:worker_threads';
import { FORM_TASKS, type FormTaskName } from './form-tasks.js';

/** What runs in the process for PDFs: answers one task after the other until the parent goes or kills it. */

const [megabytes = 0, milliseconds = 0] = process.argv.slice(2).map(Number);

/** When the task under way began, and the processor time used until then, both in milliseconds; 0 when there is none. */
const began = new Float64Array(new SharedArrayBuffer(16));

/**
 * The loop below is blocked while a PDF is read, so time and memory are watched from a thread beside it. Time is the
 * processor's, which a busy machine does not use up; a task that waits for nothing has used none of it. Which signal it is
 * tells the parent why.
 */
new Worker(
  `const { workerData } = require('node:worker_threads');
  const { began, megabytes, milliseconds } = workerData;
  setInterval(() => {
    if (process.memoryUsage.rss() > megabytes * 1024 * 1024) process.kill(process.pid, 'SIGKILL');
    if (began[0] === 0) return;
    const { user, system } = process.cpuUsage();
    const used = (user + system) / 1000 - began[1];
    const passed = Date.now() - began[0];
    const hangs = passed > milliseconds && used < passed / 20;
    if (used > milliseconds || hangs) process.kill(process.pid, 'SIGTERM');
  }, 10);`,
  { eval: true, workerData: { began, megabytes, milliseconds } },
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
  began[1] = (user + system) / 1000;
  began[0] = Date.now();
  try {
    const run = FORM_TASKS[task] as (argument: unknown) => Promise<unknown>;
    process.send?.({ id, result: await run(argument) });
  } catch (error) {
    process.send?.({ id, error: plain(error) });
  } finally {
    began[0] = 0;
  }
}

/** Errors cross between processes as plain data. */
function plain(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { cause: _, ...own } = { ...error } as Record<string, unknown>;
  return { ...own, name: error.name, message: error.message };
}
