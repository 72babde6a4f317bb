import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../workflows/contract/search-attributes.js';

const { IndexedValueType } = proto.temporal.api.enums.v1;

type SearchAttribute = (typeof SEARCH_ATTRIBUTES)[keyof typeof SEARCH_ATTRIBUTES];

/** Temporal's names for the types, on its command line and in its API. */
const TYPES = {
  KEYWORD: { commandLine: 'Keyword', api: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD },
  KEYWORD_LIST: { commandLine: 'KeywordList', api: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST },
  DATETIME: { commandLine: 'Datetime', api: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME },
} as const;

/** Every search attribute as an argument of `temporal operator search-attribute create` and `start-dev`: `DueAt=Datetime`. */
export function searchAttributeArguments(): string[] {
  return Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => `${name}=${TYPES[type].commandLine}`);
}

/**
 * Registers the search attributes that a namespace lacks, if any. No onboarding can start while one is missing.
 *
 * @param attributes only for servers that cannot list the ones they have
 * @throws ServiceError if the namespace does not exist or the caller may not change it (on Temporal Cloud, create them in
 *   its console)
 */
export async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
  attributes?: readonly SearchAttribute[],
): Promise<void> {
  const missing = attributes ?? (await missingSearchAttributes(connection, namespace));
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, TYPES[type].api])),
  });
}

/** The search attributes that a namespace lacks. On a cluster, new ones take a few seconds to show. */
export async function missingSearchAttributes(connection: Connection, namespace: string): Promise<SearchAttribute[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => !(name in (customAttributes ?? {})));
}
