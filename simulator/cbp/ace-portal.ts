/**
 * The part of ACE that matters to an onboarding: an account owner grants another ACE user access to the importer numbers
 * of a top account, and that user then sees them.
 */
export interface AcePortal {
  /** What the account owner does. A new grant replaces the earlier one. */
  grant(grant: Grant): void;
  /** What an ACE user can see of a client. */
  seenBy(aceUser: string, importerNumber: string): Grant | undefined;
}

export interface Grant {
  /** Main importer number of the top account. */
  account: string;
  /** ACE user who gets access: an email address in lower case. */
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
