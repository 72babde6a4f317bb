import type { SearchAttributeUpdatePair, TypedSearchAttributes } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../temporal/search-attributes.js';

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

/** The pairs that differ; an empty list and no value are the same, since Temporal stores neither. */
export function changedAttributes(shown: Attributes, wanted: Attributes): SearchAttributeUpdatePair[] {
  return NAMES.filter((name) => text(shown[name]) !== text(wanted[name])).map(
    (name) =>
      ({ key: KEYS[name], value: blank(wanted[name]) ? null : wanted[name] }) as unknown as SearchAttributeUpdatePair,
  );
}

function blank(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function text(value: unknown): string {
  return blank(value) ? '' : JSON.stringify(value);
}
