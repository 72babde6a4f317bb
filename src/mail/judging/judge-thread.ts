import { parentPort, workerData } from 'node:worker_threads';
import { parseHeadersOnly, unreadable } from '../incoming/parse-message.js';
import type { CorrelationIndex } from './correlation/correlation-index.js';
import type { FromThread, ThreadQuestion, ThreadQuestionName, ThreadSettings, ToThread } from './judge.js';
import { type JudgeContext, judgeMessage, judgeParsed } from './judge-message.js';
import type { Judgement } from './judgement.js';
import { MessageBatcher } from './message-batcher.js';
import { remembering } from './origin/dns.js';

/** A thread that judges one message after the other and asks its owner for what it cannot know itself. */

const settings = workerData as ThreadSettings;
const owner = parentPort;
if (!owner) throw new Error('This file runs as a worker thread only.');

const open = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
let asked = 0;

const asks = new MessageBatcher<ThreadQuestion>((all) => tell({ asks: all }));

function ask<T>(of: ThreadQuestionName, ...args: unknown[]): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const id = ++asked;
    open.set(id, { resolve, reject });
    asks.say({ id, of, args });
  });
}

function tell(message: FromThread): void {
  owner?.postMessage(message);
}

const index: CorrelationIndex = {
  byRecipient: (address) => ask('byRecipient', address),
  byMessageId: (messageId) => ask('byMessageId', messageId),
  byImporterNumber: (importerNumber) => ask('byImporterNumber', importerNumber),
  nearImporterNumber: (importerNumber) => ask('nearImporterNumber', importerNumber),
  namedIn: (text) => ask('namedIn', text),
  caseOf: (workflowId) => ask('caseOf', workflowId),
  wordsOf: (workflowId, except) => ask('wordsOf', workflowId, except),
};

const context: JudgeContext = {
  trust: settings.trust,
  resolver: remembering((name, type) => ask('resolver', name, type)),
  index,
  letters: { letters: [], fillers: {} },
  ...(settings.ownAddress ? { ownAddress: settings.ownAddress } : {}),
  ...(settings.cbpAddress ? { cbpAddress: settings.cbpAddress } : {}),
};

function judged({ raw, arrival, byHeadersBecause }: Extract<ToThread, { judge: number }>): Promise<Judgement> {
  if (byHeadersBecause === undefined) return judgeMessage(raw, arrival, context);
  return judgeParsed(raw, unreadable(parseHeadersOnly(raw), 'time-limit', byHeadersBecause), arrival, context);
}

owner.on('message', async (message: ToThread) => {
  if ('answers' in message) {
    for (const { id, value, error } of message.answers) {
      const waiting = open.get(id);
      open.delete(id);
      if (error) waiting?.reject(Object.assign(new Error(error.message), error));
      else waiting?.resolve(value as never);
    }
    return;
  }
  if ('letters' in message) {
    context.letters = message.letters;
    return;
  }
  try {
    tell({ judged: message.judge, judgement: await judged(message) });
  } catch (error) {
    const { message: text, code } = error as { message?: string; code?: string };
    tell({ failed: message.judge, error: { message: text ?? String(error), ...(code ? { code } : {}) } });
  }
});

tell({ ready: true });
