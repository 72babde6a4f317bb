import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { CorrelationIndex } from './correlation/correlation-index.js';
import type { Arrival } from './judge-message.js';
import type { Judgement, MailJudge } from './judgement.js';
import type { LetterBook } from './letters/letter.js';
import { MessageBatcher } from './message-batcher.js';
import type { TrustPolicy } from './origin/authenticate.js';
import type { DnsResolver } from './origin/dns.js';

export interface MailJudgeOptions {
  trust: TrustPolicy;
  resolver: DnsResolver;
  index: CorrelationIndex;
  /** Address our mail comes from, bare. */
  ownAddress?: string;
  /** Where applications go, bare. */
  cbpAddress?: string;
  /** The letters that are known now; another version when any of them changed. None where it is missing. */
  letters?: () => Promise<VersionedBook>;
  /** Messages judged at the same time. Default 1. */
  threads?: number;
  /** How long one message may be worked on without a word, in milliseconds. Default 10,000. */
  timeLimitMs?: number;
  /** Heap of a thread, in MB. Default 512. */
  memoryLimitMb?: number;
}

export interface VersionedBook {
  version: string;
  book: LetterBook;
}

export interface ClosableMailJudge extends MailJudge {
  /** Ends the threads. What is being judged ends as unreadable. */
  close(): Promise<void>;
}

/** What a judging thread and its owner say to each other. */
export type ToThread =
  | { judge: number; raw: Uint8Array; arrival: Arrival; byHeadersBecause?: string }
  | { letters: LetterBook }
  | { answers: ThreadAnswer[] };
export type FromThread =
  | { ready: true }
  | { judged: number; judgement: Judgement }
  | { failed: number; error: { message: string; code?: string } }
  | { asks: ThreadQuestion[] };
/** What is asked, and answered, at the same time goes in one message: each is a journey to another thread. */
export interface ThreadQuestion {
  id: number;
  of: ThreadQuestionName;
  args: unknown[];
}
export interface ThreadAnswer {
  id: number;
  value?: unknown;
  error?: { message: string; code?: string };
}
export type ThreadQuestionName = 'resolver' | keyof CorrelationIndex;
export interface ThreadSettings {
  trust: TrustPolicy;
  ownAddress?: string;
  cbpAddress?: string;
}

/**
 * Judges messages away from the main thread, where a message made to be slow or to eat memory can be stopped: it then
 * ends as unreadable, with what its headers tell, for a person. DNS and index are asked on the main thread; waiting for
 * them does not count against the time limit. Errors of these two come through: the message can be judged again.
 */
export function createMailJudge(options: MailJudgeOptions): ClosableMailJudge {
  const idle: Thread[] = [];
  const all = new Set<Thread>();
  const waiting: ((thread: Thread) => void)[] = [];
  let closed = false;

  const take = async (): Promise<Thread> => {
    let thread = idle.pop();
    // One that ended by itself while nobody needed it.
    for (; thread && !thread.alive; thread = idle.pop()) all.delete(thread);
    thread ??= all.size < (options.threads ?? 1) ? start() : undefined;
    return thread ?? (await new Promise<Thread>((resolve) => waiting.push(resolve)));
  };
  const start = (): Thread => {
    const thread = new Thread(options);
    all.add(thread);
    return thread;
  };
  const give = (thread: Thread): void => {
    if (!thread.alive) all.delete(thread);
    const next = waiting.shift();
    if (next) next(thread.alive ? thread : start());
    else if (thread.alive) idle.push(thread);
  };

  const onThread = async (work: (thread: Thread) => Promise<Judgement>): Promise<Judgement> => {
    const thread = await take();
    try {
      return await work(thread);
    } finally {
      give(thread);
    }
  };

  return {
    async judge(raw, receivedAt, mailbox) {
      if (closed) throw new Error('This mail judge is closed.');
      const arrival = { receivedAt, mailbox };
      const letters = await options.letters?.();
      const judgeWith = (byHeadersBecause?: string) =>
        onThread((thread) => {
          if (letters) thread.learn(letters);
          return thread.judge(raw, arrival, byHeadersBecause);
        });
      try {
        return await judgeWith();
      } catch (error) {
        if (!(error instanceof Stopped) || closed) throw error;
        // What the headers alone tell is little work, whatever the message is.
        return await judgeWith(error.message);
      }
    },
    async close() {
      closed = true;
      await Promise.all([...all].map((thread) => thread.end()));
    },
  };
}

/** The thread was ended while it worked: by the time limit, by memory, by a crash. */
class Stopped extends Error {}

const TIME_LIMIT_MS = 10_000;
const MEMORY_LIMIT_MB = 512;
/** What one mail leaves behind is collected at little cost while it fits in here. */
const YOUNG_GENERATION_MB = 64;

class Thread {
  readonly #worker: Worker;
  readonly #options: MailJudgeOptions;
  #job: { id: number; resolve: (judgement: Judgement) => void; reject: (error: Error) => void } | undefined;
  #jobs = 0;
  #limitMs = TIME_LIMIT_MS;
  #asking = 0;
  #letters: string | undefined;
  readonly #answers = new MessageBatcher<ThreadAnswer>((answers) => this.#tell({ answers }));
  readonly #ready: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  alive = true;

  constructor(options: MailJudgeOptions) {
    this.#options = options;
    const settings: ThreadSettings = {
      trust: options.trust,
      ...(options.ownAddress ? { ownAddress: options.ownAddress } : {}),
      ...(options.cbpAddress ? { cbpAddress: options.cbpAddress } : {}),
    };
    this.#worker = new Worker(threadFile(), {
      workerData: settings,
      // Libraries that print must not print into our output.
      stdout: true,
      stderr: true,
      execArgv: [],
      resourceLimits: {
        maxOldGenerationSizeMb: options.memoryLimitMb ?? MEMORY_LIMIT_MB,
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      },
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.unref();
    // Loading the libraries is nobody's work on a message.
    this.#ready = new Promise((resolve) => this.#worker.once('message', () => resolve()));
    this.#worker.on('message', (message: FromThread) => this.#hear(message));
    this.#worker.on('error', (error) => this.#stop(`reading it failed: ${error.message}`));
    this.#worker.on('exit', () => this.#stop('the thread that read it ended'));
  }

  judge(raw: Uint8Array, arrival: Arrival, byHeadersBecause?: string): Promise<Judgement> {
    if (!this.alive) return Promise.reject(new Stopped('the thread that was to read it ended'));
    return new Promise((resolve, reject) => {
      this.#job = { id: ++this.#jobs, resolve, reject };
      // Keeps the process alive while somebody waits for this.
      this.#worker.ref();
      const { id } = this.#job;
      void this.#ready.then(() => {
        if (!this.alive) return;
        this.#limitMs = byHeadersBecause ? TIME_LIMIT_MS : (this.#options.timeLimitMs ?? TIME_LIMIT_MS);
        this.#tell({ judge: id, raw, arrival, ...(byHeadersBecause ? { byHeadersBecause } : {}) });
        this.#startTimer();
      });
    });
  }

  /** The letters to judge by from now on. */
  learn({ version, book }: VersionedBook): void {
    if (this.#letters === version) return;
    this.#letters = version;
    this.#tell({ letters: book });
  }

  async end(): Promise<void> {
    this.#stop('judging ended');
    await this.#worker.terminate();
  }

  #hear(message: FromThread): void {
    if ('asks' in message) {
      for (const ask of message.asks) void this.#answer(ask);
      return;
    }
    if ('ready' in message) return;
    const job = this.#job;
    if ('judged' in message) {
      if (job?.id === message.judged) this.#done(() => job.resolve(message.judgement));
    } else if (job?.id === message.failed) {
      this.#done(() => job.reject(Object.assign(new Error(message.error.message), message.error)));
    }
  }

  async #answer({ id, of, args }: ThreadQuestion): Promise<void> {
    this.#asking++;
    clearTimeout(this.#timer);
    try {
      this.#answers.say({ id, value: await this.#lookUp(of, args) });
    } catch (error) {
      const { message, code } = error as { message?: string; code?: string };
      this.#answers.say({ id, error: { message: message ?? String(error), ...(code ? { code } : {}) } });
    } finally {
      this.#asking--;
      if (this.#asking === 0 && this.#job) this.#startTimer();
    }
  }

  async #lookUp(of: ThreadQuestionName, args: unknown[]): Promise<unknown> {
    if (of === 'resolver') return await this.#options.resolver(String(args[0]), String(args[1]));
    const [first, second] = args.map(String);
    return await this.#options.index[of](first ?? '', second ?? '');
  }

  #tell(message: ToThread): void {
    if (this.alive) this.#worker.postMessage(message);
  }

  #startTimer(): void {
    clearTimeout(this.#timer);
    const limit = this.#limitMs;
    this.#timer = setTimeout(() => {
      this.#stop(`reading it took longer than ${limit / 1000} seconds`);
      void this.#worker.terminate();
    }, limit);
  }

  #done(tell: () => void): void {
    clearTimeout(this.#timer);
    this.#job = undefined;
    this.#worker.unref();
    tell();
  }

  #stop(why: string): void {
    this.alive = false;
    const job = this.#job;
    this.#done(() => job?.reject(new Stopped(why)));
  }
}

/** A thread runs JavaScript: beside this file when built, in dist/ when this file runs as TypeScript (tests). */
function threadFile(): string {
  const beside = fileURLToPath(new URL('./judge-thread.js', import.meta.url));
  if (existsSync(beside)) return beside;
  const built = fileURLToPath(new URL('../../../dist/src/mail/judging/judge-thread.js', import.meta.url));
  if (existsSync(built)) return built;
  throw new Error(`${built} is missing: build it with "npm run build".`);
}
