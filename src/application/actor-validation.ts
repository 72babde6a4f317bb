/** Between a person's name and the single sign-on that vouches for it, in the actor that is recorded. */
export const VERIFIED_BY = ', verified by ';

/**
 * What is wrong with an actor as somebody states it, if anything: it would look verified to whoever reads the notes, be it
 * with characters that are not seen, or with others between the words.
 */
export function problemWithActor(stated: string): string | undefined {
  if (!/verifiedby/i.test(stated.normalize('NFKC').replace(/[^\p{L}]/gu, ''))) return undefined;
  return `The actor is stated as "${stated}". Only a token says that somebody is verified: name the person alone.`;
}
