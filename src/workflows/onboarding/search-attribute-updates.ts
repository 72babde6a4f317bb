import type { SearchAttributeUpdatePair, TypedSearchAttributes } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';

/** The search attributes an onboarding keeps up to date, by their names in code. Undefined: not set. */
export interface Attributes {
  onboardingStage?: string | undefined;
  waitingOn?: string | undefined;
  needsAttention?: string[] | undefined;
  dueAt?: Date | undefined;
  outcome?: string | undefined;
  company?: string | undefined;
  clientReference?: string | undefined;
  importerKey?: string | undefined;
  handler?: string | undefined;
  refundDeadline?: Date | undefined;
}

const KEYS = {
  onboardingStage: SEARCH_ATTRIBUTES.onboardingStage,
  waitingOn: SEARCH_ATTRIBUTES.waitingOn,
  needsAttention: SEARCH_ATTRIBUTES.needsAttention,
  dueAt: SEARCH_ATTRIBUTES.dueAt,
  outcome: SEARCH_ATTRIBUTES.outcome,
  company: SEARCH_ATTRIBUTES.company,
  clientReference: SEARCH_ATTRIBUTES.clientReference,
  importerKey: SEARCH_ATTRIBUTES.importerKey,
  handler: SEARCH_ATTRIBUTES.handler,
  refundDeadline: SEARCH_ATTRIBUTES.refundDeadline,
} as const satisfies { [N in keyof Attributes]: unknown };

type Name = keyof typeof KEYS;
const NAMES = Object.keys(KEYS) as Name[];

/** What the workflow was started with. */
export function attributesFrom(typed: TypedSearchAttributes): Attributes {
  return Object.fromEntries(NAMES.map((name) => [name, typed.get(KEYS[name] as never)])) as Attributes;
}

/**
 * The pairs that differ. What Temporal would not store is not set: no value, an empty list, and whatever an application
 * that nobody has checked yet may bring, since the server ends a workflow for a value it refuses. Never throws.
 */
export function changedAttributes(shown: Attributes, wanted: Attributes): SearchAttributeUpdatePair[] {
  return NAMES.map((name) => ({ key: KEYS[name], before: settable(name, shown), value: settable(name, wanted) }))
    .filter(({ before, value }) => JSON.stringify(before) !== JSON.stringify(value))
    .map(({ key, value }) => ({ key, value }) as unknown as SearchAttributeUpdatePair);
}

function settable(name: Name, attributes: Attributes): unknown {
  const value: unknown = attributes[name];
  switch (KEYS[name].type) {
    case 'KEYWORD':
      return isKeyword(value) ? value : null;
    case 'KEYWORD_LIST':
      return Array.isArray(value) && value.length > 0 && value.every(isKeyword) ? value : null;
    case 'DATETIME':
      return value instanceof Date && value >= EARLIEST && value < TOO_LATE ? value : null;
  }
}

/** Characters. The longest text of an application; the server takes 2,048 bytes. */
const LONGEST = 200;

function isKeyword(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST && !UNPRINTABLE.test(value);
}

/** Control characters and halves of pairs: some of the stores take none of them. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** What Elasticsearch keeps, the narrowest of the server's stores; an invalid date is never between them. */
const EARLIEST = new Date('1970-01-01T00:00:00Z');
const TOO_LATE = new Date('2262-01-01T00:00:00Z');
