import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { archiveIndex } from '../../../../src/mail/judging/correlation/correlation-index.js';
import { anOutgoingCase, IMPORTER_KEYS, MAILBOX, type OutgoingCase, WORKFLOW } from '../outgoing/outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from '../outgoing/scripted-smtp.js';
import { mail } from './corpus.js';
import { judged } from './judged.js';

/** Emails as we really send them, judged with the archive that sending left behind. */
let smtp: ScriptedSmtp;
let outgoing: OutgoingCase;
beforeAll(async () => {
  smtp = await openScriptedSmtp();
});
afterAll(() => smtp.close());
beforeEach(async () => {
  smtp.received.length = 0;
  outgoing = await anOutgoingCase(smtp.port);
});

const judge = (raw: string | Buffer) =>
  judged(Buffer.from(raw as string, 'latin1'), {
    index: archiveIndex(outgoing.archive, IMPORTER_KEYS, outgoing.config.mail.replyAlias),
    ownAddress: MAILBOX,
  });

async function application(): Promise<string> {
  await outgoing.activities.sendApplication(outgoing.application);
  return smtp.received[0]?.raw ?? '';
}

it.each<[string, (raw: string) => string]>([
  ['as it left', (raw) => raw],
  [
    'with the Message-ID that Microsoft 365 gives it',
    (raw) =>
      raw.replace(/^Message-ID: .*$/im, 'Message-ID: <SN1PR09@namprd09.prod.outlook.example>\r\nX-MS-Has-Attach: yes'),
  ],
])('the application is recognized as ours, %s', async (_, onItsWay) => {
  expect(await judge(onItsWay(await application()))).toMatchObject({
    action: 'ignore',
    workflowId: WORKFLOW,
    mail: { kind: 'own-copy' },
  });
});

it('someone who knows the whole application except its reply alias can confirm nothing', async () => {
  const forged = (await application()).replace(/^Reply-To: .*\r\n/im, '');
  expect(await judge(forged)).toMatchObject({ action: 'review', mail: { kind: 'unclear' } });
});

it('the returned part of its bounce shows that it is ours', async () => {
  const headers = (await application()).split('\r\n\r\n')[0] ?? '';
  const bounce = mail({
    from: 'MAILER-DAEMON@mx.example',
    to: MAILBOX,
    subject: 'Undelivered Mail Returned to Sender',
    contentType: 'multipart/report; report-type=delivery-status; boundary=b1',
    body: `--b1\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; ACE.Applications@cbp.dhs.gov\nAction: failed\nStatus: 5.1.1\n\n--b1\nContent-Type: text/rfc822-headers\n\n${headers}\n--b1--`,
  });
  expect(await judge(bounce)).toMatchObject({ action: 'signal', workflowId: WORKFLOW, mail: { kind: 'bounce' } });
});

it('a task for our own people that arrives in the watched mailbox makes no new task', async () => {
  await outgoing.activities.sendNotice(outgoing.notice({ template: 'task' }));
  expect(await judge(smtp.received[0]?.raw ?? '')).toMatchObject({ action: 'ignore', mail: { kind: 'own-copy' } });
});
