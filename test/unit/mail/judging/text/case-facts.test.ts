import { beforeEach, describe, expect, test } from 'vitest';
import { onboardings, sendResults, sends } from '../../../../../src/archive/records.js';
import { caseFacts, isQuoteOf, noteCaseMail, wordsOfCase } from '../../../../../src/mail/judging/text/case-facts.js';
import { composeOnce } from '../../../../../src/mail/outgoing/compose/compose-once.js';
import { MemoryArchive } from '../../../../support/memory-archive.js';
import { sampleApplication } from '../../../application/sample.js';
import { mail } from '../corpus.js';

const WORKFLOW = 'onboarding-maple-imports';
let archive: MemoryArchive;

async function put(change: (application: ReturnType<typeof sampleApplication>) => void = () => {}) {
  const application = sampleApplication();
  change(application);
  return (await archive.putDocument(Buffer.from(JSON.stringify(application)))).sha256;
}

async function onboarding(more: { correctedSha256?: string } = {}) {
  await archive.replaceRecord(onboardings.key('maple-imports'), {
    reference: 'maple-imports',
    workflowId: WORKFLOW,
    round: 1,
    applicationSha256: await put(),
    state: 'started',
    startedAt: '2026-03-01T12:00:00.000Z',
    ...more,
  });
}

const sent = (purpose: string, text: string) =>
  composeOnce(
    archive,
    { messageId: `${purpose}@broker.example`, name: 'x', workflowId: WORKFLOW, purpose },
    new Date('2026-03-02T12:00:00Z'),
    async () => ({
      letter: {
        from: { name: 'Broker', address: 'a@broker.example' },
        to: { address: 'b@cbp.example' },
        subject: 'Application',
        text,
      },
      envelope: { from: 'a@broker.example', to: ['b@cbp.example'] },
      recipient: 'b@cbp.example',
    }),
  );

async function received(mailId: string, body: string) {
  const { sha256 } = await archive.putDocument(mail({ body }));
  await noteCaseMail(archive, WORKFLOW, { mailId, documentSha256: sha256 });
}

beforeEach(async () => {
  archive = new MemoryArchive();
  await onboarding();
});

describe('the facts of a case', () => {
  test('are those of its application, by reference or workflow ID', async () => {
    const facts = {
      reference: 'maple-imports',
      workflowId: WORKFLOW,
      company: 'Maple Imports LLC',
      importerNumbers: ['12-345678900'],
      owner: { firstName: 'Bo', lastName: 'Park' },
    };
    expect(await caseFacts(archive, { reference: 'Maple-Imports' })).toEqual(facts);
    expect(await caseFacts(archive, { workflowId: WORKFLOW })).toEqual(facts);
    expect(await caseFacts(archive, { workflowId: 'onboarding-other' })).toBeUndefined();
    expect(await caseFacts(archive, { workflowId: 'maple-imports' })).toBeUndefined();
  });

  test('are those of the correction once there is one', async () => {
    const correctedSha256 = await put((application) => {
      application.company.legalName = 'Maple Imports Inc.';
      application.furtherImporterNumbers = ['12-345678901'];
    });
    await onboarding({ correctedSha256 });
    expect(await caseFacts(archive, { reference: 'maple-imports' })).toMatchObject({
      company: 'Maple Imports Inc.',
      importerNumbers: ['12-345678900', '12-345678901'],
    });
  });

  test("are unknown after the client's data was deleted", async () => {
    archive.documents.clear();
    expect(await caseFacts(archive, { reference: 'maple-imports' })).toBeUndefined();
  });

  test('include when the latest attempt first went out', async () => {
    for (const [purpose, at] of [
      ['application/1/1', '2026-03-02T10:00:00.000Z'],
      ['application/2/1', '2026-03-05T10:00:00.000Z'],
      ['application/2/2', '2026-03-05T12:00:00.000Z'],
      ['notice/welcome/1', '2026-03-06T12:00:00.000Z'],
    ] as const) {
      const { messageId } = await sent(purpose, 'Hello.');
      await archive.createRecord(sends.key(messageId), { messageId, claimedAt: at, by: 'w' });
      await archive.createRecord(sendResults.key(messageId), {
        messageId,
        acceptedAt: '2026-03-09T10:00:00.000Z',
        source: 'server',
      });
    }
    await sent('application/3/1', 'Composed, and not sent.');
    expect(await caseFacts(archive, { workflowId: WORKFLOW })).toMatchObject({
      submittedAt: '2026-03-05T10:00:00.000Z',
    });
  });
});

describe('a quote', () => {
  test('is known if one email of the case, sent or received, contains all its words together', async () => {
    await sent('application/1/1', 'Dear team,\n\nplease find attached\nthe application of Maple Imports LLC.');
    await received('mail-1', 'We got it. The ticket is 123.');
    const words = await wordsOfCase(archive, WORKFLOW);
    expect(isQuoteOf('Please find attached the application', words)).toBe(true);
    expect(isQuoteOf('> the ticket is *123*', words)).toBe(true);
    expect(isQuoteOf('please find the application', words)).toBe(false);
    expect(isQuoteOf('Maple Imports LLC We got it', words)).toBe(false);
    expect(isQuoteOf('ease find attached', words)).toBe(false);
    expect(isQuoteOf('…', [...words, ''])).toBe(false);
    expect(await wordsOfCase(archive, 'onboarding-maple-imports.2')).toEqual([]);
  });

  test('may be the subject of such an email, or the name of an attached file', async () => {
    const raw = mail({
      subject: 'Application - Maple Imports LLC - IOR 12-345678900',
      contentType: 'multipart/mixed; boundary=b',
      body: '--b\n\nHello.\n--b\nContent-Type: application/pdf; name=ace-application-1.pdf\nContent-Disposition: attachment\n\nx\n--b--',
    });
    const { sha256 } = await archive.putDocument(raw);
    await noteCaseMail(archive, WORKFLOW, { mailId: 'mail-1', documentSha256: sha256 });
    const words = await wordsOfCase(archive, WORKFLOW);
    expect(isQuoteOf('IOR 12-345678900', words)).toBe(true);
    expect(isQuoteOf('<ace-application-1.pdf>', words)).toBe(true);
    expect(isQuoteOf('Hello. ace-application-1.pdf', words)).toBe(false);
  });

  test('does not become known through an email that quotes it, nor through the email itself', async () => {
    await received('mail-1', 'Hello.\n\n> It is denied.');
    await received('mail-2', 'It is closed.');
    expect(isQuoteOf('It is denied.', await wordsOfCase(archive, WORKFLOW))).toBe(false);
    expect(isQuoteOf('It is closed.', await wordsOfCase(archive, WORKFLOW))).toBe(true);
    expect(isQuoteOf('It is closed.', await wordsOfCase(archive, WORKFLOW, 'mail-2'))).toBe(false);
  });

  test('from a deleted email is unknown', async () => {
    await received('mail-1', 'It is closed.');
    archive.documents.clear();
    expect(await wordsOfCase(archive, WORKFLOW)).toEqual([]);
  });
});
