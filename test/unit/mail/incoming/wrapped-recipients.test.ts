import { expect, test } from 'vitest';
import { parseMessage } from '../../../../src/mail/incoming/parse-message.js';
import { memoryIndex } from '../../../../src/mail/judging/correlation/correlation-index.js';

const PATTERN = 'ace+{token}@broker.example';
const index = memoryIndex(
  [{ reference: 'HARB-2', replyAlias: { cbp: 'ace+cccccccccccccccc@broker.example', client: 'dddddddddddddddd' } }],
  PATTERN,
);

async function meaningsOf(to: string) {
  const { recipients } = await parseMessage(Buffer.from(`From: a@b.example\r\nTo: ${to}\r\n\r\nhello\r\n`));
  return await Promise.all(recipients.map(async ({ address }) => (await index.byRecipient(address))?.alias));
}

test.each([
  ['prvs=0123456789=ace+cccccccccccccccc@broker.example', 'cbp'],
  ['Desk <SRS0=ab=QT=broker.example=ace+cccccccccccccccc@forwarder.example>', 'cbp'],
  ['"ace+cccccccccccccccc"@broker.example', 'cbp'],
  ['"Clearit, Inc." <"ace+dddddddddddddddd"@broker.example>', 'client'],
  ['<ace%2Bdddddddddddddddd%40broker.example>', 'client'],
  ['prvs=0123456789=ace+2222222222222222@broker.example', 'unknown'],
  ['prvs=0123456789=ace+cccccccccccccccc@elsewhere.example', undefined],
])('mail to %s reaches the onboarding that its alias names', async (to, alias) => {
  expect(await meaningsOf(to)).toEqual([alias]);
});
