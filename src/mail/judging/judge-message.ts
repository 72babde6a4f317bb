import { createHash } from 'node:crypto';
import { printable } from '../../application/plain-text.js';
import { DOUBTS, type Doubt, doubtsAboutSender, doubtsAboutTime } from '../../workflows/contract/doubts.js';
import { isDecisionKind, type MailKind, type ReceivedMail } from '../../workflows/contract/received-mail.js';
import { headerValue, readHeaderBlock } from '../incoming/header-lines.js';
import { mailIdentity } from '../incoming/mail-identity.js';
import { type ParsedMessage, parseMessage } from '../incoming/parse-message.js';
import { strictSender } from '../incoming/sender.js';
import {
  type Correlation,
  correlate,
  isVouched,
  type ThreadEvidence,
  threadEvidence,
} from './correlation/correlate.js';
import type { CorrelationIndex } from './correlation/correlation-index.js';
import type { Judgement, MailAction } from './judgement.js';
import { hasCredentials, redacted, requestForSecrets } from './kind/confidential-words.js';
import { readKind } from './kind/kind.js';
import type { ReadKind } from './kind/read-kind.js';
import { hintsAt } from './kind/suggest.js';
import type { LetterBook } from './letters/letter.js';
import { type Match, matchLetter } from './letters/match.js';
import { groupOf } from './letters/waiting-letters.js';
import { type Authentication, authenticate, type TrustPolicy, unauthenticated } from './origin/authenticate.js';
import type { DnsResolver } from './origin/dns.js';
import { printableJudgement } from './printable-judgement.js';
import { paragraphsOf } from './text/paragraphs.js';
import { isForeignQuote, withForeignQuotes, writingOf } from './text/writing.js';

/** Everything a judgement rests on beside the message. */
export interface JudgeContext {
  trust: TrustPolicy;
  resolver: DnsResolver;
  index: CorrelationIndex;
  letters: LetterBook;
  /** Address our mail comes from, bare; where unknown, our own copies are told by their Message-ID alone. */
  ownAddress?: string;
  /** Where applications go, bare; where unknown, any address of CBP's domains. */
  cbpAddress?: string;
}

export interface Arrival {
  /** ISO instant. */
  receivedAt: string;
  mailbox: string;
}

const EXCERPT_LIMIT = 300;
const KEPT_TEXT_LIMIT = 20_000;
const UNKNOWN_LIMIT = 5;

/** Parses, authenticates, correlates one message, compares it with known letters, and says what to do with it. Throws only if a lookup does. */
export async function judgeMessage(raw: Uint8Array, arrival: Arrival, context: JudgeContext): Promise<Judgement> {
  return await judgeParsed(raw, await parseMessage(raw), arrival, context);
}

/** The same for a message whose body was not or could not be read. */
export async function judgeParsed(
  raw: Uint8Array,
  message: ParsedMessage,
  arrival: Arrival,
  context: JudgeContext,
): Promise<Judgement> {
  // At the same time: both wait for others most of the time.
  const [{ own, ...answers }, authentication] = await Promise.all([
    threadEvidence(message, context.index),
    message.unreadable
      ? unauthenticated('it was not verified, because it cannot be read')
      : authenticate(raw, message.headers, message.oddities, context.trust, context.resolver, message),
  ]);
  // A stranger who learned a Message-ID of ours does not become us by using it, nor by writing our address above it.
  const claimed = own && isFromUs(message, context) ? own : undefined;
  const forged = claimed !== undefined && !isVouched(claimed, answers);
  const thread: ThreadEvidence = claimed && !forged ? { ...answers, own: claimed } : answers;
  const { text: newText, hasQuotes } = newlyWritten(message.text);
  const alternative = newlyWritten(message.alternativeText ?? '');
  const correlation = await correlate(message, newText, thread, context.index, authentication.signedHeaders);
  const reading = readKind(message, {
    text: newText,
    ...(message.alternativeText ? { alternative: alternative.text } : {}),
    cbpDomains: context.trust.fromDomains,
    ...(context.ownAddress ? { ownAddress: context.ownAddress } : {}),
    ...(context.cbpAddress ? { cbpAddress: context.cbpAddress } : {}),
    alias: correlation.alias,
    concernsUs: thread.threads.length > 0 || thread.recipients.length > 0,
  });
  const mailId = mailIdentity(raw, context.trust);
  const quotes = hasQuotes || alternative.hasQuotes;
  const read = { raw, mailId, message, arrival, authentication, newText, quotes, reading };
  const findings = { ...read, correlation, thread, context, forged };
  const attached = await attachedFindings(message, reading, context);
  return printableJudgement(concluded({ ...findings, attached, ...(await letterFindings(findings)) }));
}

interface Findings {
  raw: Uint8Array;
  mailId: string;
  message: ParsedMessage;
  arrival: Arrival;
  authentication: Authentication;
  newText: string;
  /** It marks some of its text as somebody's earlier words. */
  quotes: boolean;
  reading: ReadKind;
  correlation: Correlation;
  thread: ThreadEvidence;
  context: JudgeContext;
  /** It claims to be a mail of ours and does not bear what only that bears. */
  forged: boolean;
}

interface LetterFindings {
  /** How it stands to the known letters; undefined where it cannot be one: not CBP's, of no case, or no letter at all. */
  match?: Match;
  /** What it quotes that no mail of the case says. */
  strange?: string[];
  /** The same for mails that are the same letter. */
  group?: string;
  /** When the attempt it may be about was sent, as far as known. */
  submittedAt?: string;
}

/** What is proven to be CBP's and of one case is compared with the known letters, unless a mail server wrote it. */
async function letterFindings({
  mailId,
  message,
  authentication,
  correlation,
  quotes,
  reading,
  context,
}: Omit<Findings, 'letter'>): Promise<LetterFindings> {
  const { believed } = authentication;
  const { match: onboarding } = correlation;
  if (!believed || !onboarding || correlation.ownCopy || reading.kind === 'bounce' || message.unreadable) return {};
  const [known, words] = await Promise.all([
    context.index.caseOf(onboarding.workflowId),
    quotes ? context.index.wordsOf(onboarding.workflowId, mailId) : [],
  ]);
  const { submittedAt, ...facts } = known ?? { importerNumbers: [] };
  const sender = { domain: believed.domain, address: senderAddress(message) };
  const writing = withForeignQuotes(writingOf(message, facts, sender), words);
  return {
    match: matchLetter(writing, facts, context.letters),
    strange: Object.values(writing.parts).flat().filter(isForeignQuote),
    group: groupOf(writing, facts),
    ...(submittedAt ? { submittedAt } : {}),
  };
}

function concluded(findings: Findings & LetterFindings & { attached: string[] }): Judgement {
  const { raw, message, arrival, authentication, correlation, newText, match, attached } = findings;
  const { kind, confidence, evidence } = kindOf(findings);
  const credentials = hasCredentials(`${message.subject}\n${message.text}\n${message.alternativeText ?? ''}`);
  const genuine = authentication.decision.verdict === 'authentic';
  const fraud =
    kind !== 'own-copy' && requestForSecrets(`${newText}\n\n${message.alternativeText ?? ''}`, genuine) !== undefined;
  const { believed } = authentication;
  const told: Omit<ReceivedMail, 'doubts'> = {
    mailId: findings.mailId,
    receivedAt: arrival.receivedAt,
    mailbox: arrival.mailbox,
    kind,
    confidence,
    evidence: [...evidence, ...attached].map(redacted),
    authenticity: isReceipt(kind) ? authentication.acknowledgement : authentication.decision,
    alias: correlation.alias,
    from: senderAddress(message),
    subject: redacted(printable(message.subject)).slice(0, EXCERPT_LIMIT),
    excerpt: excerptOf(redacted(printable(newText || message.text))),
    ...(credentials ? { credentials } : {}),
    ...(correlation.aboutMessageId ? { aboutMessageId: correlation.aboutMessageId } : {}),
    ...(isReceipt(kind) && findings.reading.responseBusinessDays
      ? { responseBusinessDays: findings.reading.responseBusinessDays }
      : {}),
    ...(correlation.importerNumber ? { importerNumber: correlation.importerNumber } : {}),
    ...(match?.letter ? { letter: { id: match.letter.id, dates: match.dates } } : {}),
    ...(match && !match.letter && !isReceipt(kind) && kind !== 'out-of-office' ? unknownOf(match) : {}),
    ...(believed ? { signedBy: believed.domain, signature: believed.signature } : {}),
    ...(believed && believed.otherSignatures.length > 0 ? { otherSignatures: believed.otherSignatures } : {}),
    ...(believed?.signedAt ? { signedAt: believed.signedAt } : {}),
    documentSha256: createHash('sha256').update(raw).digest('hex'),
  };
  const mail: ReceivedMail = { ...told, doubts: doubtsAbout(told, findings, fraud) };
  const { action, reasons } = actionFor(mail, findings);
  const { match: onboarding } = correlation;
  return {
    mail,
    action,
    ...(onboarding ? { workflowId: onboarding.workflowId, reference: onboarding.reference } : {}),
    candidates: correlation.candidates.map((one) => ({ ...one, evidence: one.evidence.map(redacted) })),
    reasons: reasons.map(redacted),
    ...(findings.group && mail.doubts.some((doubt) => UNTIL_TAUGHT.includes(doubt))
      ? { letterGroup: findings.group }
      : {}),
    ...(credentials ? { credentials, redactedText: redacted(printable(message.text)).slice(0, KEPT_TEXT_LIMIT) } : {}),
    ...(fraud ? { fraud } : {}),
    ...(message.unreadable ? { unreadable: true } : {}),
    ...(correlation.unknownAliases > 0 ? { unknownAliases: correlation.unknownAliases } : {}),
  };
}

/** What may be settled by teaching a letter, or an address of one. */
const UNTIL_TAUGHT: readonly Doubt[] = ['unknown-letter', 'new-address'];

function unknownOf({ unknown }: Match): Pick<ReceivedMail, 'unknown'> {
  const shown = unknown.slice(0, UNKNOWN_LIMIT).map((paragraph) => excerptOf(redacted(printable(paragraph))));
  return shown.length > 0 ? { unknown: shown } : {};
}

/** A known letter, or what the structure says, unless it is our own mail come back. */
function kindOf({
  reading,
  correlation,
  forged,
  match,
}: Findings & LetterFindings): Pick<ReadKind, 'kind' | 'confidence' | 'evidence'> {
  if (forged) return { kind: 'unclear', confidence: 0.3, evidence: reading.evidence };
  if (correlation.ownCopy)
    return { kind: 'own-copy', confidence: 0.97, evidence: ['it is a mail of ours, by its Message-ID and sender'] };
  if (!match?.letter) return reading;
  return { kind: match.letter.kind, confidence: 1, evidence: [`it is ${match.letter.id}, word for word`] };
}

/** By its From line; where our address is not known, by not being CBP's. */
function isFromUs(message: ParsedMessage, { ownAddress, trust }: JudgeContext): boolean {
  const sender = strictSender(message.headers);
  if ('problem' in sender) return false;
  if (ownAddress) return sender.address === ownAddress.toLowerCase();
  return !trust.fromDomains.some((domain) => domain.toLowerCase() === sender.domain);
}

// What keeps it from acting ---------------------------------------------------------------------------------------------

function doubtsAbout(mail: Omit<ReceivedMail, 'doubts'>, findings: Findings & LetterFindings, fraud: boolean): Doubt[] {
  const { kind } = mail;
  const doubts = new Set<Doubt>();
  if (kind === 'own-copy') return [];
  if (fraud) doubts.add('asks-for-secrets');
  if (findings.forged) doubts.add('copy-unproven');
  const isKnown = mail.letter !== undefined;
  if (!isKnown) for (const doubt of findings.reading.doubts) doubts.add(doubt);
  if (kind === 'bounce') {
    const { aboutMessageId, vouched } = findings.correlation;
    if (!aboutMessageId) doubts.add('names-no-mail');
    else if (!vouched) doubts.add('return-unproven');
  }
  // A receipt above what somebody else decided, say.
  if (isReceipt(kind) && findings.strange?.some((paragraph) => hintsAt(paragraph) >= 0.5)) doubts.add('unclear');
  const stage = doubtAboutStage(kind, findings.correlation.match?.stage);
  if (stage) doubts.add(stage);
  const claimsCbp = isDecisionKind(kind) || isReceipt(kind);
  if (claimsCbp || findings.match) for (const doubt of doubtsAboutOrigin(mail, findings, claimsCbp)) doubts.add(doubt);
  if (isDecisionKind(kind)) {
    doubts.delete('guess');
    if (!isKnown) doubts.add('unknown-letter');
    else if (!findings.match?.letter?.addresses.includes(mail.from)) doubts.add('new-address');
    for (const doubt of doubtsAboutTime(mail, findings.submittedAt)) doubts.add(doubt);
  } else if (kind === 'unclear' && findings.match) {
    doubts.delete('unclear');
    doubts.add('unknown-letter');
  }
  return (Object.keys(DOUBTS) as Doubt[]).filter((doubt) => doubts.has(doubt));
}

function doubtsAboutOrigin(mail: Omit<ReceivedMail, 'doubts'>, findings: Findings, claimsCbp: boolean): Doubt[] {
  const { kind, authenticity, alias } = mail;
  const doubts = claimsCbp ? doubtsAboutSender(mail) : [];
  // A receipt decides nothing: what says whose it is need not be proven.
  if (isReceipt(kind) || authenticity.verdict !== 'authentic') return doubts;
  if (findings.correlation.match && !findings.correlation.proven) doubts.push('evidence-unsigned');
  if (alias === 'none' && !isWrittenToUs(findings)) doubts.push('not-written-to-us');
  if (findings.authentication.believed?.signedAt === undefined) doubts.push('undated');
  return doubts;
}

/**
 * Whether a signed To or Cc names an address at our domain: else a genuine letter that a stranger got could be sent on to
 * us. The secret alias stands in for it. Where our domain is not known, nothing is asked.
 */
function isWrittenToUs({ message, authentication, context: { ownAddress } }: Findings): boolean {
  if (!ownAddress) return true;
  const domain = ownAddress.slice(ownAddress.lastIndexOf('@')).toLowerCase();
  return message.recipients.some(
    ({ header, address }) =>
      (header === 'to' || header === 'cc') && authentication.signedHeaders.includes(header) && address.endsWith(domain),
  );
}

/** A mail that the stage does not expect, where the stage is known. The workflow judges again when it is told. */
function doubtAboutStage(kind: MailKind, stage: string | undefined): Doubt | undefined {
  if (stage === 'closed') return 'case-closed';
  if (stage === 'preparing' && kind !== 'client-reply') return 'nothing-submitted';
  if (stage === 'awaiting-access-grant' && isDecisionKind(kind) && kind !== 'approved') return 'contradicts-decision';
  return undefined;
}

/** It decides nothing. */
function isReceipt(kind: MailKind): boolean {
  return kind === 'acknowledgement' || kind === 'in-process';
}

interface Action {
  action: MailAction;
  reasons: string[];
}

/** Passed over is only what is not CBP's, belongs to no case and names no number of ours. */
function actionFor(
  mail: ReceivedMail,
  { reading, correlation, authentication, match }: Findings & LetterFindings,
): Action {
  const { doubts, kind } = mail;
  if (kind === 'own-copy') return { action: 'ignore', reasons: ['a copy of our own mail: nobody needs to be told'] };
  const concerns =
    correlation.match !== undefined ||
    correlation.candidates.length > 0 ||
    authentication.decision.verdict !== 'unauthentic' ||
    authentication.acknowledgement.verdict !== 'unauthentic';
  const isNothing =
    (kind === 'unrelated' || kind === 'out-of-office') &&
    !doubts.includes('deleted-unread') &&
    !doubts.includes('asks-for-secrets');
  if (isNothing && !concerns)
    return {
      action: 'ignore',
      reasons: [kind === 'unrelated' ? 'it concerns no onboarding' : 'it only says that somebody is away'],
    };
  const why = match && !match.letter && doubts.includes('unknown-letter') ? unknownBecause(match) : [];
  const reasons = [
    ...doubts.map((doubt) => DOUBTS[doubt]),
    ...why,
    ...(doubts.includes('guess') ? [`it may be ${reading.kind}`] : []),
    ...correlation.reasons,
    ...(correlation.unknownAliases > 0
      ? ['it was written to an address that looks like a reply alias of ours and is none']
      : []),
  ];
  return { action: correlation.match && doubts.length === 0 ? 'signal' : 'review', reasons };
}

function unknownBecause({ unknown, why }: Match): string[] {
  if (why) return [why];
  const [first] = unknown;
  return first === undefined ? [] : [`new in it: "${excerptOf(redacted(printable(first)))}"`];
}

/** What its sender newly wrote, as far as that can be told without knowing the case. */
function newlyWritten(text: string): { text: string; hasQuotes: boolean } {
  const { written, quoted } = paragraphsOf(text, { importerNumbers: [] });
  return { text: written.join('\n\n'), hasQuotes: quoted.length > 0 };
}

const ATTACHED_LIMIT = 2;

/** Of messages attached: whether each proves itself. For a person to see; it decides nothing. */
async function attachedFindings(message: ParsedMessage, { kind }: ReadKind, context: JudgeContext): Promise<string[]> {
  if (kind === 'bounce') return [];
  const findings: string[] = [];
  for (const bytes of message.attachedMessages.slice(0, ATTACHED_LIMIT)) {
    const { lines, oddities } = readHeaderBlock(bytes);
    const { decision } = await authenticate(bytes, lines, oddities, context.trust, context.resolver);
    findings.push(
      decision.verdict === 'authentic'
        ? "the message attached to it is itself proven to be CBP's: a person can decide on it"
        : "the message attached to it is not proven to be CBP's",
    );
  }
  return findings;
}

/** Where the From line cannot be read strictly, its first address, for a person to see. It proves nothing. */
function senderAddress(message: ParsedMessage): string {
  const sender = strictSender(message.headers);
  if ('address' in sender) return sender.address.slice(0, 320);
  const written =
    headerValue(message.headers, 'from')
      ?.slice(0, 10_000)
      .split(/[\s<>,;:"()]+/) ?? [];
  return (
    written
      .find((word) => /^[^@]+@[^@]+$/.test(word))
      ?.toLowerCase()
      .slice(0, 320) ?? ''
  );
}

function excerptOf(text: string): string {
  const words = text.replace(/\s+/g, ' ').trim();
  return words.length <= EXCERPT_LIMIT ? words : `${words.slice(0, EXCERPT_LIMIT - 1).trimEnd()}…`;
}
