import type { Config } from '../config.js';

/** How to log in at a mail server, for SMTP and IMAP alike. */
export type Login =
  | { kind: 'password'; user: string; password: string }
  | {
      kind: 'oauth2';
      user: string;
      /** @throws when none can be had. */
      accessToken(options?: { renew?: boolean }): Promise<string>;
    };

export interface TokenProvider {
  /** Undefined: the outgoing server is spoken to without logging in. */
  smtp(): Login | undefined;
  imap(): Login;
}

export function createTokenProvider(config: Pick<Config, 'smtp' | 'imap'>): TokenProvider {
  const { smtp, imap } = config;
  return {
    smtp: () => (smtp.user ? { kind: 'password', user: smtp.user, password: smtp.password ?? '' } : undefined),
    imap: () => ({ kind: 'password', user: imap.user ?? '', password: imap.password ?? '' }),
  };
}
