import { describe, expect, test } from 'vitest';
import {
  filesToRead,
  offenses,
  phrasesIn,
  proseOfCode,
  proseOfMarkdown,
  unreleasedOf,
} from '../../../scripts/language.mjs';
import { CHECKOUT } from '../../support/checkout.js';

test('everything that people read is plain American English', () => {
  const files = filesToRead(CHECKOUT);
  expect(files).toEqual(expect.arrayContaining(['README.md', 'templates/en/message.eta', 'src/worker.ts']));
  expect(files.flatMap((file) => offenses(CHECKOUT, file))).toEqual([]);
});

describe('the language check', () => {
  test.each([
    'ask whoever is there',
    'nobody can read it',
    'lest it fails',
    'count the deadlines anew',
    'To mend it, restart.',
    'an email of ours',
    "a receipt of CBP's, word for word",
    'CAPS is none of a, b',
    '"x" is no whole number',
    'CBP cannot go on with the application',
    'sees to the development server',
    'skipped for want of a browser',
    'where answers come home to',
    'before you believe in silence',
    'some days ago we applied',
    'the address, that is, the alias',
    'Two emails came. Of these, one counts.',
    "a server of one's own",
    'they waited in vain',
    'a number standing alone; it stood in the way',
    'each value held against the form',
    'analyse it',
    'the centre of the page',
    'in defence of it',
    'the last judgement',
    'it fulfils the promise',
    'a grey area',
    'fill in what stands open',
    'the page holds personal data',
    'we got a mail',
    'we got a mail from CBP',
    'two mails\ncame',
    'a genuine\n   mail',
    'answer this mail',
    'your e-mail address',
    'the licence',
    'its behaviour and colours',
    'is not recognised',
    'it was cancelled',
    'as of 30 April 2026',
    'Dear Jane,\n\nsome words',
  ])('finds %j', (text) => {
    expect(phrasesIn(text)).not.toEqual([]);
  });

  test.each([
    'held for review, on hold, put on hold',
    'hold the line; holds a lock; do not hold up the approval',
    'a mail server, each mail host, one mail program, every mail template',
    'the mailbox gets mail by mail; no mail yet',
    'see where each onboarding stands',
    'a test can stand alone, it stands for something, a stand-in',
    'there is no application; there are no letters; if there is none',
    'it is no longer valid and is no more than that; there was no need',
    'Part of it. Of course not.',
    'the part that is read, and all that is left',
    'an exercise to size, likewise otherwise precise',
    'the meeting is canceled; labeled; recognized; a promise; controlled; filled; called',
    'on December 18, 2026',
    'Dear Jane,\n\nA few days ago we applied.',
    'amend the entry; recommend; amendment',
    'a Message-ID in place of ours; it is one of ours',
  ])('accepts %j', (text) => {
    expect(phrasesIn(text)).toEqual([]);
  });

  test('reports the place and what to write instead', () => {
    expect(phrasesIn('One line.\nThen nobody\ncame.')).toEqual([{ line: 2, phrase: 'nobody', instead: 'no one' }]);
  });

  test('reads only comments and strings of source code', () => {
    const source = [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source code, read as text.
      'const nobody = /whoever "lest/.test(lest) ? a / nobody / b : `anew ${{ a: `mend it ${nobody}` }} for want of`;',
      '/**',
      ' * Read by',
      ' * nobody, in `nobody`.',
      ' */',
      "call('nobody', 'that nobody reads');",
    ].join('\n');
    const found = phrasesIn(proseOfCode(source, 'all')).map(({ line, phrase }) => `${line} ${phrase}`);
    expect(found.sort()).toEqual(['1 anew', '1 for want of', '1 mend', '4 nobody', '6 nobody']);
  });

  test('reads only titles in test files', () => {
    const source = [
      "describe('whoever comes', () => {",
      "  test.each(['nobody comes'])('comes anew', () => call('for nobody'));",
      "  it.skip('is mended', () => undefined); // lest",
      '});',
    ].join('\n');
    const found = phrasesIn(proseOfCode(source, 'titles')).map(({ line, phrase }) => `${line} ${phrase}`);
    expect(found).toEqual(['1 whoever', '2 anew', '3 mended']);
  });

  test('skips inline code and link targets', () => {
    expect(phrasesIn(proseOfMarkdown('[here](docs/licences.md), `nobody`, nobody'))).toHaveLength(1);
  });

  test('checks only the unreleased section of the changelog', () => {
    const changelog = '# Changelog\n\n## [Unreleased]\n\n- new\n\n## [0.1.0]\n\n- old\n';
    expect(unreleasedOf(changelog)).toContain('new');
    expect(unreleasedOf(changelog)).not.toContain('old');
  });
});
