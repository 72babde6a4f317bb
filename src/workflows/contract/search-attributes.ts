import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * What the Temporal UI can filter and sort onboardings by. The workflow writes these keys, and every server registers
 * them. Search attributes are never encrypted, so nothing here may identify a person: `ImporterKey` is an HMAC, and for a
 * sole proprietor `Company` is the reference instead of a name.
 */
export const SEARCH_ATTRIBUTES = {
  onboardingStage: defineSearchAttributeKey('OnboardingStage', 'KEYWORD'),
  waitingOn: defineSearchAttributeKey('WaitingOn', 'KEYWORD'),
  outcome: defineSearchAttributeKey('Outcome', 'KEYWORD'),
  handler: defineSearchAttributeKey('Handler', 'KEYWORD'),
  company: defineSearchAttributeKey('Company', 'KEYWORD'),
  clientReference: defineSearchAttributeKey('ClientReference', 'KEYWORD'),
  importerKey: defineSearchAttributeKey('ImporterKey', 'KEYWORD'),
  needsAttention: defineSearchAttributeKey('NeedsAttention', 'KEYWORD_LIST'),
  dueAt: defineSearchAttributeKey('DueAt', 'DATETIME'),
  refundDeadline: defineSearchAttributeKey('RefundDeadline', 'DATETIME'),
} as const;
