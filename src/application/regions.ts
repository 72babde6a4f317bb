import countries from 'i18n-iso-countries/index.js';
import english from 'i18n-iso-countries/langs/en.json' with { type: 'json' };

/** States and provinces of the two countries that need them as two letters. */
export const US_STATES = new Set(
  'AL AK AS AZ AR CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MP MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA VI WA WV WI WY'.split(
    ' ',
  ),
);

export const CANADIAN_PROVINCES = new Set('AB BC MB NB NL NS NT NU ON PE QC SK YT'.split(' '));

/**
 * The two-letter code (ISO 3166-1, and XK for Kosovo) of a country as a person wrote it: its two or three letters, or an
 * English name, ignoring case, accents, and periods. Undefined if it is not a country, or could be two.
 */
export function countryCode(written: string): string | undefined {
  index ??= indexOfCountries();
  const meant = index.get(folded(written));
  return meant?.size === 1 ? [...meant][0] : undefined;
}

let index: Map<string, Set<string>> | undefined;

function indexOfCountries(): Map<string, Set<string>> {
  countries.registerLocale(english);
  const found = new Map<string, Set<string>>();
  const add = (name: string | undefined, code: string) => {
    if (name === undefined) return;
    const key = folded(name);
    found.set(key, (found.get(key) ?? new Set()).add(code));
  };
  // Everyday names, such as Laos and British Virgin Islands, for which the library has only the official ones.
  const everyday = (['long', 'short'] as const).map(
    (style) => new Intl.DisplayNames(['en'], { type: 'region', style, fallback: 'none' }),
  );
  for (const [code, names] of Object.entries(countries.getNames('en', { select: 'all' })))
    for (const name of [code, countries.alpha2ToAlpha3(code), ...names, ...everyday.map((one) => one.of(code))])
      add(name, code);
  // Georgia may be the state. The code GE means the country.
  found.delete('georgia');
  return found;
}

function folded(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[\p{M}.]/gu, '')
    .replaceAll('’', "'")
    .toLowerCase()
    .replace(/^the /, '');
}
