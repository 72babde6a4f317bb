import { createTransport } from 'nodemailer';
import { PDFDocument } from 'pdf-lib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Cbp, type HowToWrite, openCbp, type ReceivedApplication } from '../../../../simulator/cbp/cbp.js';
import type { LetterKind } from '../../../../simulator/cbp/cbp-letters.js';
import { teachKnownLetters } from '../../../../simulator/cbp/known-letters.js';
import { type MailServers, openMailServers } from '../../../../simulator/mail/mail-servers.js';
import type { CorrelationIndex } from '../../../../src/mail/judging/correlation/correlation-index.js';
import { judgeMessage } from '../../../../src/mail/judging/judge-message.js';
import type { Judgement } from '../../../../src/mail/judging/judgement.js';
import type { LetterBook } from '../../../../src/mail/judging/letters/letter.js';
import { createLetterStore } from '../../../../src/mail/judging/letters/letter-store.js';
import { recordsResolver } from '../../../../src/mail/judging/origin/dns.js';
import { bareWords } from '../../../../src/mail/judging/text/readable.js';
import type { MailKind } from '../../../../src/workflows/contract/received-mail.js';
import { MemoryArchive } from '../../../support/memory-archive.js';

/** What the simulated CBP writes has to mean to the product what it means to its readers. */

const BROKER = 'ace@clearit.example';
const ALIAS = 'ace+k7q2mzx4k7q2mzx4@clearit.example';
const ONBOARDING = { workflowId: 'onboarding-maple-1', reference: 'MAPLE-1', company: 'Maple Grove Imports LLC' };
const APPLICATION_TEXT =
  'Please find attached our application for an ACE portal account. Once approved, please write to us.';
const IMPORTER = {
  importerNumber: '00-100000100',
  company: 'Maple Grove Imports LLC',
  accountOwnerEmail: 'owner@maple.example',
};

/** What decides nothing is told by its structure and words. */
const QUIET: LetterKind[] = ['acknowledgement', 'in-process', 'out-of-office'];
const DECISIONS: [LetterKind, MailKind, HowToWrite?][] = [
  ['approval-welcome', 'approved', { to: 'both' }],
  ['approval-welcome', 'approved', { to: 'both', thread: 'new' }],
  ['more-information', 'more-information'],
  ['not-on-file', 'not-on-file'],
  ['already-registered', 'already-registered'],
  ['use-web-form', 'use-web-form'],
  ['refusal', 'refused'],
];
const NONE_KNOWN: LetterBook = { letters: [], fillers: {} };

let mail: MailServers;
let cbp: Cbp;
let application: ReceivedApplication;
let known: LetterBook;
beforeAll(async () => {
  mail = await openMailServers({ broker: BROKER });
  cbp = openCbp({ mail, onFile: [IMPORTER] });
  application = await apply();
  const archive = new MemoryArchive();
  await teachKnownLetters(archive, cbp);
  known = (await createLetterStore(archive, { managers: [] }).book()).book;
});
afterAll(() => mail.close());
let before: number;
beforeEach(() => {
  before = mail.brokerFolder('INBOX').length;
});

describe("how the product judges CBP's letters", () => {
  it.each(QUIET)(
    '%s is recognized, belongs to this onboarding, is authentic, and is passed on without a known letter',
    async (letter) => {
      await cbp.write(letter, application);
      expect(await judged(NONE_KNOWN)).toMatchObject({
        mail: { kind: letter, authenticity: { verdict: 'authentic' }, doubts: [] },
        action: 'signal',
        workflowId: 'onboarding-maple-1',
      });
    },
  );

  it.each(DECISIONS)(
    '%s is %s, belongs to this onboarding, is authentic, and is passed on',
    async (letter, kind, how) => {
      await cbp.write(letter, application, how);
      expect(await judged()).toMatchObject({
        mail: { kind, authenticity: { verdict: 'authentic' }, doubts: [], letter: { dates: [] } },
        action: 'signal',
        workflowId: 'onboarding-maple-1',
      });
    },
  );

  it.each(DECISIONS)('%s goes to a person while its letter is not known', async (letter, kind, how) => {
    await cbp.write(letter, application, how);
    const judgement = await judged(NONE_KNOWN);
    expect(judgement).toMatchObject({ action: 'review', workflowId: 'onboarding-maple-1' });
    expect(judgement.mail.doubts).toEqual(['unknown-letter']);
    expect(judgement.mail.unknown).not.toEqual([]);
    // A suggestion; it moves nothing.
    expect(['unclear', kind]).toContain(judgement.mail.kind);
  });

  it('an approval in a new wording matches no known letter, and its new text is shown', async () => {
    await cbp.write('approval-notice', application);
    const { mail: judgedMail, action } = await judged();
    expect(action).toBe('review');
    expect(judgedMail.doubts).toEqual(['unknown-letter']);
    expect(judgedMail.unknown?.[0]).toMatch(/^We are pleased to inform you/);
  });

  it('an acknowledgement announces its business days', async () => {
    await cbp.write('acknowledgement', application);
    expect((await judged()).mail.responseBusinessDays).toBe(5);
  });

  it.each(['unsigned', 'look-alike'] as const)(
    'a forged approval (%s) reaches its onboarding as not authentic',
    async (impostor) => {
      await cbp.forge(impostor, application);
      const judgement = await judged();
      expect(judgement.mail.authenticity.verdict).toBe('unauthentic');
      expect(judgement.workflowId).toBe('onboarding-maple-1');
    },
  );

  it('a bounce names the returned message', async () => {
    cbp.bounce(application);
    expect((await judged()).mail).toMatchObject({ kind: 'bounce', aboutMessageId: 'app-1@clearit.example' });
  });

  it('a bulletin belongs to no onboarding', async () => {
    await cbp.sendBulletin(BROKER);
    expect(await judged()).toMatchObject({ action: 'ignore', mail: { kind: 'unrelated' } });
  });
});

/** Judges the one message that came since the test began. */
async function judged(letters = known): Promise<Judgement> {
  const arrived = mail.brokerFolder('INBOX').slice(before);
  expect(arrived).toHaveLength(1);
  return await judgeMessage(
    arrived[0] ?? new Uint8Array(),
    { receivedAt: new Date().toISOString(), mailbox: 'main' },
    {
      trust: { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov', 'dhs.gov'] },
      resolver: recordsResolver(cbp.dnsRecords),
      index,
      letters,
      ownAddress: BROKER,
    },
  );
}

const index: CorrelationIndex = {
  byRecipient: async (address) =>
    address.toLowerCase() === ALIAS ? { alias: 'cbp', onboarding: ONBOARDING } : undefined,
  byMessageId: async (messageId) =>
    messageId === 'app-1@clearit.example'
      ? { onboarding: ONBOARDING, messageId, purpose: 'application/1/1' }
      : undefined,
  byImporterNumber: async (number) => (number === IMPORTER.importerNumber ? [ONBOARDING] : []),
  nearImporterNumber: async () => [],
  namedIn: async () => [],
  caseOf: async () => ({ company: IMPORTER.company, importerNumbers: [IMPORTER.importerNumber] }),
  wordsOf: async () => [bareWords(APPLICATION_TEXT)],
};

async function apply(): Promise<ReceivedApplication> {
  const arrived = new Promise<ReceivedApplication>((resolve) => cbp.onApplication(resolve));
  const document = await PDFDocument.create();
  const field = document.getForm().createTextField('importer.number');
  field.setText(IMPORTER.importerNumber);
  field.addToPage(document.addPage());
  await createTransport({ host: mail.host, port: mail.smtp.port, ignoreTLS: true }).sendMail({
    from: BROKER,
    to: 'ACE.Applications@cbp.dhs.gov',
    replyTo: ALIAS,
    messageId: '<app-1@clearit.example>',
    subject: `ACE Portal Account Application - ${IMPORTER.company} - IOR ${IMPORTER.importerNumber}`,
    text: APPLICATION_TEXT,
    attachments: [{ filename: 'application.pdf', content: Buffer.from(await document.save()) }],
  });
  return arrived;
}
