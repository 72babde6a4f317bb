import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { type Keyring, readKeys } from '../encryption/keyring.js';
import { productFile } from '../files/product-file.js';

/** One environment variable: what it means, what it may say, and its default. Also the formats that values may have. */
export interface Variable<S extends z.ZodType = z.ZodType> {
  about: string;
  schema: S;
  /** Undefined: optional without a default, unless `required`. */
  default?: string;
  /** The default is a file that comes with the product: its path starts at the product's folder, not the current one. */
  comesWithProduct?: true;
  required?: true;
  /** The value is the path of a file or folder that only this user may open. */
  private?: 'file' | 'folder';
  /** Masked when shown, and may be given as NAME_FILE or NAME_COMMAND instead. */
  secret?: true;
}

export const variable = <const V extends Variable>(v: V): V => v;

/** The value of a variable that is not set. */
export function defaultOf({ default: usual, comesWithProduct }: Pick<Variable, 'default' | 'comesWithProduct'>) {
  return usual !== undefined && comesWithProduct ? productFile(usual) : usual;
}

export const text = z.string().trim().min(1);

export const yesNo = z.enum(['true', 'false']).transform((value) => value === 'true');

/** A value that is JSON, for another schema. */
export const json = z.string().transform((value, context): unknown => {
  try {
    return JSON.parse(value);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' });
    return z.NEVER;
  }
});

/** Separated by commas. */
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);

/** A whole number; in a JSON value, JSON's own numbers are fine too. */
export const whole = (min: number, max: number) =>
  digits(/^\d+$/, min, max, `must be a whole number from ${min} to ${max}, in digits`);

/** A number that may have decimals, such as 0.4. */
export const decimal = (min: number, max: number) =>
  digits(/^\d+(\.\d+)?$/, min, max, `must be a number from ${min} to ${max}, in digits, such as ${min}`);

/** Whole numbers, separated by commas. */
export const wholeList = (min: number, max: number, most: number) =>
  z
    .string()
    .transform((value): (string | number)[] => value.split(','))
    .pipe(z.array(whole(min, max)).max(most, `has more than ${most} numbers, and only ${most} would be used`));

/** Plain digits only. `Number` accepts more (`0x10`, `1e3`, `Infinity`, an empty string), which in a setting is a typo. */
function digits(pattern: RegExp, min: number, max: number, wanted: string) {
  return z.union([z.string(), z.number()], wanted).transform((given, context) => {
    const written = String(given).trim();
    const number = pattern.test(written) ? Number(written) : Number.NaN;
    if (number >= min && number <= max) return number;
    context.addIssue({ code: 'custom', message: wanted });
    return z.NEVER;
  });
}

export const address = z
  .string()
  .trim()
  .regex(/^[^\s@<>]+@[^\s@<>]+$/, 'must be an email address and nothing else, such as ace@broker.example');

export function domainOf(mailAddress: string): string {
  return mailAddress
    .slice(mailAddress.lastIndexOf('@') + 1)
    .trim()
    .toLowerCase();
}

/** The name or address of a mail server. Brackets around an IPv6 address are for URLs only: no one can connect to `[::1]`. */
export const mailHost = z
  .string()
  .trim()
  .min(1)
  .transform((value) => {
    const inside = /^\[(.*)\]$/.exec(value)?.[1] ?? '';
    return isIPv6(inside) ? inside : value;
  })
  .pipe(z.string().regex(/^[^\s\p{C}[\]/@]+$/u, 'must be the name or the address of a host, and nothing else'));

/**
 * An http(s) URL without a user and a password, which would end up in emails, logs and `config show`: secrets have
 * variables of their own. White space and invisible characters are refused because URL parsers skip them.
 */
export const httpUrl = z.string().superRefine((value, context) => {
  const problem = urlProblem(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

function urlProblem(value: string): string | undefined {
  if (/[\s\p{C}]/u.test(value)) return 'must not have white space or invisible characters';
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return 'must be an http:// or https:// URL';
  const { username, password } = new URL(value);
  return username || password ? 'must not have a user or a password: remove what is before the @' : undefined;
}

/** A value that is safe to show: without what may be a user and a password in a URL. */
export const withoutPassword = (value: string): string => value.replace(/\b(https?|s3):.*@/gis, '$1://…@');

export const bucketUrl = z.string().transform((value, context) => {
  const match =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/((?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*(?:[A-Za-z0-9_-][A-Za-z0-9._-]*)?))?$/.exec(
      value,
    );
  if (match) return { bucket: match[1] ?? '', prefix: match[2] ? `${match[2].replace(/\/$/, '')}/` : '' };
  context.addIssue({ code: 'custom', message: 'must be s3://BUCKET or s3://BUCKET/PREFIX' });
  return z.NEVER;
});

export const keys = z.string().transform((value, context): Keyring => {
  const read = readKeys(value);
  if (!('problems' in read)) return read;
  for (const message of read.problems) context.addIssue({ code: 'custom', message });
  return z.NEVER;
});
