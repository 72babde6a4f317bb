import type { Config } from '../../../config/config.js';
import { createTokenProvider, secretOf, type TokenProvider } from '../../outgoing/token-provider.js';
import type { ImapSettings } from './imap-session.js';

/** The mailbox that the `IMAP_` variables describe. */
export const MAIN_MAILBOX = 'main';

/** The names of all mailboxes to watch, `main` first. */
export function mailboxNames({ furtherMailboxes }: Pick<Config, 'furtherMailboxes'>): string[] {
  return [MAIN_MAILBOX, ...Object.keys(furtherMailboxes)];
}

/**
 * How to read each mailbox, by name.
 * @param logins logs in to the main mailbox; default: as configured
 */
export function mailboxSettings(
  config: Pick<Config, 'imap' | 'furtherMailboxes' | 'smtp' | 'oauth'>,
  logins?: TokenProvider,
): Map<string, ImapSettings> {
  return new Map(
    mailboxNames(config).map((name) => {
      const further = config.furtherMailboxes[name];
      const imap = further ?? config.imap;
      const provider = further ? undefined : logins;
      const { imap: login } = provider ?? createTokenProvider({ ...config, imap });
      return [name, { ...imap, credentials: () => secretOf(login()) }];
    }),
  );
}
