/** Another way to make reply addresses, for mail hosts that do not deliver those of the pattern. */
export interface AliasAdvice {
  /** A value for MAIL_REPLY_ALIAS. */
  pattern: string;
  /** What the mail host needs for it. */
  needs: string;
}

/** The ways there are, without the one that was tried. Pure. */
export function aliasAdvice(pattern: string, from: string): AliasAdvice[] {
  const local = from.slice(0, from.lastIndexOf('@'));
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return [
    {
      pattern: `${local}+{token}@${domain}`,
      needs:
        'plus addressing. Google Workspace and Fastmail have it. Microsoft 365: Set-OrganizationConfig -DisablePlusAddressInRecipients $false. Postfix: recipient_delimiter = +',
    },
    {
      pattern: `${local}-{token}@${domain}`,
      needs: 'the hyphen as separator. qmail has it. Postfix: recipient_delimiter = -',
    },
    {
      pattern: `{token}@${local}.${domain}`,
      needs: `a subdomain ${local}.${domain} for this alone: an MX record for it, and a catch-all that delivers all its mail into the watched mailbox`,
    },
    {
      pattern: `${local}.{token}@${domain}`,
      needs: `a catch-all for ${domain}: what no mailbox has goes into the watched mailbox. Or a rule that matches ${local}.*@${domain}`,
    },
  ].filter((way) => way.pattern !== pattern);
}
