import type { Archive } from '../../archive/archive.js';
import { signatures } from '../../archive/records.js';
import { isDecisionKind, type ReceivedMail } from '../received-mail.js';

/**
 * One signature counts once, whatever headers it does not cover. Whose mail has it is put on record before the onboarding
 * is told; the same mail again is the first again.
 */
export async function isFirstWithSignature(
  archive: Archive,
  { signature, otherSignatures = [], mailId, kind }: ReceivedMail,
  workflowId: string,
): Promise<boolean> {
  if (!signature || !isDecisionKind(kind)) return true;
  const claims = await Promise.all(
    [signature, ...otherSignatures].map((one) => archive.createRecord(signatures.key(one), { mailId, workflowId })),
  );
  return claims.every((claim) => claim.created || signatures.schema.parse(claim.existing).mailId === mailId);
}
