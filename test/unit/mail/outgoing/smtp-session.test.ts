import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { transmit } from '../../../../src/mail/outgoing/smtp-session.js';
import { CBP, MAILBOX, PATIENT } from './outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from './scripted-smtp.js';

let smtp: ScriptedSmtp;
beforeEach(async () => {
  smtp = await openScriptedSmtp();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await smtp.close();
});

test('a dialogue that is over keeps no process alive', async () => {
  const set = vi.spyOn(globalThis, 'setTimeout');
  const cleared = vi.spyOn(globalThis, 'clearTimeout');
  const dialogue = await transmit(
    { host: '127.0.0.1', port: smtp.port, security: 'none', live: false },
    undefined,
    {
      envelope: { from: MAILBOX, to: [CBP] },
      recipient: CBP,
      bytes: Buffer.from('Message-ID: <m@broker.example>\r\nSubject: x\r\n\r\nText\r\n'),
      beforeBody: async () => 'go',
      beforeEnd: async () => 'go',
    },
    { ...PATIENT, overallMs: 300_000 },
  );
  expect(dialogue).toMatchObject({ bodyFinished: true, recipientAccepted: true });
  const overall = set.mock.results[set.mock.calls.findIndex(([, ms]) => ms === 300_000)]?.value;
  expect(overall).toBeDefined();
  expect(cleared.mock.calls.map(([timer]) => timer)).toContain(overall);
});
