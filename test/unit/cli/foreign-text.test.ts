import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PDFDocument, PDFHexString, PDFName } from 'pdf-lib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeArchive, openArchive } from '../../../src/archive/open-archive.js';
import { aceUsers, type MailRecord, mailboxStatus, mails, onboardings, reviews } from '../../../src/archive/records.js';
import { main } from '../../../src/cli/main.js';
import { connectOnboardingClient, type OnboardingClient, OnboardingError } from '../../../src/client.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { letterId } from '../../../src/mail/judging/letters/letter.js';
import { createLetterStore } from '../../../src/mail/judging/letters/letter-store.js';
import { connectClient } from '../../../src/temporal/connect.js';
import { executionsWithKey } from '../../../src/temporal/data-converter/key-use.js';
import { deploymentStatus } from '../../../src/temporal/deployment.js';
import { replayed } from '../../../src/temporal/replay.js';
import { workflowBundle } from '../../../src/temporal/workflow-bundle.js';
import type { Progress } from '../../../src/workflows/contract/progress.js';
import { BROKER_SETTINGS } from '../../support/broker-settings.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { sampleApplication } from '../application/sample.js';
import { mail } from '../mail/judging/corpus.js';
import { everyCommand } from './every-command.js';
import { hear } from './heard.js';
import { expectDisarmed, expectPlain, HOSTILE, HOSTILE_NAME, LINKS } from './hostile-text.js';

const heard = hear();

vi.mock('../../../src/client.js', { spy: true });
vi.mock('../../../src/temporal/connect.js', { spy: true });
vi.mock('../../../src/temporal/deployment.js', { spy: true });
vi.mock('../../../src/temporal/data-converter/key-use.js', { spy: true });
vi.mock('../../../src/temporal/replay.js', { spy: true });
vi.mock('../../../src/temporal/workflow-bundle.js', { spy: true });

/** Whatever strangers write, and wherever a command shows it: a terminal gets plain text, and lines of ours are ours. */

let folder: string;
const env = () => ({ archiveDir: path.join(folder, 'archive'), importerKeyFile: path.join(folder, 'importer-key') });
const archive = async () => (await openArchive(env())).archive;

beforeEach(async () => {
  folder = temporaryFolder('ace-onboarding');
  await makeArchive(env());
  vi.stubEnv('ARCHIVE_DIR', env().archiveDir);
  vi.stubEnv('IMPORTER_KEY_FILE', env().importerKeyFile);
  vi.mocked(connectOnboardingClient).mockResolvedValue(answering());
  vi.mocked(connectClient).mockResolvedValue({ client: TEMPORAL, close: async () => undefined } as never);
  vi.mocked(deploymentStatus).mockResolvedValue({ deployment: HOSTILE, current: HOSTILE, builds: [HOSTILE, 'one'] });
  vi.mocked(executionsWithKey).mockResolvedValue([HOSTILE]);
  vi.mocked(workflowBundle).mockResolvedValue({ code: '' });
  vi.mocked(replayed).mockImplementation(async function* () {
    yield { workflowId: HOSTILE, runId: '', problem: HOSTILE };
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetAllMocks();
});

const TEMPORAL = {
  options: { namespace: HOSTILE },
  workflow: { list: () => ({ intoHistories: () => [] }) },
};

const PROGRESS: Progress = {
  reference: HOSTILE,
  company: HOSTILE + LINKS,
  round: 1,
  attempt: 1,
  stage: 'awaiting-decision',
  waitingOn: 'cbp',
  since: HOSTILE,
  turnSince: HOSTILE,
  wanted: HOSTILE + LINKS,
  due: { at: HOSTILE, name: 'late', what: HOSTILE + LINKS, told: HOSTILE + LINKS, explanation: HOSTILE + LINKS },
  next: HOSTILE + LINKS,
  ifNothing: HOSTILE,
  attention: ['late'],
  tasks: [{ reason: 'late', since: HOSTILE, dies: HOSTILE + LINKS }],
  escalation: 'manager',
  snoozed: { until: HOSTILE, by: HOSTILE + LINKS, why: HOSTILE + LINKS },
  importerNumbers: [HOSTILE],
  accountOwner: { name: HOSTILE + LINKS, email: HOSTILE + LINKS, phone: HOSTILE + LINKS },
  handler: HOSTILE + LINKS,
  refundDeadline: HOSTILE,
  access: { approved: { on: HOSTILE, by: 'cbp' }, looked: { at: HOSTILE, by: HOSTILE + LINKS } },
  actions: [{ say: HOSTILE + LINKS, command: 'ace-onboarding show acme' }],
  mails: [{ at: HOSTILE, direction: 'received', what: HOSTILE + LINKS, mailId: HOSTILE }],
  notes: [{ at: HOSTILE, by: HOSTILE + LINKS, text: HOSTILE + LINKS }],
  documents: [{ what: HOSTILE + LINKS, sha256: HOSTILE }],
};

/** A server that answers with what strangers wrote. */
function answering(): OnboardingClient {
  const said = async () => ({ said: HOSTILE });
  const started = async () => ({
    reference: HOSTILE,
    workflowId: HOSTILE,
    status: 'started',
    url: HOSTILE,
    warnings: [{ field: HOSTILE, problem: HOSTILE, remedy: HOSTILE }],
  });
  return {
    progress: async () => PROGRESS,
    async *list() {
      const attention = [HOSTILE];
      yield {
        reference: HOSTILE,
        workflowId: HOSTILE,
        company: LINKS,
        handler: HOSTILE,
        refundDeadline: HOSTILE,
        dueAt: HOSTILE,
        stage: HOSTILE,
        attention,
        url: HOSTILE,
      };
    },
    startMany: async () => [{ reference: HOSTILE, error: new OnboardingError('refused', HOSTILE) }],
    application: async () => sampleApplication(),
    find: async () => [
      { reference: HOSTILE, company: HOSTILE + LINKS, handler: HOSTILE, standing: HOSTILE + LINKS, status: 'running' },
    ],
    ...{ handOver: said, addNote: said, snooze: said, logCall: said, recordStatement: said, reportProblem: said },
    ...{ sendMessage: said },
    ...{ approve: said, decide: said, correct: said, settle: said, confirmAccess: said, changeDeadline: said },
    ...{ dismissMail: said, withdraw: said, reopen: started, close: async () => undefined },
  } as unknown as OnboardingClient;
}

async function written(content: string | Uint8Array, extension = ''): Promise<string> {
  const file = path.join(folder, `${HOSTILE_NAME}${extension}`);
  await writeFile(file, content);
  return file;
}

const applicationFile = (reference = HOSTILE) =>
  written(JSON.stringify({ ...sampleApplication(), reference }), '.json');

/** A form whose author is a stranger. */
async function pdf(name = HOSTILE.replaceAll('.', '')): Promise<string> {
  const made = await PDFDocument.create();
  const field = made.getForm().createTextField('field');
  field.addToPage(made.addPage([400, 400]), { x: 50, y: 300, width: 200, height: 20 });
  const { dict } = field.acroField;
  dict.set(PDFName.of('T'), PDFHexString.fromText(name));
  dict.set(PDFName.of('TU'), PDFHexString.fromText(HOSTILE));
  dict.set(PDFName.of('V'), PDFHexString.fromText(HOSTILE));
  return await written(await made.save({ updateFieldAppearances: false }), `${name.length}.pdf`);
}

/** A mail on record from the time when nothing was taken out of it. */
async function mailInReview(): Promise<string> {
  const mailId = 'ab'.repeat(32);
  const told = HOSTILE + LINKS;
  const record: MailRecord = {
    mailId,
    mailbox: HOSTILE,
    receivedAt: `2026-03-02T15:00${HOSTILE}`,
    firstSeenAt: '',
    state: 'review',
    candidates: [{ reference: told, evidence: [told] }],
    reasons: [told],
    handled: [{ at: '', actor: told, what: told, reason: told }],
    mail: {
      ...{
        mailId,
        receivedAt: '',
        mailbox: '',
        kind: 'unclear',
        confidence: 0,
        doubts: [],
        alias: 'none',
        documentSha256: told,
      },
      ...{ evidence: [told], authenticity: { verdict: 'unauthentic', reasons: [told] } },
      ...{ from: told, subject: told, excerpt: told, doubts: ['unclear'] },
    },
  };
  const store = await archive();
  await store.replaceRecord(mails.key(mailId), record);
  await store.replaceRecord(reviews.key(mailId), { mailId, since: '' });
  return mailId;
}

/** A letter that somebody taught from a mail of a stranger who signs as CBP. */
async function letterIn(store: Awaited<ReturnType<typeof archive>>): Promise<string> {
  const text = { paragraphs: [HOSTILE, HOSTILE + LINKS], decisive: 1 };
  const content = { kind: 'refused' as const, domain: 'cbp.dhs.gov', parts: { text }, attachments: [] };
  const letter = { id: letterId(content), ...content };
  const taught = { act: 'teach', by: HOSTILE_NAME, letter, address: 'a@cbp.dhs.gov', mailId: HOSTILE } as const;
  await createLetterStore(store, { managers: [] }).add(taught);
  return letter.id;
}

async function startedOnboarding(): Promise<void> {
  const store = await archive();
  const application = sampleApplication();
  application.company.legalName = HOSTILE;
  const { sha256 } = await store.putDocument(Buffer.from(JSON.stringify(application)));
  const names = { reference: HOSTILE, workflowId: 'onboarding-acme', round: 1, applicationSha256: sha256 };
  await store.replaceRecord(onboardings.key('acme'), { ...names, state: 'started', startedAt: '2026-03-02T15:00:00Z' });
}

const BY = ['--actor', HOSTILE, '--reason', HOSTILE];
/** The refusal quotes it as it is. */
const REFUSED_ACTOR = `${HOSTILE_NAME}, verified by us`;
const ACTOR = ['--actor', HOSTILE];
const SAYING = ['--actor', HOSTILE, '--evidence', HOSTILE];

/** For each command, what has it show foreign text. */
const CALLS: Record<string, () => string[] | Promise<string[]>> = {
  init: () => {
    vi.stubEnv('ARCHIVE_DIR', path.join(folder, HOSTILE_NAME));
    return [];
  },
  start: async () => [await applicationFile('acme')],
  list: () => [],
  show: () => [HOSTILE],
  approve: () => [HOSTILE, '--importer-number', HOSTILE, ...SAYING],
  decide: () => [HOSTILE, 'rejected', ...SAYING],
  correct: () => [HOSTILE, '--set', `officer.title=${HOSTILE}`, ...BY],
  find: () => [HOSTILE],
  call: () => [HOSTILE, '--with', 'cbp', '--who', HOSTILE, '--said', HOSTILE, ...ACTOR],
  'client-says': () => [HOSTILE, 'mail-came', ...SAYING],
  problem: () => [HOSTILE, 'link-expired', ...SAYING],
  message: () => [HOSTILE, '--to', 'client', '--text', HOSTILE, ...ACTOR],
  'hand-over': () => [HOSTILE, '--to', HOSTILE, ...BY],
  note: () => [HOSTILE, HOSTILE, ...ACTOR],
  snooze: () => [HOSTILE, '--until', HOSTILE, ...BY],
  settle: () => [HOSTILE, 'not-sent', ...SAYING],
  seen: () => [HOSTILE, '--importer-number', HOSTILE, '--role', 'other', ...SAYING],
  deadline: () => [HOSTILE, '--recompute', ...BY],
  dismiss: () => [HOSTILE, HOSTILE, ...BY],
  withdraw: () => [HOSTILE, ...BY],
  reopen: async () => [await applicationFile(), ...BY],
  replay: () => [],
  'deploy status': () => [],
  'deploy promote': () => ['one'],
  document: () => [HOSTILE, '--out', HOSTILE],
  'archive orphans': () => {
    vi.stubEnv('ARCHIVE_DIR', path.join(folder, HOSTILE_NAME));
    return [];
  },
  'calendar due': () => {
    vi.stubEnv('CALENDAR_EXTRA_CLOSURES', `2026-12-24=${HOSTILE}`);
    return ['--from', '2026-12-23', '--days', '3'];
  },
  'calendar holidays': () => {
    vi.stubEnv('CALENDAR_EXTRA_CLOSURES', `2026-12-24=${HOSTILE}`);
    return ['--year', '2026'];
  },
  'form inspect': async () => [await pdf()],
  'form draft': async () => [await pdf(), '--out', '-', '--edition', HOSTILE],
  'form check': async () => {
    const field = { name: HOSTILE, type: 'text', section: HOSTILE, fill: '?' };
    return [await pdf(), '--map', await written(JSON.stringify({ edition: HOSTILE, [HOSTILE]: 1, fields: [field] }))];
  },
  'form adopt': async () => [await pdf(), '--map', path.join(folder, HOSTILE_NAME)],
  'form accept': async () => {
    const field = { name: HOSTILE, type: 'text', section: HOSTILE, fill: '?' };
    const map = await written(JSON.stringify({ edition: HOSTILE, [HOSTILE]: 1, fields: [field] }));
    return [await pdf(), '--map', map, '--by', HOSTILE];
  },
  'form diff': async () => [await pdf(), await pdf(`${HOSTILE.replaceAll('.', '')}2`)],
  'form fill': async () => [
    ...['--values', await written(JSON.stringify({ [HOSTILE]: HOSTILE }), '.json')],
    ...['--template', await pdf(), '--out', path.join(folder, 'out.pdf')],
  ],
  'form preview': async () => [await pdf(), '--out', path.join(folder, HOSTILE_NAME)],
  'mail explain': async () => [
    await written(mail({ from: 'www.evil.example@evil.example', subject: HOSTILE + LINKS, body: HOSTILE })),
  ],
  'mail preview': async () => {
    const { reference } = sampleApplication();
    return ['grant-partial', '--application', await applicationFile(reference), '--fact', `missing=${HOSTILE}`];
  },
  'mail list': async () => {
    await mailInReview();
    return [];
  },
  'mail show': async () => [await mailInReview()],
  'mail assign': async () => {
    await startedOnboarding();
    return [await mailInReview(), 'acme', '--actor', REFUSED_ACTOR, '--reason', HOSTILE];
  },
  'mail dismiss': () => [HOSTILE, ...BY],
  'letters list': async () => {
    await letterIn(await archive());
    return [];
  },
  'letters show': async () => [await letterIn(await archive())],
  'letters add': async () => [
    ...[await written(mail({ subject: HOSTILE, body: HOSTILE }), '.eml'), '--as', 'approved'],
    ...['--reference', HOSTILE, '--sent', await written('[]', '.json')],
  ],
  'letters confirm': async () => [await letterIn(await archive()), '--actor', HOSTILE_NAME],
  'letters revoke': () => [HOSTILE, '--actor', 'jo', '--reason', HOSTILE],
  'letters export': () => [path.join(folder, HOSTILE_NAME)],
  'letters import': async () => [await written(JSON.stringify({ [HOSTILE]: 1 }), '.json')],
  'letters coverage': async () => {
    await startedOnboarding();
    const mailId = await mailInReview();
    const store = await archive();
    const record = mails.schema.parse(await store.readRecord(mails.key(mailId)));
    const { sha256 } = await store.putDocument(mail({ subject: HOSTILE, body: HOSTILE }));
    await store.replaceRecord(mails.key(mailId), {
      ...record,
      state: 'signalled',
      receivedAt: new Date().toISOString(),
      workflowId: 'onboarding-acme',
      reference: HOSTILE,
      mail: {
        ...record.mail,
        documentSha256: sha256,
        signedBy: 'cbp.dhs.gov',
        authenticity: { verdict: 'authentic', reasons: [] },
      },
    });
    return [];
  },
  'config show': () => {
    for (const [name, value] of Object.entries(BROKER_SETTINGS)) vi.stubEnv(name, value);
    vi.stubEnv('BROKER_NAME', HOSTILE);
    return [];
  },
  'incident list': async () => {
    await startedOnboarding();
    return ['--reference', HOSTILE, 'other'];
  },
  forget: () => ['acme', '--actor', 'jo', '--second', REFUSED_ACTOR, '--reason', HOSTILE],
  'keys new': () => ['--file', path.join(folder, HOSTILE_NAME)],
  'keys list': async () => {
    const used = { id: HOSTILE, since: HOSTILE, retiredAt: HOSTILE };
    await (await archive()).replaceRecord('encryption-keys/k-000000000000', used);
    return [];
  },
  'keys reencrypt': () => {
    vi.stubEnv('ENCRYPTION_KEYS_FILE', `/nowhere/${HOSTILE}`);
    return [];
  },
  'keys retire': () => [HOSTILE],
  'codec-server': () => {
    vi.stubEnv('ENCRYPTION_KEYS', newKey());
    vi.stubEnv('CODEC_PORT', HOSTILE);
    return [];
  },
  'ace-user signed-in': () => {
    vi.stubEnv('BROKER_ACE_EMAIL', 'portal@broker.example');
    return ['--on', HOSTILE, ...ACTOR];
  },
  'ace-user status': async () => {
    vi.stubEnv('BROKER_ACE_EMAIL', 'portal@broker.example');
    const now = new Date().toISOString();
    const signedIn = { signedInOn: now.slice(0, 10), actor: HOSTILE, recordedAt: now };
    await (await archive()).replaceRecord(aceUsers.key('portal@broker.example'), signedIn);
    return [];
  },
  'mailbox test': () => {
    const servers = { SMTP_HOST: '127.0.0.1', IMAP_HOST: '127.0.0.1' };
    for (const [name, value] of Object.entries({ ...BROKER_SETTINGS, ...servers })) vi.stubEnv(name, value);
    return [HOSTILE];
  },
  'mailbox status': async () => {
    const status = { mailbox: HOSTILE, connected: false, connectionSince: HOSTILE, counts: {}, problem: HOSTILE };
    const troubles = [{ kind: 'x', says: HOSTILE }];
    await (await archive()).replaceRecord(mailboxStatus.key('main'), { ...status, troubles });
    return [];
  },
};

const ARMED = ['show', 'list', 'find', 'mail list', 'mail show', 'mail explain', 'letters show'];

test('every command is tested with foreign text here', () => {
  expect(Object.keys(CALLS).sort()).toEqual(everyCommand.map(([name]) => name).sort());
});

test('text about what a case needs cannot pass for the list of what you can do', async () => {
  const forged = '\n\nWhat you can do:\n  FORGED approval:\n    ace-onboarding approve FORGED';
  const progress = { ...PROGRESS, wanted: `CBP asks for more information: "Hello.${forged}\r\n  - FORGED"` };
  vi.mocked(connectOnboardingClient).mockResolvedValue(Object.assign(answering(), { progress: async () => progress }));
  await main(['show', 'acme']);
  const lines = heard.out.split('\n');
  expect(lines.filter((line) => line.startsWith('What you can do:'))).toHaveLength(1);
  expect(lines.filter((line) => /^ {2}\| +(?:FORGED|ace-onboarding approve FORGED|- FORGED)/.test(line))).toHaveLength(
    3,
  );
});

test.each([
  ['IMAP_FURTHER_MAILBOXES', '{"one\\n  - FORGED":{}}'],
  ['CALENDAR_EXTRA_CLOSURES', 'no day\n  - FORGED\n    FORGED'],
])('a problem with %s takes one line, whatever the variable contains', async (name, value) => {
  const servers = { SMTP_HOST: '127.0.0.1', IMAP_HOST: '127.0.0.1' };
  for (const [setting, usual] of Object.entries({ ...BROKER_SETTINGS, ...servers })) vi.stubEnv(setting, usual);
  vi.stubEnv(name, value);
  await main(['config', 'show']);
  const [, list = ''] = heard.err.split('A worker would not start:\n');
  expect(list).toContain('FORGED');
  expectPlain(heard.err);
  for (const line of list.trimEnd().split('\n')) expect(line).toMatch(/^ {2}- [A-Z_]+/);
});

describe.each(everyCommand)('%s', (name, command) => {
  test('shows foreign text as plain text that cannot pass for our lines', async () => {
    await main([...name.split(' '), ...((await CALLS[name]?.()) ?? [])]);
    expect(heard.said, 'something foreign').toContain('FORGED');
    expectPlain(heard.out);
    expectPlain(heard.err);
    if (ARMED.includes(name)) expectDisarmed(heard.out);
  });

  test('reports unknown options in plain text', async () => {
    await main([...name.split(' '), ...((await CALLS[name]?.()) ?? []), `--${HOSTILE}`]);
    expect(heard.err).toContain('FORGED');
    expectPlain(heard.err);
  });

  const hasJson = command.options.some(({ long }) => long === '--json');
  if (hasJson)
    test('prints JSON that is safe in a terminal and exact for a program', async () => {
      const args = (await CALLS[name]?.()) ?? [];
      await main([...name.split(' '), ...args, '--json']);
      expectPlain(heard.out);
      expectPlain(heard.err);
      if (heard.out && !args.includes('-')) JSON.parse(heard.out);
    });
});
