import { type AskOwner, runSandbox } from '../../process/sandbox.js';
import { parseHeadersOnly, unreadable } from '../incoming/parse-message.js';
import type { CorrelationIndex } from './correlation/correlation-index.js';
import type { JudgeTask } from './judge.js';
import { type JudgeContext, judgeMessage, judgeParsed } from './judge-message.js';
import type { Judgement } from './judgement.js';
import type { LetterBook } from './letters/letter.js';
import { remembering } from './origin/dns.js';

/** The letters of the last task: they seldom change between two messages. */
let known: { version: string | undefined; book: LetterBook } = {
  version: undefined,
  book: { letters: [], fillers: {} },
};
/** Asks for the task that runs now. */
let askNow: AskOwner;
const resolver = remembering((name, type) => askNow('resolver', name, type) as Promise<string[][]>);

async function judge(task: JudgeTask, ask: AskOwner): Promise<Judgement> {
  askNow = ask;
  if (known.version !== task.lettersVersion)
    known = { version: task.lettersVersion, book: (await ask('letters')) as LetterBook };
  const { raw, arrival, headersOnlyBecause } = task;
  const context: JudgeContext = { ...task.settings, resolver, index: indexOf(ask), letters: known.book };
  if (headersOnlyBecause === undefined) return await judgeMessage(raw, arrival, context);
  return await judgeParsed(raw, unreadable(parseHeadersOnly(raw), 'time-limit', headersOnlyBecause), arrival, context);
}

function indexOf(ask: AskOwner): CorrelationIndex {
  const call =
    <Name extends keyof CorrelationIndex>(name: Name) =>
    (...args: string[]) =>
      ask(name, ...args) as ReturnType<CorrelationIndex[Name]>;
  return {
    byRecipient: call('byRecipient'),
    byMessageId: call('byMessageId'),
    byImporterNumber: call('byImporterNumber'),
    nearImporterNumber: call('nearImporterNumber'),
    namedIn: call('namedIn'),
    caseOf: call('caseOf'),
    wordsOf: call('wordsOf'),
  };
}

runSandbox({ judge });
