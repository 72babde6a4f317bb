import { approvesAnAccount, refusesAnAccount, wordsOfNames } from './decided-thing.js';
import { type HeaderLine, headerValue, headerValues } from './header-lines.js';
import { newlyWritten, readable, sentencesOf } from './newly-written.js';
import type { ParsedMessage } from './parse-message.js';
import type { MailKind } from './received-mail.js';
import { strictSender } from './sender.js';
import { isLabelled, spokenText } from './spoken-text.js';
import { plainWords, type WordedKind, type Wording } from './wording.js';

/** What classification must know beside the message. It never learns whether the sender is genuine. */
export interface ClassificationContext {
  wording: Wording;
  /** Domains that are CBP's. */
  cbpDomains: string[];
  /** Our own address, where known. */
  ownAddress?: string;
  /** Which alias of ours it came to. */
  alias: 'cbp' | 'client' | 'none';
  /** Texts of ours that it may repeat without saying so. */
  ownWords: readonly string[];
  /** What the importer is called, as far as it is known from the thread: names, or lines that hold them. */
  names?: readonly string[];
  /** It answers a message of ours, or names an importer of ours. */
  concernsUs: boolean;
}

export interface Classification {
  kind: MailKind;
  /** 0 to 1. Below 0.7 a guess for a person. */
  confidence: number;
  /** Why: short sentences. */
  evidence: string[];
  /** "3 to 5 business days": 5. */
  responseBusinessDays?: number;
  /** What the sender newly wrote. */
  newText: string;
  forwarded: boolean;
  /** From a program, not from a person. */
  automatic: boolean;
  /** The sentences that say so. */
  saidIn?: string[];
}

/** Longer mails than this say what they say before. */
const TEXT_LIMIT = 40_000;
const SENTENCES_LIMIT = 300;
const SENTENCE_LIMIT = 800;
/** From here on one phrase is enough. */
const CLEAR = 0.7;

/** Says what kind of mail it is, from what its sender newly wrote and from how programs mark their mail. Pure. */
export function classify(message: ParsedMessage, context: ClassificationContext): Classification {
  const written = newlyWritten(message.text.slice(0, TEXT_LIMIT), context.ownWords);
  const subject = subjectOf(message.subject);
  const automatic = isAutomatic(message.headers, subject);
  const forwarded =
    written.forwarded ||
    (subject.forward && (written.earlier !== '' || message.attachedMessages.length > 0)) ||
    forwardsAttached(message, subject);
  const reading: Reading = { message, context, subject, automatic, forwarded, text: written.text };
  const said = byStructure(reading) ?? byWords(reading);
  const days = said.kind === 'acknowledgement' || said.kind === 'in-process' ? announcedDays(written.text) : undefined;
  return {
    ...said,
    confidence: Math.round(said.confidence * 100) / 100,
    evidence: said.evidence.slice(0, 8),
    ...(days ? { responseBusinessDays: days } : {}),
    newText: written.text,
    forwarded,
    automatic: automatic !== undefined,
  };
}

type Said = Pick<Classification, 'kind' | 'confidence' | 'evidence' | 'saidIn'>;

interface Reading {
  message: ParsedMessage;
  context: ClassificationContext;
  subject: Subject;
  /** Why it is taken to be from a program. */
  automatic: string | undefined;
  forwarded: boolean;
  text: string;
}

// How programs mark their mail -------------------------------------------------------------------------------------

/** What the structure alone decides, whatever the words. */
function byStructure(reading: Reading): Said | undefined {
  const { message } = reading;
  return bounce(message) ?? receipt(message) ?? bulletin(reading) ?? invitation(reading);
}

function bounce(message: ParsedMessage): Said | undefined {
  const report = message.deliveryReport;
  if (report) {
    const what = `delivery report (RFC 3464): ${report.action}${report.status ? `, status ${report.status}` : ''}`;
    if (report.action === 'failed') return { kind: 'bounce', confidence: 0.97, evidence: [what] };
    if (report.action === 'delayed')
      return {
        kind: 'bounce',
        confidence: 0.6,
        evidence: [what, 'the mail server goes on trying: nothing is lost yet'],
      };
    return { kind: 'unrelated', confidence: 0.95, evidence: [what, 'it only says that a mail arrived'] };
  }
  const { headers } = message;
  const sender = strictSender(headers);
  const daemon = 'address' in sender && /^(?:mailer-daemon|postmaster|mail-daemon)@/.test(sender.address);
  const nullPath = headerValue(headers, 'return-path')?.trim() === '<>';
  const says =
    /\b(?:undeliver(?:ed|able)|delivery (?:has )?fail|failure notice|returned mail|mail delivery (?:failed|system|subsystem)|delivery status notification|could not be delivered|message not delivered)\b/i;
  if (headerValue(headers, 'x-failed-recipients') !== undefined)
    return { kind: 'bounce', confidence: 0.9, evidence: ['X-Failed-Recipients names who did not get it'] };
  if ((daemon || nullPath) && says.test(`${message.subject}\n${message.text.slice(0, 2_000)}`)) {
    if (/\b(?:delay(?:ed)?|warning)\b/i.test(message.subject))
      return { kind: 'bounce', confidence: 0.6, evidence: ['a mail server says that delivery is delayed'] };
    return {
      kind: 'bounce',
      confidence: daemon ? 0.9 : 0.85,
      evidence: ['a mail server says that it could not deliver a mail'],
    };
  }
  return undefined;
}

function receipt(message: ParsedMessage): Said | undefined {
  if (!message.readReceipt) return undefined;
  return { kind: 'unrelated', confidence: 0.95, evidence: ['a read receipt: it says that a mail was opened, no more'] };
}

function bulletin({ message, context }: Reading): Said | undefined {
  const { headers, subject } = message;
  const sender = strictSender(headers);
  const domain = 'domain' in sender ? sender.domain : '';
  const listed = `${headerValue(headers, 'list-id') ?? ''} ${headerValue(headers, 'list-unsubscribe') ?? ''} ${headerValue(headers, 'return-path') ?? ''}`;
  // What is written to an alias of ours, or answers us, is no bulletin, though it may name one.
  const toUs = context.concernsUs || context.alias !== 'none';
  if (
    !toUs &&
    (/govdelivery/i.test(`${domain} ${listed}`) ||
      /\bCSMS\s*#/i.test(subject) ||
      headerValue(headers, 'x-accountcode')?.startsWith('USDHS'))
  )
    return { kind: 'unrelated', confidence: 0.95, evidence: ['a bulletin to subscribers (CSMS, GovDelivery)'] };
  const bulk =
    headerValue(headers, 'list-unsubscribe') !== undefined ||
    headerValue(headers, 'list-id') !== undefined ||
    /^(?:bulk|list|junk)\b/i.test(headerValue(headers, 'precedence') ?? '');
  if (!bulk || toUs || isAutoReply(headers)) return undefined;
  return {
    kind: 'unrelated',
    confidence: 0.85,
    evidence: ['sent to many (List-Unsubscribe, List-Id or Precedence), about no case of ours'],
  };
}

function invitation({ message, text }: Reading): Said | undefined {
  if (!message.calendar) return undefined;
  const withWords = text.length > 200;
  return { kind: 'unrelated', confidence: withWords ? 0.75 : 0.9, evidence: ['a calendar invitation'] };
}

const AUTOREPLY_HEADERS = ['x-autoreply', 'x-autorespond', 'x-autoresponder', 'x-auto-reply'];

/** Why a mail is from a program (RFC 3834 and what came before it); undefined when nothing says so. */
function isAutomatic(headers: HeaderLine[], subject: Subject): string | undefined {
  const submitted = headerValue(headers, 'auto-submitted')?.toLowerCase();
  if (submitted && !submitted.startsWith('no')) return `Auto-Submitted: ${submitted.split(/[\s;(]/)[0]}`;
  for (const name of AUTOREPLY_HEADERS) if (headerValue(headers, name) !== undefined) return `it has ${name}`;
  if (subject.automatic) return 'its subject says that it is an automatic reply';
  return undefined;
}

function isAutoReply(headers: HeaderLine[]): boolean {
  return /^auto-(?:replied|generated)/i.test(headerValue(headers, 'auto-submitted') ?? '');
}

// Words -------------------------------------------------------------------------------------------------------------

interface Finding {
  score: number;
  evidence: string[];
  sentences: string[];
}
type Findings = Map<WordedKind, Finding>;

const DECISIONS = [
  'use-web-form',
  'already-registered',
  'not-on-file',
  'refused',
  'more-information',
  'approved',
] as const;

function byWords(reading: Reading): Said {
  const { context, message, subject, automatic, forwarded, text } = reading;
  const who = whoSpeaks(message, context);
  if (message.unreadable)
    return {
      kind: 'unclear',
      confidence: 0,
      evidence: [`it cannot be read: ${message.unreadable.code}, ${message.unreadable.detail}`],
    };

  const said = meaningOf(text, reading);
  const alternative = alternativeSaid(reading, said);
  const words = alternative ?? said;

  if (who === 'us')
    return {
      kind: 'unclear',
      confidence: 0.3,
      evidence: ['it comes from our own address but is no mail that we know'],
    };
  if (words?.kind === 'out-of-office') return words;
  if (context.alias === 'client' && who === 'other')
    return byItself(message, subject) ?? clientReply('it came to the alias that only the client has', words, reading);
  if (who === 'other') {
    if (forwarded) return clientReply("it passes somebody else's mail on", words, reading);
    if (words && words.confidence >= CLEAR && !speaksAsClient(text))
      return { ...words, evidence: [...words.evidence, 'the sender does not claim to be CBP'] };
    if (context.concernsUs || context.alias === 'cbp' || (words && speaksAsClient(text)))
      return clientReply('somebody other than CBP writes about a case of ours', words, reading);
    return { kind: 'unclear', confidence: 0.3, evidence: ['nothing in it says what it is about'] };
  }
  if (words) return words;
  if (automatic && isAutoReply(message.headers) && context.concernsUs && text.trim())
    return {
      kind: 'acknowledgement',
      confidence: 0.7,
      evidence: [automatic, 'it answers a mail of ours and says nothing else'],
    };
  return {
    kind: 'unclear',
    confidence: 0.3,
    evidence: [text.trim() ? 'its wording is not known' : emptyBecause(message)],
  };
}

function emptyBecause(message: ParsedMessage): string {
  if (
    message.attachments.some(
      ({ contentType, filename }) => /ms-tnef/.test(contentType) || filename?.toLowerCase() === 'winmail.dat',
    )
  )
    return 'its text is in a winmail.dat, which is not opened';
  if (message.attachments.length > 0) return 'it has attachments but no text; attachments are not opened';
  return 'it has no newly written text';
}

/** The HTML version, if it says something else than the text version or says it more clearly. */
function alternativeSaid(reading: Reading, said: Said | undefined): Said | undefined {
  const { message, context } = reading;
  const { alternativeText } = message;
  if (!alternativeText) return undefined;
  const html = newlyWritten(alternativeText.slice(0, TEXT_LIMIT), context.ownWords).text;
  const other = meaningOf(html, reading);
  if (!other || other.kind === said?.kind) return undefined;
  if (!said) return other;
  return { kind: 'unclear', confidence: 0.3, evidence: [`its text says ${said.kind}, its HTML ${other.kind}`] };
}

/** An automatic answer in whatever language: nobody has read our mail, so nobody has answered it. */
function byItself(message: ParsedMessage, subject: Subject): Said | undefined {
  const replied = /^auto-replied/i.test(headerValue(message.headers, 'auto-submitted') ?? '');
  const marked = AUTOREPLY_HEADERS.find((name) => headerValue(message.headers, name) !== undefined);
  if (!replied && !marked && !subject.automatic) return undefined;
  return { kind: 'out-of-office', confidence: 0.8, evidence: ['a program answered, not the client'] };
}

function clientReply(why: string, words: Said | undefined, { forwarded, automatic }: Reading): Said {
  const evidence = [why];
  if (forwarded) evidence.push('what is forwarded proves nothing by itself');
  if (words && words.kind !== 'unclear') evidence.push(`its words read like ${words.kind}`);
  // A help desk's program sends what its people write, and what nobody wrote.
  return {
    kind: 'client-reply',
    confidence: automatic ? 0.6 : 0.8,
    evidence: [...evidence, ...(automatic ? [automatic] : [])],
  };
}

/** What newly written words amount to, be it as text or as HTML. */
function meaningOf(words: string, { subject, context, automatic }: Reading): Said | undefined {
  const sentences = sentencesOf(spokenText(words)).slice(0, SENTENCES_LIMIT);
  const findings = readFindings(sentences, subject, context.wording, wordsOfNames(context.names ?? []));
  return reserved(resolve(findings, automatic, subject), sentences, automatic);
}

/** Which kind the findings amount to; undefined when they amount to nothing. */
function resolve(findings: Findings, automatic: string | undefined, subject: Subject): Said | undefined {
  const score = (kind: WordedKind) => findings.get(kind)?.score ?? 0;
  const say = (kind: WordedKind, confidence = score(kind)): Said => ({
    kind,
    confidence: Math.min(confidence, 0.97),
    evidence: [...(findings.get(kind)?.evidence ?? []), ...(automatic ? [automatic] : [])],
    saidIn: findings.get(kind)?.sentences ?? [],
  });
  const acknowledges = automatic
    ? score('acknowledgement') + (1 - score('acknowledgement')) * 0.4
    : score('acknowledgement');
  const away = score('out-of-office') >= CLEAR && (automatic !== undefined || score('out-of-office') >= 0.85);
  const decisions = DECISIONS.filter((kind) => score(kind) >= 0.5);

  // Who is away by hand and may decide something besides is no absence to pass over.
  if (away && score('acknowledgement') < 0.9 && !decisions.some((kind) => score(kind) >= (automatic ? CLEAR : 0.5)))
    return say('out-of-office');
  // What a mailbox answers by itself to everybody has advice for every case in it; none of it is a decision on ours.
  if (automatic && subject.answersUs && acknowledges >= 0.8 && score('approved') < CLEAR && score('refused') < CLEAR)
    return say('acknowledgement', acknowledges);
  if (decisions.length > 0) return decide(decisions, score, say, findings);
  if (away || (automatic && score('out-of-office') >= CLEAR)) return say('out-of-office');
  if (score('in-process') >= CLEAR && score('in-process') >= acknowledges) return say('in-process');
  if (acknowledges >= 0.5) return say('acknowledgement', acknowledges);
  if (score('in-process') >= 0.5) return say('in-process');
  return undefined;
}

/** From where on something plainly says otherwise than an approval. */
const CONTRADICTS: Record<(typeof DECISIONS)[number] | 'in-process', number> = {
  'use-web-form': 0.8,
  'already-registered': 0.8,
  'not-on-file': 0.8,
  refused: 0.8,
  'more-information': 0.85,
  approved: Number.POSITIVE_INFINITY,
  // A ticket's number stands below approvals too.
  'in-process': 0.75,
};

function decide(
  decisions: (typeof DECISIONS)[number][],
  score: (kind: WordedKind) => number,
  say: (kind: WordedKind, confidence?: number) => Said,
  findings: Findings,
): Said {
  // An approval comes with advice ("please complete your profile"): only what plainly says otherwise contradicts it.
  // And who approves one application may write of another that is still looked at.
  const others = (['in-process', ...decisions] as const).filter((kind) => score(kind) >= CONTRADICTS[kind]);
  if (score('approved') >= 0.5 && others.length > 0)
    return {
      kind: 'unclear',
      confidence: 0.4,
      evidence: (['approved', ...others] as const).flatMap((kind) => findings.get(kind)?.evidence.slice(0, 2) ?? []),
    };
  if (score('approved') >= CLEAR) return say('approved');
  // Named most specific first: what is asked for because of them is part of them.
  for (const kind of ['use-web-form', 'already-registered', 'not-on-file'] as const)
    if (score(kind) >= 0.8) return say(kind);
  // A refusal that says what to mend asks for it.
  if (score('more-information') >= 0.75) return say('more-information');
  const best = [...decisions].sort((one, other) => score(other) - score(one))[0];
  return best ? say(best) : { kind: 'unclear', confidence: 0.3, evidence: [] };
}

function readFindings(sentences: string[], subject: Subject, wording: Wording, names: ReadonlySet<string>): Findings {
  const findings: Findings = new Map();
  let supposed = false;
  for (const sentence of sentences) {
    const item = /^(?:[-*•·]|\d{1,2}[.)])\s/.test(sentence);
    // "If approved:" goes for the whole list below it.
    if (!(supposed && (item || isLabelled(sentence)))) {
      readSentence(sentence, item ? 'item' : 'sentence', wording, names, findings);
      const words = plainWords(sentence.slice(0, SENTENCE_LIMIT));
      supposed = words.endsWith(':') && (CONDITION.test(words) || SUPPOSITION.test(words));
    }
  }
  // The subject of an answer is the one we wrote.
  if (!subject.answersUs && !subject.forward) readSentence(subject.words, 'subject', wording, names, findings);
  return findings;
}

/** Where a phrase with a gap fits in two ways, the shorter: "account" may stand twice before "has been created". */
function shortest(pattern: RegExp, words: string): { index: number; 0: string } | undefined {
  let found: { index: number; 0: string } | undefined = pattern.exec(words) ?? undefined;
  while (found) {
    const from = found.index + (/^\S+\s+/.exec(found[0])?.[0].length ?? found[0].length);
    const end = found.index + found[0].length;
    const next = from < end ? pattern.exec(words.slice(from, end)) : null;
    if (!next || from + next.index + next[0].length !== end || (next.index === 0 && pattern.source.startsWith('(?<=')))
      break;
    found = { index: from + next.index, 0: next[0] };
  }
  return found;
}

/** "Account created: 11/20/2026", "Application approved: yes" */
const DATED = /^:\W*(?:\d|yes\b)/;

/** How much a sentence is worth by where it stands. */
const TRUST = { sentence: 1, item: 1, subject: 0.8 };

function readSentence(
  sentence: string,
  where: keyof typeof TRUST,
  wording: Wording,
  names: ReadonlySet<string>,
  findings: Findings,
): void {
  const words = plainWords(sentence.slice(0, SENTENCE_LIMIT));
  if (words.endsWith('?') && !/^(?:can|could|would|will) you\b/.test(words)) return;
  const label = isLabelled(sentence) ? words.indexOf(':') : -1;
  const best = new Map<WordedKind, { weight: number; said: string }>();
  for (const { kind, pattern, weight } of wording.phrases) {
    if (weight <= (best.get(kind)?.weight ?? 0)) continue;
    const match = shortest(pattern, words);
    if (!match || !holds(kind, words, match.index, match[0])) continue;
    // "Application approved" among the items of a list is a step on the way.
    if (kind === 'approved' && where === 'item' && !VERB.test(match[0])) continue;
    // "Account created by: …" is the label of a form.
    if (
      kind === 'approved' &&
      label >= match.index + match[0].length &&
      !VERB.test(match[0]) &&
      !DATED.test(words.slice(label))
    )
      continue;
    if (wording.exceptions.some((exception) => exception.kind === kind && exception.pattern.test(words))) continue;
    const ours = DECIDES[kind]?.(words, match.index, match[0], names) ?? true;
    const counted = ours ? weight : Math.min(GUESS, weight);
    if (counted > (best.get(kind)?.weight ?? 0)) best.set(kind, { weight: counted, said: match[0] });
  }
  for (const [kind, { weight, said }] of best) {
    const before = findings.get(kind) ?? { score: 0, evidence: [], sentences: [] };
    findings.set(kind, {
      score: before.score + (1 - before.score) * weight * TRUST[where],
      evidence: [...before.evidence, `says "${said.slice(0, 80)}"`],
      sentences: [...before.sentences, sentence],
    });
  }
}

// What else it says ---------------------------------------------------------------------------------------------------

/** Beside an approval: it is not the last word. */
const TAKEN_BACK =
  /\b(?:hold|withh[eo]ld\w*|unfortunately|incorrect|false|wrong|not (?:true|correct|the case)|by mistake|in error|yet to|outstanding|no record|(?:has|have) (?:expired|been deactivated|been suspended)|(?:disregard|ignore) (?:our|my|the|that|this) (?:previous|earlier|last|prior)|(?:is|are|remains?) (?:currently |temporarily |still )?(?:locked|frozen|inactive|disabled|blocked)|will (?:only |then )?(?:be|become) (?:activ\w+|enabled|usable|unlocked|opened|released|valid|effective)\b.{0,40}\b(?:once|after|when|upon|until)\b(?!.*\b(?:log|sign)\w* (?:in|on)\b)|(?:still|we|need\w*) (?:need|require|lack|missing|the following))\b/;
/** Beside a receipt: the reply may be a refusal, or ask for something, in words that nobody listed. */
const TROUBLE =
  /\b(?:not|no longer|never|unable|unsuccessful|void(?:ed)?|declin\w+|den(?:y|ied|ying|ial)|refus\w+|reject\w*|return(?:ed|ing)|outdated|obsolete|lack(?:s|ing)?|(?<!the )missing|wrong|incorrect|invalid|withdrawn|closed|cancel\w*|call (?:me|us) about|regret)\b/;
/** What receipts say besides, and means no harm. */
const HARMLESS =
  /\b(?:not (?:reply|respond|submit|send|forward|resend|resubmit|monitored|yet|necessary|needed|required|hear|heard|received (?:a|an) (?:response|reply))|no (?:further|additional|more)|(?:not|unable to) (?:\w+ ){0,2}?(?:give|provide|have|say|offer)\b.{0,30}\b(?:date|status|updates?|time ?(?:line|frame)|phone)|received this (?:\w+ )?in error|intended recipient|regret (?:the|any|this) (?:delay|inconvenience)|not (?:been )?(?:approved|made|reached|finished|completed|processed|reviewed|assigned|decided) yet|not (?:need|have) to (?:do|call|contact|send|submit|reply)|do not (?:call|contact)|not (?:including|more than|later than)|closed (?:on|for|during|over) (?:\w+ )?(?:holidays?|weekends?)|to (?:log|sign) (?:in|on)\b.{0,40}\bneed)\b/;
/** Of everybody's, not of ours. */
const IN_GENERAL = /^(?!.*\byour\b).*\b(?:applications|submissions|requests|forms|emails)\b/;
/** A refusal to come, whatever condition stands behind it. */
const ANNOUNCED_REFUSAL =
  /\b(?:will|shall|would|may|might|could|intend\w*|intention|plan\w*|propos\w+|expect\w*|going|likely|inclined|about|must|have) (?:\w+ ){0,3}?(?:deny|denied|denial|reject(?:ed|ion)?|refuse[ds]?|refusal|declined?|closed?|cancel(?:l?ed)?|voided|(?:be|being) returned|withdrawn)\b/;
/** "If it is incomplete, it will be returned" tells how things go, "if we do not hear from you" is meant for us. */
const ADVICE =
  /\b(?:if|whether|in case|in the event|should you|would you like)\b(?!.*\b(?:hear|receiv\w*|respon\w*|reply|answer)\b)/;
/** Before a colon it goes for what stands behind, be it in a paragraph of its own. "Never share your password:" does not. */
const DENIED_BEFORE_COLON =
  /\b(?:not(?<!^\W*(?:please |kindly )?do not)|never(?<!^\W*(?:please |kindly )?never)|unable|nor|neither|none|nothing|regret\w*|sorry|unfortunately|deny|denies|wrong|false|untrue)\b/;

/** An approval with a reservation is unclear; a person's receipt with one, a guess. What programs send has advice for every case. */
function reserved(said: Said | undefined, sentences: string[], automatic: string | undefined): Said | undefined {
  if (!said || said.confidence < CLEAR) return said;
  const quiet = said.kind === 'acknowledgement' || said.kind === 'in-process';
  if (said.kind !== 'approved' && (!quiet || automatic)) return said;
  const reservation = sentences
    .map((sentence) => plainWords(sentence.slice(0, SENTENCE_LIMIT)))
    .find(quiet ? foretellsTrouble : takesBack);
  if (!reservation) return said;
  const evidence = [...said.evidence.slice(0, 4), `but also "${reservation.slice(0, 80)}"`];
  return quiet ? { ...said, confidence: 0.6, evidence } : { kind: 'unclear', confidence: 0.4, evidence };
}

function foretellsTrouble(words: string): boolean {
  if (IN_GENERAL.test(words)) return false;
  const announced = ANNOUNCED_REFUSAL.exec(words);
  if (announced && !ADVICE.test(words.slice(0, announced.index))) return true;
  return TROUBLE.test(words) && !SUPPOSITION.test(words) && !HARMLESS.test(words);
}

function takesBack(words: string): boolean {
  if (TAKEN_BACK.test(words) && !SUPPOSITION.test(words) && !HARMLESS.test(words) && !IN_GENERAL.test(words))
    return true;
  const beforeColon = /^(.*):(?:\s|\W*$)/.exec(words)?.[1] ?? '';
  const denial = DENIED_BEFORE_COLON.exec(beforeColon);
  return denial !== null && !SUPPOSITION.test(beforeColon.slice(0, denial.index)) && !HARMLESS.test(words);
}

// English: what is only possible, asked for, or denied has not happened -------------------------------------------------

const CONDITION =
  /\b(?:subject to|pending|contingent on|conditional on|to (?:have|get)|if|once|when|whenever|until|unless|whether|upon(?! (?:\w+ ){0,2}?(?:review|examination|consideration|evaluation|verification|research|inspection)\b)|as soon as|in case|in the event|provided that|assuming|in order (?:to|for)|after (?:your|the|an|a|it|you|we|this)|before (?:your|the|an|a|it|you|we|this))\b/;
/** What stands under one of these is not said to be so, however far behind it. */
const SUPPOSITION = /\b(?:if|whether|unless|in case|in the event|should you|would you like)\b/;
const DENIAL =
  /\b(?:not|never|unable|nor|neither|none|nothing|nobody|no one|hardly|without|fail(?:s|ed)?|no (?:application|account|request|indication|guarantee|record|evidence|decision))\b/;
const POSSIBILITY =
  /\b(?:will|may|might|could|would|should|can|must|shall|to|not|never|pending|awaiting|await|for|upon|if|being|get|getting|until|before|after|only)(?: (?:be|have|not))?$/;
const RESERVATION =
  /^\W*(?:\w+ ){0,2}?(?:by (?:nobody|no one|none)|(?:by|at|on) (?:the |our |a )?(?:first|initial|port|local)|if|(?:so|thus) far|for now|for the time being|subject to|pending|provided|conditional|once|only (?:if|after|when|once)|until|unless|upon|as soon as|except|in principle|for (?:review|processing|further)|to (?:move|proceed|go|continue|advance|start|begin|cancel|close|withdraw))\b|^\W*(?:(?:or|and) )?(?:denied|rejected|declined|refused|returned|no|not|tbd|n a)\b|^ in (?:19|20)\d\d\b|^\W*(?:and (?:then |later |since )?(?:closed|den|reject|withdrawn|cancel|revoked|rescinded))|^\W*_|\bbut\b.*\b(?:not|no|never|still|need\w*|until|unless|only (?:be )?(?:\w+ )?(?:after|once|when|if|upon)|(?:locked|inactive|disabled))\b|^\s*-\s*$|\b(?:level|stage|part|step) only\W*$/;
/** "Is created within five days" tells how things go, "has been created" what happened. */
const CUSTOM = /^\W*(?:\w+ ){0,2}?(?:within|after|in (?:\d|one|two|three|five|ten))\b/;
/** What comes yet, is to be looked after, or is spoken of, has not been said. */
const NOT_YET =
  /\b(?:will|shall|would|should(?! now)|going to|make sure|be sure|ensure|verify|check|(?:please|must|need to|have to|can|may|could|you) confirm|rather than|instead of|(?:we|i) (?:wrote|told|heard|thought)|saying|stating|subject line|one of)\b/;
const VERB = /\b(?:has|have|is|are|was|were|been|we|cbp|now)\b/;

/** What somebody says, believes or hopes is not said by who tells it. */
const HEARSAY =
  /\b(?:(?:you|they|he|she|your \w+|the (?:client|customer|broker|importer))(?: \w+){0,2}? (?:say|says|said|told|tells|ask|asks|asked|claim|claims|claimed|mention|mentioned|state|stated|report|reported|write|wrote|indicate|indicated)|expect|hope|assume|believe|think|suppose|understand(?:ing)?|seems?|apparently|supposedly|allegedly|example|wonder|test|provisional|preliminary|tentative)\b/;

/** "You do not need to", "is not": what stands behind is denied as a whole. */
const DENIED_OUTRIGHT =
  /\b(?:(?:not|no longer|never|nor)(?: (?:have|need|required|necessary))?(?: to)?|no need to|need not(?: to)?|without)$/;

/** Whether a phrase is meant as it stands there. An approval is read most carefully: what may void it, voids it. */
function holds(kind: WordedKind, sentence: string, at: number, said: string): boolean {
  const before = sentence.slice(0, at);
  // Across a semicolon or a "but" nothing is carried over.
  const clause = lastPart(before, /[;:]\s|\bbut\b|\bhowever\b/);
  if (kind === 'approved') {
    const after = sentence.slice(at + said.length);
    const near = lastPart(clause, /,\s|\band\b/);
    return (
      !CONDITION.test(`${clause}${said}`) &&
      !NOT_YET.test(`${clause}${said}`) &&
      !HEARSAY.test(before) &&
      !isQuoted(before) &&
      !(/\b(?:is|are)\b/.test(said) && CUSTOM.test(after)) &&
      !DENIAL.test(`${near}${said}`) &&
      !POSSIBILITY.test(before.trimEnd()) &&
      !(/^(?:has|have|is|was)\b/.test(said) && /\b(?:that|which|who|whose)$/.test(before.trimEnd())) &&
      !RESERVATION.test(after) &&
      !(!VERB.test(said) && /^\W*but\b/.test(after))
    );
  }
  if (SUPPOSITION.test(clause) || DENIED_OUTRIGHT.test(before.trimEnd())) return false;
  if (kind === 'refused' && /\bnot (?:\w+ ){0,2}?(?:mean|imply|say|indicate)\b/.test(clause)) return false;
  if (kind === 'acknowledgement' || kind === 'in-process') return true;
  const onlyPossible = /\b(?:will|may|might|could|would|can|shall) (?:also )?be$/.test(before.trimEnd());
  return !onlyPossible && !CONDITION.test(lastPart(clause, /,\s/));
}

/** What a phrase that may be of something else is worth. */
const GUESS = 0.6;
const DECIDES: Partial<Record<WordedKind, typeof approvesAnAccount>> = {
  approved: approvesAnAccount,
  refused: refusesAnAccount,
};

/** Inside of quotation marks that were opened and not yet closed. */
function isQuoted(before: string): boolean {
  return (before.match(/["\u201c\u201d]/g)?.length ?? 0) % 2 === 1;
}

function lastPart(text: string, boundary: RegExp): string {
  return text.split(boundary).at(-1) ?? '';
}

// Who speaks -----------------------------------------------------------------------------------------------------------

type Speaker = 'cbp' | 'us' | 'other';

/** Who a mail claims to be from, true or not: a forger's words are read as CBP's, and never believed. */
function whoSpeaks(message: ParsedMessage, context: ClassificationContext): Speaker {
  const sender = strictSender(message.headers);
  const written = headerValues(message.headers, 'from').join(' ').toLowerCase();
  if ('address' in sender) {
    if (sender.address === context.ownAddress?.toLowerCase()) return 'us';
    if (context.cbpDomains.some((domain) => domain.toLowerCase() === sender.domain)) return 'cbp';
  }
  if (
    /\bcbp\b|\bdhs\b|cbp[.-]|[.-]cbp|customs|border protection|\bace[ .-]?(?:applications?|portal|support|user ?service|account|service desk)/.test(
      readable(written),
    )
  )
    return 'cbp';
  return 'problem' in sender && context.cbpDomains.some((domain) => written.includes(domain.toLowerCase()))
    ? 'cbp'
    : 'other';
}

/** "We received the approval": somebody tells what CBP did, and is not CBP. */
function speaksAsClient(text: string): boolean {
  return /\b(?:(?:our|my) (?:\w+ ){0,3}?(?:account|application|request|company|importer|approval)|(?:we|i)(?:'ve| have| had)? (?:just |now |finally |already )?(?:received|got|gotten|granted|logged|signed|heard|see)|(?:we|i) (?:are|am|were|was) (?:now )?approved)\b/i.test(
    readable(text),
  );
}

// Subjects ------------------------------------------------------------------------------------------------------------

interface Subject {
  /** Without prefixes and list tags. */
  words: string;
  /** "RE:", "Automatic reply:": the rest is what we wrote. */
  answersUs: boolean;
  forward: boolean;
  automatic: boolean;
}

const PREFIX =
  /^\s*(?:\[[^\]]{0,40}\]\s*)?(?:(?<reply>re|aw|sv|rép|ref|antw)|(?<forward>fw|fwd|wg|tr|rv|i)|(?<automatic>automatic reply|auto(?:matic)?[ -]?(?:reply|response|responder)|out of (?:the )?office|autosvar|abwesenheitsnotiz|automatische antwort|réponse automatique|respuesta automática|resposta automática|risposta automatica|automatisch antwoord|automatiskt svar))\s*(?:\[\d+\]|\(\d+\))?\s*:\s*/i;

function subjectOf(subject: string): Subject {
  let words = readable(subject).replace(/\s+/g, ' ');
  const found: Subject = { words, answersUs: false, forward: false, automatic: false };
  for (let depth = 0; depth < 20; depth++) {
    const match = PREFIX.exec(words);
    if (!match) break;
    // Only the outermost tells what this mail is; all of them say that the words are old.
    if (depth === 0 && match.groups?.forward) found.forward = true;
    if (match.groups?.automatic) found.automatic = true;
    if (match.groups?.reply || match.groups?.automatic) found.answersUs = true;
    words = words.slice(match[0].length);
  }
  return { ...found, words: words.trim() };
}

function forwardsAttached(message: ParsedMessage, subject: Subject): boolean {
  return message.attachedMessages.length > 0 && !message.deliveryReport && !subject.answersUs;
}

// Announced answers ---------------------------------------------------------------------------------------------------

const NUMBERS = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
];
const NUMBER = `\\d{1,2}|${NUMBERS.slice(1).join('|')}|twenty`;
const DAYS = new RegExp(
  `\\b(${NUMBER})(?:\\s*\\(\\d{1,2}\\))?(?:\\s*(?:-|–|—|to|or|and)\\s*(${NUMBER})(?:\\s*\\(\\d{1,2}\\))?)?\\s*(?:us |u\\.s\\. |federal )?(?:business|working|work)[ -]days?\\b`,
  'gi',
);

/** How long CBP says it will take, in business days: the larger number of "3 to 5 business days". */
export function announcedDays(text: string): number | undefined {
  const found = sentencesOf(text).flatMap((sentence) =>
    [...readable(sentence).slice(0, SENTENCE_LIMIT).matchAll(DAYS)].map((match) =>
      Math.max(numberOf(match[1]), numberOf(match[2])),
    ),
  );
  const days = Math.max(0, ...found);
  return days > 0 ? days : undefined;
}

function numberOf(word: string | undefined): number {
  if (!word) return 0;
  if (/^\d+$/.test(word)) return Number(word);
  return word.toLowerCase() === 'twenty' ? 20 : NUMBERS.indexOf(word.toLowerCase());
}
