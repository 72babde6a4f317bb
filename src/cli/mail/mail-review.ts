import { Command } from 'commander';
import type { Archive } from '../../archive/archive.js';
import { openArchive } from '../../archive/open-archive.js';
import type { MailRecord } from '../../archive/records.js';
import { readClientConfig } from '../../config/read-config.js';
import { whyItCounts } from '../../mail/judging/judgement.js';
import { createMailReview, type MailReview, MailReviewError, short } from '../../onboardings/mail-review.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { disarming, errorText, lines, type Plain, quotation } from '../../process/plain-text-output.js';
import { connectClient } from '../../temporal/connect.js';
import { examples } from '../command-help.js';
import { type NumberedParagraph, paragraphsIn } from './mail-paragraphs.js';

/** `mail list`, `show`, `assign` and `dismiss`: for the person who sorts out emails that matched no onboarding. */
export function mailReviewCommands(): Command[] {
  return [listCommand(), showCommand(), assignCommand(), dismissCommand()];
}

interface By {
  actor: string;
  reason: string;
  json?: true;
}

function listCommand(): Command {
  return new Command('list')
    .summary('list emails that wait for a person')
    .description('Lists the emails that wait for a person, oldest first. Needs the archive but no server.')
    .option('--json', 'print the result as JSON')
    .configureHelp(examples('mail list', 'mail list --json'))
    .action(async (o: { json?: true }) => {
      const found = await withArchive((review) => review.waiting());
      printResult(o.json, found, () =>
        found.length === 0 ? disarming`No emails are waiting for a person.` : lines(found.map(line)),
      );
    });
}

function showCommand(): Command {
  return new Command('show')
    .summary('show everything about an email')
    .description(
      'Shows how an email was judged and why, the onboardings it may belong to, and what its sender newly wrote, paragraph by paragraph.',
    )
    .argument('<MAIL-ID>', 'as list prints it')
    .option('--json', 'print the result as JSON')
    .configureHelp(examples('mail show 3f786850e387'))
    .action(async (mailId: string, o: { json?: true }) => {
      const { found, paragraphs } = await withArchive(async (review, archive) => {
        const found = await review.find(mailId);
        return { found, paragraphs: await paragraphsIn(archive, found) };
      });
      printResult(o.json, { ...found, ...(paragraphs ? { paragraphs } : {}) }, () => details(found, paragraphs));
    });
}

function assignCommand(): Command {
  return new Command('assign')
    .summary('assign an email to an onboarding')
    .description(
      'Passes an email in review on to an onboarding, as if it had matched. This says which onboarding it belongs to, not that it is genuine: a decision that is not authentic still needs "ace-onboarding decide". Running it again changes nothing.',
    )
    .argument('<MAIL-ID>', 'as list prints it')
    .argument('<REFERENCE>', 'the onboarding')
    .requiredOption('--actor <NAME>', 'your name')
    .requiredOption('--reason <WHY>', 'how you know')
    .option('--json', 'print the result as JSON')
    .configureHelp(examples('mail assign 3f786850e387 acme --actor jo --reason "names the 5106 of acme"'))
    .action(async (mailId: string, reference: string, o: By) => {
      const done = await withServer((review) => review.assign(mailId, reference, by(o)));
      printResult(o.json, done, () => disarming`${short(done.mailId)} was assigned to ${done.reference}.`);
    });
}

function dismissCommand(): Command {
  return new Command('dismiss')
    .summary('dismiss an email that belongs to no onboarding')
    .description('Takes an email out of review. The email itself stays where it is. Running it again changes nothing.')
    .argument('<MAIL-ID>', 'as list prints it')
    .requiredOption('--actor <NAME>', 'your name')
    .requiredOption('--reason <WHY>', 'the reason, for the record')
    .option('--json', 'print the result as JSON')
    .configureHelp(examples('mail dismiss 3f786850e387 --actor jo --reason "a newsletter"'))
    .action(async (mailId: string, o: By) => {
      const done = await withArchive((review) => review.dismiss(mailId, by(o)));
      printResult(o.json, done, () => disarming`${short(done.mailId)} was dismissed.`);
    });
}

function by({ actor, reason }: By) {
  return { actor, reason };
}

function line({ mailId, receivedAt, mail, reasons, candidates }: MailRecord): Plain {
  const maybe = candidates.length > 0 ? ` Candidates: ${candidates.map(({ reference }) => reference).join(', ')}.` : '';
  return disarming`${short(mailId)}  ${receivedAt.slice(0, 16)}Z  ${mail.kind}  ${mail.from || '(no sender)'}\n    ${mail.subject || '(no subject)'}\n    ${reasons.join(' ')}${maybe}`;
}

function details(record: MailRecord, paragraphs: NumberedParagraph[] | undefined): Plain {
  const { mail } = record;
  const text = record.credentials
    ? disarming`(It looks like it contains account credentials, so the message itself was not kept.)\n${quotation(String(record.redactedText ?? ''))}`
    : paragraphs
      ? lines(paragraphs.filter(({ number }) => number > 0).map(numbered))
      : quotation(mail.excerpt);
  return lines([
    disarming`Email:       ${record.mailId}`,
    disarming`Received:    ${record.receivedAt} in ${record.mailbox}`,
    disarming`State:       ${record.state}${record.reference ? ` (${record.reference})` : ''}`,
    disarming`From:        ${mail.from || '(none)'}`,
    disarming`Subject:     ${mail.subject || '(none)'}`,
    disarming`Counts:      ${whyItCounts(mail)}`,
    disarming`Kind:        ${mail.kind}, confidence ${mail.confidence}`,
    ...mail.evidence.map((evidence) => disarming`             ${evidence}`),
    disarming`Sender:      ${mail.authenticity.verdict}`,
    ...mail.authenticity.reasons.map((reason) => disarming`             ${reason}`),
    ...(record.fraud
      ? [disarming`Fraud:       it asks for passwords, bank data or a Social Security number. Do not reply.`]
      : []),
    disarming`Why:`,
    ...record.reasons.map((reason) => disarming`             ${reason}`),
    disarming`Candidates:`,
    ...(record.candidates.length === 0 ? [disarming`             none`] : []),
    ...record.candidates.map(({ reference, evidence }) => disarming`             ${reference}: ${evidence.join('; ')}`),
    ...(record.handled ?? []).map(
      ({ at, actor, what, reason }) => disarming`${`${what}:`.padEnd(12)} ${at} by ${actor}: ${reason}`,
    ),
    ...(record.credentials ? [] : [disarming`Document:    ${mail.documentSha256} in the archive`]),
    disarming``,
    text,
  ]);
}

/** The number has its own line, which is ours, so that the sender cannot write one. */
function numbered({ number, written }: NumberedParagraph): Plain {
  return lines([disarming`Paragraph ${number}:`, quotation(written)]);
}

const EXIT_CODES = {
  'not-found': EXIT.notFound,
  'onboarding-not-found': EXIT.notFound,
  'onboarding-closed': EXIT.conflict,
  'decided-otherwise': EXIT.conflict,
  'not-in-review': EXIT.conflict,
  'actor-refused': EXIT.conflict,
} as const;

/** For commands that need no connection to Temporal. */
async function withArchive<T>(use: (review: MailReview, archive: Archive) => Promise<T>): Promise<T> {
  const { archive } = await openArchive(readClientConfig());
  return await answered(() => use(createMailReview({ archive }), archive));
}

async function withServer<T>(use: (review: MailReview) => Promise<T>): Promise<T> {
  const { archive, encryption } = await openArchive(readClientConfig());
  const { client, close } = await connectClient(encryption);
  try {
    return await answered(() => use(createMailReview({ archive, client: client.workflow })));
  } finally {
    await close();
  }
}

async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof MailReviewError)) throw error;
    const { code, message } = error;
    throw new CommandFailure(EXIT_CODES[code], errorText(error), { error: { code, message } });
  }
}
