import type { Archive } from '../../../archive/archive.js';
import { signatures } from '../../../archive/records.js';
import { isDecisionKind, type ReceivedMail } from '../../../workflows/contract/received-mail.js';

/**
 * Makes a signature count only once, whatever headers it does not cover. Records which email has it before the onboarding
 * is signaled. The same email may claim it again.
 * @returns the email, with the doubt `signature-used` if another email had the signature before
 */
export async function claimSignatures(archive: Archive, mail: ReceivedMail, workflowId: string): Promise<ReceivedMail> {
  const { signature, otherSignatures = [], mailId, kind, doubts } = mail;
  if (doubts.length > 0 || !signature || !isDecisionKind(kind)) return mail;
  const claims = await Promise.all(
    [signature, ...otherSignatures].map((one) => archive.createRecord(signatures.key(one), { mailId, workflowId })),
  );
  const isFirst = claims.every((claim) => claim.created || signatures.schema.parse(claim.existing).mailId === mailId);
  return isFirst ? mail : { ...mail, doubts: ['signature-used'] };
}
