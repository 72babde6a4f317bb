import { createHash } from 'node:crypto';
import { printable } from '../../application/plain-text.js';
import { DOUBTS, type Doubt, doubtsAboutSender, doubtsAboutTime } from '../../workflows/contract/doubts.js';
import { isDecisionKind, type MailKind, type ReceivedMail } from '../../workflows/contract/received-mail.js';
import { readHeaderBlock } from '../incoming/header-lines.js';
import { mailIdentity } from '../incoming/mail-identity.js';
import { type ParsedMessage, parseMessage } from '../incoming/parse-message.js';
import { senderAddress, strictSender } from '../incoming/sender.js';
import { answersOfClient } from './client-answers.js';
import {
  type Correlation,
  correlate,
  isVouched,
  type ThreadEvidence,
  threadEvidence,
} from './correlation/correlate.js';
import type { CorrelationIndex } from './correlation/correlation-index.js';
import { type Judgement, type MailAction, printableJudgement } from './judgement.js';
import { hasCredentials, redacted, requestForSecrets } from './kind/confidential-words.js';
import { readKind } from './kind/kind.js';
import type { ReplyLanguages } from './kind/plain-answer.js';
import type { ReadKind } from './kind/read-kind.js';
import { decisionScore } from './kind/suggest.js';
import type { LetterBook } from './letters/letter.js';
import { type Match, matchLetter } from './letters/match.js';
import { groupOf } from './letters/waiting-letters.js';
import { type Authentication, authenticate, type TrustPolicy, unauthenticated } from './origin/authenticate.js';
import type { DnsResolver } from './origin/dns.js';
import { paragraphsOf } from './text/paragraphs.js';
import { isForeignQuote, withForeignQuotes, writingOf } from './text/writing.js';

/** Everything that judging depends on besides the message. */
export interface JudgeContext {
  trust: TrustPolicy;
  resolver: DnsResolver;
  index: CorrelationIndex;
  letters: LetterBook;
  /** Bare address our mail comes from. If unknown, only the Message-ID identifies our own copies. */
  ownAddress?: string;
  /** Bare address that applications go to. If unknown, any address at CBP's domains counts. */
  cbpAddress?: string;
  /** The reply words of every language. */
  replyWords?: ReplyLanguages;
}

export interface Arrival {
  /** ISO instant. */
  receivedAt: string;
  mailbox: string;
}

const EXCERPT_LIMIT = 300;
const KEPT_TEXT_LIMIT = 20_000;
const UNKNOWN_LIMIT = 5;

/**
 * Parses and authenticates one message, finds its case, compares it with the known letters, and decides what to do with
 * it. Throws only if a lookup does.
 */
export async function judgeMessage(raw: Uint8Array, arrival: Arrival, context: JudgeContext): Promise<Judgement> {
  return await judgeParsed(raw, await parseMessage(raw), arrival, context);
}

/** The same for a message that is already parsed, including one whose body was not read. */
export async function judgeParsed(
  raw: Uint8Array,
  message: ParsedMessage,
  arrival: Arrival,
  context: JudgeContext,
): Promise<Judgement> {
  // In parallel: both mostly wait for other systems.
  const [{ own, ...answers }, authentication] = await Promise.all([
    threadEvidence(message, context.index),
    message.unreadable
      ? unauthenticated('it was not verified because it cannot be read')
      : authenticate(raw, message.headers, message.oddities, context.trust, context.resolver, message),
  ]);
  // Using one of our Message-IDs, or our address in From, does not make a stranger us.
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
  const answered = await answersOfClient(findings);
  return printableJudgement(concluded({ ...findings, attached, answered, ...(await letterFindings(findings)) }));
}

interface Findings {
  raw: Uint8Array;
  mailId: string;
  message: ParsedMessage;
  arrival: Arrival;
  authentication: Authentication;
  newText: string;
  /** It marks part of its text as quoted. */
  quotes: boolean;
  reading: ReadKind;
  correlation: Correlation;
  thread: ThreadEvidence;
  context: JudgeContext;
  /** It claims to be our own email but lacks the secret that ours has. */
  forged: boolean;
}

interface LetterFindings {
  /** The comparison with the known letters. Undefined if it cannot be one: not from CBP, of no case, or not a letter. */
  match?: Match;
  /** Quoted paragraphs that no email of the case contains. */
  foreignQuotes?: string[];
  /** Equal for all emails that are the same letter. */
  group?: string;
  /** When the attempt that it may be about was sent, if known. */
  submittedAt?: string;
}

/** Compares an email with the known letters, if it is proven to be from CBP and of one case, and no mail server wrote it. */
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
    foreignQuotes: Object.values(writing.parts).flat().filter(isForeignQuote),
    group: groupOf(writing, facts),
    ...(submittedAt ? { submittedAt } : {}),
  };
}

function concluded(
  findings: Findings & LetterFindings & { attached: string[]; answered: ReceivedMail['answers'] },
): Judgement {
  const { raw, message, arrival, authentication, correlation, newText, match, attached, answered } = findings;
  const { kind, confidence, evidence } = kindOf(findings);
  const credentials = hasCredentials(`${message.subject}\n${message.text}\n${message.alternativeText ?? ''}`);
  const isGenuine = authentication.decision.verdict === 'authentic';
  const fraud =
    kind !== 'own-copy' && requestForSecrets(`${newText}\n\n${message.alternativeText ?? ''}`, isGenuine) !== undefined;
  const { believed } = authentication;
  const undoubted: Omit<ReceivedMail, 'doubts'> = {
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
    ...(answered && !credentials && !fraud ? { answers: answered } : {}),
    documentSha256: createHash('sha256').update(raw).digest('hex'),
  };
  const mail: ReceivedMail = { ...undoubted, doubts: doubtsAbout(undoubted, findings, fraud) };
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

/** Doubts that teaching a letter, or a letter's address, may resolve. */
const UNTIL_TAUGHT: readonly Doubt[] = ['unknown-letter', 'new-address'];

function unknownOf({ unknown }: Match): Pick<ReceivedMail, 'unknown'> {
  const shown = unknown.slice(0, UNKNOWN_LIMIT).map((paragraph) => excerptOf(redacted(printable(paragraph))));
  return shown.length > 0 ? { unknown: shown } : {};
}

/** The kind: that of the known letter or, without one, what the structure tells, unless it is a copy of our own email. */
function kindOf({
  reading,
  correlation,
  forged,
  match,
}: Findings & LetterFindings): Pick<ReadKind, 'kind' | 'confidence' | 'evidence'> {
  if (forged) return { kind: 'unclear', confidence: 0.3, evidence: reading.evidence };
  if (correlation.ownCopy)
    return {
      kind: 'own-copy',
      confidence: 0.97,
      evidence: ['its Message-ID and sender show that it is our own email'],
    };
  if (!match?.letter) return reading;
  return { kind: match.letter.kind, confidence: 1, evidence: [`it matches ${match.letter.id} word for word`] };
}

/** Judges by the From line. If our address is unknown, any sender outside CBP's domains counts. */
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
  // Such as an acknowledgement above someone else's decision.
  if (isReceipt(kind) && findings.foreignQuotes?.some((paragraph) => decisionScore(paragraph) >= 0.5))
    doubts.add('unclear');
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
  // An acknowledgement decides nothing, so the evidence for its case need not be proven.
  if (isReceipt(kind) || authenticity.verdict !== 'authentic') return doubts;
  if (findings.correlation.match && !findings.correlation.proven) doubts.push('evidence-unsigned');
  if (alias === 'none' && !isWrittenToUs(findings)) doubts.push('not-written-to-us');
  if (findings.authentication.believed?.signedAt === undefined) doubts.push('undated');
  return doubts;
}

/**
 * Whether a signed To or Cc has an address at our domain. Otherwise, a stranger could forward us a genuine letter addressed
 * to them. The secret alias is an alternative. If our domain is unknown, this is always true.
 */
function isWrittenToUs({ message, authentication, context: { ownAddress } }: Findings): boolean {
  if (!ownAddress) return true;
  const domain = ownAddress.slice(ownAddress.lastIndexOf('@')).toLowerCase();
  return message.recipients.some(
    ({ header, address }) =>
      (header === 'to' || header === 'cc') && authentication.signedHeaders.includes(header) && address.endsWith(domain),
  );
}

/** An email that the current stage does not expect, if the stage is known. The workflow checks again. */
function doubtAboutStage(kind: MailKind, stage: string | undefined): Doubt | undefined {
  if (stage === 'closed') return 'case-closed';
  if (stage === 'preparing' && kind !== 'client-reply') return 'nothing-submitted';
  if (stage === 'awaiting-access-grant' && isDecisionKind(kind) && kind !== 'approved') return 'contradicts-decision';
  return undefined;
}

/** An acknowledgement or a status update: it decides nothing. */
function isReceipt(kind: MailKind): boolean {
  return kind === 'acknowledgement' || kind === 'in-process';
}

interface Action {
  action: MailAction;
  reasons: string[];
}

/** Ignores only email that is not from CBP, belongs to no case and names none of our importer numbers. */
function actionFor(
  mail: ReceivedMail,
  { reading, correlation, authentication, match }: Findings & LetterFindings,
): Action {
  const { doubts, kind } = mail;
  if (kind === 'own-copy') return { action: 'ignore', reasons: ['a copy of our own email: nothing to do'] };
  const mayMatter =
    correlation.match !== undefined ||
    correlation.candidates.length > 0 ||
    authentication.decision.verdict !== 'unauthentic' ||
    authentication.acknowledgement.verdict !== 'unauthentic';
  const isNothing =
    (kind === 'unrelated' || kind === 'out-of-office') &&
    !doubts.includes('deleted-unread') &&
    !doubts.includes('asks-for-secrets');
  if (isNothing && !mayMatter)
    return {
      action: 'ignore',
      reasons: [kind === 'unrelated' ? 'it is not about an onboarding' : 'it only says that someone is away'],
    };
  const why = match && !match.letter && doubts.includes('unknown-letter') ? unknownBecause(match) : [];
  const reasons = [
    ...doubts.map((doubt) => DOUBTS[doubt]),
    ...why,
    ...(doubts.includes('guess') ? [`it may be ${reading.kind}`] : []),
    ...correlation.reasons,
    ...(correlation.unknownAliases > 0
      ? ['it was sent to an address that looks like one of our reply aliases, but we never gave it out']
      : []),
  ];
  return { action: correlation.match && doubts.length === 0 ? 'signal' : 'review', reasons };
}

function unknownBecause({ unknown, why }: Match): string[] {
  if (why) return [why];
  const [first] = unknown;
  return first === undefined ? [] : [`new text: "${excerptOf(redacted(printable(first)))}"`];
}

/** What the sender wrote, without quotes, as far as that can be told without knowing the case. */
function newlyWritten(text: string): { text: string; hasQuotes: boolean } {
  const { written, quoted } = paragraphsOf(text, { importerNumbers: [] });
  return { text: written.join('\n\n'), hasQuotes: quoted.length > 0 };
}

const ATTACHED_LIMIT = 2;

/** Whether each attached message is proven to be from CBP. For a person to see; it decides nothing. */
async function attachedFindings(message: ParsedMessage, { kind }: ReadKind, context: JudgeContext): Promise<string[]> {
  if (kind === 'bounce') return [];
  const findings: string[] = [];
  for (const bytes of message.attachedMessages.slice(0, ATTACHED_LIMIT)) {
    const { lines, oddities } = readHeaderBlock(bytes);
    const { decision } = await authenticate(bytes, lines, oddities, context.trust, context.resolver);
    findings.push(
      decision.verdict === 'authentic'
        ? 'the message attached to it is proven to be from CBP: a person can decide on it'
        : 'the message attached to it is not proven to be from CBP',
    );
  }
  return findings;
}

function excerptOf(text: string): string {
  const words = text.replace(/\s+/g, ' ').trim();
  return words.length <= EXCERPT_LIMIT ? words : `${words.slice(0, EXCERPT_LIMIT - 1).trimEnd()}…`;
}
