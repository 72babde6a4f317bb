import { bare } from './authentication-results.js';
import { type HeaderLine, headerValues, routeValues } from './header-lines.js';

/** An address that an email was written or delivered to: bare, lower case, with the header (lower case) that has it. */
export interface Recipient {
  address: string;
  header: string;
}

const RECIPIENTS_LIMIT = 500;
const DELIVERY_HEADERS = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to'] as const;
const ADDRESS_HEADERS = ['to', 'cc', 'resent-to'] as const;

/** Delivery addresses come first. */
export function recipientsIn(headers: HeaderLine[]): Recipient[] {
  const found = new Map<string, Recipient>();
  const add = (header: string, values: string[]) => {
    for (const value of values)
      for (const address of addressesIn(value)) {
        const key = `${header}:${address}`;
        if (found.size < RECIPIENTS_LIMIT && !found.has(key)) found.set(key, { address, header });
      }
  };
  for (const header of DELIVERY_HEADERS) add(header, routeValues(headers, header));
  for (const header of ADDRESS_HEADERS) add(header, headerValues(headers, header));
  return [...found.values()];
}

/** Bare addresses, lower case; `"local"@domain` without its quotes. If a web form escaped the @, it stays escaped. */
export function addressesIn(value: string): string[] {
  return bare(value.slice(0, 100_000).replace(/"([\w+=./%-]{1,200})"@/g, '$1@'))
    .split(/[\s<>,;:()]+/)
    .filter((word) => /^[^@]{1,250}(?:@|%40)[^@]{1,250}$/.test(word))
    .map((address) => address.toLowerCase());
}
