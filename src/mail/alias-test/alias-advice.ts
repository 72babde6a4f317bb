/** Another way to form reply addresses, for mail hosts that do not deliver those of the current pattern. */
export interface AliasAdvice {
  /** A value for MAIL_REPLY_ALIAS. */
  pattern: string;
  /** What the mail host needs for it. */
  needs: string;
}

/** All ways except the one already tried. Pure. */
export function aliasAdvice(pattern: string, from: string): AliasAdvice[] {
  const local = from.slice(0, from.lastIndexOf('@'));
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return [
    {
      pattern: `${local}+{token}@${domain}`,
      needs:
        'plus addressing. Google Workspace and Fastmail support it. Microsoft 365: Set-OrganizationConfig -DisablePlusAddressInRecipients $false. Postfix: recipient_delimiter = +',
    },
    {
      pattern: `${local}-{token}@${domain}`,
      needs: 'the hyphen as the separator. qmail supports it. Postfix: recipient_delimiter = -',
    },
    {
      pattern: `{token}@${local}.${domain}`,
      needs: `a subdomain ${local}.${domain} used only for this: an MX record for it, and a catch-all that delivers all its mail to the watched mailbox`,
    },
    {
      pattern: `${local}.{token}@${domain}`,
      needs: `a catch-all for ${domain} that delivers mail for unknown addresses to the watched mailbox, or a rule that matches ${local}.*@${domain}`,
    },
  ].filter((way) => way.pattern !== pattern);
}
