import { z } from 'zod';

/**
 * An http(s) address without a user and a password: these would get into mails, logs and `config show`, and belong into a
 * variable that is secret. Nor has it white space or invisible characters, which the parser of URLs skips.
 */
export const httpUrl = z.string().superRefine((value, context) => {
  const problem = problemOf(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

function problemOf(value: string): string | undefined {
  if (/[\s\p{C}]/u.test(value)) return 'must not have white space or invisible characters';
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return 'is not an http(s) URL';
  const { username, password } = new URL(value);
  return username || password ? 'must not have a user or a password: take out what is before the @' : undefined;
}

/** A value as it may be shown: what may be a user and a password in a URL is left out. */
export const withoutPassword = (value: string): string => value.replace(/\b(https?|s3):.*@/gis, '$1://…@');
