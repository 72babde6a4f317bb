import { randomBytes } from 'node:crypto';
import { addressesWithin } from './wrapped-address.js';

/**
 * Reply aliases: addresses in the watched mailbox, two for each onboarding. They tell which case an email belongs to even
 * when the subject and the thread are lost. They never tell who wrote it.
 */

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** 16 base32 characters are 80 random bits: impossible to guess, and short enough for any address. */
const TOKEN_LENGTH = 16;
const ONLY_TOKEN = new RegExp(`^[a-z2-7]{${TOKEN_LENGTH}}$`);

/** New tokens for one onboarding. */
export function newAliases(): { cbp: string; client: string } {
  return { cbp: newToken(), client: newToken() };
}

function newToken(): string {
  return Array.from(randomBytes(TOKEN_LENGTH), (byte) => BASE32[byte & 31]).join('');
}

/** The bare address for a token, from a pattern such as `ace+{token}@broker.example`. */
export function aliasAddress(pattern: string, token: string): string {
  return pattern.replace('{token}', token);
}

/**
 * The token in an address made from the pattern, even if mail systems wrapped or escaped it. Undefined if the address is
 * not such an alias. Ignores case, because mail programs change it. The innermost address must have our own domain:
 * wrapping a foreign address does not make it ours.
 */
export function aliasTokenIn(pattern: string, address: string): string | undefined {
  const [before = '', after = ''] = pattern.toLowerCase().split('{token}');
  for (const found of addressesWithin(address)) {
    if (!found.startsWith(before) || !found.endsWith(after)) continue;
    const token = found.slice(before.length, found.length - after.length);
    if (ONLY_TOKEN.test(token)) return token;
  }
  return undefined;
}

/**
 * Whether an address is this alias.
 * @param alias a whole address, or a token, which must then be a part of its own between separators in the local part
 * @param pattern if given, a token counts only in an address made from it
 */
export function isReplyAlias(address: string, alias: string, pattern?: string): boolean {
  const wanted = alias.trim().toLowerCase();
  if (wanted.includes('@')) return addressesWithin(address).includes(wanted);
  if (pattern) return aliasTokenIn(pattern, address) === wanted;
  return addressesWithin(address).some((found) =>
    found
      .slice(0, Math.max(0, found.lastIndexOf('@')))
      .split(/[+.=_-]/)
      .includes(wanted),
  );
}
