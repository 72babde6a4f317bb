import { describe, expect, it } from 'vitest';
import { type LetterKind, letter } from '../../../../../simulator/cbp/cbp-letters.js';
import { parseMessage } from '../../../../../src/mail/incoming/parse-message.js';
import { readKind } from '../../../../../src/mail/judging/kind/kind.js';
import { type KindContext, type ReadKind, SURE } from '../../../../../src/mail/judging/kind/read-kind.js';
import { paragraphsOf } from '../../../../../src/mail/judging/text/paragraphs.js';
import { isDecisionKind, type MailKind } from '../../../../../src/workflows/contract/received-mail.js';
import { type MailParts, mail } from '../corpus.js';
import {
  FURTHER,
  LETTERS,
  NEVER_APPROVALS,
  NEVER_OVERLOOKED,
  NEVER_THESE,
  SAMPLES,
  SIGNATURE,
} from '../wording-samples.js';

const context: Omit<KindContext, 'text'> = {
  cbpDomains: ['cbp.dhs.gov'],
  ownAddress: 'ace@broker.example',
  cbpAddress: 'ace.applications@cbp.dhs.gov',
  alias: 'cbp',
  concernsUs: true,
};
const AUTOMATIC = ['Auto-Submitted: auto-replied'];

async function kindOf(parts: MailParts, further: Partial<KindContext> = {}): Promise<ReadKind> {
  const message = await parseMessage(mail({ subject: 'RE: ACE Portal Account Application', ...parts }));
  const written = (text: string) => paragraphsOf(text, { importerNumbers: [] }).written.join('\n\n');
  const alternative = written(message.alternativeText ?? '');
  return readKind(message, { ...context, text: written(message.text), alternative, ...further });
}

/** No doubts: no person needs to look at it. */
const isSettled = ({ doubts }: ReadKind) => doubts.length === 0;

interface Sample {
  kind: string;
  parts: MailParts;
}
const EVERY: Sample[] = [
  ...SAMPLES.map(({ kind, text, subject, headers }) => ({ kind, parts: sample(text, subject, headers) })),
  ...Object.entries(FURTHER).flatMap(([kind, texts]) =>
    texts.map((text) => ({ kind, parts: sample(text, undefined, kind === 'out-of-office' ? AUTOMATIC : []) })),
  ),
  ...LETTERS.map(([kind, text, subject, headers]) => ({ kind, parts: sample(text + SIGNATURE, subject, headers) })),
];
function sample(body: string, subject?: string, headers?: string[]): MailParts {
  return { body, ...(subject ? { subject } : {}), ...(headers ? { headers } : {}) };
}
const judgedSamples = (wanted: (kind: string) => boolean) =>
  Promise.all(EVERY.filter(({ kind }) => wanted(kind)).map(async (one) => ({ ...one, said: await kindOf(one.parts) })));

describe('email that decides nothing is recognized by its words', () => {
  it.each<[MailKind, number, number]>([
    // If someone adds other text to an acknowledgement, it goes to a person.
    ['acknowledgement', 16, 29],
    ['in-process', 17, 21],
    ['out-of-office', 12, 12],
  ])('%s: %i of %i', async (kind, least, all) => {
    const samples = await judgedSamples((one) => one === kind);
    expect(samples).toHaveLength(all);
    const told = samples.filter(({ said }) => said.kind === kind && isSettled(said));
    expect(told.length).toBeGreaterThanOrEqual(least);
    for (const { parts, said } of samples)
      if (isSettled(said)) expect(['acknowledgement', 'in-process', 'out-of-office'], parts.body).toContain(said.kind);
  });

  it.each<LetterKind>(['acknowledgement', 'in-process', 'out-of-office'])(
    "the simulated CBP's %s is one",
    async (simulated) => {
      const { subject, text, headers } = letter(simulated, {
        company: 'Acme Imports LLC',
        importerNumber: '12-345678900',
        subject: 'ACE Portal Account Application - Acme Imports LLC - IOR 12-345678900',
        at: new Date('2026-03-02T14:00:00Z'),
      });
      const said = await kindOf({ subject, body: text, headers: Object.entries(headers).map((one) => one.join(': ')) });
      expect(said).toMatchObject({ kind: simulated, doubts: [] });
    },
  );

  it.each([
    'We received your application. Once we receive the signed Section D, we will process it.',
    'We received your application and it was turned down.',
    'We received your application and sent it back.',
    'We received your application. Due to the high number of errors we stopped.',
    'We received it. We will get back to you once you answered the questionnaire.',
    'Your application has been received. When you have filed the 5106, let us know.',
    'Your application has been received. If you want us to go on, sign Section D.',
    'Your application has been received.\n\nIt is unsigned.',
    'Your application was received. You should receive a request for documents; answer it within five days.',
    'Your application was assigned to an analyst and is complete.',
    'Your application is pending until you sign it.',
    'Application received. Result: see the letter of the port director.',
  ])('with any other matter in it, goes to a person: %s', async (body) => {
    expect(await kindOf({ body })).not.toMatchObject({ doubts: [] });
    // A program that does not just reply automatically may know the case.
    expect(await kindOf({ body, headers: ['Auto-Submitted: auto-generated'] })).not.toMatchObject({ doubts: [] });
  });

  it.each(NEVER_OVERLOOKED)('is never mistaken for it: %s', async (body) => {
    for (const headers of [[], AUTOMATIC, ['Auto-Submitted: auto-generated']])
      expect(await kindOf({ body, headers }), String(headers)).not.toMatchObject({ doubts: [] });
  });

  it.each(['Your application was denied', 'RE: ACE Application - APPROVED', 'Action required: missing signature'])(
    'under a subject that may decide it is for a person: %s',
    async (subject) => {
      expect(await kindOf({ subject, body: 'Your application has been received.' })).not.toMatchObject({ doubts: [] });
    },
  );

  it('with an attachment, goes to a person', async () => {
    const body =
      '--b\nContent-Type: text/plain\n\nYour application has been received.\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment\n\nx\n--b--';
    expect(await kindOf({ body: 'Your application has been received.' })).toMatchObject({ doubts: [] });
    expect(await kindOf({ contentType: 'multipart/mixed; boundary=b', body })).not.toMatchObject({ doubts: [] });
  });
});

describe('for a decision, words only give a person a suggestion', () => {
  it.each(['Re:', 'RE :', 'AW:', 'sv :', '  re:'])(
    'and a subject that begins with "%s" gives none: it is our own',
    async (begins) => {
      const ours = { subject: `${begins} Your application was denied`, body: 'Hello.' };
      expect(await kindOf(ours)).toMatchObject({ kind: 'unclear' });
      expect(await kindOf({ ...ours, subject: 'Your application was denied' })).toMatchObject({ kind: 'refused' });
    },
  );

  it('that is right for four of five samples, and never sure', async () => {
    const samples = await judgedSamples(isDecisionKind);
    for (const { parts, said } of samples) {
      expect(said.confidence, parts.body).toBeLessThan(SURE);
      expect(isSettled(said), parts.body).toBe(false);
    }
    const right = samples.filter(({ kind, said }) => said.kind === kind).length;
    expect(samples).toHaveLength(203);
    expect(right / samples.length).toBeGreaterThanOrEqual(0.8);
  });

  it.each(NEVER_APPROVALS)('goes to a person, or is in process: %s', async (body) => {
    const said = await kindOf({ body });
    if (isSettled(said)) expect(said.kind).toBe('in-process');
    expect(said.confidence >= SURE && isDecisionKind(said.kind)).toBe(false);
  });

  it.each(NEVER_THESE)('is not surely %s: %s', async (_, text) => {
    const said = await kindOf({ body: `Good morning,\n\n${text}\n\nThanks,\nPat` });
    expect(said.confidence >= SURE && isDecisionKind(said.kind)).toBe(false);
  });
});

describe('an automatic reply is not an acknowledgement if it tells the state of this case', () => {
  const said = (sentence: string, headers: string[] = AUTOMATIC) =>
    kindOf({ headers, body: `Thank you, we have received your application. ${sentence}` });

  it.each([
    'Your account number is 1234567.',
    'Your ACE account is now open.',
    'We have issued the account.',
    'Your application has been processed.',
    'You may now log in to the portal.',
    'Two issues were found with your form.',
    'The importer is on hold.',
    'We deleted your application.',
    'The importer has an account.',
    'Please contact us by Friday, March 6.',
    'We are awaiting your response.',
    'Who is the officer?',
  ])('%s', async (sentence) => {
    expect(isSettled(await said(sentence)) || isSettled(await said(sentence, []))).toBe(false);
  });

  it.each([
    'Our office hours are Monday through Friday, 8:00 a.m. to 5:00 p.m. ET.',
    'For technical support, call 866-530-4172.',
    'Please call us with any questions.',
    'Need help? Information about ACE is at https://www.cbp.gov/trade/automated.',
    'Your reference number is CS0012345.',
    'Applications are processed in the order received.',
  ])('but it may state what applies to everyone: %s', async (sentence) => {
    expect(await said(sentence)).toMatchObject({ kind: 'acknowledgement', doubts: [] });
  });
});

describe('email from programs is recognized by its structure', () => {
  const report = (recipient: string, action = 'failed') => ({
    from: 'Mail Delivery System <mailer-daemon@mx.example>',
    contentType: 'multipart/report; report-type=delivery-status; boundary=b',
    body: `--b\nContent-Type: text/plain\n\nIt did not arrive.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ${recipient}\nAction: ${action}\nStatus: 5.1.1\n--b--`,
  });
  const returned = {
    from: 'postmaster@mx.example',
    contentType: 'multipart/mixed; boundary=b',
    body: '--b\nContent-Type: text/plain\n\nIhre Nachricht wurde nicht zugestellt.\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <app-acme@broker.example>\nSubject: x\n\nx\n--b--',
  };

  it.each<[string, MailParts, MailKind, string[]]>([
    ['that what CBP should have got came back', report('ACE.Applications@cbp.dhs.gov'), 'bounce', []],
    ['that our own copy came back', report('ace@broker.example'), 'bounce', ['own-copy-returned']],
    ["that one member behind CBP's address has none", report('jo@mail.cbp.example'), 'bounce', ['member-returned']],
    ['that it is late', report('ACE.Applications@cbp.dhs.gov', 'delayed'), 'bounce', ['delayed']],
    ['that it arrived', report('ACE.Applications@cbp.dhs.gov', 'delivered'), 'unrelated', []],
    ['in any language that ours came back', returned, 'bounce', ['guess']],
  ])('a mail server says %s', async (_, parts, kind, doubts) => {
    expect(await kindOf(parts)).toMatchObject({ kind, doubts });
  });

  it("a report with other words in it, or attached to someone's email, goes to a person", async () => {
    const delivered = report('ACE.Applications@cbp.dhs.gov', 'delivered');
    const approved = (body: string) => body.replace('It did not arrive.', 'Your ACE account was approved.');
    expect(await kindOf({ ...delivered, body: approved(delivered.body) })).toMatchObject({ doubts: ['unclear'] });
    const receipt = {
      contentType: 'multipart/report; report-type=disposition-notification; boundary=b',
      body: '--b\n\nIt did not arrive.\n--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--',
    };
    expect(await kindOf(receipt)).toMatchObject({ kind: 'unrelated', doubts: [] });
    expect(await kindOf({ ...receipt, body: approved(receipt.body) })).toMatchObject({ doubts: ['unclear'] });
    const { body } = report('ACE.Applications@cbp.dhs.gov');
    const attached = { contentType: 'multipart/mixed; boundary=b', body: approved(body) };
    expect(await kindOf(attached)).toMatchObject({ kind: 'bounce', doubts: ['guess'] });
  });

  it.each([
    'Absence of signature: what now?',
    'Automatic Gears LLC: our answer',
    'Automated Logistics: form',
    '自動車部品: x',
  ])('a subject about something automatic or absent does not make it an autoresponder: %s', async (subject) => {
    const parts = { from: 'pat@client.example', subject, body: 'We corrected Section D.' };
    expect(await kindOf(parts)).toMatchObject({ kind: 'client-reply', doubts: [] });
  });

  it.each([
    ['Auto-Submitted: auto-replied', 'Re: x', 'Estoy fuera de la oficina hasta el lunes.'],
    ['X-Autoreply: yes', 'Re: x', 'See you.'],
    ['X-Mailer: a', 'Automatisk svar: x', 'Jeg er ikke her.'],
    ['X-Mailer: a', 'Automatische Antwort: x', 'Bis Montag.'],
    ['X-Mailer: a', 'Out of Office: x', 'Until Monday.'],
    ['X-Mailer: a', '自動返信: x', '不在です。'],
  ])(`recognizes a client's autoresponder (%s, "%s")`, async (header, subject, body) => {
    const parts = { from: 'pat@client.example', headers: [header], subject, body };
    expect(await kindOf(parts)).toMatchObject({ kind: 'out-of-office', doubts: [] });
  });

  it("a person's reply through a client's help desk is a reply, although marked as automatic", async () => {
    const parts = { from: 'desk@client.example', headers: AUTOMATIC, body: 'We corrected Section D, see below.' };
    expect(await kindOf(parts)).toMatchObject({ kind: 'client-reply', doubts: [] });
  });
});
