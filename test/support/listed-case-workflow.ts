import { condition, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { progress } from '../../src/workflows/contract/messages.js';
import type { Progress } from '../../src/workflows/contract/progress.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/contract/search-attributes.js';

/** Replaces an onboarding in tests about lists of cases: listed with a reason, and answering `progress` or not. */
export async function onboardImporter(answer: Partial<Progress> | 'never'): Promise<void> {
  const reference = answer === 'never' ? 'silent' : (answer.reference ?? '');
  const reasons = answer === 'never' ? ['bounced'] : (answer.attention ?? []);
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.clientReference, value: reference },
    { key: SEARCH_ATTRIBUTES.handler, value: 'jo' },
    ...(reasons.length > 0 ? [{ key: SEARCH_ATTRIBUTES.needsAttention, value: reasons }] : []),
  ]);
  setHandler(progress, () => {
    if (answer === 'never') throw new Error('This case cannot be continued by this code.');
    return answer as Progress;
  });
  await condition(() => false);
}
