/** The id of the workflow that watches a mailbox: `mailbox-<name>`. */
export function watcherIdOf(mailbox: string): string {
  return `mailbox-${mailbox}`;
}

/** What a namespace is used for, in its data and in the memo of its watchers. */
export const NAMESPACE_USE = 'ace-onboarding-data';
export const REHEARSAL = 'rehearsal';
export const ENCRYPTED = 'encrypted';

/** Encrypted like any payload where there are keys, and readable where there are none: that alone says which it is. */
export const WATCHER_MEMO = { [NAMESPACE_USE]: REHEARSAL };
