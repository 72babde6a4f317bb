import { expect, test } from 'vitest';
import { fromCbp, type MailParts, mail } from '../corpus.js';
import { bookWith, judged } from '../judged.js';

/** Email from CBP that belongs to a case and is not known waits for its letter, whatever its words suggest. */

const TO_ACME: MailParts = { to: 'ace+aaaaaaaaaaaaaaaa@broker.example', inReplyTo: '<app-acme@broker.example>' };
const approved = (parts: MailParts = {}) =>
  fromCbp({ ...TO_ACME, body: 'The application of Acme Imports LLC has been approved.', ...parts });

test('an unknown decision and an unclear email wait', async () => {
  expect(await judged(await approved())).toMatchObject({ letterGroup: expect.stringMatching(/^[0-9a-f]{16}$/) });
  const unclear = await judged(await fromCbp({ ...TO_ACME, body: 'The weather is fine.' }));
  expect(unclear.mail.kind).toBe('unclear');
  expect(unclear.letterGroup).toBeDefined();
});

test('a known letter does not wait, unless it comes from an address that no one agreed on', async () => {
  const raw = await approved();
  const letters = await bookWith(raw, await judged(raw));
  expect(await judged(raw, { letters })).not.toHaveProperty('letterGroup');
  const elsewhere = await judged(await approved({ from: 'ACE Help <ACE.Help@cbp.dhs.gov>' }), { letters });
  expect(elsewhere.mail.doubts).toEqual(['new-address']);
  expect(elsewhere.letterGroup).toBeDefined();
});

test('an email that is not proven to be from CBP, or belongs to no case, does not', async () => {
  expect(await judged(mail({ ...TO_ACME, body: 'Approved.' }))).not.toHaveProperty('letterGroup');
  expect(await judged(await fromCbp({ body: 'Approved.' }))).not.toHaveProperty('letterGroup');
});
