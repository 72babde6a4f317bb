import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { readJudgingConfig } from '../../config/read-config.js';
import type { MailCandidate } from '../../mail/judging/correlation/correlate.js';
import { memoryIndex, type SentOnboarding } from '../../mail/judging/correlation/correlation-index.js';
import { createMailJudge } from '../../mail/judging/judge.js';
import type { Judgement, MailAction } from '../../mail/judging/judgement.js';
import type { LetterBook } from '../../mail/judging/letters/letter.js';
import { LetterExportError, readLetterExport } from '../../mail/judging/letters/letter-export.js';
import { type DnsResolver, dnsRecordsSchema, dnsResolver, recordsResolver } from '../../mail/judging/origin/dns.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { blocks, disarming, errorText, lines, type Plain, plain } from '../../process/plain-text-output.js';
import type { Doubt } from '../../workflows/contract/doubts.js';
import type { Authenticity, MailKind } from '../../workflows/contract/received-mail.js';
import { readJson, readSentFile } from './sent-file.js';

/** One message explained, as `--json` prints it. */
export interface Explanation {
  file: string;
  /** The mail's identity: sha256 without trace headers. Missing when the file cannot be read. */
  mailId?: string;
  from: string;
  subject: string;
  kind: MailKind;
  /** 0 to 1. */
  confidence: number;
  evidence: string[];
  authentic: boolean;
  authenticity: Authenticity;
  alias: 'cbp' | 'client' | 'none';
  candidates: MailCandidate[];
  action: MailAction;
  /** Whether it would move its case by itself. */
  counts: boolean;
  /** Which known letter it is. */
  letter: string | null;
  /** Paragraphs that no known letter of its sender has. */
  unknown: string[];
  /** Why it may not act by itself, as codes; `reasons` says the same in words. */
  doubts: Doubt[];
  /** Whose it is, when that is clear; with `review` a person still has to look. */
  reference: string | null;
  reasons: string[];
  excerpt: string;
  aboutMessageId?: string;
  importerNumber?: string;
  responseBusinessDays?: number;
  credentials?: boolean;
  fraud?: boolean;
  unreadable?: boolean;
  /** Why the file could not be read. */
  error?: string;
}

interface Options {
  json?: boolean;
  sent?: string;
  dns?: string;
  letters?: string;
}

export function mailExplainCommand(): Command {
  return new Command('explain')
    .description(
      'Prints what the product makes of mails: their kind and why, whether they are proven to be from CBP, whose they are, and what it would do. Needs no server and changes nothing.',
    )
    .argument('<FILE.eml...>', 'messages as raw bytes ("download original", "save as .eml")')
    .option(
      '--sent <FILE.json>',
      'onboardings to correlate against: a list of { reference, company, importerNumber, messageIds, replyAlias, stage, owner, submittedAt, mails }',
    )
    .option('--dns <FILE.json>', 'DNS records to verify against instead of the network: { "name": { "TXT": ["…"] } }')
    .option('--letters <FILE.json>', 'known letters, as "ace-onboarding letters export" writes them; none without it')
    .option('--json', 'print an object, or a list of them for several files')
    .addHelpText(
      'after',
      `
Examples:
  ace-onboarding mail explain decision.eml
  ace-onboarding mail explain inbox/*.eml --sent sent.json --json
  ace-onboarding mail explain old.eml --dns records.json     (keys that were rotated since)
  ace-onboarding mail explain decision.eml --sent sent.json --letters letters.json

Reads CBP_FROM_DOMAINS, CBP_DKIM_DOMAINS, MAIL_HOST_AUTHSERV_ID, LETTER_MANAGERS, MAIL_FROM,
MAIL_REPLY_ALIAS and CBP_APPLICATIONS_ADDRESS. A file that cannot be read stops none of the others; the exit code is then 1.`,
    )
    .action(async (files: string[], options: Options) => {
      const explanations = await explainAll(files, options);
      const [first] = explanations;
      printResult(options.json, explanations.length === 1 ? first : explanations, () =>
        blocks(explanations.map(inWords)),
      );
      const failed = explanations.filter(({ error }) => error !== undefined);
      if (failed.length > 0)
        throw new CommandFailure(EXIT.failed, lines(failed.map(({ file, error }) => plain`${file}: ${error}`)));
    });
}

async function explainAll(files: string[], options: Options): Promise<Explanation[]> {
  const config = readJudgingConfig();
  const sent = options.sent ? await readSentFile(options.sent) : [];
  const recordsFile = options.dns ?? config.dnsRecordsFile;
  const resolver: DnsResolver = recordsFile
    ? recordsResolver(await readJson(recordsFile, dnsRecordsSchema, options.dns ? '--dns' : 'DNS_RECORDS_FILE'))
    : dnsResolver();
  const letters = options.letters ? await readLetters(options.letters, config.letterManagers) : undefined;
  const judge = openJudge({ ...config, sent, resolver, letters });
  try {
    const explanations: Explanation[] = [];
    for (const file of files) explanations.push(await explain(file, judge));
    return explanations;
  } finally {
    await judge.close();
  }
}

async function explain(file: string, judge: ReturnType<typeof openJudge>): Promise<Explanation> {
  let raw: Buffer;
  try {
    raw = await readFile(file);
  } catch (error) {
    return unreadableFile(file, error instanceof Error ? error.message : String(error));
  }
  return explained(file, await judge.judge(raw, new Date().toISOString(), 'none'));
}

function explained(file: string, judgement: Judgement): Explanation {
  const { mail, action, candidates, reasons, reference, credentials, fraud, unreadable } = judgement;
  return {
    file,
    mailId: mail.mailId,
    from: mail.from,
    subject: mail.subject,
    kind: mail.kind,
    confidence: mail.confidence,
    evidence: mail.evidence,
    authentic: mail.authenticity.verdict === 'authentic',
    authenticity: mail.authenticity,
    alias: mail.alias,
    candidates,
    action,
    reference: reference ?? null,
    counts: countsByItself(judgement),
    letter: mail.letter?.id ?? null,
    unknown: mail.unknown ?? [],
    doubts: mail.doubts,
    reasons,
    excerpt: mail.excerpt,
    ...(mail.aboutMessageId ? { aboutMessageId: mail.aboutMessageId } : {}),
    ...(mail.importerNumber ? { importerNumber: mail.importerNumber } : {}),
    ...(mail.responseBusinessDays ? { responseBusinessDays: mail.responseBusinessDays } : {}),
    ...(credentials ? { credentials } : {}),
    ...(fraud ? { fraud } : {}),
    ...(unreadable ? { unreadable } : {}),
  };
}

function unreadableFile(file: string, error: string): Explanation {
  const why = 'the file could not be read';
  return {
    file,
    from: '',
    subject: '',
    kind: 'unclear',
    confidence: 0,
    evidence: [],
    authentic: false,
    authenticity: { verdict: 'unauthentic', reasons: [why] },
    alias: 'none',
    candidates: [],
    action: 'review',
    reference: null,
    counts: false,
    letter: null,
    unknown: [],
    doubts: ['unreadable'],
    reasons: [why],
    excerpt: '',
    error,
  };
}

/** What moves a case without a person: an acknowledgement ends the wait for one, a bounce and four decisions say what is next. */
const MOVING: readonly MailKind[] = [
  'acknowledgement',
  'in-process',
  'bounce',
  'approved',
  'more-information',
  'not-on-file',
  'use-web-form',
];

function countsByItself({ action, mail: { kind, doubts } }: Judgement): boolean {
  return action === 'signal' && doubts.length === 0 && MOVING.includes(kind);
}

async function readLetters(file: string, managers: readonly string[]): Promise<LetterBook> {
  try {
    return await readLetterExport(file, managers);
  } catch (error) {
    if (!(error instanceof LetterExportError)) throw error;
    throw new CommandFailure(EXIT.invalid, errorText(error));
  }
}

function openJudge({
  trust,
  resolver,
  sent,
  replyAlias,
  ownAddress,
  cbpAddress,
  letters,
}: ReturnType<typeof readJudgingConfig> & {
  sent: SentOnboarding[];
  resolver: DnsResolver;
  letters: LetterBook | undefined;
}) {
  return createMailJudge({
    trust,
    resolver,
    index: memoryIndex(sent, replyAlias),
    ...(ownAddress ? { ownAddress } : {}),
    ...(cbpAddress ? { cbpAddress } : {}),
    ...(letters ? { letters: async () => ({ version: 'file', book: letters }) } : {}),
  });
}

function inWords(explanation: Explanation): Plain {
  const { file, kind, confidence, evidence, authenticity, candidates, action, reference, reasons } = explanation;
  const list = (title: string, items: string[]) =>
    items.length > 0 ? [disarming`${title}:`, ...items.map((item) => disarming`  - ${item}`)] : [];
  const what: Record<MailAction, string> = {
    signal: `tells onboarding ${reference}`,
    review: `gives it to a person${reference ? ` (onboarding ${reference})` : ''}`,
    ignore: 'nothing more: nobody needs to be told',
  };
  return lines([
    plain`${file}`,
    disarming`Kind: ${kind}, confidence ${confidence.toFixed(2)}`,
    ...list('Why', evidence),
    disarming`Sender: ${explanation.from || 'unknown'}, ${authenticity.verdict}`,
    ...list('Why', authenticity.reasons),
    ...list(
      'Candidates',
      candidates.map((candidate) => `${candidate.reference}: ${candidate.evidence.join('; ')}`),
    ),
    disarming`Action: ${action}: ${what[action]}`,
    disarming`Moves its case by itself: ${explanation.counts ? 'yes' : 'no'}${explanation.letter ? `, it is ${explanation.letter}` : ''}`,
    ...list('Why', reasons),
    ...list('New in it', explanation.unknown),
    ...(explanation.fraud ? [disarming`Beware: it asks for secrets.`] : []),
    ...(explanation.credentials ? [disarming`It holds credentials: the raw message would not be kept.`] : []),
  ]);
}
