import { type ParsedMail, simpleParser } from 'mailparser';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mails, read, sendResults } from '../../../../src/archive/records.js';
import { threadSubject } from '../../../../src/mail/answering/in-thread.js';
import { messageIdOf } from '../../../../src/mail/outgoing/message-id.js';
import type { ReceivedMail } from '../../../../src/workflows/contract/received-mail.js';
import { ALIASES, anOutgoingCase, CBP, FORM, MAILBOX, type OutgoingCase, WORKFLOW } from '../outgoing/outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from '../outgoing/scripted-smtp.js';

let smtp: ScriptedSmtp;
beforeEach(async () => {
  smtp = await openScriptedSmtp();
});
afterEach(() => smtp.close());

const OFFICER = 'officer.ortiz@cbp.dhs.example';
const CBP_DOMAINS = { CBP_FROM_DOMAINS: 'cbp.dhs.example' };
const APPLICATION_ID = messageIdOf(WORKFLOW, { kind: 'application', attempt: 1, transmission: 1 }, MAILBOX);

async function aCase(): Promise<OutgoingCase> {
  return await anOutgoingCase(smtp.port, { environment: CBP_DOMAINS });
}

/** Puts an email on record as the watcher does. */
async function receives(
  { archive }: OutgoingCase,
  { headers = [], ...changes }: Partial<ReceivedMail> & { headers?: string[]; workflowId?: string } = {},
): Promise<string> {
  const mailId = 'c'.repeat(64);
  const from = changes.from ?? OFFICER;
  const subject = changes.subject ?? 'RE: [INC4711] ACE Portal Account Application - Maple - IOR 07-123456700';
  const raw = [`From: <${from}>`, `Subject: ${subject}`, ...headers, '', 'What is the suffix?', ''].join('\r\n');
  const { sha256 } = await archive.putDocument(Buffer.from(raw));
  await archive.createRecord(mails.key(mailId), {
    ...{ mailId, mailbox: 'applications', receivedAt: '2026-11-30T15:00:00Z', firstSeenAt: '2026-11-30T15:00:00Z' },
    ...{ state: 'signalled', workflowId: changes.workflowId ?? WORKFLOW, candidates: [], reasons: [] },
    mail: {
      ...{ mailId, receivedAt: '2026-11-30T15:00:00Z', mailbox: 'applications', kind: 'unclear', confidence: 0.3 },
      ...{ evidence: [], alias: 'cbp', excerpt: '', doubts: [], documentSha256: sha256 },
      authenticity: { verdict: 'authentic', reasons: [] },
      ...changes,
      ...{ from, subject },
    },
  });
  return mailId;
}

const HEADERS = [
  'Message-ID: <answer-2@cbp.dhs.example>',
  `In-Reply-To: <${APPLICATION_ID}>`,
  `References: <${APPLICATION_ID}> <answer-1@cbp.dhs.example>`,
];

async function message(
  outgoing: OutgoingCase,
  facts: Record<string, string>,
  template: 'cbp-message' | 'cbp-withdrawal' | 'message' = 'cbp-message',
): Promise<{ mail: ParsedMail; to: string[] | undefined; headers: string }> {
  const sent = await outgoing.activities.sendNotice(
    outgoing.notice({ template, facts: { text: 'The suffix is 00.', ...facts } }),
  );
  expect(sent.result).toMatchObject({ kind: 'accepted' });
  const last = smtp.received.at(-1);
  const raw = Buffer.from(last?.raw ?? '', 'latin1');
  return { mail: await simpleParser(raw), to: last?.to, headers: raw.toString().split('\r\n\r\n')[0] ?? '' };
}

describe('a message to CBP', () => {
  test('answers the officer who wrote, in the thread, and its replies come to the CBP alias', async () => {
    const outgoing = await aCase();
    const answersMailId = await receives(outgoing, { headers: HEADERS });
    const { mail, to, headers } = await message(outgoing, { answersMailId });
    expect(to).toEqual([OFFICER]);
    expect(mail.to).toMatchObject({ value: [{ address: OFFICER, name: '' }] });
    expect(mail.replyTo?.value).toMatchObject([{ address: `ace+${ALIASES.cbp}@broker.example` }]);
    expect(mail.inReplyTo).toBe('<answer-2@cbp.dhs.example>');
    expect(mail.references).toEqual([
      `<${APPLICATION_ID}>`,
      '<answer-1@cbp.dhs.example>',
      '<answer-2@cbp.dhs.example>',
    ]);
    expect(mail.subject).toBe('RE: [INC4711] ACE Portal Account Application - Maple');
    expect(mail.text).toContain('The suffix is 00.');
    expect(headers).not.toMatch(/^(Auto-Submitted|Precedence|X-Auto-Response-Suppress):/im);
  });

  test.each([
    ['is not proven to be from CBP', { authenticity: { verdict: 'unauthentic', reasons: [] } }],
    ['could not be checked', { authenticity: { verdict: 'undetermined', reasons: [] } }],
  ] as const)('goes to the applications address if the email that it answers %s', async (_, changes) => {
    const outgoing = await aCase();
    const answersMailId = await receives(outgoing, { headers: HEADERS, ...(changes as object) });
    expect((await message(outgoing, { answersMailId })).to).toEqual([CBP]);
  });

  test('does not thread onto an email of the client, whose words CBP does not get', async () => {
    const outgoing = await aCase();
    const answersMailId = await receives(outgoing, {
      from: 'jane@client.example',
      subject: 'Private matters',
      headers: ['Message-ID: <private@client.example>'],
    });
    const { mail, to } = await message(outgoing, { answersMailId });
    expect(to).toEqual([CBP]);
    expect(mail.inReplyTo).toBeUndefined();
    expect(mail.subject).not.toContain('Private');
  });

  test('continues the thread of our last application, under the Message-ID that CBP saw', async () => {
    const outgoing = await aCase();
    await outgoing.activities.sendApplication(outgoing.application);
    await outgoing.activities.sendApplication({ ...outgoing.application, attempt: 2 });
    const second = messageIdOf(WORKFLOW, { kind: 'application', attempt: 2, transmission: 1 }, MAILBOX);
    expect((await message(outgoing, { ticket: 'INC4711' })).mail).toMatchObject({
      inReplyTo: `<${second}>`,
      references: `<${second}>`,
      subject: 'Re: ACE Portal Account Application - Maple & Söhne Trading, Inc. - INC4711',
    });
    await outgoing.archive.replaceRecord(sendResults.key(second), {
      ...(await read(outgoing.archive, sendResults, second)),
      serverMessageId: 'replaced@mail.example',
    });
    const withdrawal = await message(
      outgoing,
      { submittedOn: '2026-11-25', submittedBy: 'us', withdrawn: 'client-withdraws' },
      'cbp-withdrawal',
    );
    expect(withdrawal.mail.inReplyTo).toBe('<replaced@mail.example>');
    expect(withdrawal.mail.subject).toMatch(/^Re: /);
  });

  test('is a new email if someone else submitted the application', async () => {
    const { mail, to } = await message(await aCase(), {});
    expect(to).toEqual([CBP]);
    expect(mail.inReplyTo).toBeUndefined();
    expect(mail.subject).toBe('ACE Portal Account Application - Maple & Söhne Trading, Inc. (C-1042)');
  });

  test('has the form attached where a person asked for it, byte for byte', async () => {
    const outgoing = await aCase();
    const { formSha256 } = outgoing.application;
    const { mail } = await message(outgoing, { attachForm: 'yes', formSha256 });
    expect(mail.attachments).toMatchObject([
      { filename: 'ace-application-C-1042.pdf', contentType: 'application/pdf' },
    ]);
    expect(Buffer.compare(mail.attachments[0]?.content ?? Buffer.alloc(0), FORM)).toBe(0);
    expect(mail.text).toContain('The application form is attached.');
  });

  test('says the same in every try, and is sent once', async () => {
    const outgoing = await aCase();
    const answersMailId = await receives(outgoing, { headers: HEADERS });
    await message(outgoing, { answersMailId });
    await outgoing.archive.removeRecord(mails.key(answersMailId));
    await message(outgoing, { answersMailId });
    expect(smtp.received).toHaveLength(1);
  });

  test('is refused if the email that it answers belongs to another case', async () => {
    const outgoing = await aCase();
    const answersMailId = await receives(outgoing, { workflowId: 'onboarding-other' });
    const sent = await outgoing.activities.sendNotice(
      outgoing.notice({ template: 'cbp-message', facts: { text: 'Hello.', answersMailId } }),
    );
    expect(sent.result).toMatchObject({ kind: 'refused', reason: expect.stringContaining('cannot be answered') });
    expect(smtp.received).toHaveLength(0);
  });

  test('of an email without a usable Message-ID keeps its subject', async () => {
    const outgoing = await aCase();
    const answersMailId = await receives(outgoing, { headers: ['Message-ID: <söhne@cbp.dhs.example>'] });
    const { mail } = await message(outgoing, { answersMailId });
    expect(mail.inReplyTo).toBeUndefined();
    expect(mail.subject).toContain('[INC4711]');
  });
});

describe('a message to the client', () => {
  test('answers the client’s email in its thread, to the account owner, without a form', async () => {
    const outgoing = await aCase();
    const answersMailId = await receives(outgoing, {
      ...{ from: 'assistant@client.example', kind: 'client-reply', alias: 'client', subject: 'Which number?' },
      headers: ['Message-ID: <q@client.example>', 'In-Reply-To: <earlier@broker.example>'],
    });
    const { formSha256 } = outgoing.application;
    const { mail, to } = await message(outgoing, { answersMailId, attachForm: 'yes', formSha256 }, 'message');
    expect(to).toEqual(['jane@client.example']);
    expect(mail.inReplyTo).toBe('<q@client.example>');
    expect(mail.references).toEqual(['<earlier@broker.example>', '<q@client.example>']);
    expect(mail.subject).toBe('Re: Which number?');
    expect(mail.replyTo?.value).toMatchObject([{ address: `ace+${ALIASES.client}@broker.example` }]);
    expect(mail.attachments).toEqual([]);
  });

  test('does not thread onto an email of CBP', async () => {
    const outgoing = await aCase();
    const answersMailId = await receives(outgoing, { headers: HEADERS });
    expect((await message(outgoing, { answersMailId }, 'message')).mail.inReplyTo).toBeUndefined();
  });
});

describe('the subject of a thread', () => {
  test.each([
    ['Your application', 'Re: Your application'],
    ['Re: Your application', 'Re: Your application'],
    ['RE: ACE Portal Account Application - Maple - EIN 07-1234567', 'RE: ACE Portal Account Application - Maple'],
    ['Case 5006 - SSN 123-45-6789 - pending', 'Re: Case 5006 - pending'],
    ['Re: IOR 07-123456700', undefined],
    ['07-1234567', undefined],
    ['', undefined],
    ['Re: - 123456789', undefined],
  ])('%s', (written, subject) => {
    expect(threadSubject(written)).toBe(subject);
  });

  test('keeps the ticket once', () => {
    expect(threadSubject('Question [INC4711]', 'INC4711')).toBe('Re: Question [INC4711]');
    expect(threadSubject('Question', 'INC4711')).toBe('Re: Question - INC4711');
  });
});
