import type { Archive } from '../../../archive/archive.js';
import { signatures } from '../../../archive/records.js';
import { isDecisionKind, type ReceivedMail } from '../../../workflows/contract/received-mail.js';

/**
 * One signature counts once, whatever headers it does not cover. Whose mail has it is put on record before the onboarding
 * is told; the same mail again is the first again.
 * @returns the mail itself, or with that doubt when another mail had the signature before
 */
export async function countedOnce(archive: Archive, mail: ReceivedMail, workflowId: string): Promise<ReceivedMail> {
  const { signature, otherSignatures = [], mailId, kind, doubts } = mail;
  if (doubts.length > 0 || !signature || !isDecisionKind(kind)) return mail;
  const claims = await Promise.all(
    [signature, ...otherSignatures].map((one) => archive.createRecord(signatures.key(one), { mailId, workflowId })),
  );
  const isFirst = claims.every((claim) => claim.created || signatures.schema.parse(claim.existing).mailId === mailId);
  return isFirst ? mail : { ...mail, doubts: ['signature-used'] };
}
