import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Archive } from '../../archive/archive.js';
import { type MailRecord, mails, read } from '../../archive/records.js';
import { readJudgingConfig } from '../../config/read-config.js';
import { parseMessage } from '../../mail/incoming/parse-message.js';
import {
  type Learned,
  type LetterSource,
  learnLetter,
  letterSourceFrom,
} from '../../mail/judging/letters/learn-letter.js';
import type { LetterStore } from '../../mail/judging/letters/letter-store.js';
import { LessonRefused } from '../../mail/judging/letters/teach.js';
import { dnsRecordsSchema, dnsResolver, recordsResolver } from '../../mail/judging/origin/dns.js';
import { caseFacts, wordsOfCase } from '../../mail/judging/text/case-facts.js';
import type { CaseFacts } from '../../mail/judging/text/mask.js';
import { bareWords } from '../../mail/judging/text/readable.js';
import { createMailReview, MailReviewError } from '../../onboardings/mail-review.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { disarming, errorText, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { DECISION_KINDS, type DecisionKind } from '../../workflows/contract/received-mail.js';
import { examples } from '../command-help.js';
import { factsOfSent, readJson, readSentFile } from '../mail/sent-file.js';
import {
  byOptions,
  LETTERS_OPTION,
  type LetterCommandOptions,
  openLetters,
  refusalsAsFailures,
} from './letters-open.js';
import { choicesShown, learnedShown } from './letters-shown.js';

/** What a person says about the email that teaches a letter. */
export interface TeachingOptions {
  as: DecisionKind;
  reference: string;
  decisive?: number;
  filler?: number[];
}

interface Options extends LetterCommandOptions, TeachingOptions {
  sent?: string;
  dns?: string;
  dryRun?: true;
}

export function addCommand(): Command {
  return byOptions(
    new Command('add')
      .summary('teach a letter from an email')
      .description(
        'Learns a letter from an email: its paragraphs, with slots for what differs from case to case. The email must have been authentic on arrival. A letter that approves counts once two people agree, or one of LETTER_MANAGERS. Any other letter, another address of a known letter, and a filler block need one person. Names are recorded as stated, not verified. Needs the archive but no server; with --sent and --letters, not even the archive.',
      )
      .configureHelp(
        examples(
          'letters add 3f786850e387 --as approved --reference acme --filler 4,5 --dry-run',
          'letters add decision.eml --as refused --reference acme --decisive 2 --actor jo',
          'letters add decision.eml --as refused --reference acme --sent sent.json --letters letters.json',
        ),
      )
      .argument('<FILE.eml|MAIL-ID>', 'a raw message, or an email in the archive')
      .addOption(new Option('--as <KIND>', 'what the letter says').choices(DECISION_KINDS).makeOptionMandatory())
      .requiredOption(
        '--reference <REFERENCE>',
        'the onboarding it belongs to, so that its names and numbers become slots',
      )
      .option('--decisive <N>', 'the paragraph that states it (default: the only likely one)', number)
      .option(
        '--filler <N,N…>',
        'paragraphs that may be missing or appear elsewhere: signature, footer, office hours',
        numbers,
      )
      .option('--dry-run', 'show what would be learned, and record nothing')
      .option(
        '--sent <FILE.json>',
        'take the facts of the case from a list as for mail explain, instead of the archive',
      )
      .option('--dns <FILE.json>', 'verify FILE.eml against these DNS records instead of the network')
      .addOption(LETTERS_OPTION()),
  ).action(async (source: string, options: Options) => {
    await refusalsAsFailures(async () => {
      const { archive, store } = await openLetters(options);
      const material = await materialOf(source, options, archive);
      const learned = lessonFrom(material, options, await store.entries());
      const added = options.dryRun ? undefined : await record(learned, options.actor, store);
      const entry = (await store.entries()).letters.get(learned.letter.id);
      const result = {
        ...learned.letter,
        decisive: learned.paragraphs.find(({ role }) => role === 'decides')?.number,
        paragraphs: learned.paragraphs,
        address: learned.address,
        warnings: learned.warnings,
        dryRun: options.dryRun === true,
        ...(added ? { changed: added.changed, ...(added.why ? { why: added.why } : {}) } : {}),
        ...(entry ? { state: entry.state, addresses: entry.addresses, agreed: entry.agreed } : {}),
      };
      printResult(options.json, result, () => lines([learnedShown(learned), outcome(learned, added, entry?.state)]));
    });
  });
}

function lessonFrom(
  material: LetterSource,
  { as: kind, decisive, filler: fillers = [] }: TeachingOptions,
  shelf: Shelf,
): Learned {
  try {
    return learnLetter(material, { kind, decisive, fillers }, shelf);
  } catch (error) {
    if (!(error instanceof LessonRefused)) throw error;
    const { paragraphs } = error;
    const said = paragraphs.length > 0 ? lines([choicesShown(paragraphs), errorText(error)]) : errorText(error);
    throw new CommandFailure(EXIT.invalid, said, { error: error.message, paragraphs });
  }
}
type Shelf = Awaited<ReturnType<LetterStore['entries']>>;

/**
 * The letter that can be learned from an archived email.
 * @param wish what a person says about it, given its full id
 * @throws CommandFailure when nothing can be learned from it
 */
export async function learnedFrom(
  id: string,
  wish: (mailId: string) => Promise<TeachingOptions>,
  archive: () => Promise<Archive>,
  shelf: Shelf,
): Promise<{ learned: Learned; mailId: string }> {
  return await refusalsAsFailures(async () => {
    const mail = await fromArchive(id, await archive());
    const options = await wish(mail.mailId);
    const material = await withCase(mail, options, archive);
    return { learned: lessonFrom(material, options, shelf), mailId: mail.mailId };
  });
}

/** Records a learned letter. */
export async function taughtBy(by: string, learned: Learned, store: LetterStore) {
  return await refusalsAsFailures(async () => {
    const added = await record(learned, by, store);
    const state = (await store.entries()).letters.get(learned.letter.id)?.state;
    return { added, state, outcome: outcome(learned, added, state) };
  });
}

async function record(learned: Learned, by: string, store: LetterStore) {
  let changed = false;
  let why: string | undefined;
  for (const act of learned.acts(by)) {
    const added = await store.add(act);
    changed ||= added.changed;
    if (act.act !== 'filler') why = added.why;
  }
  return { changed, why };
}

function outcome({ letter }: Learned, added: { why?: string | undefined } | undefined, state?: string): Plain {
  if (!added) return disarming`Dry run: nothing was recorded.`;
  if (state === 'needs-second-person')
    return lines([
      added.why ? disarming`${added.why}` : undefined,
      disarming`It counts once a second person has checked it and agreed: ace-onboarding letters confirm ${letter.id}`,
    ]);
  return added.why ? disarming`${added.why} It is in use.` : disarming`It counts from now on.`;
}

// The email ---------------------------------------------------------------------------------------------------------

async function materialOf(source: string, options: Options, archive: () => Promise<Archive>): Promise<LetterSource> {
  const raw = await readFile(source).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && /^[0-9a-f]{8,64}$/.test(source)) return undefined;
    throw new CommandFailure(
      EXIT.invalid,
      plain`${source} is neither the id of an email nor a readable file: ${error.message}`,
    );
  });
  const mail: Parameters<typeof withCase>[0] = raw
    ? await fromFile(raw, options)
    : await fromArchive(source, await archive());
  return await withCase(mail, options, archive);
}

async function fromFile(raw: Buffer, { dns }: Options) {
  const { trust, dnsRecordsFile } = readJudgingConfig();
  const records = dns ?? dnsRecordsFile;
  const resolver = records
    ? recordsResolver(await readJson(records, dnsRecordsSchema, dns ? '--dns' : 'DNS_RECORDS_FILE'))
    : dnsResolver();
  return await letterSourceFrom(raw, trust, resolver);
}

async function fromArchive(id: string, archive: Archive) {
  const record = await findMail(id, archive);
  const { mailId, mail } = record;
  if (record.credentials)
    throw new LessonRefused(
      'The email looks like it contains account credentials. It was not kept, so no letter can be learned from it.',
    );
  if (record.fraud) throw new LessonRefused('The email asks for secrets, so it cannot be a letter.');
  const message = await parseMessage(await archive.getDocument(mail.documentSha256));
  const of = { domain: mail.signedBy, address: mail.from, reference: record.reference };
  return { message, mailId, authenticity: mail.authenticity, ...of };
}

/** Finds an email by its full id, or by the first characters while it waits for a letter or a person. */
async function findMail(id: string, archive: Archive): Promise<MailRecord> {
  const alike: string[] = [];
  if (id.length < 64) for await (const key of archive.listRecords(`unknown-letters/${id}`)) alike.push(key);
  const whole = alike.length === 1 ? (alike[0] ?? '').slice('unknown-letters/'.length) : id;
  const found = whole.length === 64 ? await read(archive, mails, whole) : undefined;
  if (found) return found;
  try {
    return await createMailReview({ archive }).find(id);
  } catch (error) {
    if (error instanceof MailReviewError) throw new CommandFailure(EXIT.notFound, errorText(error));
    throw error;
  }
}

/** With the facts of another case, names and numbers would become words of the letter, and leak with an export. */
async function withCase(
  { reference: known, ...mail }: Omit<LetterSource, 'facts' | 'words'> & { reference?: string | undefined },
  options: TeachingOptions & { sent?: string },
  archive: () => Promise<Archive>,
): Promise<LetterSource> {
  if (known && known.toLowerCase() !== options.reference.toLowerCase())
    throw new CommandFailure(
      EXIT.conflict,
      plain`The email belongs to ${known}, not to ${options.reference}. Use --reference ${known}. If it does not belong there, no letter can be learned from it.`,
    );
  return { ...mail, ...(await caseOf(options, mail.mailId, archive)) };
}

/** The facts and earlier words of the case that the email belongs to, according to the person. */
async function caseOf(
  { reference, sent }: TeachingOptions & { sent?: string },
  mailId: string,
  archive: () => Promise<Archive>,
): Promise<{ facts: CaseFacts; words: string[] }> {
  const same = (one: { reference: string }) => one.reference.toLowerCase() === reference.toLowerCase();
  if (sent) {
    const entry = (await readSentFile(sent)).find(same);
    if (!entry)
      throw new CommandFailure(EXIT.notFound, plain`${sent} has no onboarding ${reference}. Add it to the file.`);
    return { facts: factsOfSent(entry), words: (entry.mails ?? []).map(bareWords) };
  }
  const opened = await archive();
  const facts = await caseFacts(opened, { reference });
  if (!facts)
    throw new CommandFailure(
      EXIT.notFound,
      plain`The archive has no onboarding ${reference}. See ace-onboarding list, or pass its facts with --sent.`,
    );
  return { facts, words: await wordsOfCase(opened, facts.workflowId, mailId) };
}

export function number(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It must be the number of a paragraph.');
  return Number(text);
}

export function numbers(text: string): number[] {
  return text.split(',').map((part) => number(part.trim()));
}
