/** Between a person's name and the single sign-on that vouches for it, in the actor that is recorded. */
export const VERIFIED_BY = ', verified by ';

/**
 * Whether an actor as somebody states it would look verified to whoever reads the notes, be it with characters that are
 * not seen, or with others between the words.
 */
export function looksVerified(stated: string): boolean {
  return /verifiedby/i.test(stated.normalize('NFKC').replace(/[^\p{L}]/gu, ''));
}
