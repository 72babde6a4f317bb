/** What a sandbox and its owner tell each other. Both sides only send data that can be cloned. */
export type ToSandbox =
  | { task: number; name: string; argument: unknown; milliseconds: number }
  | { answers: SandboxAnswer[] };
export type FromSandbox =
  | { ready: true }
  /** `megabytes`: memory of the process after the task. */
  | { task: number; megabytes: number; result?: unknown; error?: PlainError }
  | { questions: SandboxQuestion[] };

/** A call back to the owner while a task runs. */
export interface SandboxQuestion {
  id: number;
  name: string;
  args: unknown[];
}

export interface SandboxAnswer {
  id: number;
  value?: unknown;
  error?: PlainError;
}

/** Ends a process at once, like SIGKILL, and says why: its task ran out of time. Leaves no core dump. */
export const OUT_OF_TIME_SIGNAL = 'SIGVTALRM';

/** An error as data: its name, its message, and its other properties except the cause. */
export interface PlainError {
  name: string;
  message: string;
  [key: string]: unknown;
}

export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { cause: _, ...own } = { ...error } as Record<string, unknown>;
  return { ...own, name: error.name, message: error.message };
}

/** The error again, an instance of the class in `known` that has its name. */
export function revivedError({ name, message, ...rest }: PlainError, known: readonly ErrorClass[] = []): Error {
  const error = Object.assign(new Error(message), rest);
  const original = known.find((candidate) => candidate.name === name);
  if (original) Object.setPrototypeOf(error, original.prototype);
  return Object.assign(error, { name });
}

// biome-ignore lint/suspicious/noExplicitAny: constructors of every shape
export type ErrorClass = (new (...args: any[]) => Error) & { name: string };

/** Sends everything said in one turn of the event loop as one message: each message costs a trip between processes. */
export class MessageBatcher<T> {
  #waiting: T[] = [];

  constructor(readonly send: (all: T[]) => void) {}

  add(one: T): void {
    if (this.#waiting.push(one) > 1) return;
    // Promises that settle now often lead to more messages.
    setImmediate(() => {
      const all = this.#waiting;
      this.#waiting = [];
      this.send(all);
    });
  }
}
