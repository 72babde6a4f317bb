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
import { examples } from '../command-help.js';
import { readJson, readSentFile } from './sent-file.js';

/** One message explained, as `--json` prints it. */
export interface Explanation {
  file: string;
  /** The email's id: sha256 without trace headers. Missing when the file cannot be read. */
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
  /** Whether it would move its case without a person. */
  counts: boolean;
  /** Id of the known letter that it matches. */
  letter: string | null;
  /** Paragraphs that are in no known letter of its sender. */
  unknown: string[];
  /** Why it may not act without a person, as codes. `reasons` says the same in words. */
  doubts: Doubt[];
  /** Its onboarding, when that is clear. With `review`, a person still has to look. */
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
    .summary('explain how the product judges an email')
    .description(
      'Shows how the product judges emails: what kind they are and why, whether they are proven to be from CBP, which onboarding they belong to, and what the product would do. Needs no server and changes nothing.',
    )
    .configureHelp(
      examples(
        'mail explain decision.eml',
        'mail explain inbox/*.eml --sent sent.json --json',
        'mail explain old.eml --dns records.json     # for keys rotated since then',
        'mail explain decision.eml --sent sent.json --letters letters.json',
      ),
    )
    .argument('<FILE.eml...>', 'raw messages ("download original", "save as .eml")')
    .option(
      '--sent <FILE.json>',
      'onboardings to match against: a list of objects with reference and more, as docs/command-line.md says',
    )
    .option(
      '--dns <FILE.json>',
      'verify against these DNS records instead of the network: { "name": { "TXT": ["…"] } }',
    )
    .option('--letters <FILE.json>', 'known letters, from "ace-onboarding letters export" (default: none)')
    .option('--json', 'print an object as JSON, or a list for several files')
    .addHelpText(
      'after',
      `
Reads CBP_FROM_DOMAINS, CBP_DKIM_DOMAINS, MAIL_HOST_AUTHSERV_ID, LETTER_MANAGERS, MAIL_FROM,
MAIL_REPLY_ALIAS and CBP_APPLICATIONS_ADDRESS. If a file cannot be read, the
others are still explained, and the exit code is 1.`,
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
    counts: countsAlone(judgement),
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

/** The kinds that can move a case without a person. */
const MOVING: readonly MailKind[] = [
  'acknowledgement',
  'in-process',
  'bounce',
  'approved',
  'more-information',
  'not-on-file',
  'use-web-form',
];

function countsAlone({ action, mail: { kind, doubts } }: Judgement): boolean {
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
    signal: `passes it on to onboarding ${reference}`,
    review: `gives it to a person${reference ? ` (onboarding ${reference})` : ''}`,
    ignore: 'does nothing; no one needs to know',
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
    disarming`Moves its case without a person: ${explanation.counts ? 'yes' : 'no'}${explanation.letter ? `, matches ${explanation.letter}` : ''}`,
    ...list('Why', reasons),
    ...list('New in it', explanation.unknown),
    ...(explanation.fraud ? [disarming`Warning: it asks for secrets.`] : []),
    ...(explanation.credentials ? [disarming`It contains credentials, so the raw message would not be kept.`] : []),
  ]);
}
