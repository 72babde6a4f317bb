import { addDays, newYorkDayOf } from '../../calendar/day.js';

/**
 * Why an email may not act without a person. The judge finds most of these, the receiver and the workflow a few more. An
 * email with any of them goes to a person. This is the only place that explains them. Pure: the workflow imports it.
 */
export const DOUBTS = {
  unreadable: 'it could not be read',
  'asks-for-secrets':
    'it asks for passwords, bank information or a Social Security number. CBP never does that by email: treat it as fraud',
  'sender-unproven': "it is not proven to be CBP's: a person must verify what it says",
  'sender-unchecked': 'we could not check whether it is genuine',
  'to-client-alias': "it came to the client's reply address, which CBP does not have, so it is not from CBP",
  'evidence-unsigned':
    'what ties it to this case is neither covered by its signature nor the secret reply address: anyone could have added it',
  'not-written-to-us': 'its signature does not show that it was written to us: someone may have forwarded it',
  'signature-used': 'the same signature came with an earlier email: it may be an old email sent again',
  'signed-before-submission': 'it was signed before the application was sent',
  undated: 'its Date header does not say when it was signed: it may be an old email sent again',
  'other-number': 'it names another importer number',
  'earlier-attempt': 'it answers an earlier attempt',
  'unknown-letter': 'no one has confirmed this letter yet',
  'new-address': 'it is a known letter, but no one has confirmed it from this address',
  'day-out-of-range': 'a date in the deciding paragraph is before the application was sent, or after the email',
  guess: 'its kind is only a guess',
  unclear: 'what it says is not clear',
  'case-closed': 'its onboarding is closed',
  'nothing-submitted': 'nothing has been sent to CBP for its onboarding yet',
  'contradicts-decision': 'it contradicts the decision already taken',
  'copy-unproven':
    'it looks like a copy of our application, but does not name its reply address: anyone could have written it',
  'return-unproven':
    'it says that our application came back, but does not name its reply address: anyone could have written it',
  'own-copy-returned': "only our own copy came back: CBP's mail server has the application",
  'member-returned':
    "it came back from an address that we did not write to: perhaps one member of CBP's mailing list, while the others got it",
  delayed: 'the mail server is still trying: nothing is lost yet',
  'names-no-mail': 'it does not say which of our emails came back',
  'deleted-unread': 'someone deleted our email without reading it',
} as const;

export type Doubt = keyof typeof DOUBTS;

export function isDoubt(value: unknown): value is Doubt {
  return typeof value === 'string' && Object.hasOwn(DOUBTS, value);
}

/** Doubts about who wrote an email, and whose case it belongs to; the others are about what it says. */
const ABOUT_ORIGIN: readonly Doubt[] = [
  'unreadable',
  'asks-for-secrets',
  'sender-unproven',
  'sender-unchecked',
  'to-client-alias',
  'evidence-unsigned',
  'not-written-to-us',
  'signature-used',
  'signed-before-submission',
  'undated',
  'other-number',
];

/** Whether an email is proven to come from CBP and to be about this case, whatever it says. */
export function isOfCbp(doubts: readonly Doubt[]): boolean {
  return !doubts.some((doubt) => ABOUT_ORIGIN.includes(doubt));
}

/** Doubts about whether CBP wrote an email. */
export function doubtsAboutSender({
  authenticity: { verdict },
  alias,
}: {
  authenticity: { verdict: string };
  alias: string;
}): Doubt[] {
  const doubts: Doubt[] = [];
  if (verdict === 'undetermined') doubts.push('sender-unchecked');
  else if (verdict !== 'authentic') doubts.push('sender-unproven');
  if (alias === 'client') doubts.push('to-client-alias');
  return doubts;
}

/**
 * Doubts about when a decision was signed, and about the dates in its deciding paragraph.
 * @param submittedAt when the attempt was sent, ISO instant; if unknown, ninety days before the email
 */
export function doubtsAboutTime(
  { signedAt, letter }: { signedAt?: string; letter?: { dates: string[] } },
  submittedAt?: string,
): Doubt[] {
  const doubts: Doubt[] = [];
  // Allow for a sender's clock that is slightly behind.
  if (submittedAt && signedAt && Date.parse(signedAt) < Date.parse(submittedAt) - CLOCKS_DIFFER_MS)
    doubts.push('signed-before-submission');
  if (letter && letter.dates.length > 0) {
    const last = dayOf(signedAt);
    const first = submittedAt ? dayOf(submittedAt) : last && addDays(last, -90);
    if (!first || !last || letter.dates.some((day) => day < first || day > last)) doubts.push('day-out-of-range');
  }
  return doubts;
}

function dayOf(instant: string | undefined): string | undefined {
  return instant && newYorkDayOf(instant);
}

const CLOCKS_DIFFER_MS = 5 * 60_000;
