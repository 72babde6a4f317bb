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

/** The attributes that the workflow was started with. */
export function attributesFrom(typed: TypedSearchAttributes): Attributes {
  return Object.fromEntries(NAMES.map((name) => [name, typed.get(KEYS[name] as never)])) as Attributes;
}

/**
 * The attributes that differ. Values that Temporal would not store are left out, because the server fails a workflow that
 * sets one: missing values, empty lists, and anything unusable in an application that is not checked yet. Never throws.
 */
export function changedAttributes(current: Attributes, desired: Attributes): SearchAttributeUpdatePair[] {
  return NAMES.map((name) => ({ key: KEYS[name], before: settable(name, current), value: settable(name, desired) }))
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

/** Characters: the longest text of an application. The server accepts 2,048 bytes. */
const LONGEST = 200;

function isKeyword(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST && !UNPRINTABLE.test(value);
}

/** Control characters and lone surrogates, which some of the server's databases refuse. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** The range that Elasticsearch stores, the narrowest of the server's databases. An invalid date is never in it. */
const EARLIEST = new Date('1970-01-01T00:00:00Z');
const TOO_LATE = new Date('2262-01-01T00:00:00Z');
