/**
 * Finds variables that someone meant for us and that nothing reads, such as `LATE_DAY`. An environment is full of names
 * that have nothing to do with us, so a name must be very close: one slip, or two in a long name, and none in its first
 * word, where `SFTP_HOST` is another program's and not a slip in `SMTP_HOST`. There, only letters that changed places are
 * taken for one, a letter that is missing inside, and any in a word so long that no other word is near. Underscores do
 * not count, nor does the ending of one long word.
 */

/**
 * @param given what is set
 * @param known everything that is read, by us or by a library of ours
 * @returns the one that was meant; undefined for a name that is read, or that is not close to any
 */
export function meantVariable(given: string, known: readonly string[]): string | undefined {
  if (known.includes(given)) return undefined;
  const name = given.toUpperCase();
  const near = known
    .filter((candidate) => mayBe(name, candidate))
    .map((candidate) => ({ candidate, slips: slipsIn(name, candidate) }))
    .filter(({ candidate, slips }) => slips <= (candidate.length > LONG_NAME ? 2 : 1));
  return near.sort((one, other) => one.slips - other.slips)[0]?.candidate;
}

function slipsIn(name: string, candidate: string): number {
  if (withoutUnderscores(name) === withoutUnderscores(candidate)) return 0;
  return otherEnding(name, candidate) ? 1 : slipsBetween(name, candidate);
}

const withoutUnderscores = (name: string) => name.replaceAll('_', '');

/** Whether only one word differs, and only in its ending: `STARTED` for `STARTING`. */
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
  return ours.length >= LONG_WORD ? slipsBetween(given, ours) === 1 : lacksOneInside(given, ours);
}

/** With the first letter: `MAP_HOST` and `IMAP_HOST` are two names. */
const lacksOneInside = (word: string, whole: string) =>
  word.length === whole.length - 1 && word[0] === whole[0] && slipsBetween(word, whole) === 1;

const firstWord = (name: string) => name.split('_')[0] ?? '';
const sorted = (word: string) => [...word].sort().join();

/** Letters too many, missing, wrong, or neighbors that changed places (optimal string alignment distance). */
function slipsBetween(one: string, other: string): number {
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
