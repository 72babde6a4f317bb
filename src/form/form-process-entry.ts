import { Worker } from 'node:worker_threads';
import { FORM_TASKS, type FormTaskName } from './form-tasks.js';

/** What runs in the process for PDFs: answers one task after the other until the parent goes or kills it. */

const megabytes = Number(process.argv[2]);

// The loop below is blocked while a PDF is read, so that memory is watched from a thread beside it.
new Worker(
  `setInterval(() => {
    if (process.memoryUsage.rss() > ${megabytes} * 1024 * 1024) process.kill(process.pid, 'SIGKILL');
  }, 10);`,
  { eval: true },
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
  try {
    const run = FORM_TASKS[task] as (argument: unknown) => Promise<unknown>;
    process.send?.({ id, result: await run(argument) });
  } catch (error) {
    process.send?.({ id, error: plain(error) });
  }
}

/** Errors cross between processes as plain data. */
function plain(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { cause: _, ...own } = { ...error } as Record<string, unknown>;
  return { ...own, name: error.name, message: error.message };
}
