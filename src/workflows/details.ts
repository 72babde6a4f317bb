import type { Progress } from './progress.js';
import { mailsForPeople } from './questions.js';
import type { OnboardingRecord } from './record.js';

/**
 * The current details of the Web UI, in Markdown: whose turn it is, since when, what is next and what to paste. Pure.
 * New York time throughout, since CBP's clock is the one that counts.
 */
export function renderDetails(progress: Progress, record: OnboardingRecord): string {
  return [
    `**${headline(progress)}**`,
    progress.wanted ? `\n${progress.wanted}` : '',
    progress.due ? `\nDue ${time(progress.due.at)}: ${progress.due.explanation}.` : '',
    attention(progress, record),
    actions(progress),
    mails(progress),
    notes(progress),
    `\n${progress.company}, reference ${progress.reference}${progress.round > 1 ? `, round ${progress.round}` : ''}, attempt ${progress.attempt}.`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

const TURN = { nobody: 'Under way', cbp: "CBP's turn", client: "Client's turn", broker: "Broker's turn" } as const;

/** "Client's turn since Tue 3 Mar 2026, 10:00 ET (awaiting-access-grant). Next: third reminder, Mon 9 Mar 2026, 17:00 ET. If nothing: parked." */
function headline(progress: Progress): string {
  if (progress.outcome) return `Closed: ${progress.outcome}, ${time(progress.since)}.`;
  const turn = `${TURN[progress.waitingOn]} since ${time(progress.since)} (${progress.stage}).`;
  const next = progress.due ? ` Next: ${progress.next}, ${time(progress.due.at)}.` : '';
  return `${turn}${next} If nothing happens: ${progress.ifNothing}.`;
}

function attention(progress: Progress, record: OnboardingRecord): string {
  if (progress.attention.length === 0) return '';
  const tasks = mailsForPeople(record).map(({ mail, why }) => {
    const doubts =
      mail.authenticity.verdict === 'authentic'
        ? 'authentic'
        : `**not proven genuine**: ${mail.authenticity.reasons.join('; ')}`;
    return `- ${why}: "${inline(mail.subject)}", ${mail.kind} (${Math.round(mail.confidence * 100)} %), ${doubts}. mailId \`${mail.mailId}\`\n  > ${inline(mail.excerpt)}`;
  });
  return [`\n### Needs attention: ${progress.attention.join(', ')}`, ...tasks].join('\n');
}

function actions(progress: Progress): string {
  if (progress.actions.length === 0) return '';
  return ['\n### What you can do', ...progress.actions.map(({ say, command }) => `- ${say}:\n  \`${command}\``)].join(
    '\n',
  );
}

const SHOWN = 8;

function mails(progress: Progress): string {
  if (progress.mails.length === 0) return '';
  const rows = progress.mails.slice(-SHOWN).map((mail) => `| ${time(mail.at)} | ${mail.direction} | ${mail.what} |`);
  return ['\n### Last mails', '| when | | what |', '|---|---|---|', ...rows].join('\n');
}

function notes(progress: Progress): string {
  if (progress.notes.length === 0) return '';
  return [
    '\n### Notes',
    ...progress.notes.slice(-SHOWN).map((note) => `- ${time(note.at)}, ${inline(note.by)}: ${inline(note.text)}`),
  ].join('\n');
}

/** Foreign text must not become Markdown of ours. */
function inline(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`);
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
