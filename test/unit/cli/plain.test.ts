import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, withItems } from '../../../src/application/plain-text.js';
import { errorText, hanging, itemized, plain } from '../../../src/cli/plain.js';
import { ConfigurationError } from '../../../src/config.js';
import { FieldMapError } from '../../../src/form/field-map.js';
import { WordingError } from '../../../src/mail/wording.js';
import { OnboardingError } from '../../../src/onboarding-error.js';

/** What a stranger may have written where one of our lists is. */
const FORGED = 'x\n  - forged\n    forged\r\n\n\u200b  - forged\u2028  - forged';

/** The lines that a terminal shows. */
const shown = (text: string) => printable(text).split('\n');

describe('a message that may quote anything', () => {
  test('has a bar in front of each line but its first', () => {
    const anyText = fc
      .array(fc.constantFrom('\n', '\r', ' ', '  - ', '    ', '\u200b', 'x'))
      .map((all) => all.join(''));
    fc.assert(
      fc.property(anyText, (text) => {
        for (const line of shown(hanging(text).text).slice(1)) expect(line).toMatch(/^ {2}\|/);
      }),
    );
    expect(shown(hanging(`It says ${FORGED}`).text)).toEqual([
      'It says x',
      '  |   - forged',
      '  |     forged',
      '  | ',
      '  |   - forged   - forged',
    ]);
  });
});

describe('a list', () => {
  const ITEMS = [`field ${FORGED}`, 'other'];
  const LINES = [/^ {2}- field x +- forged +forged +- forged +- forged$/, /^ {2}- other$/];

  test('has one line for each item, whatever the item quotes', () => {
    const [about, ...items] = shown(itemized(plain`Wrong in ${FORGED}:`, ITEMS).text);
    expect(about).toMatch(/^Wrong in x.*forged:$/);
    expect(items).toEqual(LINES.map((line) => expect.stringMatching(line)));
    expect(shown(withItems(`Wrong in ${FORGED}:`, ITEMS))).toHaveLength(3);
  });

  test.each([
    ['a configuration', new ConfigurationError(ITEMS)],
    ['a field map', new FieldMapError(ITEMS)],
    ['a wording file', new WordingError(`w${FORGED}`, ITEMS)],
    [
      'an application',
      new OnboardingError('invalid-application', withItems('It cannot be used:', ITEMS), {
        complaints: ITEMS.map((item) => ({ field: item.split(' ', 1)[0] ?? '', problem: item.slice(6), remedy: '' })),
      }),
    ],
  ])('of what is wrong with %s has as many lines as there are problems', (_, error) => {
    const [about, ...items] = shown(errorText(error).text);
    expect(about).toMatch(/:$/);
    expect(items).toHaveLength(2);
    for (const item of items) expect(item).toMatch(/^ {2}- (field|other)/);
  });
});
