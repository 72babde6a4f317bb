import { expect, test } from 'vitest';
import { parseMessage, unreadable } from '../../../../../src/mail/incoming/parse-message.js';
import { type LetterSource, learnLetter } from '../../../../../src/mail/judging/letters/learn-letter.js';
import { shelfOf } from '../../../../../src/mail/judging/letters/letter-acts.js';
import { mail } from '../corpus.js';
import { ACME, ADDRESS, DECIDES } from './lessons.js';

const SHELF = shelfOf([], []);
const WISH = { kind: 'approved', fillers: [] } as const;

async function material(further: Partial<LetterSource> = {}): Promise<LetterSource> {
  return {
    message: await parseMessage(mail({ body: DECIDES })),
    mailId: 'mail-1',
    authenticity: { verdict: 'authentic', reasons: ['signed'] },
    domain: 'cbp.dhs.gov',
    address: ADDRESS,
    facts: ACME,
    words: [],
    ...further,
  };
}

test('mail that was authentic and could be read teaches', async () => {
  expect(learnLetter(await material(), WISH, SHELF).letter).toMatchObject({ kind: 'approved', domain: 'cbp.dhs.gov' });
});

test('an email that is unreadable or not authentic teaches nothing', async () => {
  const { message } = await material();
  const closed = await material({ message: unreadable(message, 'too-large', 'its text is too long') });
  expect(() => learnLetter(closed, WISH, SHELF)).toThrow("can't be read");
  const forged = await material({ authenticity: { verdict: 'unauthentic', reasons: ['no signature'] } });
  expect(() => learnLetter(forged, WISH, SHELF)).toThrow(/was unauthentic: no signature/);
});
