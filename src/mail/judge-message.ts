import { createHash } from 'node:crypto';
import { printable } from '../application/plain-text.js';
import { type Authentication, authenticate, type Trust, unauthenticated } from './authenticate.js';
import { type Classification, classify } from './classify.js';
import { anotherCompany } from './company-mentions.js';
import { hasCredentials, redacted, requestForSecrets } from './confidential-words.js';
import { type Correlation, correlate, isVouched, type ThreadEvidence, threadEvidence } from './correlate.js';
import type { CorrelationIndex } from './correlation-index.js';
import type { DnsResolver } from './dns.js';
import { headerValue, readHeaderBlock } from './header-lines.js';
import { mailIdentity } from './mail-identity.js';
import type { Judgement, MailAction } from './mail-judge.js';
import { type ParsedMessage, parseMessage } from './parse-message.js';
import { printableJudgement } from './printable-judgement.js';
import { type Authenticity, isDecisionKind, type MailKind, type ReceivedMail } from './received-mail.js';
import { strictSender } from './sender.js';
import type { Wording } from './wording.js';

/** Everything a judgement rests on beside the message. */
export interface JudgeContext {
  trust: Trust;
  resolver: DnsResolver;
  index: CorrelationIndex;
  wording: Wording;
  /** Address our mail comes from, bare; where unknown, our own copies are told by their Message-ID alone. */
  ownAddress?: string;
  /** Texts of ours that answers may repeat. */
  ownWords?: readonly string[];
}

export interface Arrival {
  /** ISO instant. */
  receivedAt: string;
  mailbox: string;
}

/** Below this a kind is a guess for a person. */
const CONFIDENT = 0.7;
const EXCERPT_LIMIT = 300;
const KEPT_TEXT_LIMIT = 20_000;

/** Parses, authenticates, classifies and correlates one message and says what to do with it. Throws only if a lookup does. */
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
  const { own, ...answers } = await threadEvidence(message, context.index);
  // A stranger who learned a Message-ID of ours does not become us by using it, nor by writing our address above it.
  const claimed = own && isFromUs(message, context) ? own : undefined;
  const forged = claimed !== undefined && !isVouched(claimed, answers);
  const thread: ThreadEvidence = claimed && !forged ? { ...answers, own: claimed } : answers;
  const authentication = message.unreadable
    ? unauthenticated('it was not verified, because it cannot be read')
    : await authenticate(raw, message.headers, message.oddities, context.trust, context.resolver);
  const ours = await ownTexts(thread, context.index);
  const classification = classify(message, {
    wording: context.wording,
    cbpDomains: context.trust.fromDomains,
    ...(context.ownAddress ? { ownAddress: context.ownAddress } : {}),
    alias: aliasOf(thread),
    ownWords: [...(context.ownWords ?? []), ...ours],
    names: [...companiesOf(thread), ...ours.map((text) => text.split('\n', 1)[0] ?? '')],
    concernsUs: thread.threads.length > 0 || thread.recipients.length > 0,
  });
  const correlation = await correlate(message, classification.newText, thread, context.index);
  const attached = await attachedFindings(message, classification, context);
  return printableJudgement(
    concluded({
      raw,
      message,
      arrival,
      authentication,
      classification,
      correlation,
      attached,
      thread,
      ours,
      unproven: forged ? UNPROVEN.copy : unprovenBounce(classification, correlation),
      context,
    }),
  );
}

interface Findings {
  raw: Uint8Array;
  message: ParsedMessage;
  arrival: Arrival;
  authentication: Authentication;
  classification: Classification;
  correlation: Correlation;
  attached: string[];
  thread: ThreadEvidence;
  /** Our mails that it answers. */
  ours: string[];
  /** Why it is not believed to be, or to return, a mail of ours. */
  unproven: string | undefined;
  context: JudgeContext;
}

function concluded(findings: Findings): Judgement {
  const { raw, message, arrival, authentication, correlation, attached } = findings;
  const { kind, confidence, evidence } = kindOf(findings);
  const { newText, responseBusinessDays } = findings.classification;
  const credentials = hasCredentials(`${message.subject}\n${message.text}\n${message.alternativeText ?? ''}`);
  const genuine = authentication.decision.verdict === 'authentic';
  const asksForSecrets =
    kind === 'own-copy' ? undefined : requestForSecrets(`${newText}\n\n${message.alternativeText ?? ''}`, genuine);
  const authenticity = authenticityFor(kind, authentication);
  const mail: ReceivedMail = {
    mailId: mailIdentity(raw),
    receivedAt: arrival.receivedAt,
    mailbox: arrival.mailbox,
    kind,
    confidence,
    evidence: [...evidence, ...attached],
    authenticity,
    alias: correlation.alias,
    from: senderAddress(message),
    subject: redacted(printable(message.subject)).slice(0, EXCERPT_LIMIT),
    excerpt: excerptOf(redacted(printable(newText || message.text))),
    ...(credentials ? { credentials } : {}),
    ...(correlation.aboutMessageId ? { aboutMessageId: correlation.aboutMessageId } : {}),
    ...(responseBusinessDays ? { responseBusinessDays } : {}),
    ...(correlation.importerNumber ? { importerNumber: correlation.importerNumber } : {}),
    documentSha256: createHash('sha256').update(raw).digest('hex'),
  };
  const { action, reasons } = actionFor(mail, findings, asksForSecrets);
  const { match } = correlation;
  return {
    mail,
    action,
    ...(match ? { workflowId: match.workflowId, reference: match.reference } : {}),
    candidates: correlation.candidates,
    reasons,
    ...(credentials ? { credentials, redactedText: redacted(printable(message.text)).slice(0, KEPT_TEXT_LIMIT) } : {}),
    ...(asksForSecrets ? { fraud: true } : {}),
    ...(message.unreadable ? { unreadable: true } : {}),
    ...(correlation.unknownAliases > 0 ? { unknownAliases: correlation.unknownAliases } : {}),
  };
}

const UNPROVEN = {
  copy: 'it looks like a copy of an application of ours, but does not name its reply alias: anybody could have written it',
  bounce:
    'it says that an application of ours came back, but does not name its reply alias: anybody could have written it',
};

/** What says that an application came back moves the onboarding, whoever wrote it. */
function unprovenBounce({ kind }: Classification, { aboutMessageId, vouched }: Correlation): string | undefined {
  return kind === 'bounce' && aboutMessageId && !vouched ? UNPROVEN.bounce : undefined;
}

/** What the words say, unless it is our own mail come back. */
function kindOf({
  classification,
  correlation,
  unproven,
}: Findings): Pick<Classification, 'kind' | 'confidence' | 'evidence'> {
  if (unproven) return { kind: 'unclear', confidence: 0.3, evidence: classification.evidence };
  if (!correlation.ownCopy) return classification;
  return { kind: 'own-copy', confidence: 0.97, evidence: ['it is a mail of ours, by its Message-ID and sender'] };
}

/** By its From line; where our address is not known, by not being CBP's. */
function isFromUs(message: ParsedMessage, { ownAddress, trust }: JudgeContext): boolean {
  const sender = strictSender(message.headers);
  if ('problem' in sender) return false;
  if (ownAddress) return sender.address === ownAddress.toLowerCase();
  return !trust.fromDomains.some((domain) => domain.toLowerCase() === sender.domain);
}

function authenticityFor(kind: MailKind, authentication: Authentication): Authenticity {
  return kind === 'acknowledgement' ? authentication.acknowledgement : authentication.decision;
}

interface Action {
  action: MailAction;
  reasons: string[];
}

function actionFor(mail: ReceivedMail, findings: Findings, asksForSecrets: string | undefined): Action {
  const { message, classification, correlation, unproven } = findings;
  const { match } = correlation;
  const review = (...why: string[]): Action => ({
    action: 'review',
    reasons: [...why, ...correlation.reasons, ...alarms(correlation)],
  });
  const ignore = (why: string): Action => ({ action: 'ignore', reasons: [why] });
  const signal = (): Action => ({ action: 'signal', reasons: correlation.reasons });

  if (mail.kind === 'own-copy') return ignore('a copy of our own mail: nobody needs to be told');
  if (asksForSecrets)
    return review(
      'it asks for passwords, bank data or a Social Security number: CBP never does by mail. Treat it as fraud',
    );
  if (message.unreadable) return review('it could not be read');
  if (unproven) return review(unproven);
  if (mail.kind === 'unrelated')
    return mail.confidence >= 0.8 && !(message.calendar && match)
      ? ignore('it concerns no onboarding')
      : review('a person should see what it is about');
  if (mail.kind === 'out-of-office') return ignore('it only says that somebody is away');
  if (!match) return review();
  const unexpected = whyUnexpected(mail.kind, match.stage);
  if (unexpected) return review(unexpected);
  if (mail.kind === 'unclear') return review('what it says is not clear');
  if (mail.confidence < CONFIDENT) return review(`it may be ${mail.kind}, but that is a guess`);
  if (mail.kind === 'bounce')
    return mail.aboutMessageId ? signal() : review('it does not say which mail of ours came back');
  if (mail.kind === 'client-reply')
    return classification.forwarded ? review('a forwarded mail proves nothing by itself') : signal();
  if (mail.alias === 'client')
    return review("it came to the client's alias, which CBP does not have: it is no mail of CBP's");
  if (classification.forwarded) return review('a forwarded mail proves nothing by itself');
  if (isDecisionKind(mail.kind) && namesAnother(findings))
    return review('it names another company than that of the onboarding it points at');
  if (mail.authenticity.verdict === 'authentic')
    return isDecisionKind(mail.kind) && !isWrittenToUs(findings)
      ? review('it was not written to us, as far as its signature tells: somebody may have sent it on')
      : signal();
  return review(
    mail.authenticity.verdict === 'undetermined'
      ? 'whether it is genuine could not be found out'
      : "it is not proven to be CBP's: a person must verify what it says",
  );
}

/**
 * Whether a signed To or Cc names an address of ours: else a genuine decision that a stranger got could be sent into a thread
 * of ours, by headers that no signature covers. Any address at our domain will do; where it is not known, nothing is asked.
 */
function isWrittenToUs({ message, thread, authentication, context: { ownAddress } }: Findings): boolean {
  if (!ownAddress) return true;
  const domain = ownAddress.slice(ownAddress.lastIndexOf('@')).toLowerCase();
  const ours = message.recipients.filter(({ address }) => address.endsWith(domain));
  return [...ours, ...thread.recipients].some(
    ({ header }) => (header === 'to' || header === 'cc') && authentication.signedHeaders.includes(header),
  );
}

/** Where we know what ours is called. */
function namesAnother({ classification, correlation, ours }: Findings): boolean {
  const { company } = correlation.match ?? {};
  if (!company && ours.length === 0) return false;
  return anotherCompany(classification.saidIn ?? [], [...(company ? [company] : []), ...ours]) !== undefined;
}

/** A mail that the stage does not expect, where the stage is known. The workflow judges again when it is told. */
function whyUnexpected(kind: MailKind, stage: string | undefined): string | undefined {
  if (stage === 'closed') return 'its onboarding is closed';
  if (stage === 'preparing' && kind !== 'client-reply') return 'nothing has been sent to CBP for its onboarding yet';
  if (stage === 'awaiting-access-grant' && isDecisionKind(kind) && kind !== 'approved')
    return 'it contradicts the decision already taken';
  return undefined;
}

function alarms({ unknownAliases }: Correlation): string[] {
  return unknownAliases > 0 ? ['it was written to an address that looks like a reply alias of ours and is none'] : [];
}

/** The client's alias outweighs CBP's: whoever has it may be the client, who can have learned the other. */
function aliasOf({ recipients }: ThreadEvidence): 'cbp' | 'client' | 'none' {
  if (recipients.some(({ alias }) => alias === 'client')) return 'client';
  return recipients.length > 0 ? 'cbp' : 'none';
}

function companiesOf({ threads, recipients }: ThreadEvidence): string[] {
  return [...threads, ...recipients].flatMap(({ onboarding: { company } }) => company ?? []);
}

const OWN_MESSAGES_LIMIT = 3;

/** The text of our mails that this one answers. */
async function ownTexts({ threads }: ThreadEvidence, index: CorrelationIndex): Promise<string[]> {
  const ids = [...new Set(threads.map(({ messageId }) => messageId))].slice(0, OWN_MESSAGES_LIMIT);
  const texts: string[] = [];
  for (const id of ids) {
    const bytes = await index.ownMessage(id);
    if (bytes) texts.push(await subjectAndText(bytes));
  }
  return texts;
}

async function subjectAndText(bytes: Uint8Array): Promise<string> {
  const { subject, text } = await parseMessage(bytes);
  return `${subject}\n\n${text}`;
}

const ATTACHED_LIMIT = 2;

/** Of a forward: whether what is attached proves itself. For a person to see; it decides nothing. */
async function attachedFindings(
  message: ParsedMessage,
  { forwarded, kind }: Classification,
  context: JudgeContext,
): Promise<string[]> {
  if (!forwarded || kind === 'bounce') return [];
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
