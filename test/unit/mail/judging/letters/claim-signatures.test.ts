import { expect, test } from 'vitest';
import { createMailReceiver } from '../../../../../src/activities/receive-mail.js';
import type { LetterBook } from '../../../../../src/mail/judging/letters/letter.js';
import { DOUBTS } from '../../../../../src/workflows/contract/doubts.js';
import type { ReceivedMail } from '../../../../../src/workflows/contract/received-mail.js';
import { MemoryArchive } from '../../../../support/memory-archive.js';
import { signed } from '../corpus.js';
import { judged } from '../judged.js';
import { ACME, BOIS, draft, index, taughtBook, written } from './desk-mails.js';
import { TAUGHT } from './sixty-letters.js';

function receiver(letters: LetterBook) {
  const told: ReceivedMail[] = [];
  const receive = createMailReceiver({
    archive: new MemoryArchive(),
    judge: { judge: (raw) => judged(Buffer.from(raw), { index, letters }) },
    patience: { unmatchedMs: 0, ownCopyMs: 0 },
    signal: async (_, mail) => {
      told.push(mail);
      return 'delivered';
    },
  });
  const receivedAt = '2026-03-03T20:00:05.000Z';
  return { told, receive: (raw: Buffer) => receive.receive({ raw, receivedAt, mailbox: 'main', attempt: 1 }) };
}

test('one signature counts once, whatever unsigned headers differ', async () => {
  const [letter] = TAUGHT;
  if (!letter) throw new Error('There is no letter.');
  const { told, receive } = receiver(await taughtBook(TAUGHT, ACME));
  const raw = await signed(written(draft(letter, BOIS)));
  const again = Buffer.concat([Buffer.from('Importance: high\r\nX-Failed-Recipients: a@b.example\r\n'), raw]);

  expect(await receive(raw)).toMatchObject({ to: 'processed' });
  expect(await receive(raw)).toMatchObject({ outcome: 'known' });
  expect(await receive(again)).toMatchObject({ to: 'review' });
  expect(told.map(({ kind, doubts }) => [kind, doubts])).toEqual([
    ['approved', []],
    ['approved', ['signature-used']],
  ]);
  expect(Object.keys(DOUBTS)).toContain('signature-used');

  // CBP's next email with the same words is a different one.
  const later = { ...draft(letter, BOIS), parts: { to: BOIS.alias, date: 'Tue, 03 Mar 2026 15:01:00 -0500' } };
  expect(await receive(await signed(written(later)))).toMatchObject({ to: 'processed' });
});
