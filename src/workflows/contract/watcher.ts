/** The id of the workflow that watches a mailbox: `mailbox-<name>`. */
export function watcherIdOf(mailbox: string): string {
  return `mailbox-${mailbox}`;
}

/**
 * The memo of a watcher. It is encrypted if there are keys and readable if there are none, which shows whether its
 * namespace is used with encryption.
 */
export const USE_IN_MEMO = 'ace-onboarding-data';
export const WATCHER_MEMO = { [USE_IN_MEMO]: 'as in the namespace' };
