import { disarmed } from '../../application/plain-text.js';
import { longDay, longDayAndTime, shortDay } from '../../calendar/format.js';
import { DOUBTS } from '../contract/doubts.js';
import type { NoticeTemplate } from '../contract/mail-activities.js';
import type { MailLine, Progress, Stated } from '../contract/progress.js';
import type { OnboardingStage } from '../contract/stages.js';
import { ATTENTION_HELP } from '../contract/tasks.js';
import { doubtsAbout } from '../record/mail-policy.js';
import type { OnboardingRecord } from '../record/record.js';
import { messagesForReview } from '../record/review-policy.js';

/**
 * The current details in the Web UI, as Markdown: whose turn it is and since when, what comes next, what people need to
 * do and which command to paste. Pure. All times are New York time, because CBP's clock is the one that counts.
 *
 * The UI's server renders them: the browser requests `/render?content=…` with the whole decrypted text, and every proxy
 * on the way logs it. So the details contain only our own wording, values from fixed lists and what the UI's lists show
 * anyway: no people, no importer numbers, no subjects or excerpts, no free text. `show` has all of that.
 */
export function renderDetails(progress: Progress, record: OnboardingRecord): string {
  const { reference, company, round, attempt } = progress;
  const fullStory = `\nTo see what people and emails said: \`ace-onboarding show ${reference}\``;
  return fitLines(MAX_BYTES, fullStory, [
    {
      lines: [
        `**${headline(progress)}**`,
        `\n${inline(company.slice(0, MAX_NAME))}, reference ${reference}${round > 1 ? `, round ${round}` : ''}, attempt ${attempt}.`,
        ...due(progress),
        ...howFar(progress),
      ],
    },
    { title: '\n### Needs attention', lines: attention(progress, record) },
    {
      title:
        '\n### What you can do\nPaste one of these into a terminal, or use More Actions, Update, which has an example for each.\n',
      lines: progress.actions.map(({ say, command }) => `${say}:\n\`\`\`\n${command}\n\`\`\``),
    },
    {
      title: '\n### Latest emails\n| New York time | | email |\n|---|---|---|',
      lines: progress.mails.map((mail) => `| ${time(mail.at)} | ${mail.direction} | ${describe(mail)} |`),
      latestLast: true,
    },
    {
      title: '\n### Notes',
      lines: progress.notes.flatMap(({ at, brief }) => (brief ? [`- ${time(at)}: ${inline(brief)}`] : [])),
      latestLast: true,
    },
  ]);
}

/** Encoded in the UI's URL, the text can be three times as long. */
const MAX_BYTES = 3_000;
/** Characters of the company name. */
const MAX_NAME = 200;
/** Emails, and notes. */
const MAX_LINES = 8;
/** Bytes that each section has at least, however much the sections before it need. */
const PROMISED = 150;

interface Section {
  title?: string;
  lines: string[];
  /** If not all lines fit, keep the last ones instead of the first. */
  latestLast?: true;
}

/** As many lines as fit, earlier sections first, and always `last`. */
function fitLines(most: number, last: string, sections: Section[]): string {
  let room = most - bytes(last);
  let promised = sections.reduce((sum, section) => sum + promisedTo(section), 0);
  const shown: string[] = [];
  for (const section of sections) {
    const { title, lines, latestLast } = section;
    promised -= promisedTo(section);
    const candidates = latestLast ? lines.slice(-MAX_LINES).reverse() : lines;
    let left = room - promised - (title ? bytes(title) : 0);
    const kept: string[] = [];
    for (const line of candidates) {
      left -= bytes(line);
      if (left < 0) break;
      kept.push(line);
      room = left + promised;
    }
    if (kept.length === 0) continue;
    shown.push(...(title ? [title] : []), ...(latestLast ? kept.reverse() : kept));
  }
  return [...shown, last].join('\n');
}

function promisedTo({ title = '', lines }: Section): number {
  const needed = lines.reduce((sum, line) => sum + bytes(line), bytes(title));
  return lines.length > 0 ? Math.min(needed, PROMISED) : 0;
}

/** Length in UTF-8, including the line break. */
function bytes(text: string): number {
  return new TextEncoder().encode(text).length + 1;
}

const TURN = { nobody: 'In progress', cbp: "CBP's turn", client: "Client's turn", broker: "Broker's turn" } as const;

const STAGE: Record<OnboardingStage, string> = {
  preparing: 'preparing the form',
  submitting: 'submitting the application',
  'awaiting-acknowledgement': "awaiting CBP's acknowledgement",
  'awaiting-decision': "awaiting CBP's decision",
  'awaiting-correction': 'awaiting a corrected application',
  'awaiting-access-grant': 'awaiting the access grant',
  closed: 'closed',
};

/** "Client's turn since Tue Mar 3, 2026, 10:00 AM ET (awaiting the access grant). Next: third reminder, Mon Mar 9, 2026, 5:00 PM ET. If nothing happens: parked." */
function headline(progress: Progress): string {
  if (progress.outcome) return `Closed: ${progress.outcome}, ${time(progress.since)}.`;
  const turn = `${TURN[progress.waitingOn]} since ${time(progress.turnSince)} (${STAGE[progress.stage]}).`;
  const next = progress.due ? ` Next: ${progress.next}, ${time(progress.due.at)}.` : '';
  // The last automatic step is named only once.
  const end = progress.ifNothing === progress.next ? '' : ` If nothing happens: ${progress.ifNothing}.`;
  return `${turn}${next}${end}`;
}

function due({ due: next }: Progress): string[] {
  if (!next) return [];
  // A full explanation can contain what people wrote, such as the reason for a closure. Then there is a brief one.
  return [`\nDue **${time(next.at)}**: ${inline(next.brief ?? next.explanation)}.`];
}

/** Who has it, how far the client is, and what runs out. */
function howFar({ access, snoozed, escalation, refundDeadline }: Progress): string[] {
  const said = ({ on, by, undated }: Stated) => `${undated ? 'by ' : ''}${shortDay(on)}, says ${SAYS[by]}`;
  const facts = [
    access && (access.approved.undated ? 'The account existed before' : `Approved ${said(access.approved)}`),
    access && (access.signedIn ? `signed in ${said(access.signedIn)}` : 'not signed in, as far as we know'),
    access?.userAdded && `our user added ${said(access.userAdded)}`,
    access?.looked && `last look in ACE ${time(access.looked.at)}`,
    snoozed && `Snoozed until ${time(snoozed.until)}`,
    escalation !== 'handler' && `Told: ${escalation}`,
    refundDeadline && `Refund deadline ${longDay(refundDeadline)}`,
  ].filter((fact): fact is string => Boolean(fact));
  return facts.length > 0 ? [`\n${facts.join('; ')}.`] : [];
}
const SAYS: Record<Stated['by'], string> = {
  cbp: 'CBP',
  client: 'the client',
  broker: 'the broker',
  'back-office': 'the back office',
};

function attention(progress: Progress, record: OnboardingRecord): string[] {
  const reasons = progress.attention.map((reason) => `- **${reason}**: ${ATTENTION_HELP[reason]}`);
  const waiting = messagesForReview(record).map(({ mail, why }) => {
    const proven = mail.authenticity.verdict === 'authentic' ? 'proven genuine' : '**not proven genuine**';
    const [doubt] = doubtsAbout(mail, record);
    return `- Email received ${time(mail.receivedAt)} (${why}): read as ${mail.kind}, ${Math.round(mail.confidence * 100)}% sure; ${proven}${doubt ? `; ${DOUBTS[doubt]}` : ''}.`;
  });
  const earlier = waiting.length - MAX_WAITING;
  return [
    ...reasons,
    ...waiting.slice(-MAX_WAITING),
    ...(earlier > 0 ? [`- ${earlier} earlier ${earlier === 1 ? 'email waits' : 'emails wait'} too.`] : []),
  ];
}
const MAX_WAITING = 3;

/** What each notice is about, for people who have never seen a template. */
const NOTICE: Record<NoticeTemplate, string> = {
  'application-submitted': 'to the client: what was sent to CBP, and what comes next',
  'ask-whether-approved': "to the client: did CBP's account email come?",
  'correction-needed': 'to the client: what CBP wants corrected',
  'correction-reminder': 'to the client: reminder of what CBP wants corrected',
  'grant-instructions': 'to the client: how to sign in and add our user',
  'sign-in-reminder': 'to the client: reminder to sign in',
  'grant-reminder': 'to the client: reminder to add our user',
  'grant-partial': 'to the client: what is missing from the access',
  'link-expired': 'to the client: how to get a new sign-in link',
  'user-locked': 'to the client: how to get the user unlocked',
  'owner-left': 'to the new account owner: how to take over',
  'wrong-top-account': 'to the client: access was granted to another top account',
  'wrong-address': 'to the client: the right address of our user',
  'access-seen': 'to the client: access seen, thank you',
  'credentials-received': 'to the client: never send sign-in information',
  message: 'to the client: written by a person',
  'cbp-message': 'to CBP: written by a person',
  'cbp-withdrawal': 'to CBP: the application is withdrawn',
  task: 'to our handler: urgent task',
  digest: 'to our people: digest',
  weekly: 'to our managers: weekly report',
};

function describe({ what }: MailLine): string {
  const [template = '', ...rest] = what.split(' ');
  const subject = Object.hasOwn(NOTICE, template) ? NOTICE[template as NoticeTemplate] : template;
  return inline([subject, ...rest].join(' '));
}

/** Keeps the company name from becoming Markdown or a link. */
function inline(text: string): string {
  return disarmed(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`);
}

function time(instant: string): string {
  return longDayAndTime(new Date(instant));
}
