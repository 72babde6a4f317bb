import { describe, expect, test } from 'vitest';
import { shownConfiguration } from '../../../src/cli/config.js';
import { dutyOf, managerOf, type People, personNamed } from '../../../src/config/people.js';
import { readConfig } from '../../../src/config/read-config.js';
import { BROKER_SETTINGS } from '../../support/broker-settings.js';
import { configurationProblems } from '../../support/configuration-problems.js';

const REHEARSAL = { SMTP_HOST: '127.0.0.1', IMAP_HOST: '127.0.0.1', ...BROKER_SETTINGS };

function peopleIn(book: unknown): People {
  return readConfig({ ...REHEARSAL, PEOPLE: JSON.stringify(book) }).people;
}

function problemsOf(book: unknown): string {
  const PEOPLE = typeof book === 'string' ? book : JSON.stringify(book);
  return configurationProblems(() => readConfig({ ...REHEARSAL, PEOPLE })).join('\n');
}

const one = (name: string, more = {}) => ({ name, email: `${name.toLowerCase()}@broker.example`, ...more });
const CHRISTMAS = { absent: [{ from: '2026-12-21', to: '2027-01-01' }] };
const OPERATIONS = 'operations@broker.example';

describe("a handler's work on a day is done by", () => {
  const onDuty = (book: unknown, handler: string | undefined, day: string) =>
    dutyOf(peopleIn(book), handler, day, OPERATIONS).email;

  test('the handler, up to the day before an absence and from the day after it', () => {
    const book = { jo: one('Jo', { ...CHRISTMAS, deputy: 'kim' }), kim: one('Kim') };
    expect(onDuty(book, 'jo', '2026-12-20')).toBe('jo@broker.example');
    expect(onDuty(book, 'jo', '2026-12-21')).toBe('kim@broker.example');
    expect(onDuty(book, 'jo', '2027-01-01')).toBe('kim@broker.example');
    expect(onDuty(book, 'jo', '2027-01-02')).toBe('jo@broker.example');
  });

  test("the deputy's deputy if the deputy is not there either", () => {
    const book = { jo: one('Jo', { ...CHRISTMAS, deputy: 'kim' }), kim: one('Kim', { ...CHRISTMAS, deputy: 'lee' }) };
    expect(onDuty({ ...book, lee: one('Lee') }, 'jo', '2026-12-24')).toBe('lee@broker.example');
  });

  test('operations if no one in the line of deputies is there, even if the line is a circle', () => {
    const book = { jo: one('Jo', { ...CHRISTMAS, deputy: 'kim' }), kim: one('Kim', { ...CHRISTMAS, deputy: 'jo' }) };
    expect(onDuty(book, 'jo', '2026-12-24')).toBe(OPERATIONS);
    expect(onDuty({ jo: one('Jo', CHRISTMAS) }, 'jo', '2026-12-24')).toBe(OPERATIONS);
  });

  test.each(['max', '', undefined, 'constructor', '__proto__'])(
    'operations if the handler is unknown: %j',
    (handler) => {
      expect(onDuty({ jo: one('Jo') }, handler, '2026-12-24')).toBe(OPERATIONS);
    },
  );
});

test('a person is found by name or by address, whatever the case of the letters', () => {
  const people = peopleIn({ jo: one('Jo') });
  for (const name of ['jo', 'JO', ' Jo ', 'jo@broker.example', 'Jo@Broker.example'])
    expect(personNamed(people, name)?.id).toBe('jo');
});

test('the manager of a handler is the one in the address book, a deputy, or else MANAGER_ADDRESS', () => {
  const people = peopleIn({
    jo: one('Jo', { manager: 'lee' }),
    kim: one('Kim'),
    lee: one('Lee', { ...CHRISTMAS, deputy: 'kim' }),
  });
  const manager = (handler: string, day: string) => managerOf(people, handler, day, 'boss@broker.example').email;
  expect(manager('jo', '2026-12-01')).toBe('lee@broker.example');
  expect(manager('jo', '2026-12-24')).toBe('kim@broker.example');
  expect(manager('kim', '2026-12-01')).toBe('boss@broker.example');
  expect(manager('max', '2026-12-01')).toBe('boss@broker.example');
});

describe('an address book is refused', () => {
  test.each([
    ['not JSON', '{jo}', 'must be JSON'],
    ['a name that cannot be a handler', { 'Jo Park': one('Jo') }, 'Jo Park is not a valid name: use up to 40'],
    ['no address', { jo: { name: 'Jo' } }, 'jo.email is missing'],
    ['an address that is none', { jo: { name: 'Jo', email: 'jo' } }, 'jo.email must be an email address'],
    [
      'a deputy that is not in it',
      { jo: one('Jo', { deputy: 'kym' }), kim: one('Kim') },
      '"kym" as the deputy of "jo"',
    ],
    ['a manager that is not in it', { jo: one('Jo', { manager: 'toString' }) }, '"toString" as the manager of "jo"'],
    ['a deputy of their own', { jo: one('Jo', { deputy: 'jo' }) }, 'names "jo" as their own deputy'],
    [
      'a day that does not exist',
      { jo: one('Jo', { absent: [{ from: '2026-02-30', to: '2026-03-01' }] }) },
      'such as 2026',
    ],
    [
      'an absence that ends before it begins',
      { jo: one('Jo', { absent: [{ from: '2027-01-02', to: '2027-01-01' }] }) },
      'swap',
    ],
    ['a misspelled entry', { jo: one('Jo', { deputies: 'kim' }) }, 'jo has deputies, which nothing reads'],
  ])('with %s, and the message says where', (_, book, message) => {
    expect(problemsOf(book)).toContain(message);
  });
});

test('`config show` says that there is an address book, not who is in it', () => {
  const PEOPLE = JSON.stringify({ jo: one('Jo') });
  expect(JSON.stringify(shownConfiguration({ PEOPLE }))).not.toContain('jo@');
  expect(shownConfiguration({ PEOPLE })).toContainEqual({ name: 'PEOPLE', value: '(set)', from: 'environment' });
});
