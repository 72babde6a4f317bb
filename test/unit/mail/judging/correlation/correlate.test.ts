import { expect, test } from 'vitest';
import { workflowIdOf } from '../../../../../src/application/reference.js';
import { parseMessage } from '../../../../../src/mail/incoming/parse-message.js';
import { correlate, type ThreadEvidence } from '../../../../../src/mail/judging/correlation/correlate.js';
import {
  type CorrelationIndex,
  type KnownOnboarding,
  memoryIndex,
} from '../../../../../src/mail/judging/correlation/correlation-index.js';
import { mail, SENT } from '../corpus.js';
import { REPLY_ALIAS } from '../judged.js';

const NO_THREAD: ThreadEvidence = { recipients: [], unknownAliases: 0, threads: [], aliasesNamed: new Set() };
const round = (number: number): KnownOnboarding => ({ workflowId: workflowIdOf('maple', number), reference: 'maple' });

async function correlated(thread: Partial<ThreadEvidence>, index: Partial<CorrelationIndex> = {}) {
  const message = await parseMessage(mail({ subject: 'IOR 12-345678900', body: 'Thank you.' }));
  const whole = { ...memoryIndex(SENT, REPLY_ALIAS), ...index };
  return await correlate(message, 'Thank you.', { ...NO_THREAD, ...thread }, whole);
}

test('our own mail that comes back is that of its case, and proves nothing of it', async () => {
  const own = { onboarding: round(1), messageId: 'own@broker.example' };
  expect(await correlated({ own })).toMatchObject({ match: round(1), ownCopy: true, proven: false });
});

test.each([
  ['first', [2, 1]],
  ['last', [1, 2]],
])('the latest round of a client is meant, whether the index names it %s or not', async (_, rounds) => {
  const { match } = await correlated({}, { byImporterNumber: async () => rounds.map(round) });
  expect(match?.workflowId).toBe(round(2).workflowId);
});
