import { randomBytes } from 'node:crypto';

/**
 * Reply aliases: addresses in the watched mailbox, two for each onboarding, that say which case a mail belongs to even
 * when subject and thread are gone. They never say who wrote it.
 */

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** 16 base32 characters are 80 random bits: not to be guessed, short enough for any address. */
const TOKEN_LENGTH = 16;
const TOKEN = `[a-z2-7]{${TOKEN_LENGTH}}`;

/** Fresh tokens for one onboarding. */
export function newAliases(): { cbp: string; client: string } {
  return { cbp: newToken(), client: newToken() };
}

function newToken(): string {
  return Array.from(randomBytes(TOKEN_LENGTH), (byte) => BASE32[byte & 31]).join('');
}

/** The bare address a token makes of a pattern such as `ace+{token}@broker.example`. */
export function aliasAddress(pattern: string, token: string): string {
  return pattern.replace('{token}', token);
}

/**
 * The token in an address made from the pattern; undefined when the address is not such an alias. Case does not count:
 * mail programs change it.
 */
export function aliasTokenIn(pattern: string, address: string): string | undefined {
  const [before = '', after = ''] = pattern.toLowerCase().split('{token}');
  const found = address.trim().toLowerCase();
  if (!found.startsWith(before) || !found.endsWith(after)) return undefined;
  const token = found.slice(before.length, found.length - after.length);
  return new RegExp(`^${TOKEN}$`).test(token) ? token : undefined;
}
