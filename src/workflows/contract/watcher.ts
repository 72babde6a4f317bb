/** The id of the workflow that watches a mailbox: `mailbox-<name>`. */
export function watcherIdOf(mailbox: string): string {
  return `mailbox-${mailbox}`;
}

/**
 * The memo of a watcher: encrypted like any payload where there are keys, and readable where there are none. That alone
 * says what its namespace is used for.
 */
export const USE_IN_MEMO = 'ace-onboarding-data';
export const WATCHER_MEMO = { [USE_IN_MEMO]: 'as in the namespace' };
