/** Clocks of ACE that run against a client. CBP may change them, so each says where it was read and of which day that is. */
export const ACE_RULES = {
  /** How long the link to the first sign-in works, in calendar days from CBP's account email. */
  signInLink: { days: 21, source: "CBP's guide Initial Account Access", asOf: '2012-02-13' },
  /** ACE disables a user after this many calendar days without a sign-in. */
  idleUser: { days: 45, source: '73 FR 38464', asOf: '2008-07-07' },
} as const;
