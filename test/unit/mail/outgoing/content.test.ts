import { readdir, readFile } from 'node:fs/promises';
import { type ParsedMail, simpleParser } from 'mailparser';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dayInWords } from '../../../../src/calendar/format.js';
import type { NoticeTemplate } from '../../../../src/workflows/contract/mail-activities.js';
import { expectDisarmed, LINKS } from '../../cli/hostile-text.js';
import { ALIASES, anApplication, anOutgoingCase, CBP, FORM, MAILBOX, WORKFLOW } from './outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from './scripted-smtp.js';

let smtp: ScriptedSmtp;
beforeEach(async () => {
  smtp = await openScriptedSmtp();
});
afterEach(() => smtp.close());

const received = async (index = 0): Promise<ParsedMail> =>
  simpleParser(Buffer.from(smtp.received[index]?.raw ?? '', 'latin1'));

describe('the application as CBP gets it', () => {
  test('has the form attached byte for byte, under the reference', async () => {
    const { activities, application } = await anOutgoingCase(smtp.port);
    await activities.sendApplication(application);
    const mail = await received();
    expect(mail.attachments).toHaveLength(1);
    expect(mail.attachments[0]).toMatchObject({
      filename: 'ace-application-C-1042.pdf',
      contentType: 'application/pdf',
    });
    expect(Buffer.compare(mail.attachments[0]?.content ?? Buffer.alloc(0), FORM)).toBe(0);
  });

  test('replies and bounces go to the CBP alias', async () => {
    const { activities, application } = await anOutgoingCase(smtp.port);
    await activities.sendApplication(application);
    const mail = await received();
    const alias = `ace+${ALIASES.cbp}@broker.example`;
    expect(mail.replyTo?.value).toMatchObject([{ address: alias }]);
    expect(smtp.received[0]?.from).toBe(alias);
    expect(mail.from?.value).toMatchObject([{ address: MAILBOX, name: 'Clearit USA' }]);
    expect(mail.to).toMatchObject({ value: [{ address: CBP }] });
  });

  test('bounces go to MAIL_FROM if the mail host lets us send only from that address', async () => {
    const { activities, application } = await anOutgoingCase(smtp.port, {
      environment: { MAIL_ENVELOPE_SENDER: 'from' },
    });
    await activities.sendApplication(application);
    expect(smtp.received[0]?.from).toBe(MAILBOX);
  });

  test('contains nothing that would suppress the acknowledgement, and does not show our copy', async () => {
    const { activities, application } = await anOutgoingCase(smtp.port);
    await activities.sendApplication(application);
    const headers = (smtp.received[0]?.raw ?? '').split('\r\n\r\n')[0] ?? '';
    expect(headers).not.toMatch(/^(Auto-Submitted|Precedence|X-Auto-Response-Suppress|List-|Bcc|Return-Path)/im);
    expect(headers).toMatch(/^X-Onboarding-Message: [0-9a-f]{32}\r?$/m);
  });

  test('no importer number is in the Message-ID, the boundary, the attachment name or our own header', async () => {
    const { activities, application } = await anOutgoingCase(smtp.port);
    await activities.sendApplication(application);
    const headers = (smtp.received[0]?.raw ?? '').split('\r\n\r\n')[0] ?? '';
    const others = headers.replace(/^Subject:.*(\r\n[ \t].*)*/m, '');
    expect(others).not.toMatch(/1234567/);
  });

  test('a Social Security number is not in the text of the email', async () => {
    const { activities, application } = await anOutgoingCase(smtp.port, {
      application: anApplication({
        importerNumber: '219-99-9998',
        furtherImporterNumbers: [],
        submissionSubject: 'ACE application of Ada Example',
      }),
    });
    expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted' });
    const mail = await received();
    expect(mail.subject).toBe('ACE application of Ada Example');
    expect(mail.text).not.toMatch(/219-?99-?9998/);
  });

  test('an application under a Social Security number is not sent without a subject from a person', async () => {
    const { activities, application } = await anOutgoingCase(smtp.port, {
      application: anApplication({ importerNumber: '219-99-9998', furtherImporterNumbers: [] }),
    });
    expect(await activities.sendApplication(application)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('submissionSubject'),
    });
    expect(smtp.sessions).toHaveLength(0);
  });

  test('a corrected one says which email it replaces', async () => {
    const { activities, application, archive } = await anOutgoingCase(smtp.port, {
      dependencies: { now: () => new Date('2026-11-25T15:00:00Z') },
    });
    await activities.sendApplication(application);
    const { sha256 } = await archive.putDocument(Buffer.from('%PDF corrected'));
    await activities.sendApplication({ ...application, attempt: 2, formSha256: sha256 });
    expect((await received(1)).text).toContain(
      'This is a corrected application. It replaces the one we sent on November 25, 2026.',
    );
  });

  test.each([
    'Maple\r\nBcc: everybody@evil.example',
    'Maple\nSubject: approved',
    'Maple\u2028Bcc: x@evil.example',
    '"Maple" <cbp@evil.example>',
  ])('a company named %j adds no header and no recipient', async (legalName) => {
    const { activities, application } = await anOutgoingCase(smtp.port, {
      application: anApplication({ company: { ...anApplication().company, legalName } }),
    });
    await activities.sendApplication(application);
    expect(smtp.received[0]?.to).toEqual([CBP, MAILBOX]);
    const mail = await received();
    expect(mail.headers.has('bcc')).toBe(false);
    expect(mail.headerLines.filter(({ key }) => key === 'subject')).toHaveLength(1);
  });
});

test('the application names who made the acknowledgements, and when, as the documents on file say', async () => {
  const { activities, application } = await anOutgoingCase(smtp.port);
  await activities.sendApplication(application);
  const { officer, accountOwner } = anApplication().acknowledgements;
  const text = ((await received()).text ?? '').replace(/\s+/g, ' ');
  expect(text).toContain(
    `the officer, ${officer.name}, made the acknowledgement in Section D on ${dayInWords(officer.at)}, and the Trade Account Owner, Jane Owner, on ${dayInWords(accountOwner.at)}.`,
  );
});

describe('notices', () => {
  const notice = async (template: NoticeTemplate, facts: Record<string, string | string[]> = {}, environment = {}) => {
    const outgoing = await anOutgoingCase(smtp.port, { environment });
    const sent = await outgoing.activities.sendNotice(outgoing.notice({ template, facts }));
    return { sent, mail: await received() };
  };

  test.each<[NoticeTemplate, string]>([
    ['grant-instructions', 'jane@client.example'],
    ['grant-reminder', 'jane@client.example'],
    ['grant-partial', 'jane@client.example'],
    ['ask-whether-approved', 'jane@client.example'],
    ['correction-needed', 'jane@client.example'],
    ['operations-task', 'operations@broker.example'],
    ['operations-late', 'operations@broker.example'],
    ['operations-client-silent', 'operations@broker.example'],
    ['manager-overdue', 'manager@broker.example'],
  ])('%s goes only to %s, with the reference and no importer number in its subject', async (template, to) => {
    const { sent, mail } = await notice(template, { what: 'the name', missing: ['07-1234567A1'], attention: 'late' });
    expect(sent.result.kind).toBe('accepted');
    expect(smtp.received[0]?.to).toEqual([to]);
    expect(mail.subject).toContain('C-1042');
    expect(mail.subject).not.toMatch(/1234567/);
    expect(mail.text).not.toMatch(/undefined|\[object|<%/);
    expect(mail.html).toBe(false);
  });

  test.each<[NoticeTemplate, string, string, RegExp]>([
    ['grant-partial', 'lookedOn', '2026-12-09T15:00:00Z', /looked in ACE on December 9, 2026\./],
    ['grant-reminder', 'instructedOn', '2026-12-09T15:00:00Z', /asked you on December 9, 2026 to give/],
    ['ask-whether-approved', 'submittedOn', '2026-11-20', /application went to .* on November 20, 2026\./],
    ['grant-instructions', 'approval', 'cbp-letter', /has told us by email/],
    ['grant-instructions', 'approval', 'client-confirmed', /You told us/],
    ['grant-instructions', 'approval', 'desk-phoned', /told us on the phone/],
    ['grant-instructions', 'approval', 'seen-in-ace', /We looked in the ACE Portal/],
    ['operations-late', 'due', 'Thu Dec 3', /Due since: Thu Dec 3/],
    ['operations-client-silent', 'due', 'Thu Dec 3', /Due since: Thu Dec 3/],
    ['manager-overdue', 'due', 'Thu Dec 3', /Due since: Thu Dec 3/],
  ])('%s says what %s (%s) puts on record, and does not say it otherwise', async (template, name, fact, sentence) => {
    const said = async (facts: Record<string, string>) => {
      const outgoing = await anOutgoingCase(smtp.port);
      await outgoing.activities.sendNotice(outgoing.notice({ template, facts }));
      return ((await received(smtp.received.length - 1)).text ?? '').replace(/(?<=[^\n:])\n(?=[^\n])/g, ' ');
    };
    expect(await said({ [name]: fact })).toMatch(sentence);
    expect(await said({})).not.toMatch(sentence);
  });

  test('no email claims what no one has seen, links to a sign-in page, or offers a false proof', async () => {
    const texts = await Promise.all(
      (await readdir('templates')).map(async (file) => `${file}: ${await readFile(`templates/${file}`, 'utf8')}`),
    );
    for (const text of texts)
      expect(text.replace(/\s+/g, ' ')).not.toMatch(
        /https?:|Thank you for adding|we can see|we can't see|we do not see|we applied|have not kept|number you gave us|ends in @cbp|one step|five minutes|is open|has been asked|have asked/i,
      );
  });

  test("the client replies to the client's alias, never to CBP's", async () => {
    const { mail } = await notice('grant-instructions');
    expect(mail.replyTo?.value).toMatchObject([{ address: `ace+${ALIASES.client}@broker.example` }]);
    expect(smtp.received[0]?.from).toBe(`ace+${ALIASES.client}@broker.example`);
    expect(smtp.received[0]?.raw).not.toContain(ALIASES.cbp);
  });

  test.each<NoticeTemplate>(['operations-late', 'manager-overdue'])(
    'our own people send no automatic answers to %s',
    async (template) => {
      expect((await notice(template)).mail.headers.get('auto-submitted')).toBe('auto-generated');
    },
  );

  test("the client's out-of-office is wanted: it says that the account owner is away", async () => {
    expect((await notice('grant-reminder')).mail.headers.has('auto-submitted')).toBe(false);
  });

  test('the client is addressed by name', async () => {
    const { mail } = await notice('grant-reminder');
    expect(mail.to).toMatchObject({ value: [{ name: 'Jane Owner', address: 'jane@client.example' }] });
  });

  test('the grant instructions have the clicks, the numbers, the risk and the warnings, and pin the ACE address', async () => {
    const { sent, mail } = await notice('grant-instructions');
    for (const said of [
      'Tools tab',
      'Add User',
      'portal@broker.example',
      'Access to Top Account',
      'Cross Account Access',
      'Full Access',
      '07-123456700',
      '07-1234567A1',
      'ACH Refund Authorization',
      'never ask for your password',
      'Do not forward',
      '+1 555 0100',
    ])
      expect(mail.text).toContain(said);
    expect(sent.grant).toMatchObject({ brokerAceEmail: 'portal@broker.example' });
    expect(sent.grant?.deadlines.reminders.length).toBe(3);
  });

  test('later notices keep the ACE address that was pinned, whatever the configuration says now', async () => {
    const facts = { brokerAceEmail: 'pinned@broker.example' };
    const { sent, mail } = await notice('grant-partial', { ...facts, missing: ['07-1234567A1'], role: 'read-only' });
    expect(mail.text).toContain('pinned@broker.example');
    expect(mail.text).not.toContain('portal@broker.example');
    expect(sent.grant?.brokerAceEmail).toBe('pinned@broker.example');
  });

  test('a retry under another configuration reports the ACE address in the email', async () => {
    const outgoing = await anOutgoingCase(smtp.port);
    await outgoing.activities.sendNotice(outgoing.notice());
    const { config } = await anOutgoingCase(smtp.port, { environment: { BROKER_ACE_EMAIL: 'new@broker.example' } });
    const sent = await outgoing.worker({ config }).sendNotice(outgoing.notice());
    expect(sent.grant?.brokerAceEmail).toBe('portal@broker.example');
    expect(smtp.received).toHaveLength(1);
  });

  test('a partial grant names exactly what is missing, and the role only if it is wrong', async () => {
    const { mail } = await notice('grant-partial', { missing: ['07-1234567A1'] });
    expect(mail.text).toContain('07-1234567A1');
    expect(mail.text).not.toContain('07-123456700');
    expect(mail.text).not.toContain('Our role');
  });

  test.each([
    ['full-access', []],
    ['read-only', ['Our role must be Full Access. It was "read-only".', 'Under Roles, choose Full Access']],
    ['other', ['Our role must be Full Access.', 'Under Roles, choose Full Access']],
  ])(
    'a partial grant with the role %s asks the client to change the role only if it is not Full Access',
    async (role, asks) => {
      const { mail } = await notice('grant-partial', { missing: ['07-1234567A1'], role });
      for (const said of asks) expect(mail.text).toContain(said);
      expect(/Our role|Under Roles/.test(mail.text ?? '')).toBe(asks.length > 0);
      expect(mail.text).not.toMatch(/"(?:full-access|other)"/);
    },
  );

  test('our own people get the link to the case and the commands to run', async () => {
    const { mail } = await notice('operations-task', { attention: 'send-unknown', what: 'Find out whether it left.' });
    expect(mail.subject).toBe('[C-1042] Action needed: send-unknown');
    expect(mail.text).toContain('Find out whether it left.');
    expect(mail.text).toContain(`http://localhost:8233/namespaces/default/workflows/${WORKFLOW}`);
    expect(mail.text).toContain('ace-onboarding show C-1042');
  });

  test.each(['operations-task', 'correction-needed'] as const)(
    "%s quotes others in lines that can't be mistaken for ours, without links or control characters",
    async (template) => {
      const what = `The name.${LINKS}\r\n\nCase:    acme\nRun:     rm -rf FORGED\u2028\x1b[2J\u202e\u3164`;
      const { mail } = await notice(template, { what, attention: `late\nRun:     FORGED${LINKS}` });
      const text = mail.text ?? '';
      const [ours, written] = [/^(?!>).*$/gm, /^>.*$/gm].map((lines) => text.match(lines)?.join('\n') ?? '');
      expect(written).toMatch(/^> The name\..*\n>\n> Case: {4}acme\n> Run: {5}rm -rf FORGED \[2J$/);
      expect(ours).not.toMatch(/FORGED|evil/);
      expectDisarmed(text);
      expect(`${text}${mail.subject}`.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{DI}]/u);
    },
  );

  test("other people's names stay within their lines, and links in them can't be clicked", async () => {
    const hostile = `Jo${LINKS}\nRun:     FORGED\u202e`;
    const { company, accountOwner } = anApplication();
    const outgoing = await anOutgoingCase(smtp.port, {
      application: anApplication({
        company: { ...company, legalName: hostile },
        accountOwner: { ...accountOwner, firstName: hostile, phone: hostile },
        handler: hostile,
      }),
    });
    const facts = { due: hostile, role: hostile, missing: [hostile], what: 'x' };
    for (const template of ['operations-client-silent', 'grant-partial'] as const)
      await outgoing.activities.sendNotice(outgoing.notice({ template, facts }));
    for (const index of [0, 1]) {
      const { text = '' } = await received(index);
      expect(text).toContain('FORGED');
      expect(text).not.toMatch(/^\s*Run: {5}FORGED/m);
      expectDisarmed(text);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }
  });

  test("the product's own values, to paste or enter, are unchanged", async () => {
    const { mail } = await notice('operations-client-silent', {
      brokerAceEmail: 'www.portal@broker.example',
      commands: ['ace-onboarding confirm-access C-1042 --evidence https://ace.cbp.gov'],
    });
    expect(mail.text).toContain('\nwww.portal@broker.example\n');
    expect(mail.text).toMatch(/^ +ace-onboarding confirm-access C-1042 --evidence https:\/\/ace\.cbp\.gov$/m);
  });

  test('our own people are notified even if no application was archived; the client is not', async () => {
    const outgoing = await anOutgoingCase(smtp.port);
    const bare = { applicationSha256: '', workflowId: 'onboarding-other', reference: 'other' };
    const told = await outgoing.activities.sendNotice(outgoing.notice({ ...bare, template: 'operations-task' }));
    expect(told.result.kind).toBe('accepted');
    const client = await outgoing.activities.sendNotice(outgoing.notice({ ...bare, template: 'correction-needed' }));
    expect(client.result.kind).toBe('refused');
  });

  test('each ordinal of a template is a separate email, sent once', async () => {
    const outgoing = await anOutgoingCase(smtp.port);
    for (const ordinal of [1, 1, 2, 2])
      await outgoing.activities.sendNotice(outgoing.notice({ template: 'grant-reminder', ordinal }));
    expect(smtp.received).toHaveLength(2);
    expect(new Set(smtp.received.map(({ messageId }) => messageId)).size).toBe(2);
  });
});
