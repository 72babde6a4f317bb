import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApplicationActivities } from '../../../src/activities/prepare-application.js';
import { createMailReceiver, RECEIVER_PATIENCE } from '../../../src/activities/receive-mail.js';
import { createMailActivities } from '../../../src/activities/send-mail.js';
import { sha256Of } from '../../../src/archive/archive-names.js';
import { findOrphans, storedIn } from '../../../src/archive/orphans.js';
import * as records from '../../../src/archive/records.js';
import { OnboardingClient } from '../../../src/client.js';
import { readClientConfig } from '../../../src/config/read-config.js';
import { mailIdentity } from '../../../src/mail/incoming/mail-identity.js';
import { forget, forgotten } from '../../../src/onboardings/forget.js';
import type { Preparation } from '../../../src/workflows/contract/application-activities.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { POLICY } from '../../support/usual-policy.js';
import { sampleApplication } from '../application/sample.js';
import { aConfig, OFFICE_HOURS, PATIENT } from '../mail/outgoing/outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from '../mail/outgoing/scripted-smtp.js';
import { withoutHistories as temporal } from './without-histories.js';

/** What is left of a client that is forgotten when Temporal has no history any more. */

const reference = 'maple-imports';
const workflowId = `onboarding-${reference}`;
const at = '2026-11-28T08:00:00.000Z';
const order = { reference, actors: ['jo', 'kim'], reason: 'time is over' } as const;
const forgetThem = (archive: MemoryArchive) =>
  forget(order, { temporal, archive, retentionYears: 5, now: new Date(Date.now() + 10 * 366 * 24 * 3_600_000) });

const importerKeys = { keyOf: (number: string) => sha256Of(Buffer.from(number)).slice(0, 52) };
const indexed = { workflowId, reference };
const mailId = 'a'.repeat(64);
const mail = (more: object = {}) => ({
  ...{ mailId, mailbox: 'main', receivedAt: at, firstSeenAt: at, state: 'signalled', candidates: [], reasons: [] },
  mail: { mailId, documentSha256: '0'.repeat(64) },
  ...more,
});
const theirMail = mail(indexed);

type Kind = {
  [Name in keyof typeof records]: (typeof records)[Name] extends { schema: unknown } ? Name : never;
}[keyof typeof records];
/** One record of the client for each kind that goes with it. `sha256` is a document that it names, if it names any. */
const GOES: Partial<Record<Kind, (sha256: string) => [key: string, record: object]>> = {
  mails: (sha256) => [records.mails.key(mailId), { ...theirMail, mail: { mailId, documentSha256: sha256 } }],
  mailCopies: (sha256) => [records.mailCopies.key(mailId, sha256), { mailId, documentSha256: sha256 }],
  mailDocuments: (sha256) => [records.mailDocuments.key(mailId), { mailId, documentSha256: sha256 }],
  reviews: () => [records.reviews.key(mailId), { mailId, since: at }],
  reviewDecisions: () => [
    records.reviewDecisions.key(mailId),
    { mailId, at, actor: 'jo', reason: 'theirs', what: 'assigned', ...indexed },
  ],
  unknownLetters: () => [
    records.unknownLetters.key(mailId),
    { mailId, ...indexed, group: 'g', domain: 'cbp.example', since: at },
  ],
  outbox: (sha256) => [
    records.outbox.key('m@x'),
    {
      ...{ messageId: 'm@x', workflowId, purpose: 'application/1/1', documentSha256: sha256, composedAt: at },
      ...{ envelope: { from: 'a', to: ['b'] }, recipient: 'b' },
    },
  ],
  composeDates: () => [records.composeDates.key('m@x'), { messageId: 'm@x', workflowId, at }],
  documentRefs: (sha256) => [records.documentRefs.key(workflowId, 'x'), { documents: [sha256] }],
  fills: (sha256) => [
    records.fills.key(workflowId),
    { applicationSha256: sha256, fingerprint: 'f', form: { sha256, pages: 6, edition: 'replica' } },
  ],
  caseMails: (sha256) => [
    records.caseMails.key(workflowId, 'm@x'),
    { documentSha256: sha256, sent: { messageId: 'm@x', purpose: 'application/1/1' } },
  ],
  cases: () => [records.cases.key(workflowId), { ...indexed, aliases: { cbp: 'cbp', client: 'client' } }],
  aliasIndex: () => [records.aliasIndex.key('cbp'), { ...indexed, alias: 'cbp' }],
  messageIndex: () => [records.messageIndex.key('m@x'), { ...indexed, messageId: 'm@x', purpose: 'application/1/1' }],
  importerIndex: () => [records.importerIndex.key('KEY', workflowId), { ...indexed, company: 'Maple' }],
  requests: () => [
    records.requests.key('person', workflowId),
    { ...indexed, company: 'Maple', template: 't', stage: 'awaiting-decision', since: at },
  ],
  requestOf: () => [records.requestOf.key(workflowId), { workflowId, person: 'person' }],
  reminderSlots: () => [
    records.reminderSlots.key('person', '2026-11-23', 1),
    { day: '2026-11-28', ...indexed, template: 't', ordinal: 1 },
  ],
  bundledReminders: () => [
    records.bundledReminders.key(workflowId, 't', 1),
    { workflowId, messageId: 'm@x', bundledWith: 'other' },
  ],
  signatures: () => [records.signatures.key('b'.repeat(64)), { mailId, workflowId }],
};
/** Kinds that stay: what proves a submission and an application for a number, and what belongs to no client. */
const STAYS: Kind[] = [
  ...(['claims', 'onboardings', 'sends', 'sendResults', 'sendVoids'] as const),
  ...(['sendsPerDay', 'sendStops', 'sendDelays', 'aliasGuesses', 'mailboxStatus', 'lastDigests', 'aceUsers'] as const),
  ...(['aliasTests', 'aliasTestMails', 'aliasTestArrivals'] as const),
];
const NAMING = ['mails', 'mailCopies', 'mailDocuments', 'outbox', 'documentRefs', 'fills', 'caseMails'] as const;

const onboardingRecord = (archive: MemoryArchive) =>
  archive.createRecord(records.onboardings.key(reference), {
    ...{ ...indexed, round: 1, applicationSha256: '0'.repeat(64), state: 'started', startedAt: at },
  });
const orphans = async (archive: MemoryArchive) =>
  (
    await findOrphans(
      archive,
      storedIn(archive, (sha256) => sha256),
    )
  ).map(({ name }) => name);
/** What is left, without what anyone may see of a client that was forgotten. */
const left = (archive: MemoryArchive) =>
  [...archive.records.keys()].filter((key) => !/^(?:onboardings|forgotten)\//.test(key));

test('every kind of record goes with its client or stays on purpose', () => {
  const kinds = Object.entries(records).flatMap(([name, kind]) => ('schema' in kind ? name : []));
  expect([...Object.keys(GOES), ...STAYS].sort()).toEqual(kinds.sort());
});

test('every kind of record that names a client is deleted with it', async () => {
  const archive = new MemoryArchive();
  await onboardingRecord(archive);
  for (const [kind, make] of Object.entries(GOES)) {
    const { sha256 } = await archive.putDocument(Buffer.from(kind));
    const [key, record] = make(sha256);
    await archive.createRecord(key, record);
    if (!NAMING.includes(kind as never)) await archive.removeDocument(sha256);
  }
  expect(await orphans(archive)).toEqual([]);
  const { records: deleted, documents } = await forgetThem(archive);
  expect(left(archive)).toEqual([]);
  expect([...archive.documents.values()].map(String)).toEqual([]);
  expect(deleted).toBe(Object.keys(GOES).length);
  expect(documents).toBeGreaterThanOrEqual(NAMING.length);
});

test.each(NAMING)('a document that only a record of the kind %s names has an owner and is forgotten', async (kind) => {
  const archive = new MemoryArchive();
  const { sha256 } = await archive.putDocument(Buffer.from('theirs'));
  const [key, record] = GOES[kind]?.(sha256) ?? [];
  await archive.createRecord(key ?? '', record);
  if (kind !== 'mails') expect(await orphans(archive)).toEqual([sha256]);
  await onboardingRecord(archive);
  if (kind.startsWith('mail') && kind !== 'mails') await archive.createRecord(records.mails.key(mailId), theirMail);
  expect(await orphans(archive)).toEqual([]);
  await forgetThem(archive);
  expect([...archive.documents.keys()]).toEqual([]);
  expect(left(archive)).toEqual([]);
});

test('an email that left the mailbox after its onboarding was told and before it was recorded is forgotten', async () => {
  const archive = new MemoryArchive();
  await onboardingRecord(archive);
  const { sha256 } = await archive.putDocument(Buffer.from('theirs'));
  const another = await archive.putDocument(Buffer.from('another’s'));
  for (const [id, documentSha256] of [
    [mailId, sha256],
    ['c'.repeat(64), another.sha256],
  ] as const) {
    await archive.createRecord(records.mailCopies.key(id, documentSha256), { mailId: id, documentSha256 });
    await archive.createRecord(records.caseMails.key(workflowId, id), { mailId: id, documentSha256 });
  }
  const others = { mailId: 'c'.repeat(64), workflowId: 'onboarding-other', reference: 'other' };
  await archive.createRecord(records.mails.key('c'.repeat(64)), mail(others));
  expect(await orphans(archive)).toEqual([]);
  await forgetThem(archive);
  expect([...archive.documents.values()].map(String)).toEqual(['another’s']);
});

test('a letter that waited for a person and left the mailbox before it was recorded is forgotten', async () => {
  const archive = new MemoryArchive();
  await onboardingRecord(archive);
  const { sha256: documentSha256 } = await archive.putDocument(Buffer.from('theirs'));
  await archive.createRecord(records.mailCopies.key(mailId, documentSha256), { mailId, documentSha256 });
  await archive.createRecord(records.mailDocuments.key(mailId), { mailId, documentSha256 });
  const [key, letter] = GOES.unknownLetters?.('') ?? [];
  await archive.createRecord(key ?? '', letter);
  await forgetThem(archive);
  expect([...archive.documents.keys()]).toEqual([]);
  expect(left(archive)).toEqual([]);
});

test.each([
  [['maple-imports'], true],
  [['maple-imports', 'gone'], true],
  [['maple-imports', 'other'], false],
  [[], false],
])('an email that belongs to no one and may be about %j: forgotten is %s', async (candidates, goes) => {
  const archive = new MemoryArchive();
  await onboardingRecord(archive);
  await archive.createRecord(forgotten.key('gone'), { reference: 'gone', round: 1, at, actors: [], reason: '' });
  const { sha256: documentSha256 } = await archive.putDocument(Buffer.from('someone’s'));
  const unsure = { state: 'dismissed', candidates: candidates.map((one) => ({ reference: one, evidence: [] })) };
  await archive.createRecord(records.mails.key(mailId), mail({ ...unsure, mail: { mailId, documentSha256 } }));
  await forgetThem(archive);
  expect(archive.documents.has(documentSha256)).toBe(!goes);
});

test('digests from before the retention period go with a client that is forgotten', async () => {
  const archive = new MemoryArchive();
  await onboardingRecord(archive);
  const owner = 'digest-main';
  await archive.createRecord(records.lastDigests.key(owner), { workflowId: owner, morning: 'x', at, emails: 2 });
  for (const [name, composedAt] of [
    ['old', at],
    ['young', new Date(Date.now() + 6 * 366 * 24 * 3_600_000).toISOString()],
  ] as const) {
    const { sha256 } = await archive.putDocument(Buffer.from(name));
    const [, sent] = GOES.outbox?.(sha256) ?? [];
    await archive.createRecord(records.outbox.key(name), { ...sent, workflowId: owner, messageId: name, composedAt });
    await archive.createRecord(records.documentRefs.key(owner, name), { documents: [sha256], at: composedAt });
    await archive.createRecord(records.caseMails.key(owner, name), {
      documentSha256: sha256,
      sent: { messageId: name, purpose: 'digest/x/x' },
    });
  }
  expect(await orphans(archive)).toEqual([]);
  await forgetThem(archive);
  expect([...archive.documents.values()].map(String)).toEqual(['young']);
  expect(left(archive).sort()).toEqual(
    [
      records.caseMails.key(owner, 'young'),
      records.lastDigests.key(owner),
      records.outbox.key('young'),
      records.documentRefs.key(owner, 'young'),
    ].sort(),
  );
});

describe('a client that was started, prepared, mailed and answered', () => {
  let smtp: ScriptedSmtp;
  beforeAll(async () => {
    smtp = await openScriptedSmtp();
  });
  afterAll(() => smtp.close());

  test('leaves only the claim, the proof that its application was sent, and who had it forgotten', async () => {
    const archive = new MemoryArchive();
    const application = sampleApplication();
    const config = aConfig(smtp.port);
    const office = new OnboardingClient({
      ...{ temporal, archive, importerKeys },
      config: readClientConfig({}),
    });
    await office.start(application);
    const { prepareApplication } = createApplicationActivities({
      ...{ archive, importerKeys, companyInSearchAttributes: true, brokerDomains: [], policy: POLICY },
      filler: {
        fingerprint: 'replica',
        async fill() {
          const pdf = Buffer.from(`form of ${application.company.legalName}`);
          const picture = Buffer.from('picture of 12-345678900');
          return { kind: 'filled', pdf, sha256: sha256Of(pdf), pages: 6, edition: 'replica', picture };
        },
      },
    });
    const prepared: Preparation = await new MockActivityEnvironment({
      workflowExecution: { workflowId, runId: 'run' },
    }).run(prepareApplication, { application, round: 1, attempt: 1, form: true });
    if (prepared.kind !== 'ready') throw new Error(`The application was not prepared: ${prepared.kind}.`);
    const { applicationSha256 } = prepared;
    const send = createMailActivities({
      ...{ archive, config, importerKeys, timeouts: PATIENT, now: () => OFFICE_HOURS },
      findSentCopy: async () => undefined,
    });
    const sent = { workflowId, reference, applicationSha256 };
    const { kind } = await send.sendApplication({
      ...{ ...sent, attempt: 1, transmission: 1, formSha256: prepared.form?.sha256 ?? '' },
    });
    expect(kind).toBe('accepted');
    const facts = { approval: 'cbp-letter' };
    for (const template of ['grant-instructions', 'grant-reminder'] as const)
      expect(await send.sendNotice({ ...sent, template, ordinal: 1, facts })).toMatchObject({
        result: { kind: 'accepted' },
      });
    const { receive } = createMailReceiver({
      archive,
      judge: {
        judge: async (raw, receivedAt, mailbox) => ({
          mail: {
            ...{ mailId: mailIdentity(raw), documentSha256: sha256Of(raw), receivedAt, mailbox, kind: 'approved' },
            ...{
              from: 'x@cbp.dhs.gov',
              subject: 'Maple Imports LLC',
              excerpt: '12-345678900',
              signature: 'c'.repeat(64),
            },
            ...{ authenticity: { verdict: 'authentic', reasons: [] }, doubts: [], signedBy: 'cbp.dhs.gov' },
          } as never,
          ...{ action: 'signal', ...indexed, letterGroup: 'g', candidates: [{ reference, evidence: ['Maple'] }] },
          reasons: [],
        }),
      },
      patience: RECEIVER_PATIENCE,
      signal: async () => 'delivered',
    });
    for (const trace of ['1', '2'])
      await receive({
        raw: Buffer.from(`Received: ${trace}\r\nSubject: Maple Imports LLC\r\n\r\nApproved.\r\n`),
        ...{ receivedAt: at, mailbox: 'main', attempt: 1 },
      });

    const everything = () =>
      [...archive.records, ...archive.documents].map(([key, value]) =>
        value instanceof Uint8Array ? Buffer.from(value).toString() : `${key} ${JSON.stringify(value)}`,
      );
    const { aliases } = (await records.read(archive, records.cases, workflowId)) ?? {};
    const personal = ['Maple', '345678900', 'bo.park@', 'Park', '1975-04-09', aliases?.cbp, aliases?.client];
    for (const mark of personal) expect(everything().join('\n')).toContain(mark);
    await forgetThem(archive);
    const remaining = everything();
    for (const mark of personal) expect(remaining.join('\n')).not.toContain(mark);
    expect([...new Set(remaining.map((record) => record.split('/')[0]))].sort()).toEqual([
      ...['claims', 'forgotten', 'onboardings', 'send-results', 'sends', 'sends-per-day'],
    ]);
    for (const record of remaining.filter((one) => one.startsWith('send'))) expect(record).not.toContain(reference);
  });
});
