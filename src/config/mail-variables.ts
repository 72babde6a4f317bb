import { z } from 'zod';
import { address, decimal, httpUrl, json, list, mailHost, text, variable, whole } from './variable.js';

/** CBP's addresses, the mail servers, and the mailboxes that are watched. */

const securities = ['tls', 'starttls', 'none'] as const;
const logins = ['password', 'oauth2-client-credentials', 'oauth2-refresh-token', 'google-service-account'] as const;

const furtherMailboxes = json.pipe(
  z.record(
    z
      .string()
      .regex(
        /^(?!main$)[a-z0-9-]{1,40}$/,
        'is not a valid mailbox name: use up to 40 lowercase letters, digits and hyphens, and not "main"',
      ),
    z.strictObject({
      user: text,
      password: text.optional(),
      auth: z.enum(logins).optional(),
      host: mailHost.optional(),
      port: whole(1, 65_535).optional(),
      security: z.enum(securities).optional(),
      inbox: text.optional(),
      processed: text.optional(),
      review: text.optional(),
      junk: text.optional(),
      sweepSeconds: whole(1, 3_600).optional(),
      silentHours: whole(0, 8_760).optional(),
    }),
  ),
);

export const CBP_VARIABLES = {
  CBP_APPLICATIONS_ADDRESS: variable({
    about: 'The CBP mailbox that takes applications.',
    schema: address,
    default: 'ACE.Applications@cbp.dhs.gov',
  }),
  CBP_FROM_DOMAINS: variable({
    about: 'Email domains CBP writes from. Only email from these domains can carry a CBP decision.',
    schema: list,
    default: 'cbp.dhs.gov',
  }),
  CBP_DKIM_DOMAINS: variable({
    about: 'DKIM signing domains (d=) to accept for those email domains.',
    schema: list,
    default: 'cbp.dhs.gov,dhs.gov',
  }),
  MAIL_HOST_AUTHSERV_ID: variable({
    about:
      'The authserv-id that your own mail host writes in Authentication-Results. When set, your mail host must also have found the email authentic. Use "microsoft-365" for Microsoft 365, which writes no id.',
    schema: text,
  }),
  LETTER_MANAGERS: variable({
    about:
      'People who may teach a CBP approval letter without a second person, comma-separated, as they give their names with --actor. Anyone else needs a second person to confirm it. Names are taken on trust, not proven.',
    schema: list,
    default: '',
  }),
} as const;

export const OUTGOING_MAIL_VARIABLES = {
  SMTP_HOST: variable({ about: 'Outgoing mail server.', schema: mailHost, required: true }),
  SMTP_PORT: variable({ about: '587 for starttls, 465 for tls.', schema: whole(1, 65_535), default: '587' }),
  SMTP_SECURITY: variable({
    about: 'tls (encrypted from the start), starttls, or none (this machine only).',
    schema: z.enum(securities),
    default: 'starttls',
  }),
  SMTP_USER: variable({ about: 'User name for the outgoing mail server. Not set: no login.', schema: text }),
  SMTP_PASSWORD: variable({
    about: 'Password for SMTP_USER, or put it in a file and name the file in SMTP_PASSWORD_FILE.',
    schema: text,
    secret: true,
  }),
  SMTP_AUTH: variable({
    about:
      'How to log in: password; oauth2-client-credentials (Microsoft 365, with an application you registered); oauth2-refresh-token (a user who consented once); google-service-account (Google Workspace, domain-wide delegation). All but password need the OAUTH_ or GOOGLE_ variables.',
    schema: z.enum(logins),
    default: 'password',
  }),
  MAIL_DAILY_CAP: variable({
    about: 'Most emails to send from this mailbox in a day, reminders included. The rest wait until the next day.',
    schema: whole(1, 100_000),
    default: '500',
  }),
  MAIL_PER_SECOND: variable({
    about:
      'Most emails to send from this mailbox in a second, by all workers together. May be a fraction. Microsoft 365 allows 30 a minute.',
    schema: decimal(0.001, 100),
    default: '0.4',
  }),
} as const;

export const INCOMING_MAIL_VARIABLES = {
  IMAP_HOST: variable({ about: 'Incoming mail server.', schema: mailHost, required: true }),
  IMAP_PORT: variable({ about: '993 for tls, 143 for starttls.', schema: whole(1, 65_535), default: '993' }),
  IMAP_SECURITY: variable({
    about: 'tls, starttls, or none (this machine only).',
    schema: z.enum(securities),
    default: 'tls',
  }),
  IMAP_USER: variable({
    about:
      'User whose mailbox is watched. Use a mailbox that nothing and no one else uses: everything in its inbox gets moved to other folders.',
    schema: text,
    required: true,
  }),
  IMAP_PASSWORD: variable({
    about: 'Password for IMAP_USER, or put it in a file and name the file in IMAP_PASSWORD_FILE.',
    schema: text,
    secret: true,
  }),
  IMAP_AUTH: variable({
    about: 'How to log in. Same choices as SMTP_AUTH.',
    schema: z.enum(logins),
    default: 'password',
  }),
  IMAP_INBOX: variable({ about: 'Folder where email arrives.', schema: text, default: 'INBOX' }),
  IMAP_PROCESSED: variable({
    about: 'Folder for email that was passed on to its onboarding.',
    schema: text,
    default: 'Processed',
  }),
  IMAP_REVIEW: variable({ about: 'Folder for email that a person must look at.', schema: text, default: 'Review' }),
  IMAP_SWEEP_SECONDS: variable({
    about: 'Read the inbox at least this often, even if the server announces no new email.',
    schema: whole(1, 3_600),
    default: '60',
  }),
  IMAP_JUNK: variable({
    about:
      'Folder where your mail host puts suspected spam. Email about an onboarding is picked up from there. Not set: the folder that the server names, if it names one.',
    schema: text,
  }),
  IMAP_SILENT_HOURS: variable({
    about: 'Tell operations if no email at all has arrived for this many hours. 0: never.',
    schema: whole(0, 8_760),
    default: '72',
  }),

  OAUTH_TOKEN_URL: variable({
    about:
      'Where to get tokens. Microsoft 365: https://login.microsoftonline.com/TENANT/oauth2/v2.0/token. Google: https://oauth2.googleapis.com/token, which a service account uses by default.',
    schema: httpUrl,
  }),
  OAUTH_CLIENT_ID: variable({ about: 'Client ID of the application you registered.', schema: text }),
  OAUTH_CLIENT_SECRET: variable({ about: 'Client secret of that application.', schema: text, secret: true }),
  OAUTH_REFRESH_TOKEN: variable({
    about:
      'For oauth2-refresh-token. If your provider issues a new refresh token at each use, as Microsoft 365 does, the new one is kept in memory only: use client credentials instead.',
    schema: text,
    secret: true,
  }),
  OAUTH_SCOPE: variable({
    about:
      'Scope to request. Not set: https://outlook.office365.com/.default for client credentials, https://mail.google.com/ for a service account, nothing for a refresh token.',
    schema: text,
  }),
  GOOGLE_SERVICE_ACCOUNT_KEY: variable({
    about:
      'JSON key of the service account, or name its file in GOOGLE_SERVICE_ACCOUNT_KEY_FILE. The account acts as the user of the mailbox.',
    schema: text,
    secret: true,
  }),

  IMAP_FURTHER_MAILBOXES: variable({
    about:
      'More mailboxes to watch, as JSON: {"name": {"user": "…", "password": "…"}}. Add host, port, security, auth, inbox, processed, review, junk, sweepSeconds and silentHours where they differ from the first mailbox. Best kept in a file: IMAP_FURTHER_MAILBOXES_FILE.',
    schema: furtherMailboxes,
    secret: true,
  }),
} as const;
