import { DOUBTS } from '../../workflows/contract/doubts.js';
import { isDecisionKind, type ReceivedMail } from '../../workflows/contract/received-mail.js';

/** In one line: why a mail may act by itself or not, and which of its paragraphs was new. */
export function whyItCounts({ kind, doubts, letter, unknown = [] }: ReceivedMail): string {
  if (doubts.length === 0) {
    if (letter) return `by itself: it is ${letter.id}, word for word`;
    return isDecisionKind(kind) ? 'by itself' : 'as what it is; it decides nothing';
  }
  const [first] = unknown;
  const others = unknown.length > 1 ? `, and ${unknown.length - 1} more` : '';
  return `only once a person has looked: ${doubts.map((doubt) => DOUBTS[doubt]).join('; ')}${first === undefined ? '' : `; new in it: "${first}"${others}`}`;
}
