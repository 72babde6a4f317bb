import { disarmed } from '../../application/plain-text.js';
import { longDayAndTime } from '../../calendar/format.js';
import { ATTENTION_HELP } from '../contract/attention-help.js';
import { DOUBTS } from '../contract/doubts.js';
import type { NoticeTemplate } from '../contract/mail-activities.js';
import type { MailLine, Progress } from '../contract/progress.js';
import type { OnboardingStage } from '../contract/stages.js';
import { doubtsAbout, mailsForPeople } from '../record/policy.js';
import type { OnboardingRecord } from '../record/record.js';

/**
 * The current details of the Web UI, in Markdown: whose turn it is, since when, what is next, what is asked of people
 * and what to paste. Pure. New York time throughout, since CBP's clock is the one that counts.
 *
 * The UI has its server render them: it asks for `/render?content=…` with the whole decrypted text, which every proxy on
 * the way logs. So they hold nothing but words of the product, values of closed lists and what the UI's lists show
 * anyway: no persons, no importer numbers, no subjects or excerpts, no free text. All of that is in `show`.
 */
export function renderDetails(progress: Progress, record: OnboardingRecord): string {
  const { reference, company, round, attempt } = progress;
  const whole = `\nWhat people and emails said: \`ace-onboarding show ${reference}\``;
  return fitted(MAX_BYTES, whole, [
    {
      lines: [
        `**${headline(progress)}**`,
        `\n${inline(company.slice(0, MAX_NAME))}, reference ${reference}${round > 1 ? `, round ${round}` : ''}, attempt ${attempt}.`,
        ...due(progress),
      ],
    },
    { title: '\n### Needs attention', lines: attention(progress, record) },
    {
      title:
        '\n### What you can do\nPaste one of these into a terminal; the same is under More Actions, Update, with an example for each.\n',
      lines: progress.actions.map(({ say, command }) => `${say}:\n\n\`\`\`\n${command}\n\`\`\`\n`),
    },
    {
      title: '\n### Last emails\n| New York time | | email |\n|---|---|---|',
      lines: progress.mails.map((mail) => `| ${time(mail.at)} | ${mail.direction} | ${named(mail)} |`),
      latestLast: true,
    },
    {
      title: '\n### Notes',
      lines: progress.notes.flatMap(({ at, brief }) => (brief ? [`- ${time(at)}: ${inline(brief)}`] : [])),
      latestLast: true,
    },
  ]);
}

/** What the UI sends as an address is up to three times as long. */
const MAX_BYTES = 3_000;
/** Characters of a company's name. */
const MAX_NAME = 200;
/** Of emails and notes. */
const MAX_LINES = 8;

interface Section {
  title?: string;
  lines: string[];
  /** Where not all lines fit, the last ones are kept instead of the first. */
  latestLast?: true;
}

/** As many lines as there is room for, the first sections first, and `last` in any case. */
function fitted(most: number, last: string, sections: Section[]): string {
  let room = most - bytes(last);
  const shown: string[] = [];
  for (const { title, lines, latestLast } of sections) {
    const candidates = latestLast ? lines.slice(-MAX_LINES).reverse() : lines;
    let left = room - (title ? bytes(title) : 0);
    const kept: string[] = [];
    for (const line of candidates) {
      left -= bytes(line);
      if (left < 0) break;
      kept.push(line);
      room = left;
    }
    if (kept.length === 0) continue;
    shown.push(...(title ? [title] : []), ...(latestLast ? kept.reverse() : kept));
  }
  return [...shown, last].join('\n');
}

/** In UTF-8, with the line break that follows. */
function bytes(text: string): number {
  return new TextEncoder().encode(text).length + 1;
}

const TURN = { nobody: 'Under way', cbp: "CBP's turn", client: "Client's turn", broker: "Broker's turn" } as const;

const STAGE: Record<OnboardingStage, string> = {
  preparing: 'preparing the form',
  submitting: 'submitting the application',
  'awaiting-acknowledgement': "awaiting CBP's acknowledgement",
  'awaiting-decision': "awaiting CBP's decision",
  'awaiting-correction': 'awaiting a corrected application',
  'awaiting-access-grant': 'awaiting the grant of access',
  closed: 'closed',
};

/** "Client's turn since Tue Mar 3, 2026, 10:00 AM ET (awaiting the grant of access). Next: third reminder, Mon Mar 9, 2026, 5:00 PM ET. If nothing: parked." */
function headline(progress: Progress): string {
  if (progress.outcome) return `Closed: ${progress.outcome}, ${time(progress.since)}.`;
  const turn = `${TURN[progress.waitingOn]} since ${time(progress.turnSince)} (${STAGE[progress.stage]}).`;
  const next = progress.due ? ` Next: ${progress.next}, ${time(progress.due.at)}.` : '';
  // The last thing that happens by itself is said once.
  const end =
    progress.due && progress.ifNothing === progress.next ? 'it waits until a person acts' : progress.ifNothing;
  return `${turn}${next} If nothing happens: ${end}.`;
}

function due({ due: next }: Progress): string[] {
  if (!next) return [];
  // The whole explanation may hold words of people: of who set the deadline, or announced a closure.
  return [`\nDue **${time(next.at)}**${next.brief ? `: ${inline(next.brief)}` : ''}.`];
}

function attention(progress: Progress, record: OnboardingRecord): string[] {
  const reasons = progress.attention.map((reason) => `- **${reason}**: ${ATTENTION_HELP[reason]}`);
  const waiting = mailsForPeople(record).map(({ mail, why }) => {
    const proven = mail.authenticity.verdict === 'authentic' ? 'proven genuine' : '**not proven genuine**';
    const [doubt] = doubtsAbout(mail, record);
    return `- Email of ${time(mail.receivedAt)} (${why}): read as ${mail.kind}, ${Math.round(mail.confidence * 100)} % sure; ${proven}${doubt ? `; ${DOUBTS[doubt]}` : ''}.`;
  });
  const earlier = waiting.length - MAILS_WAITING;
  return [
    ...reasons,
    ...waiting.slice(-MAILS_WAITING),
    ...(earlier > 0 ? [`- ${earlier} earlier ${earlier === 1 ? 'email waits' : 'emails wait'} too.`] : []),
  ];
}
const MAILS_WAITING = 3;

/** What our notices are about, for people who have never seen a template. */
const NOTICE: Record<NoticeTemplate, string> = {
  'operations-late': 'to operations: CBP has not decided in its usual time',
  'ask-whether-approved': "to the client: did CBP's account mail reach you?",
  'manager-overdue': 'to the manager: CBP has not decided in twice its usual time',
  'correction-needed': 'to the client: what must be mended',
  'grant-instructions': 'to the client: how to grant access',
  'grant-reminder': 'to the client: reminder to grant access',
  'grant-partial': 'to the client: what is missing in the grant',
  'credentials-received': 'to the client: sign-in data must not be sent to anybody',
  'operations-client-silent': 'to operations: the client is silent',
  'operations-task': 'to operations: a person is needed',
};

function named({ what }: MailLine): string {
  const [template = '', ...rest] = what.split(' ');
  const said = Object.hasOwn(NOTICE, template) ? NOTICE[template as NoticeTemplate] : template;
  return inline([said, ...rest].join(' '));
}

/** The company's name must not become Markdown of ours, nor a link. */
function inline(text: string): string {
  return disarmed(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`);
}

function time(instant: string): string {
  return longDayAndTime(new Date(instant));
}
