/**
 * The part of ACE that matters to an onboarding: an account owner gives another ACE user access to the importer numbers
 * of a top account, and that user sees them in its own view.
 */
export interface AcePortal {
  /** The account owner's clicks. Granting again replaces what was granted before. */
  grant(grant: Grant): void;
  /** What an ACE user sees of a client. */
  seenBy(aceUser: string, importerNumber: string): Grant | undefined;
}

export interface Grant {
  /** Main importer number of the top account. */
  account: string;
  /** ACE user that gets the access: a mail address, lower case. */
  to: string;
  importerNumbers: string[];
  role: 'full-access' | 'read-only';
}

export function openAcePortal(): AcePortal {
  const grants = new Map<string, Grant>();
  return {
    grant(grant) {
      grants.set(`${grant.to}\n${grant.account}`, grant);
    },
    seenBy(aceUser, importerNumber) {
      return grants.get(`${aceUser.toLowerCase()}\n${importerNumber}`);
    },
  };
}
