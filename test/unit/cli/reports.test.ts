import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Application } from '../../../src/application/application.js';
import { makeArchive } from '../../../src/archive/open-archive.js';
import { type MailRecord, mails } from '../../../src/archive/records.js';
import { main } from '../../../src/cli/main.js';
import { connectOnboardingClient, OnboardingError } from '../../../src/client.js';
import { EXIT } from '../../../src/process/output.js';
import type { Progress } from '../../../src/workflows/contract/progress.js';
import { BROKER_SETTINGS } from '../../support/broker-settings.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { sampleApplication } from '../application/sample.js';
import { mail } from '../mail/judging/corpus.js';
import { hear } from './heard.js';

const heard = hear();

vi.mock('../../../src/client.js', { spy: true });

/** The commands by which people report something: which message each sends, and that a mistake sends none. */

const SAID = 'Recorded: as told (jo). The next step follows.';
const MESSAGES = [
  ...['decide', 'correct', 'settle', 'confirmAccess', 'changeDeadline', 'dismissMail', 'withdraw', 'handOver'],
  ...['addNote', 'snooze', 'logCall', 'recordStatement', 'reportProblem', 'sendMessage'],
] as const;
type Sent = [method: (typeof MESSAGES)[number], reference: string, message: object];

let sent: Sent[];
let application: Application;
let progress: Partial<Progress>;
beforeEach(() => {
  sent = [];
  application = sampleApplication();
  progress = { documents: [], mails: [] };
  const methods = MESSAGES.map((method) => [
    method,
    async (reference: string, message: object) => {
      sent.push([method, reference, message]);
      return { said: SAID, stage: 'awaiting-decision' };
    },
  ]);
  vi.mocked(connectOnboardingClient).mockResolvedValue({
    ...Object.fromEntries(methods),
    application: async () => application,
    progress: async () => progress,
    close: async () => undefined,
  } as never);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const run = (...args: string[]) => main([...args, '--actor', 'jo']);

test.each<[string[], Sent[0], object]>([
  [['hand-over', 'acme', '--to', 'kim', '--reason', 'leave'], 'handOver', { handler: 'kim', reason: 'leave' }],
  [['note', 'acme', 'prefers calls'], 'addNote', { text: 'prefers calls' }],
  [['snooze', 'acme', '--until', '2027-01-04', '--reason', 'away'], 'snooze', { until: '2027-01-04', reason: 'away' }],
  [
    [
      'call',
      'acme',
      '--with',
      'cbp',
      '--who',
      'agent 4711',
      '--said',
      'in review',
      '--ticket',
      'CS-1',
      '--chase',
      '2026-12-09',
    ],
    'logCall',
    { with: 'cbp', who: 'agent 4711', said: 'in review', ticket: 'CS-1', chaseOn: '2026-12-09' },
  ],
  [
    ['client-says', 'acme', 'mail-came', '--on', '2026-12-03', '--evidence', 'call'],
    'recordStatement',
    { says: 'mail-came', on: '2026-12-03', evidence: 'call' },
  ],
  [
    ['problem', 'acme', 'link-expired', '--evidence', 'call'],
    'reportProblem',
    { problem: 'link-expired', evidence: 'call' },
  ],
  [
    ['message', 'acme', '--to', 'cbp', '--text', 'Attached.', '--mail', 'ab', '--ticket', 'CS-1', '--attach-form'],
    'sendMessage',
    { to: 'cbp', text: 'Attached.', mailId: 'ab', ticket: 'CS-1', attachForm: true },
  ],
  [
    ['seen', 'acme', '--none', '--evidence', 'ACE'],
    'confirmAccess',
    { importerNumbers: [], role: 'other', evidence: 'ACE' },
  ],
  [
    [
      ...['confirm-access', 'acme', '--importer-number', 'A', 'B', '--role', 'full-access', '--role-of', 'B=read-only'],
      ...['--top-account', 'right', '--accept-role', '--evidence', 'ACE'],
    ],
    'confirmAccess',
    {
      ...{ importerNumbers: ['A', 'B'], role: 'full-access', roles: { B: 'read-only' } },
      ...{ topAccount: 'right', acceptRole: true, evidence: 'ACE' },
    },
  ],
  [
    ['deadline', 'acme', '--deadline', 'reminder-2', '--by', '-1', '--reason', 'x'],
    'changeDeadline',
    { deadline: 'reminder-2', byDays: -1, reason: 'x' },
  ],
  [
    ['deadline', 'acme', '--deadline', 'late', '--at', '2026-12-30T17:00:00-05:00', '--reason', 'x'],
    'changeDeadline',
    { deadline: 'late', at: '2026-12-30T17:00:00-05:00', reason: 'x' },
  ],
  [['deadline', 'acme', '--recompute', '--reason', 'x'], 'changeDeadline', { recompute: true, reason: 'x' }],
  [['withdraw', 'acme', '--reason', 'x'], 'withdraw', { reason: 'x' }],
  [
    ['withdraw', 'acme', '--because', 'power-of-attorney-revoked', '--no-notice-to-cbp', '--reason', 'x'],
    'withdraw',
    { because: 'power-of-attorney-revoked', notifyCbp: false, reason: 'x' },
  ],
  [['settle', 'acme', 'not-sent', '--evidence', 'phone'], 'settle', { outcome: 'not-sent', evidence: 'phone' }],
  [
    ['decide', 'acme', 'approved', '--verification', 'desk-phoned', '--mailed-on', '2026-12-03', '--evidence', 'call'],
    'decide',
    { decision: 'approved', verification: 'desk-phoned', mailedOn: '2026-12-03', evidence: 'call' },
  ],
  [
    [
      ...['decide', 'acme', 'correction-needed', '--waiting-on', 'broker', '--work', 'form-5106', '--what', 'the name'],
      ...['--evidence', 'email'],
    ],
    'decide',
    { decision: 'correction-needed', waitingOn: 'broker', work: 'form-5106', what: 'the name', evidence: 'email' },
  ],
])(
  '%j sends exactly one message, and prints the answer as the onboarding wrote it',
  async (command, method, message) => {
    expect(await run(...command)).toBe(EXIT.ok);
    expect(sent).toEqual([[method, 'acme', { actor: 'jo', ...message }]]);
    expect(heard.out).toBe(`acme: ${SAID}\n`);
  },
);

test.each([
  [['seen', 'acme', '--evidence', 'ACE'], 'Say what ACE shows'],
  [['seen', 'acme', '--importer-number', 'A', '--evidence', 'ACE'], 'Say which role'],
  [['seen', 'acme', '--none', '--importer-number', 'A', '--evidence', 'ACE'], 'cannot be used with'],
  [['seen', 'acme', '--importer-number', 'A', '--role', 'full', '--evidence', 'ACE'], 'full-access'],
  [['seen', 'acme', '--role-of', 'A:read-only', '--evidence', 'ACE'], 'must be NUMBER=ROLE'],
  [['deadline', 'acme', '--deadline', 'late', '--by', '0', '--reason', 'x'], 'whole number of days'],
  [['deadline', 'acme', '--deadline', 'late', '--by', '1', '--at', 'x', '--reason', 'x'], 'cannot be used with'],
  [['deadline', 'acme', '--recompute', '--by', '1', '--reason', 'x'], 'cannot be used with'],
  [['message', 'acme', '--to', 'client'], '--text or --file'],
  [['message', 'acme', '--to', 'client', '--text', ' '], 'the text is empty'],
  [['message', 'acme', '--to', 'client', '--text', 'x', '--file', 'y'], 'cannot be used with'],
  [['message', 'acme', '--to', 'client', '--file', '/nowhere/x.txt'], '/nowhere/x.txt cannot be read'],
  [['call', 'acme', '--with', 'customs', '--who', 'x', '--said', 'x'], 'cbp, client'],
  [['withdraw', 'acme', '--because', 'tired', '--reason', 'x'], 'power-of-attorney-revoked'],
  [['correct', 'acme', '--because', 'our-typo'], 'either fields, with --set, or the whole'],
  [['correct', 'acme', 'a.json', '--set', 'handler=kim', '--because', 'our-typo'], 'either fields'],
  [['correct', 'acme', '--set', 'handler=kim'], 'Say why'],
  [['correct', 'acme', '--set', 'handler', '--because', 'our-typo'], 'must be FIELD=VALUE'],
  [['correct', 'acme', '--set', 'handler=a', '--set', 'handler=b', '--because', 'our-typo'], 'handler is set twice'],
  [['correct', 'acme', '--set', 'handler=a', '--because', 'typo'], 'our-typo'],
  [['decide', 'acme', 'correction-needed', '--paragraphs', '1', '--evidence', 'x'], 'name it with --mail'],
])('%j is a mistake that sends nothing', async (command, hint) => {
  expect(await run(...command)).toBe(EXIT.usage);
  expect(heard.err).toContain(hint);
  expect(sent).toEqual([]);
});

describe('correct --set', () => {
  const correct = (...sets: string[]) =>
    run('correct', 'maple-imports', ...sets.flatMap((set) => ['--set', set]), '--because', 'our-typo');

  test('changes exactly the named fields of the present application, and says what changed', async () => {
    expect(await correct('company.legalName=Maple Imports Incorporated', 'handler=kim')).toBe(EXIT.ok);
    const { legalName } = application.company;
    expect(heard.out).toContain(`  company.legalName: "${legalName}" → "Maple Imports Incorporated"\n`);
    expect(heard.out).toContain(`maple-imports: ${SAID}\n`);
    expect(sent).toEqual([
      [
        'correct',
        'maple-imports',
        {
          ...{ actor: 'jo', because: 'our-typo', reason: 'our typing error' },
          application: {
            ...application,
            handler: 'kim',
            company: { ...application.company, legalName: 'Maple Imports Incorporated' },
          },
        },
      ],
    ]);
  });

  test.each<[string, (changed: Application) => unknown, unknown]>([
    ['route.form5106OnFile=true', ({ route }) => route.form5106OnFile, true],
    ['route.channel=web-form', ({ route }) => route.channel, { kind: 'web-form' }],
    ['company.duns=123456789', ({ company }) => company.duns, '123456789'],
    ['accountOwner.title=', ({ accountOwner }) => accountOwner.title, undefined],
    [
      'furtherImporterNumbers=07-1234567A1; 07-1234567A2',
      ({ furtherImporterNumbers }) => furtherImporterNumbers,
      ['07-1234567A1', '07-1234567A2'],
    ],
    ['furtherImporterNumbers=', ({ furtherImporterNumbers }) => furtherImporterNumbers, []],
    ['shorterForms.company.legalName=Maple', ({ shorterForms }) => shorterForms, { 'company.legalName': 'Maple' }],
  ])('%s gives a value of the type of its field', async (set, read, value) => {
    application = {
      ...application,
      furtherImporterNumbers: ['07-1234567A9'],
      accountOwner: { ...application.accountOwner, title: 'Owner' },
    };
    // Some of these values are there already, and nothing is sent unless something changes.
    expect(await correct(set, 'handler=someone-else')).toBe(EXIT.ok);
    const [message] = sent.map(([, , one]) => one as { application: Application });
    expect(message && read(message.application)).toEqual(value);
  });

  test.each([
    ['company.legalname=Maple', 'company.legalname: is not a field'],
    ['reference.x=1', 'reference'],
    ['__proto__.x=1', 'must be FIELD=VALUE'],
    ['constructor.x=1', 'constructor: is not a field'],
    ['route.form5106OnFile=maybe', 'neither true nor false'],
    ['officer.dateOfBirth=1999-02-31', 'officer.dateOfBirth'],
    ['company.organization=llc', 'company.organization'],
    ['importerNumber=12-3456789', 'importerNumber'],
    ['company.legalName=', 'company.legalName: is missing'],
  ])('%s is refused by the checks of every application, and nothing is sent', async (set, problem) => {
    expect([EXIT.invalid, EXIT.usage]).toContain(await correct(set));
    expect(heard.err).toContain(problem);
    expect(sent).toEqual([]);
  });

  test('what is on record already can’t be corrected', async () => {
    expect(await correct(`company.legalName=${application.company.legalName}`)).toBe(EXIT.conflict);
    expect(heard.err).toContain('nothing changes');
    expect(sent).toEqual([]);
  });

  test('a dry run shows the difference and sends nothing', async () => {
    expect(await run('correct', 'x', '--set', 'company.legalName=Maple', '--because', 'our-typo', '--dry-run')).toBe(
      EXIT.ok,
    );
    expect(heard.out).toMatch(/company\.legalName: .* → "Maple"/);
    expect(heard.out).toContain('Nothing was changed.');
    expect(sent).toEqual([]);
  });

  test.each([
    ['company.legalName=Maple', [], 'with --replace'],
    ['company.legalName=Maple', ['--replace'], 'sent as a replacement'],
    ['handler=kim', [], 'None of this concerns CBP'],
    ['refundDeadline=2027-03-31', [], 'None of this concerns CBP'],
    ['accountOwner.email=ann@maple.example', [], 'This concerns CBP'],
  ])('a dry run of %s %j says whether CBP hears of it', async (set, options, said) => {
    await run('correct', 'x', '--set', set, '--because', 'changed', '--dry-run', ...options);
    expect(heard.out).toContain(said);
  });

  test.each([[[]], [['--json']]])('shows neither the old nor the new importer number whole %j', async (options) => {
    const set = ['--set', 'importerNumber=07-2103488A1', '--because', 'our-typo', '--dry-run'];
    expect(await run('correct', 'x', ...set, ...options)).toBe(EXIT.ok);
    expect(heard.said).toContain('••-•••••••A1');
    expect(heard.said).not.toContain('2103488');
    expect(heard.said).not.toContain(application.importerNumber.slice(3, 10));
  });

  test('a file with the whole application gives the same difference', async () => {
    const file = path.join(temporaryFolder('ace-onboarding'), 'a.json');
    await writeFile(file, JSON.stringify({ ...application, handler: 'kim' }));
    expect(await run('correct', 'maple-imports', file, '--reason', 'new handler')).toBe(EXIT.ok);
    expect(heard.out).toContain('handler: ');
    expect(sent[0]?.[2]).toMatchObject({ reason: 'new handler', application: { handler: 'kim' } });
  });
});

describe('message --preview', () => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(BROKER_SETTINGS)) vi.stubEnv(name, value);
  });

  test.each([
    ['the client', ['--to', 'client', '--attach-form'], EXIT.usage, 'for CBP only'],
    ['CBP, before there is a form', ['--to', 'cbp', '--attach-form'], EXIT.conflict, 'no form to attach yet'],
    ['an answer to an email of another case', ['--to', 'cbp', '--mail', 'ab12'], EXIT.notFound, 'has no email ab12'],
    ['a text that is too long', ['--to', 'cbp', '--text', 'x'.repeat(4_001)], EXIT.invalid, 'limit is 4000'],
  ])('refuses what could not be sent: %s', async (_, options, exitCode, said) => {
    const text = options.includes('--text') ? [] : ['--text', 'Hello.'];
    expect(await run('message', 'acme', ...options, ...text, '--preview')).toBe(exitCode);
    expect(heard.err).toContain(said);
    expect(sent).toEqual([]);
  });
});

describe('paragraphs of an email', () => {
  const mailId = 'ab'.repeat(32);
  const long = `Please send ${'the amended Form 5106, signed, '.repeat(40)}by Dec 18.`;
  beforeEach(async () => {
    const folder = temporaryFolder('ace-onboarding');
    vi.stubEnv('ARCHIVE_DIR', path.join(folder, 'archive'));
    vi.stubEnv('IMPORTER_KEY_FILE', path.join(folder, 'importer-key'));
    const { archive } = await makeArchive({
      archiveDir: path.join(folder, 'archive'),
      importerKeyFile: path.join(folder, 'importer-key'),
    });
    const body = ['We got your request.', '', long, '', 'The address must match.', '', '> quoted before'].join('\n');
    const { sha256 } = await archive.putDocument(mail({ subject: 'Your application', body }));
    const record: MailRecord = {
      ...{ mailId, mailbox: 'main', receivedAt: '2026-12-03T15:00:00.000Z', firstSeenAt: '', state: 'signalled' },
      ...{ candidates: [], reasons: [] },
      mail: {
        ...{ mailId, receivedAt: '', mailbox: 'main', kind: 'unclear', confidence: 0, doubts: [], alias: 'cbp' },
        ...{ evidence: [], authenticity: { verdict: 'authentic', reasons: [] }, from: 'a@cbp.dhs.gov', subject: '' },
        ...{ excerpt: long.slice(0, 300), documentSha256: sha256 },
      },
    };
    await archive.createRecord(mails.key(mailId), record);
  });

  test('are printed whole with their numbers by mail show', async () => {
    expect(await main(['mail', 'show', mailId])).toBe(EXIT.ok);
    expect(heard.out).toContain('Paragraph 1:\n  | We got your request.\nParagraph 2:\n  | Please send');
    expect(heard.out).toContain('Paragraph 3:\n  | The address must match.');
    expect(heard.out.replace(/\n {2}\| /g, ' ')).toContain(long);
    expect(heard.out).not.toContain('quoted before');
  });

  test('become what the client is asked, uncut, in the order in which they are named', async () => {
    const options = ['--waiting-on', 'client', '--mail', mailId, '--paragraphs', '3,2', '--evidence', 'email'];
    expect(await run('decide', 'acme', 'correction-needed', ...options)).toBe(EXIT.ok);
    expect(sent[0]?.[2]).toMatchObject({ what: `The address must match.\n\n${long}` });
  });

  test.each(['0', '4', '2,9'])(
    '%s is refused when the email has no such paragraph, and nothing is recorded',
    async (n) => {
      const options = ['--waiting-on', 'client', '--mail', mailId, '--paragraphs', n, '--evidence', 'email'];
      expect(await run('decide', 'acme', 'correction-needed', ...options)).toBe(EXIT.usage);
      expect(heard.err).toMatch(/has no paragraph [049]\. mail show prints them, from 1 to 3/);
      expect(sent).toEqual([]);
    },
  );
});

test.each([
  [['show', 'acme'], 'refused', EXIT.conflict],
  [['list', '--stage', 'nowhere'], 'usage', EXIT.usage],
  [['note', 'acme', '--actor', 'jo'], 'usage', EXIT.usage],
  [['correct', 'acme', '--actor', 'jo'], 'usage', EXIT.usage],
  [['mail', 'show', 'zz'], undefined, EXIT.invalid],
])('%j --json prints its error as JSON', async (command, code, exitCode) => {
  vi.stubEnv('ARCHIVE_DIR', '/nowhere/archive');
  progress = undefined as never;
  vi.mocked(connectOnboardingClient).mockResolvedValue({
    progress: async () => {
      throw new OnboardingError('refused', 'Not now.');
    },
    close: async () => undefined,
  } as never);
  const exit = await main([...command, '--json']);
  const printed = JSON.parse(heard.out);
  if (code !== undefined) {
    expect(exit).toBe(exitCode);
    expect(printed.error).toMatchObject({ code, message: expect.any(String) });
  }
});

test('show prints contacts, numbers, tasks with their age, and who is told when', async () => {
  progress = {
    ...{
      reference: 'acme',
      company: 'Acme LLC',
      round: 1,
      attempt: 1,
      stage: 'awaiting-access-grant',
      wait: 'sign-in',
    },
    ...{ waitingOn: 'client', since: '2026-12-04T15:00:00.000Z', turnSince: '2026-12-04T15:00:00.000Z' },
    due: {
      ...{
        at: '2026-12-09T15:00:00.000Z',
        name: 'reminder-1',
        what: 'the owner is reminded',
        told: 'the account owner',
      },
      explanation: '3 business days from Fri Dec 4',
    },
    ...{ next: 'first reminder', ifNothing: 'the link dies', attention: ['link-dies'], escalation: 'operations' },
    tasks: [{ reason: 'link-dies', since: '2026-12-08T14:00:00.000Z', dies: '2026-12-24T05:00:00.000Z' }],
    snoozed: { until: '2026-12-09T14:00:00.000Z', by: 'kim', why: 'away' },
    ...{ actions: [], mails: [], notes: [], documents: [], handler: 'jo', refundDeadline: '2027-03-31' },
    ...{ importerNumbers: ['07-123456700', '07-1234567A1'], importerNumbersMissing: ['07-1234567A1'] },
    accountOwner: { name: 'Ann Lee', email: 'ann@acme.example', phone: '(207) 555-0142' },
    access: { approved: { on: '2026-12-03', by: 'client' }, looked: { at: '2026-12-08T14:00:00.000Z', by: 'jo' } },
  } as Progress;
  await main(['show', 'acme']);
  expect(heard.out).toBe(`acme  Acme LLC
Stage       awaiting-access-grant, since Fri Dec 4, 2026, 10:00 AM ET
Waiting on  client, since Fri Dec 4, 2026, 10:00 AM ET
Due         Wed Dec 9, 2026, 10:00 AM ET (reminder-1): the owner is reminded; told: the account owner
            3 business days from Fri Dec 4
Next        first reminder
If nothing  the link dies
Snoozed     until Wed Dec 9, 2026, 9:00 AM ET by kim: away
Handler     jo
Owner       Ann Lee, ann@acme.example, (207) 555-0142
Numbers     07-123456700
            07-1234567A1  not seen in ACE at the last look
Refund by   Wed Mar 31, 2027
Access      approved: Thu Dec 3, 2026, according to the client
            signed in: not known
            user added: not known
            last look into ACE: Tue Dec 8, 2026, 9:00 AM ET by jo

Tasks:
  link-dies, since Tue Dec 8, 2026, 9:00 AM ET; too late after Thu Dec 24, 2026, 12:00 AM ET
    The link in CBP's account email expires soon, and the account owner has not signed in. Call the account owner.
  These have waited so long that operations is told, too.
`);
});
