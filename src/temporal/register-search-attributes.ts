import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../workflows/contract/search-attributes.js';

const { IndexedValueType } = proto.temporal.api.enums.v1;

type SearchAttribute = (typeof SEARCH_ATTRIBUTES)[keyof typeof SEARCH_ATTRIBUTES];

/** How Temporal names the types, on its command line and in its API. */
const TYPES = {
  KEYWORD: { commandLine: 'Keyword', api: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD },
  KEYWORD_LIST: { commandLine: 'KeywordList', api: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST },
  DATETIME: { commandLine: 'Datetime', api: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME },
} as const;

/** Every search attribute as `temporal operator search-attribute create` and `start-dev` want it: `DueAt=Datetime`. */
export function searchAttributeArguments(): string[] {
  return Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => `${name}=${TYPES[type].commandLine}`);
}

/**
 * Registers the search attributes a namespace lacks; harmless when all are there. Starting an onboarding fails while
 * one is missing.
 *
 * @param attributes only for servers that cannot list what they have.
 * @throws ServiceError when the namespace does not exist or the caller may not change it (Temporal Cloud: make them in
 * its console instead).
 */
export async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
  attributes?: readonly SearchAttribute[],
): Promise<void> {
  const lacking = attributes ?? (await missingSearchAttributes(connection, namespace));
  if (lacking.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(lacking.map(({ name, type }) => [name, TYPES[type].api])),
  });
}

/** The search attributes a namespace lacks. Newly registered ones take some seconds to show on a cluster. */
export async function missingSearchAttributes(connection: Connection, namespace: string): Promise<SearchAttribute[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => !(name in (customAttributes ?? {})));
}
