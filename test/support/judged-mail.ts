import type { Doubt } from '../../src/workflows/contract/doubts.js';
import { isDecisionKind, type ReceivedMail } from '../../src/workflows/contract/received-mail.js';

/** An email with the doubts that the judge would have about it, unless given. */
export function withDoubts(mail: Omit<ReceivedMail, 'doubts'> & { doubts?: Doubt[] }): ReceivedMail {
  const { kind, confidence, authenticity, alias, doubts } = mail;
  const claimsCbp = isDecisionKind(kind) || kind === 'acknowledgement' || kind === 'in-process';
  const found: Doubt[] = [];
  if (claimsCbp && authenticity.verdict === 'unauthentic') found.push('sender-unproven');
  if (claimsCbp && authenticity.verdict === 'undetermined') found.push('sender-unchecked');
  if (claimsCbp && alias === 'client') found.push('to-client-alias');
  if (isDecisionKind(kind) && confidence < 0.7) found.push('unknown-letter');
  if (kind === 'unclear') found.push('unclear');
  return { ...mail, doubts: doubts ?? found };
}
