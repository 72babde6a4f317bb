import { printable, printableLine } from '../../application/plain-text.js';
import type { Judgement } from './judgement.js';

/**
 * A judgement as it is stored, told and shown: no text in it has control or format characters, and none but the kept one
 * has line breaks. What was judged is the message as it came.
 */
export function printableJudgement(judgement: Judgement): Judgement {
  const { redactedText, ...rest } = judgement;
  return { ...eachText(rest), ...(redactedText === undefined ? {} : { redactedText: printable(redactedText) }) };
}

function eachText<T>(value: T): T;
function eachText(value: unknown): unknown {
  if (typeof value === 'string') return printableLine(value);
  if (Array.isArray(value)) return value.map((one) => eachText(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, eachText(one)]));
}
