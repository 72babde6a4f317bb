import { disarmed, printable, printableLine } from '../../../application/plain-text.js';
import { inNewYork, isCalendarDay } from '../../../calendar/day.js';
import { longDay, longDayAndTime } from '../../../calendar/format.js';
import type { Notice } from '../../../workflows/contract/mail-activities.js';
import { shownNumber } from './compose-application.js';
import { NoticeRefused } from './notice-refused.js';
import type { TemplateFacts, Words } from './templates.js';

/** How a fact of a notice is cleaned and shown. A list of values: one of these, for the template's conditions only. */
type Shown =
  /** `YYYY-MM-DD`, or the day of an ISO instant in New York: in words, in the client's language. */
  | 'day'
  /** An ISO instant or a day, for our own people. */
  | 'moment'
  | 'line'
  /** What the product itself states, to be copied from the email: never disarmed. */
  | 'own-line'
  /** Text of others: each line begins with `> `. */
  | 'quoted'
  /** What a person at the broker wrote to be sent, as it is. */
  | 'written'
  | 'importer-numbers'
  /** `NUMBER: role`. */
  | 'roles'
  | 'role'
  | 'lines'
  | readonly string[];

const YES = ['yes'] as const;

/** Every fact that a notice can have. The workflow gives only what is on record, and a template says nothing else. */
export const NOTICE_FACTS = {
  submittedOn: 'day',
  submittedBy: ['us', 'client', 'unknown'],
  /** The day of our last question or request. */
  askedOn: 'day',
  attempt: 'line',
  /** The submission replaces an earlier one. */
  replaces: YES,
  /** How we know of the account. */
  approval: [
    'cbp-letter',
    'seen-in-ace',
    'desk-phoned',
    'mail-examined',
    'client-stated',
    'back-office',
    'existing-account',
  ],
  /** The day of CBP's account email. */
  approvedOn: 'day',
  linkExpiresOn: 'day',
  /** Who says that the account owner has signed in. */
  signedIn: ['client', 'broker'],
  signedInOn: 'day',
  /** Who says that our user was added. */
  userAdded: ['client', 'broker'],
  /** The day of the instructions. */
  instructedOn: 'day',
  /** When we looked in ACE. What follows is what we saw then. */
  lookedOn: 'day',
  /** Empty: none. */
  seen: 'importer-numbers',
  missing: 'importer-numbers',
  /** Only if it is not Full Access. */
  role: 'role',
  roles: 'roles',
  topAccount: ['wrong'],
  /** The broker can work with a narrower role. */
  acceptsNarrower: YES,
  what: 'quoted',
  text: 'written',
  ticket: 'line',
  /** With `formSha256`. */
  attachForm: YES,
  brokerAceEmail: 'own-line',
  brokerAceSecondEmail: 'own-line',
  attention: 'line',
  since: 'moment',
  dies: 'moment',
  withdrawn: ['client-withdraws', 'power-of-attorney-revoked'],
  /** Other open requests to the same person, one line each. */
  siblings: 'lines',
} as const satisfies Record<string, Shown>;
export type NoticeFact = keyof typeof NOTICE_FACTS;

/**
 * The facts of a notice as its template gets them: every name, undefined where nothing is on record.
 * @throws NoticeRefused for a value that no template could say
 */
export function shownFacts(notice: Notice, language: string, words: Words): Record<NoticeFact, TemplateFacts[string]> {
  const { facts } = notice;
  const given = Object.fromEntries(
    Object.entries(NOTICE_FACTS).map(([name, how]) => [name, shown(name, facts[name], how, { language, words })]),
  ) as Record<NoticeFact, TemplateFacts[string]>;
  return { ...given, attachForm: facts.formSha256 ? given.attachForm : undefined };
}

interface Reader {
  language: string;
  words: Words;
}

function shown(name: string, fact: string | string[] | undefined, how: Shown, reader: Reader): TemplateFacts[string] {
  if (fact === undefined) return undefined;
  const list = (Array.isArray(fact) ? fact : [fact]).filter((text) => text.trim() !== '');
  if (how === 'importer-numbers') return list.map(shownNumber).map(inLine);
  if (how === 'lines') return list.length > 0 ? list.map(inLine) : undefined;
  if (how === 'roles') return list.length > 0 ? list.map((line) => roleOfNumber(line, reader)) : undefined;
  const text = list.join('\n');
  if (text === '') return undefined;
  if (how === 'day') return dayFor(reader.language, dayOf(name, text));
  if (how === 'moment') return isCalendarDay(text) ? longDay(text) : longDayAndTime(instant(name, text));
  if (how === 'role') return text === 'full-access' ? undefined : roleLabel(text, reader);
  if (how === 'line') return inLine(text);
  if (how === 'own-line') return printableLine(text);
  if (how === 'quoted') return quoted(text);
  if (how === 'written') return printable(text).trim();
  if (how.includes(text)) return text;
  throw new NoticeRefused(`${name} is "${inLine(text)}". It must be one of: ${how.join(', ')}. Nothing was sent.`);
}

/** `December 9, 2026`, `9 de diciembre de 2026`. */
export function dayFor(language: string, day: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`));
}

function dayOf(name: string, text: string): string {
  return isCalendarDay(text) ? text : inNewYork(instant(name, text)).day;
}

function instant(name: string, text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new NoticeRefused(
      `${name} is "${inLine(text)}". It must be a day such as 2026-12-09, or an ISO instant. Nothing was sent.`,
    );
  return at;
}

function roleOfNumber(line: string, reader: Reader): string {
  const [number = '', role = ''] = line.split(/:\s*/, 2);
  return `${inLine(shownNumber(number))}: ${roleLabel(role, reader)}`;
}

/** As ACE shows it. */
function roleLabel(role: string, { words }: Reader): string {
  const labels: Record<string, string> = { 'full-access': 'Full Access', 'read-only': 'Read-Only' };
  return labels[role] ?? words.otherRole;
}

/** Makes text from others safe within a line of the template: no control characters, and no clickable links. */
export function inLine(text: string): string {
  return disarmed(printableLine(text));
}

/** Does the same for text on its own lines. The `>` sets them apart from the template's lines, such as commands to run. */
function quoted(text: string): string {
  return disarmed(text)
    .trim()
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}
