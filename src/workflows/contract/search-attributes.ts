import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * What the Temporal UI can list and filter onboardings by. One table: the workflow writes these keys, the development
 * server, the tests and the cluster register them. Search attributes are never encrypted, so nothing here may identify
 * a person: `ImporterKey` is an HMAC, `Company` gives way to the reference for a sole proprietor.
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
