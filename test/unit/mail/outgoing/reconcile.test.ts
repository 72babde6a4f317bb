import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { messageIndex, read, sendResults } from '../../../../src/archive/records.js';
import { openImapSession } from '../../../../src/mail/incoming/mailbox/imap-session.js';
import { messageIdNamed, messageIdOf, nameInMessageId } from '../../../../src/mail/outgoing/message-id.js';
import { reconcile } from '../../../../src/mail/outgoing/reconcile.js';
import { secretOf } from '../../../../src/mail/outgoing/token-provider.js';
import { anOutgoingCase, MAILBOX, WORKFLOW } from './outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from './scripted-smtp.js';

let smtp: ScriptedSmtp;
beforeEach(async () => {
  smtp = await openScriptedSmtp();
});
afterEach(() => smtp.close());

const MESSAGE_ID = messageIdOf(WORKFLOW, { kind: 'application', attempt: 1, transmission: 1 }, MAILBOX);
const SENT_AT = '2026-11-25T15:00:07.000Z';

test('a Message-ID and the name in our own header translate into each other', () => {
  expect(messageIdNamed(nameInMessageId(MESSAGE_ID), MAILBOX)).toBe(MESSAGE_ID);
  expect(nameInMessageId('foreign@elsewhere.example')).toBe('foreign@elsewhere.example');
});

describe('an email with an unknown outcome', () => {
  test("counts as accepted if its copy is in the sent folder, even under the server's own Message-ID", async () => {
    smtp.script = (point) => (point === 'dot' ? 'keep-and-cut' : undefined);
    const { worker, application, archive } = await anOutgoingCase(smtp.port);
    const findSentCopy = async () => ({ at: SENT_AT, messageId: 'given@prod.outlook.example' });
    expect(await worker({ findSentCopy }).sendApplication(application)).toMatchObject({
      kind: 'accepted',
      at: SENT_AT,
      serverMessageId: 'given@prod.outlook.example',
    });
    expect(await read(archive, sendResults, MESSAGE_ID)).toMatchObject({ source: 'sent-folder' });
    expect(await read(archive, messageIndex, 'given@prod.outlook.example')).toMatchObject({ workflowId: WORKFLOW });
    expect(await worker().sendApplication(application)).toMatchObject({ kind: 'accepted', at: SENT_AT });
    expect(smtp.received).toHaveLength(1);
  });

  test('is looked for again, because mail hosts file the copy a few seconds later', async () => {
    smtp.script = (point) => (point === 'dot' ? 'keep-and-cut' : undefined);
    const { worker, application } = await anOutgoingCase(smtp.port);
    let looks = 0;
    const findSentCopy = async () => (++looks === 3 ? { at: SENT_AT } : undefined);
    const sent = await worker({ findSentCopy, lookAfterMs: [0, 0, 0] }).sendApplication(application);
    expect(sent.kind).toBe('accepted');
  });

  test('is not looked for again if there is no sent folder', async () => {
    smtp.script = (point) => (point === 'dot' ? 'keep-and-cut' : undefined);
    const { worker, application } = await anOutgoingCase(smtp.port);
    let looks = 0;
    const findSentCopy = async () => {
      looks++;
      return 'no-sent-folder' as const;
    };
    const sent = await worker({ findSentCopy, lookAfterMs: [0, 0, 0] }).sendApplication(application);
    expect(sent.kind).toBe('unknown');
    expect(looks).toBe(1);
  });

  test('stays unknown and is not resent if there is no copy or the folder cannot be read', async () => {
    smtp.script = (point) => (point === 'dot' ? 'cut' : undefined);
    const warnings: string[] = [];
    const { worker, application } = await anOutgoingCase(smtp.port, {
      dependencies: { warn: (message) => warnings.push(message) },
    });
    expect((await worker({ findSentCopy: async () => undefined }).sendApplication(application)).kind).toBe('unknown');
    const unreadable = async () => {
      throw new Error('no connection');
    };
    expect((await worker({ findSentCopy: unreadable }).sendApplication(application)).kind).toBe('unknown');
    expect(warnings).toHaveLength(1);
    expect(smtp.sessions).toHaveLength(1);
  });
});

test('a copy is neither looked for nor trusted if nothing was claimed', async () => {
  const { archive } = await anOutgoingCase(smtp.port);
  expect(await reconcile(archive, MESSAGE_ID, async () => ({ at: SENT_AT }), [0])).toBe(false);
  expect(await read(archive, sendResults, MESSAGE_ID)).toBeUndefined();
});

test("the mailbox is opened with the provider's token", async () => {
  let said = '';
  const imap = createServer((socket) => {
    socket.write('* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n');
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n')) {
        const [tag, verb, mechanism, first] = line.split(' ');
        if (verb === 'AUTHENTICATE') {
          said = `${mechanism} ${Buffer.from(first ?? '', 'base64')}`;
          socket.write(`${tag} NO [AUTHENTICATIONFAILED] enough seen\r\n`);
        } else if (verb === 'CAPABILITY') socket.write(`* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2\r\n${tag} OK\r\n`);
        else if (verb) socket.write(`${tag} OK\r\n`);
      }
    });
  });
  imap.listen(0, '127.0.0.1');
  await once(imap, 'listening');
  const address = imap.address();
  const login = { kind: 'oauth2', user: MAILBOX, accessToken: async () => 'token-7' } as const;
  const settings = {
    host: '127.0.0.1',
    port: typeof address === 'object' && address ? address.port : 0,
    security: 'none',
    user: MAILBOX,
    credentials: () => secretOf(login),
    inbox: 'INBOX',
    processed: 'Processed',
    review: 'Review',
    sweepSeconds: 60,
  } as const;
  await expect(openImapSession(settings, new AbortController().signal)).rejects.toMatchObject({
    authenticationFailed: true,
  });
  expect(said).toBe(`XOAUTH2 user=${MAILBOX}\x01auth=Bearer token-7\x01\x01`);
  imap.close();
});
