import { disarmed, printableLine } from '../application/plain-text.js';
import { addBusinessDays } from '../calendar/business-days.js';
import { type Day, inZone } from '../calendar/day.js';
import { dayAndTime, longDay, shortDay } from '../calendar/format.js';
import type { BrokerCalendar } from '../calendar/policy.js';
import type { Config } from '../config/config.js';
import type { Draft } from '../mail/outgoing/compose/compose-once.js';
import { oneLine } from '../mail/outgoing/compose/subject.js';
import { renderMail, type TemplateFacts } from '../mail/outgoing/compose/templates.js';
import { ATTENTION_HELP, WORK, type Work } from '../workflows/contract/tasks.js';
import { type AceUser, aceUserAlarm } from './ace-users.js';
import type { Digest, DigestTask } from './build-digests.js';
import type { Counts } from './digest-case.js';
import type { MailboxNews, Waiting } from './mailbox-news.js';

/** What only operations is told. */
export interface OperationsNews {
  mailbox: MailboxNews;
  aceUsers: AceUser[];
  /** People whose digest did not arrive, so that their tasks are in this one. */
  undelivered: { name: string; reason: string }[];
}

export interface DigestSettings {
  config: Pick<Config, 'mail' | 'broker'>;
  broker: BrokerCalendar;
  day: Day;
  now: Date;
}

/** More tasks than this in one group would not be read: the rest is a number and a command. */
export const MOST_LINES = 50;

/** The morning's digest of one person. Undefined if there is nothing to do. @throws TemplateError */
export function composeDigest(digest: Digest, news: OperationsNews | undefined, s: DigestSettings): Draft | undefined {
  const mailbox = news ? mailboxLines(news.mailbox) : [];
  const alarms = news ? news.aceUsers.flatMap((user) => aceUserAlarm(user) ?? []) : [];
  const undelivered = (news?.undelivered ?? []).map(
    ({ name, reason }) => `The digest of ${inLine(name)} did not arrive, so it is part of this one: ${inLine(reason)}`,
  );
  const things = digest.tasks.length + mailbox.length + alarms.length;
  if (things === 0) return undefined;
  const urgent = digest.tasks.filter(({ dies }) => dies !== undefined && dayOf(dies, s) <= s.day).length;
  const groups = Object.fromEntries(WORK.map((work) => [GROUP_FACTS[work], group(digest.tasks, work, s)]));
  return draft('digest', digest, s, {
    ...groups,
    things: `${things} ${things === 1 ? 'thing' : 'things'} to do`,
    urgent: urgent > 0 ? `${urgent} by today` : undefined,
    alarms,
    undelivered,
    mailbox,
  });
}

/** The weekly digest of a manager. Undefined if no case is open. @throws TemplateError */
export function composeWeekly(digest: Digest, counts: Counts, s: DigestSettings): Draft | undefined {
  if (counts.open === 0 && digest.tasks.length === 0) return undefined;
  const { length } = digest.tasks;
  const table = (rows: [string, number][]) => rows.map(([name, count]) => `${String(count).padStart(6)}  ${name}`);
  return draft('weekly', digest, s, {
    late: length > 0 ? `${length} ${length === 1 ? 'task has' : 'tasks have'} waited too long` : undefined,
    tasks: blocks(digest.tasks, s, 'ace-onboarding list --open'),
    open: String(counts.open),
    stages: table(counts.stages),
    waitingOn: table(counts.waitingOn),
  });
}

function draft(template: 'digest' | 'weekly', { to }: Digest, s: DigestSettings, facts: TemplateFacts): Draft {
  const { mail, broker } = s.config;
  const rendered = renderMail(
    `staff/${template}`,
    { name: inLine(to.name), day: shortDay(s.day), date: longDay(s.day), brokerName: broker.name, ...facts },
    mail.templatesDir,
  );
  return {
    recipient: to.email,
    envelope: { from: mail.from, to: [to.email] },
    letter: {
      from: { name: broker.name, address: mail.from },
      to: { name: to.name, address: to.email },
      // An answer to it belongs to no case, so it should not go to the mailbox that is read by the product.
      replyTo: mail.operations,
      subject: oneLine(rendered.subject),
      text: rendered.text,
      silencesAutoReplies: true,
    },
  };
}

/** The names under which the template finds the groups. */
const GROUP_FACTS: Record<Work, string> = { call: 'call', 'look-in-ace': 'lookInAce', read: 'read', send: 'send' };

function group(tasks: readonly DigestTask[], work: Work, s: DigestSettings): string[] {
  const mine = tasks.filter((task) => task.work === work);
  return blocks(mine, s, 'ace-onboarding list --open --waiting-on broker');
}

function blocks(tasks: readonly DigestTask[], s: DigestSettings, command: string): string[] {
  const shown = tasks.slice(0, MOST_LINES).map((task) => block(task, s));
  const more = tasks.length - shown.length;
  return more > 0 ? [...shown, `And ${more} more: ${command}`] : shown;
}

function block(task: DigestTask, s: DigestSettings): string {
  const { reference, company, reason, since, dies, refundDeadline, handler } = task;
  const named = company && company !== reference ? `${reference}, ${company}` : reference;
  const facts = [
    dies && `Act by ${dayAndTime(new Date(dies))}.`,
    refundDeadline && `The refund can be filed through ${shortDay(refundDeadline)}.`,
    since && `Waiting since ${shortDay(dayOf(since, s))}${age(since, s)}.`,
    handler && `Handler: ${handler}.`,
  ].filter((fact) => fact !== undefined && fact !== '');
  return [
    `- ${inLine(named)}`,
    `  ${inLine(reason === 'no-answer' ? noAnswer(task) : ATTENTION_HELP[reason])}`,
    ...(facts.length > 0 ? [`  ${inLine(facts.join(' '))}`] : []),
    `  ace-onboarding show ${printableLine(reference)}`,
  ].join('\n');
}

function noAnswer({ listedFor = [] }: DigestTask): string {
  const reasons = listedFor.length > 0 ? ` It is listed for: ${listedFor.join(', ')}.` : '';
  return `This case could not be read this morning, so look at it yourself.${reasons}`;
}

function mailboxLines({ review, letters }: MailboxNews): string[] {
  const since = ({ oldest }: Waiting) => (oldest ? `, the oldest since ${dayAndTime(new Date(oldest))}` : '');
  return [
    ...(review.count > 0
      ? [
          `- ${emails(review.count)} in review, not known to belong to a case${since(review)}.\n  ace-onboarding mail list`,
        ]
      : []),
    ...(letters.count > 0
      ? [
          `- ${emails(letters.count)} from CBP that no known letter matches (${letters.kinds === 1 ? '1 kind' : `${letters.kinds} kinds`})${since(letters)}. Teach the letters, so that the next ones are read without you.\n  ace-onboarding letters list`,
        ]
      : []),
  ];
}

const emails = (count: number) => (count === 1 ? '1 email' : `${count} emails`);

function dayOf(instant: string, { broker }: DigestSettings): Day {
  return inZone(new Date(instant), broker.timeZone).day;
}

/** ` (4 working days)`: how many have begun since that day. */
function age(since: string, s: DigestSettings): string {
  let days = 0;
  for (let day = dayOf(since, s); day < s.day && days < MOST_DAYS; days++) day = addBusinessDays(day, 1, s.broker);
  if (days === 0) return '';
  return ` (${days}${days === MOST_DAYS ? ' or more' : ''} working ${days === 1 ? 'day' : 'days'})`;
}
const MOST_DAYS = 250;

/** Text from others, safe within a line: no control characters, no clickable links. */
function inLine(text: string): string {
  return disarmed(printableLine(text));
}
