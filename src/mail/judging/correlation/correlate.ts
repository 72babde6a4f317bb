import { onboardingOf as roundOf } from '../../../application/reference.js';
import { headerValue } from '../../incoming/header-lines.js';
import type { ParsedMessage } from '../../incoming/parse-message.js';
import { type CorrelationIndex, companyWords, type KnownOnboarding } from './correlation-index.js';
import { type ImporterMentions, importerMentions, onlyMention } from './importer-mentions.js';

/** Which onboarding an email belongs to, and how we know. */
export interface Correlation {
  /** Set if the evidence points to exactly one. */
  match?: KnownOnboarding;
  /** Why there is no match, or what the match is based on: short sentences. */
  reasons: string[];
  /** Best first. */
  candidates: MailCandidate[];
  /** Which of our aliases it was sent to. */
  alias: 'cbp' | 'client' | 'none';
  /** How many recipients look like our aliases but are unknown: someone may be guessing, or an index was lost. */
  unknownAliases: number;
  /** Our message that it answers, copies or returns. */
  aboutMessageId?: string;
  /** It is a copy of that message. */
  ownCopy: boolean;
  /** Secret or signed evidence (the reply alias, signed headers) points to the match and to nothing else. */
  proven: boolean;
  /** It contains the secret of the message that it copies or returns, if that message has one. */
  vouched: boolean;
  /** The one importer number it names. */
  importerNumber?: string;
}

/** The evidence in addresses and Message-IDs, looked up before the words are read. */
export interface ThreadEvidence {
  recipients: { onboarding: KnownOnboarding; alias: 'cbp' | 'client'; header: string }[];
  unknownAliases: number;
  threads: (OwnMessage & { where: string })[];
  own?: OwnMessage;
  /** Workflow IDs of the onboardings whose alias for CBP is among its recipients or its Reply-To, or in a message inside it. */
  aliasesNamed: Set<string>;
}

interface OwnMessage {
  onboarding: KnownOnboarding;
  messageId: string;
  purpose?: string;
}

/**
 * Whether an email that claims to be, or to return, one of our applications contains the reply alias that only the
 * application itself contains. A Message-ID proves nothing: anyone who guesses the client's reference can compute it.
 */
export function isVouched({ onboarding, purpose }: OwnMessage, { aliasesNamed }: ThreadEvidence): boolean {
  return !purpose?.startsWith('application/') || aliasesNamed.has(onboarding.workflowId);
}

/** No legitimate email has more of our aliases, or answers more of our emails. */
const LOOKUPS_LIMIT = 60;

export async function threadEvidence(message: ParsedMessage, index: CorrelationIndex): Promise<ThreadEvidence> {
  const recipients = message.recipients.slice(0, LOOKUPS_LIMIT);
  const answered = [
    { where: 'In-Reply-To', ids: message.inReplyTo },
    { where: 'References', ids: message.references },
    { where: 'a message inside it', ids: message.embeddedMessageIds },
  ]
    .flatMap(({ where, ids }) => [...new Set(ids)].map((id) => ({ where, id })))
    .slice(0, LOOKUPS_LIMIT);
  // In parallel, because each may be a network request.
  const [meanings, answering, threads, own] = await Promise.all([
    Promise.all(recipients.map(({ address }) => index.byRecipient(address))),
    Promise.all(message.replyTo.slice(0, LOOKUPS_LIMIT).map((address) => index.byRecipient(address))),
    Promise.all(answered.map(({ id }) => index.byMessageId(id))),
    Promise.all(ownMessageIds(message).map((id) => index.byMessageId(id))),
  ]);
  const found: ThreadEvidence = { recipients: [], unknownAliases: 0, threads: [], aliasesNamed: new Set() };
  const unknown = new Set<string>();
  recipients.forEach(({ address, header }, at) => {
    const meaning = meanings[at];
    if (meaning?.alias === 'unknown') unknown.add(address);
    else if (meaning) found.recipients.push({ ...meaning, header });
  });
  answered.forEach(({ where }, at) => {
    const hit = threads[at];
    if (hit) found.threads.push({ ...hit, where });
  });
  for (const meaning of [...meanings, ...answering])
    if (meaning?.alias === 'cbp') found.aliasesNamed.add(meaning.onboarding.workflowId);
  const mine = own.find((hit) => hit !== undefined);
  return { ...found, unknownAliases: unknown.size, ...(mine ? { own: mine } : {}) };
}

/** Its Message-ID, and the one in our own header in case a server changed it. */
function ownMessageIds(message: ParsedMessage): string[] {
  const name = headerValue(message.headers, 'x-onboarding-message');
  const domain = /@([^\s<>@]+)>?\s*$/.exec(headerValue(message.headers, 'from') ?? '')?.[1]?.toLowerCase();
  return [
    ...(message.messageId ? [message.messageId] : []),
    ...(name && /^[0-9a-f]{32}$/.test(name) && domain ? [`onboarding.${name}@${domain}`] : []),
  ];
}

/**
 * Finds the one onboarding on which all evidence agrees: reply alias, thread, and every importer number that the sender
 * names. At least one of these must exist; the company's name only breaks ties. Near misses are candidates for a person.
 * @param signedHeaders names of the headers that the sender's signature covers. A trusted signature always covers `subject`,
 * and then the body, with the numbers in it, is signed too
 */
export async function correlate(
  message: ParsedMessage,
  newText: string,
  thread: ThreadEvidence,
  index: CorrelationIndex,
  signedHeaders: readonly string[] = [],
): Promise<Correlation> {
  const mentions = importerMentions(message.subject, newText);
  const [numbers, named] = await Promise.all([
    numberEvidence(mentions, index),
    index.namedIn(`${message.subject}\n${newText}`),
  ]);
  const board = new Scoreboard();
  for (const { onboarding, alias } of thread.recipients)
    board.add(onboarding, 0.9, alias === 'cbp' ? 'sent to its reply alias' : "sent to its client's reply alias");
  for (const { onboarding, where } of thread.threads) board.add(onboarding, 0.85, `${where} names one of our emails`);
  for (const { number, hits, where } of numbers.exact)
    for (const onboarding of hits)
      board.add(onboarding, where === 'subject' ? 0.8 : 0.75, `names its importer number ${number} in the ${where}`);
  for (const { number, hits, why } of numbers.near)
    for (const onboarding of hits) board.add(onboarding, 0.4, `names ${number}: ${why}`);
  for (const onboarding of named) board.add(onboarding, 0.3, 'names its company');
  board.nameTies(`${message.subject}\n${newText}`);

  const found = thread.own
    ? {
        match: thread.own.onboarding,
        reasons: [`its Message-ID is the one of our email for ${thread.own.onboarding.reference}`],
        proven: false,
      }
    : agree(thread, numbers, board, signedHeaders);
  const importerNumber = onlyMention(mentions);
  const [alias] = thread.recipients.map((recipient) => recipient.alias).sort((one) => (one === 'client' ? -1 : 1));
  const about =
    thread.own ??
    thread.threads.find(({ onboarding }) => !found.match || onboarding.workflowId === found.match.workflowId);
  return {
    ...(found.match ? { match: found.match } : {}),
    reasons: found.reasons,
    candidates: board.ranked(),
    alias: alias ?? 'none',
    unknownAliases: thread.unknownAliases,
    ...(about ? { aboutMessageId: about.messageId } : {}),
    ownCopy: thread.own !== undefined,
    proven: found.proven,
    vouched: about !== undefined && isVouched(about, thread),
    ...(importerNumber ? { importerNumber } : {}),
  };
}

interface NumberEvidence {
  exact: { number: string; hits: KnownOnboarding[]; where: 'subject' | 'text' }[];
  near: { number: string; hits: KnownOnboarding[]; why: string }[];
  /** Numbers that belong to none of our onboardings. */
  unknown: string[];
}

async function numberEvidence(mentions: ImporterMentions, index: CorrelationIndex): Promise<NumberEvidence> {
  const inSubject = new Set(mentions.inSubject);
  const numbers = [...new Set([...mentions.inSubject, ...mentions.inText])].slice(0, LOOKUPS_LIMIT);
  const evidence: NumberEvidence = { exact: [], near: [], unknown: [] };
  const looked = await Promise.all(
    numbers.map(async (number) => {
      const hits = latestRounds(await index.byImporterNumber(number));
      return { number, hits, near: hits.length > 0 ? [] : latestRounds(await index.nearImporterNumber(number)) };
    }),
  );
  for (const { number, hits, near } of looked) {
    if (hits.length > 0) evidence.exact.push({ number, hits, where: inSubject.has(number) ? 'subject' : 'text' });
    else if (mentions.certain.has(number)) evidence.unknown.push(number);
    if (near.length > 0)
      evidence.near.push({ number, hits: near, why: 'similar to its importer number, but different' });
  }
  await Promise.all(
    mentions.labeled.slice(0, LOOKUPS_LIMIT).map(async ({ written, readings, ein }) => {
      const named = evidence.exact.some(({ number }) => (ein ? number.startsWith(ein) : readings.includes(number)));
      if (named) return;
      const hits = ein ? await ofEin(`${ein}00`, index) : [];
      if (hits.length > 0) evidence.near.push({ number: written, hits, why: 'its EIN, without the suffix' });
      else evidence.unknown.push(written);
    }),
  );
  const misses = await Promise.all(
    mentions.near.slice(0, LOOKUPS_LIMIT).map(async ({ meant, why }) => {
      if (why === 'suffix-missing')
        return { number: meant.slice(0, 10), hits: await ofEin(meant, index), why: 'its EIN, without the suffix' };
      const hits = latestRounds(await index.byImporterNumber(meant));
      return { number: meant, hits, why: 'its importer number with a letter in place of a digit' };
    }),
  );
  evidence.near.push(...misses.filter(({ hits }) => hits.length > 0));
  return evidence;
}

/** Onboardings that have the EIN of this number, with any suffix. */
async function ofEin(number: string, index: CorrelationIndex): Promise<KnownOnboarding[]> {
  return latestRounds([...(await index.byImporterNumber(number)), ...(await index.nearImporterNumber(number))]);
}

interface Agreement {
  match?: KnownOnboarding;
  reasons: string[];
  proven: boolean;
}

function agree(
  thread: ThreadEvidence,
  numbers: NumberEvidence,
  board: Scoreboard,
  signedHeaders: readonly string[],
): Agreement {
  const sets: { what: string; ids: Set<string>; proven: boolean }[] = [];
  const addSet = (what: string, onboardings: KnownOnboarding[], proven: boolean) => {
    if (onboardings.length > 0)
      sets.push({ what, ids: new Set(onboardings.map(({ workflowId }) => workflowId)), proven });
  };
  const isSigned = signedHeaders.includes('subject');
  addSet(
    'the reply alias',
    thread.recipients.map(({ onboarding }) => onboarding),
    true,
  );
  for (const where of ['In-Reply-To', 'References', 'a message inside it'])
    addSet(
      where,
      thread.threads.filter((hit) => hit.where === where).map(({ onboarding }) => onboarding),
      where === 'a message inside it' ? isSigned : signedHeaders.includes(where.toLowerCase()),
    );
  for (const { number, hits } of numbers.exact) addSet(`the importer number ${number}`, hits, isSigned);
  const disagreement = (reason: string): Agreement => ({ reasons: [reason], proven: false });
  if (sets.length === 0) return disagreement(noEvidence(numbers, board));

  const [first, ...rest] = sets;
  let common = [...(first?.ids ?? [])].filter((id) => rest.every(({ ids }) => ids.has(id)));
  if (common.length > 1) {
    const named = common.filter((id) => board.isNamed(id));
    if (named.length === 1) common = named;
  }
  const [only, ...others] = common;
  const what = sets.map((set) => set.what).join(', ');
  if (only === undefined) return disagreement(`${what} point to different onboardings`);
  if (others.length > 0)
    return disagreement(`${what} ${sets.length === 1 ? 'matches' : 'match'} ${common.length} onboardings`);
  if (numbers.unknown.length > 0)
    return disagreement(
      `it names ${numbers.unknown.join(', ')}, which is not an importer number of the onboarding that ${what} points to`,
    );
  const elsewhere = numbers.near.find(({ hits }) => !hits.some(({ workflowId }) => workflowId === only));
  if (elsewhere)
    return disagreement(`it names ${elsewhere.number}, which belongs to another onboarding than ${what} points to`);
  const match = board.onboarding(only);
  return match
    ? {
        match,
        reasons: [`${what} ${sets.length === 1 ? 'points' : 'point'} to ${match.reference}`],
        proven: sets.some(({ proven, ids }) => proven && ids.size === 1),
      }
    : disagreement('its onboarding is unknown');
}

function noEvidence(numbers: NumberEvidence, board: Scoreboard): string {
  if (numbers.near.length > 0)
    return "it names a number that is only similar to one of our clients' importer numbers, which is not enough";
  if (board.size > 0) return "only a company's name points to an onboarding, which is not enough";
  return 'nothing in it points to one of our onboardings';
}

/** A client's number is indexed for each round of its onboarding. Only the latest round counts. */
function latestRounds(onboardings: KnownOnboarding[]): KnownOnboarding[] {
  const latest = new Map<string, KnownOnboarding>();
  const round = (onboarding: KnownOnboarding) => roundOf(onboarding.workflowId)?.round ?? 1;
  for (const onboarding of onboardings) {
    const key = onboarding.reference.toLowerCase();
    const known = latest.get(key);
    if (!known || round(known) < round(onboarding)) latest.set(key, onboarding);
  }
  return [...latest.values()];
}

/** Collects the evidence for each onboarding. */
class Scoreboard {
  readonly #entries = new Map<
    string,
    { onboarding: KnownOnboarding; evidence: string[]; score: number; named: boolean }
  >();

  get size(): number {
    return this.#entries.size;
  }

  add(onboarding: KnownOnboarding, weight: number, evidence: string): void {
    const entry = this.#entries.get(onboarding.workflowId) ?? { onboarding, evidence: [], score: 0, named: false };
    // One lookup may know what another does not (company, stage).
    entry.onboarding = { ...onboarding, ...entry.onboarding };
    if (!entry.evidence.includes(evidence)) {
      entry.evidence.push(evidence);
      entry.score += (1 - entry.score) * weight;
    }
    if (evidence === 'names its company') entry.named = true;
    this.#entries.set(onboarding.workflowId, entry);
  }

  /** Not every index can search names, but candidates have theirs. */
  nameTies(text: string): void {
    const words = ` ${companyWords(text)} `;
    for (const entry of this.#entries.values()) {
      const name = companyWords(entry.onboarding.company ?? '');
      if (entry.named || name.length < 4 || !words.includes(` ${name} `)) continue;
      this.add(entry.onboarding, 0.3, 'names its company');
    }
  }

  isNamed(workflowId: string): boolean {
    return this.#entries.get(workflowId)?.named ?? false;
  }

  onboarding(workflowId: string): KnownOnboarding | undefined {
    return this.#entries.get(workflowId)?.onboarding;
  }

  ranked(): MailCandidate[] {
    return [...this.#entries.values()]
      .sort(
        (one, other) => other.score - one.score || one.onboarding.reference.localeCompare(other.onboarding.reference),
      )
      .slice(0, 10)
      .map(({ onboarding, evidence, score }) => ({
        reference: onboarding.reference,
        workflowId: onboarding.workflowId,
        evidence,
        score: Math.round(score * 100) / 100,
      }));
  }
}

export interface MailCandidate {
  reference: string;
  evidence: string[];
  workflowId?: string;
  score?: number;
}
