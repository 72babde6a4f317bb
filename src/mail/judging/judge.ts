import { ARCHIVE_ERRORS } from '../../archive/archive.js';
import { SandboxPool, SandboxStoppedError } from '../../process/sandbox-pool.js';
import type { CorrelationIndex } from './correlation/correlation-index.js';
import type { Arrival, JudgeContext } from './judge-message.js';
import type { Judgement, MailJudge } from './judgement.js';
import type { ReplyLanguages } from './kind/plain-answer.js';
import type { LetterBook } from './letters/letter.js';
import type { TrustPolicy } from './origin/authenticate.js';
import type { DnsResolver } from './origin/dns.js';

export interface MailJudgeOptions {
  trust: TrustPolicy;
  resolver: DnsResolver;
  index: CorrelationIndex;
  /** Bare address that our email comes from. */
  ownAddress?: string;
  /** Bare address that applications go to. */
  cbpAddress?: string;
  /** The reply words of every language. Without them, nothing is a plain answer. */
  replyWords?: ReplyLanguages;
  /** The letters known now. The version changes when any of them does. Without it, no letter is known. */
  letters?: () => Promise<VersionedBook>;
  /** Messages judged at the same time. Default 1. */
  threads?: number;
  /** Most time for one message between two lookups, in milliseconds. Default 10,000. */
  timeLimitMs?: number;
  /** Heap of a thread, in MB. Default 512. */
  memoryLimitMb?: number;
}

export interface VersionedBook {
  version: string;
  book: LetterBook;
}

export interface ClosableMailJudge extends MailJudge {
  /** Ends the threads. Messages that are being judged are rejected, to be judged again. */
  close(): Promise<void>;
}

/** What a thread needs to know to judge one message. It asks for DNS, index, and new letters. */
export interface JudgeTask {
  raw: Uint8Array;
  arrival: Arrival;
  settings: Pick<JudgeContext, 'trust' | 'ownAddress' | 'cbpAddress' | 'replyWords'>;
  lettersVersion: string | undefined;
  /** Why only the headers may be read. */
  headersOnlyBecause?: string;
}

const TIME_LIMIT_MS = 10_000;
const MEMORY_LIMIT_MB = 512;
/** Garbage of one message is cheap to collect while it fits in here. */
const YOUNG_GENERATION_MB = 64;

/**
 * Judges messages in threads of their own. A message that takes too much time or memory is judged by its headers
 * alone, as unreadable, and goes to a person. DNS and the index are asked here. Waiting for them does not count against
 * the time limit, and their errors are thrown: the message can be judged again.
 */
export function createMailJudge(options: MailJudgeOptions): ClosableMailJudge {
  const { trust, ownAddress, cbpAddress, replyWords } = options;
  const { timeLimitMs = TIME_LIMIT_MS, memoryLimitMb = MEMORY_LIMIT_MB } = options;
  const settings = {
    trust,
    ...(ownAddress ? { ownAddress } : {}),
    ...(cbpAddress ? { cbpAddress } : {}),
    ...(replyWords ? { replyWords } : {}),
  };
  const pool = new SandboxPool({
    purpose: 'judges email',
    entry: new URL('./judge-thread.js', import.meta.url),
    // Every message asks for lookups a few times, and a thread gets the answers sooner than a process.
    worker: { kind: 'thread', heapMegabytes: memoryLimitMb, youngMegabytes: YOUNG_GENERATION_MB },
    workers: options.threads,
    milliseconds: timeLimitMs,
    // The receiver must tell the archive's errors from a message that cannot be read.
    errors: ARCHIVE_ERRORS,
  });

  return {
    async judge(raw, receivedAt, mailbox) {
      const letters = await options.letters?.();
      const task: JudgeTask = { raw, arrival: { receivedAt, mailbox }, settings, lettersVersion: letters?.version };
      const answer = (name: string, args: unknown[]) =>
        name === 'letters' ? Promise.resolve(letters?.book) : lookUp(options, name, args.map(String));
      const judged = (task: JudgeTask, milliseconds: number) =>
        pool.run('judge', task, { milliseconds, answer }) as Promise<Judgement>;
      try {
        return await judged(task, timeLimitMs);
      } catch (error) {
        if (!(error instanceof SandboxStoppedError)) throw error;
        // Reading only the headers is little work, whatever the message is.
        return await judged({ ...task, headersOnlyBecause: whyStopped(error, timeLimitMs) }, TIME_LIMIT_MS);
      }
    },
    close: () => pool.close(),
  };
}

async function lookUp({ resolver, index }: MailJudgeOptions, name: string, args: string[]): Promise<unknown> {
  const [first = '', second = ''] = args;
  if (name === 'resolver') return await resolver(first, second);
  return await index[name as keyof CorrelationIndex](first, second);
}

function whyStopped({ reason }: SandboxStoppedError, timeLimitMs: number): string {
  return {
    time: `reading it took longer than ${timeLimitMs / 1000} seconds`,
    memory: 'reading it took too much memory',
    crash: 'reading it crashed the thread',
  }[reason];
}
