import { isIPv6 } from 'node:net';
import { z } from 'zod';

/** A mail server's name or address. Brackets around an IPv6 address are for URLs: a connection to `[::1]` finds nobody. */
export const mailHost = z
  .string()
  .trim()
  .min(1)
  .transform((value) => {
    const inside = /^\[(.*)\]$/.exec(value)?.[1] ?? '';
    return isIPv6(inside) ? inside : value;
  })
  .pipe(z.string().regex(/^[^\s\p{C}[\]/@]+$/u, 'must be the name or the address of a host, and nothing else'));
