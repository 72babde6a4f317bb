import { bare } from './authentication-results.js';
import { type HeaderLine, headerValue, headerValues } from './header-lines.js';

/** Who a message claims to be from. */
export interface Sender {
  /** Bare address, lower case. */
  address: string;
  /** ASCII, lower case. */
  domain: string;
}

/**
 * The one address of the one From line, read so strictly that no two programs can disagree about it: display names,
 * comments and quoted strings are ignored, groups and lists are refused. A domain that is not plain ASCII is refused,
 * because here it could only serve look-alike letters.
 */
export function strictSender(lines: HeaderLine[]): Sender | { problem: string } {
  const values = headerValues(lines, 'from');
  if (values.length !== 1)
    return { problem: values.length === 0 ? 'there is no From line' : `there are ${values.length} From lines` };
  const value = bare(values[0] ?? '');
  const address =
    /^[^<>@,;:]*<\s*([^\s<>@,;:"]+@[^\s<>@,;:"]+)\s*>\s*$/.exec(value)?.[1] ??
    /^\s*([^\s<>@,;:"]+@[^\s<>@,;:"]+)\s*$/.exec(value)?.[1];
  if (!address) return { problem: 'the From line does not have exactly one plain address' };
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  if (!/^[a-z0-9.-]+$/.test(domain)) return { problem: 'the From domain has letters beyond ASCII' };
  if (domain.split('.').some((label) => label.startsWith('xn--')))
    return { problem: 'the From domain is an encoded international one (xn--)' };
  return { address: address.toLowerCase(), domain };
}

/** An address in the display name that is not the sender's: mail programs show it instead of the real one. */
export function addressInDisplayName(lines: HeaderLine[], sender: Sender): string | undefined {
  const value = headerValues(lines, 'from')[0] ?? '';
  const name = value.slice(0, Math.max(0, value.lastIndexOf('<')));
  const shown = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+\.[^\s<>"'(),;:]+/.exec(name)?.[0]?.toLowerCase();
  return shown === sender.address ? undefined : shown;
}

/** The sender's address. If the From line is not valid, its first address, for a person to see. It proves nothing. */
export function senderAddress({ headers }: { headers: HeaderLine[] }): string {
  const sender = strictSender(headers);
  if ('address' in sender) return sender.address.slice(0, 320);
  const written =
    headerValue(headers, 'from')
      ?.slice(0, 10_000)
      .split(/[\s<>,;:"()]+/) ?? [];
  return (
    written
      .find((word) => /^[^@]+@[^@]+$/.test(word))
      ?.toLowerCase()
      .slice(0, 320) ?? ''
  );
}
