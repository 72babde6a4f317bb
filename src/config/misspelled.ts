/**
 * Finds typos in the names of our variables, such as `LATE_DAY`. Most names in an environment have nothing to do with us,
 * so a name must be very close: one typo, or two in a long name. The first word is stricter, because `SFTP_HOST` belongs
 * to another program and is not a typo in `SMTP_HOST`. There, only swapped letters count as a typo, or one missing letter
 * inside the word, or any typo in a word so long that no other word is close. Underscores and the ending of one long word
 * do not count.
 */

/**
 * @param given a variable that is set
 * @param known every variable that we or our libraries read
 * @returns the variable that was meant; undefined if `given` is read, or is not close to any
 */
export function meantVariable(given: string, known: readonly string[]): string | undefined {
  if (known.includes(given)) return undefined;
  const name = given.toUpperCase();
  const near = known
    .filter((candidate) => mayBe(name, candidate))
    .map((candidate) => ({ candidate, typos: typosIn(name, candidate) }))
    .filter(({ candidate, typos }) => typos <= (candidate.length > LONG_NAME ? 2 : 1));
  return near.sort((one, other) => one.typos - other.typos)[0]?.candidate;
}

function typosIn(name: string, candidate: string): number {
  if (withoutUnderscores(name) === withoutUnderscores(candidate)) return 0;
  return otherEnding(name, candidate) ? 1 : typosBetween(name, candidate);
}

const withoutUnderscores = (name: string) => name.replaceAll('_', '');

/** Whether only one word differs, and only in its ending, as in `STARTED` for `STARTING`. */
function otherEnding(name: string, candidate: string): boolean {
  const [words, ours] = [name.split('_'), candidate.split('_')];
  const [differing, ...more] = ours.flatMap((word, index) => (word === words[index] ? [] : index));
  if (words.length !== ours.length || differing === undefined || more.length > 0) return false;
  const [word = '', our = ''] = [words[differing], ours[differing]];
  return word.length > STEM && word.slice(0, STEM) === our.slice(0, STEM);
}

const STEM = 5;
const LONG_NAME = 8;
const LONG_WORD = 6;

function mayBe(name: string, candidate: string): boolean {
  if (withoutUnderscores(name) === withoutUnderscores(candidate)) return true;
  const [given, ours] = [firstWord(name), firstWord(candidate)];
  if (sorted(given) === sorted(ours)) return true;
  return ours.length >= LONG_WORD ? typosBetween(given, ours) === 1 : lacksOneInside(given, ours);
}

/** The first letter must be there: `MAP_HOST` is not a typo in `IMAP_HOST`. */
const lacksOneInside = (word: string, whole: string) =>
  word.length === whole.length - 1 && word[0] === whole[0] && typosBetween(word, whole) === 1;

const firstWord = (name: string) => name.split('_')[0] ?? '';
const sorted = (word: string) => [...word].sort().join();

/** Extra, missing, wrong, or swapped letters (optimal string alignment distance). */
function typosBetween(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row[j] = Math.min(
        at(rows, i - 1, j) + 1,
        (row[j - 1] ?? 0) + 1,
        at(rows, i - 1, j - 1) + (same ? 0 : 1),
        swapped ? at(rows, i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    rows[i] = row;
  }
  return at(rows, one.length, other.length);
}

const at = (rows: number[][], i: number, j: number) => rows[i]?.[j] ?? 0;
