import { afterAll, beforeAll, expect, test } from 'vitest';
import { messageIdOf, nameInMessageId } from '../../src/mail/outgoing/message-id.js';
import { type FindSentCopy, sentFolderOver } from '../../src/mail/outgoing/reconcile.js';
import { type Dovecot, dovecotIsMissing, startDovecot } from '../support/dovecot.js';
import { aConfig, anOutgoingCase, MAILBOX, WORKFLOW } from '../unit/mail/outgoing/outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from '../unit/mail/outgoing/scripted-smtp.js';

const missing = dovecotIsMissing();
const MESSAGE_ID = messageIdOf(WORKFLOW, { kind: 'application', attempt: 1, transmission: 1 }, MAILBOX);
const NAME = nameInMessageId(MESSAGE_ID);

let dovecot: Dovecot;
let smtp: ScriptedSmtp;
let find: FindSentCopy;
beforeAll(async () => {
  if (missing) return;
  smtp = await openScriptedSmtp();
  dovecot = await startDovecot();
  const config = aConfig(smtp.port, {
    IMAP_PORT: String(dovecot.port),
    IMAP_SECURITY: 'none',
    IMAP_USER: 'ace',
    IMAP_PASSWORD: 'secret',
  });
  find = sentFolderOver(config.imap, () => ({ kind: 'password', user: 'ace', password: 'secret' }));
});
afterAll(async () => {
  await dovecot?.stop();
  await smtp?.close();
});

const query = () => ({ messageId: MESSAGE_ID, name: NAME, since: new Date() });
const copy = (headers: string) => `${headers}\r\nSubject: application\r\n\r\ntext\r\n`;

test.skipIf(missing)(
  'on a real Dovecot, an email with an unknown outcome is settled by its copy in the sent folder',
  async () => {
    expect(await find(query())).toBe('no-sent-folder');
    await dovecot.drop(copy('Message-ID: <another@broker.example>'), 'Sent');
    expect(await find(query())).toBeUndefined();

    // Outsiders can put a mail with our Message-ID into the inbox, never into the sent folder.
    await dovecot.drop(copy(`Message-ID: <${MESSAGE_ID}>`), 'INBOX');
    expect(await find(query())).toBeUndefined();

    smtp.script = (point) => (point === 'dot' ? 'keep-and-cut' : undefined);
    const { worker, application } = await anOutgoingCase(smtp.port);
    expect((await worker({ findSentCopy: find }).sendApplication(application)).kind).toBe('unknown');
    await dovecot.drop(smtp.received[0]?.raw ?? '', 'Sent');
    expect(await worker({ findSentCopy: find }).sendApplication(application)).toMatchObject({
      kind: 'accepted',
      messageId: MESSAGE_ID,
    });
    expect(smtp.received).toHaveLength(1);
  },
);

test.skipIf(missing)('a copy whose Message-ID the server replaced is found by our header', async () => {
  await dovecot.emptyFolders();
  await dovecot.drop(copy(`Message-ID: <given@prod.outlook.example>\r\nX-Onboarding-Message: ${NAME}`), 'Sent');
  expect(await find(query())).toMatchObject({ messageId: 'given@prod.outlook.example' });
});
