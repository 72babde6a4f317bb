import { addDays, inNewYork } from '../../calendar/day.js';

/**
 * Why a mail may not act by itself. The judge finds most of these, the receiver and the workflow some more; here alone is
 * said what each means, and a mail with one is for a person. Pure: the workflow imports this file.
 */
export const DOUBTS = {
  unreadable: 'it could not be read',
  'asks-for-secrets':
    'it asks for passwords, bank data or a Social Security number: CBP never does by mail. Treat it as fraud',
  'sender-unproven': "it is not proven to be CBP's: a person must verify what it says",
  'sender-unchecked': 'whether it is genuine could not be found out',
  'to-client-alias': "it came to the client's alias, which CBP does not have: it is no mail of CBP's",
  'evidence-unsigned':
    'what ties it to this case is neither covered by its signature nor the secret alias: anybody can have added it',
  'not-written-to-us': 'it was not written to us, as far as its signature tells: somebody may have sent it on',
  'signature-used': 'the same signature came with another mail before: it may be an old mail sent again',
  'signed-before-submission': 'it was signed before the application was sent',
  undated: 'its Date header does not say when it was signed: it may be an old mail sent again',
  'other-number': 'it names another importer number',
  'earlier-attempt': 'it answers an earlier attempt',
  'unknown-letter': 'it is no letter that a person has confirmed',
  'new-address': 'it is a known letter, but nobody has confirmed it from this address',
  'day-out-of-range': 'a day in the paragraph that decides is before the application was sent, or after the mail',
  guess: 'what it is, is a guess',
  unclear: 'what it says is not clear',
  'case-closed': 'its onboarding is closed',
  'nothing-submitted': 'nothing has been sent to CBP for its onboarding yet',
  'contradicts-decision': 'it contradicts the decision already taken',
  'copy-unproven':
    'it looks like a copy of an application of ours, but does not name its reply alias: anybody could have written it',
  'return-unproven':
    'it says that an application of ours came back, but does not name its reply alias: anybody could have written it',
  'own-copy-returned': "only our own copy came back: CBP's mail server has the application",
  'member-returned':
    "it came back from an address that we did not write to: one member behind CBP's address, perhaps, while the others have it",
  delayed: 'the mail server goes on trying: nothing is lost yet',
  'names-no-mail': 'it does not say which mail of ours came back',
  'deleted-unread': 'somebody deleted our mail without reading it',
} as const;

export type Doubt = keyof typeof DOUBTS;

export function isDoubt(value: unknown): value is Doubt {
  return typeof value === 'string' && Object.hasOwn(DOUBTS, value);
}

/** Doubts about who wrote a mail, and to whose case it belongs; the others are about what it says. */
const ABOUT_ITS_ORIGIN: readonly Doubt[] = [
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

/** Whether a mail is proven to be CBP's word on this case, whatever it says. */
export function isOfCbp(doubts: readonly Doubt[]): boolean {
  return !doubts.some((doubt) => ABOUT_ITS_ORIGIN.includes(doubt));
}

/** Doubts about who wrote what claims to be CBP's word. */
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
 * Doubts that follow from when a decision was signed and which days its deciding paragraph names.
 * @param submittedAt when the attempt was sent, ISO instant; where nobody knows, ninety days before the mail
 */
export function doubtsAboutTime(
  { signedAt, letter }: { signedAt?: string; letter?: { dates: string[] } },
  submittedAt?: string,
): Doubt[] {
  const doubts: Doubt[] = [];
  // A clock that is a little behind is no old mail.
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
  return instant && inNewYork(new Date(instant)).day;
}

const CLOCKS_DIFFER_MS = 5 * 60_000;
