import { expect, test } from 'vitest';
import { fromCbp } from './corpus.js';
import { bookWith, judged } from './judged.js';

test('an email that fits two letters of different kinds moves nothing, and the reasons name both', async () => {
  const raw = await fromCbp({
    to: 'ace+aaaaaaaaaaaaaaaa@broker.example',
    body: 'Your application for Acme Imports LLC has been approved.',
  });
  const { letters, fillers } = await bookWith(raw, await judged(raw));
  const [approval] = letters;
  if (!approval) throw new Error('The mail has no letter.');
  const contrary = { ...approval, id: 'letter-contrary', kind: 'refused' as const };
  const { action, reasons } = await judged(raw, { letters: { letters: [approval, contrary], fillers } });
  expect(action).toBe('review');
  expect(reasons.join('\n')).toContain(`it matches both ${approval.id} (approved) and letter-contrary (refused)`);
});
