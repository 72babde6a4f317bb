import { z } from 'zod';

/**
 * Numbers as people write them in a setting: plain digits, within bounds. `Number` takes more (`0x10`, `1e3`, `1e-300`,
 * `Infinity`, nothing at all), which is a slip wherever it stands in a setting.
 */

/** A whole number; in a JSON value also as JSON's own number. */
export const whole = (min: number, max: number) =>
  digits(/^\d+$/, min, max, `must be a whole number from ${min} to ${max}, in digits`);

/** A number that may have decimals, such as 0.4. */
export const decimal = (min: number, max: number) =>
  digits(/^\d+(\.\d+)?$/, min, max, `must be a number from ${min} to ${max}, in digits, such as ${min}`);

/** Whole numbers in ascending order, comma-separated. */
export const wholeList = (min: number, max: number, most: number) =>
  z
    .string()
    .transform((value): (string | number)[] => value.split(','))
    .pipe(z.array(whole(min, max)).max(most, `has more than ${most} numbers, and only ${most} would be used`));

function digits(pattern: RegExp, min: number, max: number, wanted: string) {
  return z.union([z.string(), z.number()], wanted).transform((given, context) => {
    const written = String(given).trim();
    const number = pattern.test(written) ? Number(written) : Number.NaN;
    if (number >= min && number <= max) return number;
    context.addIssue({ code: 'custom', message: wanted });
    return z.NEVER;
  });
}
