import { type ParsedMail, simpleParser } from 'mailparser';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Archive } from '../../../../src/archive/archive.js';
import { dayInWords } from '../../../../src/calendar/format.js';
import {
  CBP_TEMPLATES,
  CLIENT_TEMPLATES,
  type NoticeTemplate,
} from '../../../../src/workflows/contract/mail-activities.js';
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

  test('a filer code and the authority are named where a filer code is configured, not otherwise', async () => {
    const { activities, application } = await anOutgoingCase(smtp.port, { environment: { BROKER_FILER_CODE: 'AB1' } });
    await activities.sendApplication(application);
    expect((await received()).text).toContain(
      'filer code AB1, and submit it for the importer under a power of attorney.',
    );
    const other = await anOutgoingCase(smtp.port);
    await other.activities.sendApplication(other.application);
    expect((await received(1)).text).not.toMatch(/filer code|power of attorney/);
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
    `The acknowledgements in Section D, as the documents we have on file show them: - officer: ${officer.name}, on ${dayInWords(officer.at)} - account owner: ${accountOwner.name}, on ${dayInWords(accountOwner.at)} Please`,
  );
});

describe('notices', () => {
  /** What each email needs, to go out at all. */
  const RECORDED = {
    submittedOn: '2026-11-20',
    submittedBy: 'us',
    approval: 'cbp-letter',
    lookedOn: '2026-12-09T15:00:00Z',
    seen: ['07-123456700'],
    missing: ['07-1234567A1'],
    what: 'the name',
    text: 'Hello.',
  };
  const notice = async (template: NoticeTemplate, facts: Record<string, string | string[]> = {}, environment = {}) => {
    const outgoing = await anOutgoingCase(smtp.port, { environment });
    const sent = await outgoing.activities.sendNotice(outgoing.notice({ template, facts: { ...RECORDED, ...facts } }));
    return { sent, mail: await received() };
  };

  test.each<[NoticeTemplate, string]>([
    ...CLIENT_TEMPLATES.map((template): [NoticeTemplate, string] => [template, 'jane@client.example']),
    ...CBP_TEMPLATES.map((template): [NoticeTemplate, string] => [template, CBP]),
    ['task', 'operations@broker.example'],
  ])('%s goes only to %s, with the reference and no importer number in its subject', async (template, to) => {
    const { sent, mail } = await notice(template);
    expect(sent.result.kind).toBe('accepted');
    expect(smtp.received[0]?.to).toEqual([to]);
    expect(mail.subject).toContain('C-1042');
    expect(mail.subject).not.toMatch(/1234567/);
    expect(mail.text).not.toMatch(/undefined|\[object|<%/);
    expect(mail.html).toBe(false);
  });

  test("the client replies to the client's alias, never to CBP's", async () => {
    const { mail } = await notice('grant-instructions');
    expect(mail.replyTo?.value).toMatchObject([{ address: `ace+${ALIASES.client}@broker.example` }]);
    expect(smtp.received[0]?.from).toBe(`ace+${ALIASES.client}@broker.example`);
    expect(smtp.received[0]?.raw).not.toContain(ALIASES.cbp);
  });

  test.each(CBP_TEMPLATES)("CBP replies to %s at CBP's alias, and is not told to be silent", async (template) => {
    const { mail } = await notice(template);
    expect(mail.replyTo?.value).toMatchObject([{ address: `ace+${ALIASES.cbp}@broker.example` }]);
    expect(smtp.received[0]?.from).toBe(`ace+${ALIASES.cbp}@broker.example`);
    expect(smtp.received[0]?.raw).not.toContain(ALIASES.client);
    expect(mail.headers.has('auto-submitted')).toBe(false);
  });

  test('our own people send no automatic answers to a task', async () => {
    expect((await notice('task')).mail.headers.get('auto-submitted')).toBe('auto-generated');
  });

  test("the client's out-of-office is wanted: it says that the account owner is away", async () => {
    expect((await notice('grant-reminder')).mail.headers.has('auto-submitted')).toBe(false);
  });

  test('the client is addressed by name', async () => {
    const { mail } = await notice('grant-reminder');
    expect(mail.to).toMatchObject({ value: [{ name: 'Jane Owner', address: 'jane@client.example' }] });
  });

  describe('the handler', () => {
    const PEOPLE = JSON.stringify({
      jo: {
        ...{ name: 'Jo Park', email: 'jo@broker.example', deputy: 'kim' },
        absent: [{ from: '2026-12-21', to: '2026-12-31' }],
      },
      kim: { name: 'Kim Ray', email: 'kim@broker.example' },
    });
    const handled = async (facts: Record<string, string>, now: string) => {
      const outgoing = await anOutgoingCase(smtp.port, {
        environment: { PEOPLE },
        dependencies: { now: () => new Date(now) },
      });
      await outgoing.activities.sendNotice(outgoing.notice({ template: 'task', facts: { ...RECORDED, ...facts } }));
      return smtp.received.at(-1)?.to;
    };

    test('gets the task, or the deputy on days of absence in New York; without one, operations', async () => {
      expect(await handled({ handler: 'jo' }, '2026-12-20T15:00:00Z')).toEqual(['jo@broker.example']);
      expect(await handled({ handler: 'jo' }, '2026-12-21T05:00:00Z')).toEqual(['kim@broker.example']);
      expect(await handled({ handler: 'jo' }, '2026-12-21T04:59:00Z')).toEqual(['jo@broker.example']);
      expect(await handled({ handler: 'someone' }, '2026-12-20T15:00:00Z')).toEqual(['operations@broker.example']);
      expect(await handled({}, '2026-12-20T15:00:00Z')).toEqual(['operations@broker.example']);
    });

    test('gets the task that was composed on their day, even if its record could be written only on the deputy’s', async () => {
      const { archive, ...outgoing } = await anOutgoingCase(smtp.port, { environment: { PEOPLE } });
      const dying = new Proxy(archive, {
        get: (target, name: keyof Archive) => async (key: string, record: unknown) => {
          if (name === 'createRecord' && key.startsWith('outbox/')) throw new Error('killed here');
          return await (target[name] as (...args: unknown[]) => unknown).call(target, key, record);
        },
      });
      const task = outgoing.notice({ template: 'task', facts: { ...RECORDED, handler: 'jo' } });
      const now = (at: string) => () => new Date(at);
      const first = outgoing.worker({ archive: dying, now: now('2026-12-20T15:00:00Z') });
      await expect(first.sendNotice(task)).rejects.toThrow('killed here');
      await outgoing.worker({ now: now('2026-12-21T15:00:00Z') }).sendNotice(task);
      expect(smtp.received.at(-1)?.to).toEqual(['jo@broker.example']);
    });

    test("signs the client's email; someone who is not in the address book does not", async () => {
      const { mail } = await notice('access-seen', { handler: 'jo' }, { PEOPLE });
      expect(mail.text).toMatch(/\nJo Park\nClearit USA\n\+1 555 0100\n$/);
      smtp.received.length = 0;
      expect((await notice('access-seen', { handler: 'someone' }, { PEOPLE })).mail.text).toMatch(
        /\n\nClearit USA\n\+1 555 0100\n$/,
      );
    });
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
      'login.cbp.gov',
      'never ask for your password',
      'Never forward',
      '+1 555 0100',
    ])
      expect(mail.text).toContain(said);
    expect(mail.text).not.toContain('second user');
    expect(sent.brokerAceEmail).toBe('portal@broker.example');
  });

  test('the grant instructions ask for a second user where one is configured', async () => {
    const { mail } = await notice('grant-instructions', {}, { BROKER_ACE_SECOND_EMAIL: 'second@broker.example' });
    expect(mail.text).toMatch(/second user:\n +second@broker\.example\n/);
  });

  test('later notices keep the ACE address that was pinned, whatever the configuration says now', async () => {
    const { mail } = await notice('grant-partial', { brokerAceEmail: 'pinned@broker.example', role: 'read-only' });
    expect(mail.text).toContain('pinned@broker.example');
    expect(mail.text).not.toContain('portal@broker.example');
  });

  test('a retry under another configuration reports the ACE address in the email', async () => {
    const outgoing = await anOutgoingCase(smtp.port);
    await outgoing.activities.sendNotice(outgoing.notice());
    const { config } = await anOutgoingCase(smtp.port, { environment: { BROKER_ACE_EMAIL: 'new@broker.example' } });
    const sent = await outgoing.worker({ config }).sendNotice(outgoing.notice());
    expect(sent.brokerAceEmail).toBe('portal@broker.example');
    expect(smtp.received).toHaveLength(1);
  });

  test('a partial grant names exactly what is missing, and the role only if it is wrong', async () => {
    const { mail } = await notice('grant-partial');
    expect(mail.text).toMatch(/\nNot seen in ACE on December 9, 2026:\n +07-1234567A1\n/);
    expect(mail.text).toMatch(/\nSeen in ACE on December 9, 2026:\n +07-123456700\n/);
    expect(mail.text).not.toMatch(/role was|Role seen|choose Full Access/);
  });

  test.each([
    ['full-access', []],
    ['read-only', ['Role seen in ACE on December 9, 2026: Read-Only.', 'Under Roles, choose Full Access']],
    ['other', ['Role seen in ACE on December 9, 2026: another role.', 'Under Roles, choose Full Access']],
  ])(
    'a partial grant with the role %s asks the client to change the role only if it is not Full Access',
    async (role, asks) => {
      const { mail } = await notice('grant-partial', { role });
      for (const said of asks) expect(mail.text).toContain(said);
      expect(/Role seen|Under Roles/.test(mail.text ?? '')).toBe(asks.length > 0);
    },
  );

  test('our own people get what is due since when, the link to the case and the commands to run', async () => {
    const { mail } = await notice('task', {
      ...{ attention: 'send-unknown', what: 'Find out whether it left.' },
      ...{ since: '2026-12-03T22:00:00Z', dies: '2026-12-30' },
    });
    expect(mail.subject).toBe('[C-1042] Action needed: send-unknown');
    expect(mail.text).toContain('Find out whether it left.');
    expect(mail.text).toContain('Since:   Thu Dec 3, 2026, 5:00 PM ET\nAct by:  Wed Dec 30, 2026\n');
    expect(mail.text).toContain(`http://localhost:8233/namespaces/default/workflows/${WORKFLOW}`);
    expect(mail.text).toContain('ace-onboarding show C-1042');
  });

  test.each(['task', 'correction-needed'] as const)(
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

  test('what must be corrected is never cut', async () => {
    const what = Array.from({ length: 60 }, (_, line) => `Line ${line} of what CBP wants.`).join('\n');
    const { mail } = await notice('correction-needed', { what });
    expect(
      mail.text
        ?.match(/^> .*$/gm)
        ?.map((line) => line.slice(2))
        .join('\n'),
    ).toBe(what);
  });

  test("other people's names stay within their lines, and links in them can't be clicked", async () => {
    const hostile = `Jo${LINKS}\nRun:     FORGED\u202e`;
    const { company, accountOwner } = anApplication();
    const outgoing = await anOutgoingCase(smtp.port, {
      application: anApplication({
        company: { ...company, legalName: hostile },
        accountOwner: { ...accountOwner, firstName: hostile, phone: hostile },
      }),
    });
    const facts = { ...RECORDED, attention: hostile, missing: [hostile], siblings: [hostile], ticket: hostile };
    for (const template of ['task', 'grant-partial', 'ask-whether-approved', 'cbp-message'] as const)
      await outgoing.activities.sendNotice(outgoing.notice({ template, facts }));
    for (const index of [1, 2, 3]) {
      const { text = '' } = await received(index);
      expect(text).toContain('FORGED');
      expect(text).not.toMatch(/^\s*Run: {5}FORGED/m);
      expectDisarmed(text);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }
  });

  test("the product's own values, to paste or enter, are unchanged", async () => {
    const facts = {
      brokerAceEmail: 'www.portal@broker.example',
      commands: ['ace-onboarding confirm-access C-1042 --evidence https://ace.cbp.gov'],
    };
    expect((await notice('wrong-address', facts)).mail.text).toContain('\n    www.portal@broker.example\n');
    smtp.received.length = 0;
    expect((await notice('task', facts)).mail.text).toMatch(
      /^ +ace-onboarding confirm-access C-1042 --evidence https:\/\/ace\.cbp\.gov$/m,
    );
  });

  test('our own people are notified even if no application was archived; the client is not', async () => {
    const outgoing = await anOutgoingCase(smtp.port);
    const bare = { applicationSha256: '', workflowId: 'onboarding-other', reference: 'other' };
    const told = await outgoing.activities.sendNotice(outgoing.notice({ ...bare, template: 'task' }));
    expect(told.result.kind).toBe('accepted');
    const client = await outgoing.activities.sendNotice(outgoing.notice({ ...bare, template: 'correction-needed' }));
    expect(client.result.kind).toBe('refused');
  });

  test('each ordinal of a template is a separate email, sent once', async () => {
    const outgoing = await anOutgoingCase(smtp.port);
    for (const ordinal of [1, 1, 2, 2])
      await outgoing.activities.sendNotice(
        outgoing.notice({ template: 'message', ordinal, facts: { text: 'Hello.' } }),
      );
    expect(smtp.received).toHaveLength(2);
    expect(new Set(smtp.received.map(({ messageId }) => messageId)).size).toBe(2);
  });
});
