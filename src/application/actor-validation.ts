/** Between the person's name and the single sign-on that verified it, in a recorded actor. */
export const VERIFIED_BY = ', verified by ';

/**
 * The problem with an actor that a caller stated: it would look verified to people who read the notes, even if hidden
 * characters or punctuation disguise the words. Undefined if there is none.
 */
export function problemWithActor(stated: string): string | undefined {
  if (!/verifiedby/i.test(stated.normalize('NFKC').replace(/[^\p{L}]/gu, ''))) return undefined;
  return `The actor is stated as "${stated}". Only a sign-on token can verify a person. Enter only the person's name.`;
}
