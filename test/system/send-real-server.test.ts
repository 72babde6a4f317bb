import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { messageIdOf } from '../../src/mail/outgoing/message-id.js';
import { TIMEOUTS } from '../../src/mail/outgoing/smtp-session.js';
import { type Dovecot, dovecotIsMissing, startDovecot } from '../support/dovecot.js';
import { type OpenSmtpd, openSmtpdIsMissing, startOpenSmtpd } from '../support/opensmtpd.js';
import { anOutgoingCase, FORM, MAILBOX, type OutgoingCase, WORKFLOW } from '../unit/mail/outgoing/outgoing-case.js';

const missing = dovecotIsMissing() || openSmtpdIsMissing();
const MESSAGE_ID = messageIdOf(WORKFLOW, { kind: 'application', attempt: 1, transmission: 1 }, MAILBOX);

let dovecot: Dovecot;
let server: OpenSmtpd;
beforeAll(async () => {
  if (missing) return;
  dovecot = await startDovecot();
  server = await startOpenSmtpd(dovecot);
}, 150_000);
afterAll(async () => {
  await server?.stop();
  await dovecot?.stop();
});

/** Everything for whomever ends in one mailbox: an application has two recipients, CBP and ourselves. */
const delivered = async () =>
  (await dovecot.messagesIn('INBOX')).filter((raw) => raw.includes(`Message-ID: <${MESSAGE_ID}>`));

test.skipIf(missing)(
  'through a real mail server, the form arrives intact, once for CBP and once for us',
  async () => {
    const outgoing: OutgoingCase = await anOutgoingCase(server.port, { dependencies: { timeouts: TIMEOUTS } });
    const first = await outgoing.activities.sendApplication(outgoing.application);
    expect(first).toMatchObject({ kind: 'accepted', messageId: MESSAGE_ID });
    expect(await outgoing.worker().sendApplication(outgoing.application)).toEqual(first);
    await expect.poll(async () => (await delivered()).length, { timeout: 30_000 }).toBe(2);
    for (const raw of await delivered()) {
      const mail = await simpleParser(Buffer.from(raw, 'latin1'));
      expect(mail.attachments[0]?.content.equals(FORM)).toBe(true);
      expect(mail.subject).toBe('ACE Portal Account Application - Maple & Söhne Trading, Inc. - IOR 07-123456700');
    }
  },
  60_000,
);

test.skipIf(missing)(
  'an application that a real mail server refuses for CBP is refused, and we get no copy',
  async () => {
    const before = (await dovecot.messagesIn('INBOX')).length;
    const outgoing = await anOutgoingCase(server.port, {
      environment: { CBP_APPLICATIONS_ADDRESS: `${'x'.repeat(300)}@cbp.dhs.example` },
      dependencies: { timeouts: TIMEOUTS },
    });
    expect((await outgoing.activities.sendApplication(outgoing.application)).kind).toBe('refused');
    expect((await dovecot.messagesIn('INBOX')).length).toBe(before);
  },
  60_000,
);
