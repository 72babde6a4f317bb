import { availableParallelism } from 'node:os';
import { createTransport } from 'nodemailer';
import { expect, test } from 'vitest';
import { cases } from '../src/archive/records.js';
import { newAliases } from '../src/mail/outgoing/reply-alias.js';
import { TIMEOUTS } from '../src/mail/outgoing/smtp-session.js';
import type { ApplicationMail } from '../src/workflows/contract/mail-activities.js';
import { anOutgoingCase, CBP, FORM, MAILBOX } from '../test/unit/mail/outgoing/outgoing-case.js';
import { openScriptedSmtp } from '../test/unit/mail/outgoing/scripted-smtp.js';

/**
 * What it costs to send at most once: applications per second through the activity (composed, archived, claimed and
 * recorded, all on disk), compared with bare nodemailer with the same server and attachment. Both run in one process, so
 * the figures are comparable. BENCH_SENDS: how many (default 300).
 */
const SENDS = Number(process.env.BENCH_SENDS ?? 300);
const AT_ONCE = [1, 10];

test('applications sent per second', async () => {
  const smtp = await openScriptedSmtp();
  smtp.keep = false;
  const outgoing = await anOutgoingCase(smtp.port, {
    environment: { MAIL_DAILY_CAP: '100000' },
    dependencies: { timeouts: TIMEOUTS },
  });
  const rows: { 'at once': number; 'bare nodemailer/s': number; 'at most once/s': number; ratio: number }[] = [];
  for (const atOnce of AT_ONCE) {
    const transport = createTransport({ host: '127.0.0.1', port: smtp.port, ignoreTLS: true });
    const bare = await perSecond(atOnce, async (index) => {
      await transport.sendMail({
        from: MAILBOX,
        to: CBP,
        bcc: MAILBOX,
        subject: `Application ${index}`,
        text: 'Attached is the ACE portal account application.',
        attachments: [{ filename: 'application.pdf', content: FORM }],
      });
    });
    const orders: ApplicationMail[] = [];
    for (let index = 0; index < SENDS + WARM_UP; index++) {
      const reference = `B-${atOnce}-${index}`;
      const workflowId = `onboarding-${reference.toLowerCase()}`;
      await outgoing.archive.createRecord(cases.key(workflowId), { workflowId, reference, aliases: newAliases() });
      orders.push({ ...outgoing.application, workflowId, reference });
    }
    const guarded = await perSecond(atOnce, async (index) => {
      const order = orders[index];
      if (order) expect((await outgoing.activities.sendApplication(order)).kind).toBe('accepted');
    });
    rows.push({
      'at once': atOnce,
      'bare nodemailer/s': Math.round(bare),
      'at most once/s': Math.round(guarded),
      ratio: Math.round((guarded / bare) * 100) / 100,
    });
  }
  process.stdout.write(
    `${SENDS} applications of ${Math.round(FORM.length / 1024)} KB, ${availableParallelism()} cores\n`,
  );
  console.table(rows);
  await smtp.close();
});

const WARM_UP = 20;

async function perSecond(atOnce: number, one: (index: number) => Promise<void>): Promise<number> {
  for (let index = SENDS; index < SENDS + WARM_UP; index++) await one(index);
  let next = 0;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < SENDS) await one(next++);
    }),
  );
  return (SENDS / (performance.now() - begin)) * 1_000;
}
