import type { ReceivedMail } from '../../workflows/contract/received-mail.js';
import { headerValue } from '../incoming/header-lines.js';
import type { ParsedMessage } from '../incoming/parse-message.js';
import type { Correlation } from './correlation/correlate.js';
import type { CorrelationIndex } from './correlation/correlation-index.js';
import { plainAnswers, type ReplyLanguages } from './kind/plain-answer.js';
import type { ReadKind } from './kind/read-kind.js';
import { isQuoteOf } from './text/case-facts.js';
import { paragraphsOf } from './text/paragraphs.js';
import { isEnclosure } from './text/writing.js';

interface Reply {
  mailId: string;
  message: ParsedMessage;
  reading: ReadKind;
  correlation: Correlation;
  /** It marks part of its text as quoted. */
  quotes: boolean;
  context: { index: CorrelationIndex; replyWords?: ReplyLanguages };
}

/**
 * The plain answer in a client's reply, or undefined. Both versions of the text must give it, and what it quotes must be from
 * emails of the case: people write into quotes, and forward what needs a reader.
 */
export async function answersOfClient(reply: Reply): Promise<ReceivedMail['answers']> {
  const { mailId, message, reading, correlation, quotes, context } = reply;
  const { text, alternativeText, attachments, attachedMessages } = message;
  if (!context.replyWords || reading.kind !== 'client-reply' || reading.automatic || !correlation.match)
    return undefined;
  if (attachments.some(isEnclosure) || attachedMessages.length > 0) return undefined;
  const answers = plainAnswers(text, senderName(message), context.replyWords);
  const alternative = alternativeText?.trim()
    ? plainAnswers(alternativeText, senderName(message), context.replyWords)
    : answers;
  const same = Object.entries(answers).filter(([language, answer]) => alternative[language] === answer);
  if (same.length === 0) return undefined;
  if (quotes) {
    const words = await context.index.wordsOf(correlation.match.workflowId, mailId);
    const quoted = [text, alternativeText ?? ''].flatMap((part) => paragraphsOf(part, { importerNumbers: [] }).quoted);
    if (!quoted.every((paragraph) => isQuoteOf(paragraph, words))) return undefined;
  }
  return Object.fromEntries(same);
}

/** As its From line has it, without the address. */
function senderName({ headers }: ParsedMessage): string {
  const from = headerValue(headers, 'from')?.slice(0, 500) ?? '';
  return from.replace(/<[^>]*>/g, '').replaceAll('"', '');
}
