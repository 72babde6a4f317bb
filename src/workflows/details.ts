import { ASKED } from './asked-of-people.js';
import type { OnboardingStage } from './messages.js';
import type { MailLine, Progress } from './progress.js';
import { mailsForPeople } from './questions.js';
import type { NoticeTemplate, OnboardingRecord } from './record.js';

/**
 * The current details of the Web UI, in Markdown: whose turn it is, since when, what is next, what is asked of people
 * and what to paste. Pure. New York time throughout, since CBP's clock is the one that counts.
 */
export function renderDetails(progress: Progress, record: OnboardingRecord): string {
  return [
    `**${headline(progress)}**`,
    `\n${inline(progress.company)}, reference ${progress.reference}${progress.round > 1 ? `, round ${progress.round}` : ''}, attempt ${progress.attempt}.`,
    progress.wanted ? `\n${lines(beginning(progress.wanted, WANTED_SHOWN))}` : '',
    progress.due ? `\nDue **${time(progress.due.at)}**: ${inline(progress.due.explanation)}.` : '',
    attention(progress, record),
    actions(progress),
    mails(progress),
    notes(progress),
  ]
    .filter((part) => part !== '')
    .join('\n');
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

/** "Client's turn since Tue 3 Mar 2026, 10:00 ET (awaiting the grant of access). Next: third reminder, Mon 9 Mar 2026, 17:00 ET. If nothing: parked." */
function headline(progress: Progress): string {
  if (progress.outcome) return `Closed: ${progress.outcome}, ${time(progress.since)}.`;
  const turn = `${TURN[progress.waitingOn]} since ${time(progress.turnSince)} (${STAGE[progress.stage]}).`;
  const next = progress.due ? ` Next: ${progress.next}, ${time(progress.due.at)}.` : '';
  // The last thing that happens by itself is said once.
  const end =
    progress.due && progress.ifNothing === progress.next ? 'it waits until a person acts' : progress.ifNothing;
  return `${turn}${next} If nothing happens: ${end}.`;
}

/** Of mails and notes: the latest. The details shall be read, and Temporal keeps 20,000 bytes of them. */
const SHOWN = 8;
const NOTE_SHOWN = 300;
const WANTED_SHOWN = 3_000;

function attention(progress: Progress, record: OnboardingRecord): string {
  if (progress.attention.length === 0) return '';
  const reasons = progress.attention.map((reason) => `- **${reason}**: ${ASKED[reason]}`);
  const waiting = mailsForPeople(record);
  const tasks = waiting.slice(-SHOWN).map(({ mail, why }) => {
    const doubts =
      mail.authenticity.verdict === 'authentic'
        ? 'proven genuine'
        : `**not proven genuine**: ${inline(beginning(mail.authenticity.reasons.join('; '), NOTE_SHOWN))}`;
    return [
      `- ${why}, ${time(mail.receivedAt)}: "${quoted(beginning(mail.subject, 150))}" from ${quoted(beginning(mail.from, 80))}. Read as ${inline(mail.kind)} (${Math.round(mail.confidence * 100)} %), ${doubts}.`,
      `  > ${quoted(beginning(mail.excerpt, NOTE_SHOWN))}`,
    ].join('\n');
  });
  return [
    '\n### Needs attention',
    ...reasons,
    ...(tasks.length > 0 ? ['\n### Mail that waits for you', ...tasks] : []),
    ...(waiting.length > SHOWN ? [`\nAnd ${waiting.length - SHOWN} earlier.`] : []),
  ].join('\n');
}

function actions(progress: Progress): string {
  if (progress.actions.length === 0) return '';
  return [
    '\n### What you can do',
    'Paste one of these into a terminal; the same is under More Actions, Update, with an example for each.\n',
    ...progress.actions.map(({ say, command }) => `${say}:\n\n\`\`\`\n${command}\n\`\`\`\n`),
  ].join('\n');
}

function mails(progress: Progress): string {
  if (progress.mails.length === 0) return '';
  const rows = progress.mails.slice(-SHOWN).map((mail) => `| ${time(mail.at)} | ${mail.direction} | ${named(mail)} |`);
  return ['\n### Last mails', '| New York time | | mail |', '|---|---|---|', ...rows].join('\n');
}

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

function notes(progress: Progress): string {
  if (progress.notes.length === 0) return '';
  return [
    '\n### Notes',
    ...progress.notes
      .slice(-SHOWN)
      .map(
        (note) => `- ${time(note.at)}, ${inline(beginning(note.by, 60))}: ${inline(beginning(note.text, NOTE_SHOWN))}`,
      ),
  ].join('\n');
}

/** Foreign text must not become Markdown of ours. */
function inline(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`);
}

function beginning(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)} …` : text;
}

/** What a stranger wrote: its links can be read, never clicked. */
function quoted(text: string): string {
  return inline(text.replace(/:\/\//g, '[:]//').replace(/\bwww\./gi, 'www[.]'));
}

/** The same, for text of ours that quotes: its lines and its list stay. */
function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith('- ') ? `- ${quoted(line.slice(2))}` : quoted(line)))
    .join('\n');
}

const PARTS = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** "Tue 3 Mar 2026, 10:00 ET", with seconds when there are any. */
function time(instant: string): string {
  const part = Object.fromEntries(PARTS.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  const seconds = part.second === '00' ? '' : `:${part.second}`;
  return `${part.weekday} ${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute}${seconds} ET`;
}
