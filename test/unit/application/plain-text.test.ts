import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  asciiDigitsAndHyphens,
  disarmed,
  printable,
  printableJson,
  printableLine,
  tidied,
} from '../../../src/application/plain-text.js';

/** Characters that a terminal acts on or shows as nothing, defined independently of the code. */
const ACTS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]/u;
const hasNone = (text: string) => !ACTS.test(text.replaceAll('\n', '').replaceAll('\t', ''));

const HOSTILE = [
  '\x1b[2J',
  '\x1b]8;;https://evil.example\x07',
  '\x9b31m',
  '\r',
  '\b',
  '\x7f',
  '\u202e',
  '\u2066',
].concat(
  ['\u200b', '\u{e0041}', '\u00ad', '\ufeff', '\u2028', '\u0085', '\ud83d', '\ude00', '\ue000', '\u{10ffff}', '\r\n'],
  ['\u3164', '\u034f', '\ufe0f', '\u{e0100}', '\uffa0', '\u180b'],
  ['https', ':', '//', '/', 'www.', 'mailto:', 'javascript:', '<', '>', '[', ']', '(', ')', '\n', '\t', ' ', 'é', '漢'],
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 3 }))).map((parts) => parts.join('')),
);
const ORDINARY = [
  'Zoë Müller',
  '株式会社',
  'Nguyễn\tThị',
  'a\nb',
  '👍🏽 ☎ 🇨🇦',
  "¿Qué? — “so” 100 % €5 it's #1 @home & C:\\x",
  'क्षि',
];

describe('printable text', () => {
  test.each([
    ['printable', printable],
    ['printableLine', printableLine],
    ['disarmed', disarmed],
  ])('%s leaves nothing that a terminal acts on, and a second pass changes nothing', (_, clean) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = clean(text);
        expect(hasNone(once)).toBe(true);
        expect(clean(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(ORDINARY)('keeps %j unchanged', (text) => {
    expect(printable(text)).toBe(text);
    expect(disarmed(text)).toBe(text);
  });

  test('drops a byte order mark, joiners, and unpaired surrogates, and keeps the text around them', () => {
    expect(printable('\ufeff👩‍💻 co\u00adop \ud83d!')).toBe('👩💻 coop !');
  });

  test('drops letters and marks that show as nothing', () => {
    expect(printable('A\u3164cm\u034fe \u115f\uffa0I\u180bnc ☎\ufe0f\u{e0100}')).toBe('Acme Inc ☎');
  });

  test('turns Windows line breaks into line feeds, and unusual line breaks into spaces', () => {
    expect(printable('a\r\nb\rc\u2028d\u0085e\ff')).toBe('a\nb c d e f');
  });

  test('turns the empty braille cell into the space it looks like, and keeps other braille', () => {
    expect(printable('Acme\u2800Inc ⠁')).toBe('Acme Inc ⠁');
    expect(printableLine(`\u2800Acme${'\u2800'.repeat(80)}Inc`)).toBe('Acme Inc');
    expect(tidied(`Acme \u2800 Inc\u2800`)).toBe('Acme Inc');
  });

  test('in one line has no line break', () => {
    fc.assert(fc.property(anyText, (text) => !/[\n\t\r]/.test(printableLine(text))));
    expect(printableLine(' Acme\r\nSender:\t authentic\u2029')).toBe('Acme Sender: authentic');
  });
});

test.each(['\u3164', '\u034f', '\ufe0f', '\u{e0100}', '\u200b', '\u115f'])('no digit hides behind %j', (hidden) => {
  expect(asciiDigitsAndHyphens(`07${hidden}-12345${hidden}6700`)).toBe('07-123456700');
});

describe('printable JSON', () => {
  test('keeps every value, and has nothing that a terminal acts on', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.json()), fc.boolean(), (text, indented) => {
        const json = printableJson(JSON.stringify({ [text]: text }, null, indented ? 2 : 0));
        expect(hasNone(json)).toBe(true);
        expect(JSON.parse(json)).toEqual({ [text]: text });
      }),
    );
  });
});

/** What terminals, mail programs, and Markdown turn into a link. */
const LINK =
  /https?:\/\/|[a-z]:\/\/|(?<!\[:\])\/\/[^\s]|\bwww\.|\b(?:mailto|javascript|vbscript|data|tel|sms|file|xmpp):\S|\]\(|<[a-z/!?]/i;

describe('a disarmed text', () => {
  test('has no link, however it is pieced together', () => {
    fc.assert(
      fc.property(anyText, (text) => !LINK.test(disarmed(text))),
      { numRuns: 5000 },
    );
  });

  test.each([
    ['see https://evil.example/a?b', 'see https[:]//evil.example/a?b'],
    ['x-app://open', 'x-app[:]//open'],
    ['WWW.Evil.example', 'WWW[.]Evil.example'],
    ['mailto:me@evil.example', 'mailto[:]me@evil.example'],
    ['JavaScript: alert(1)', 'JavaScript[:] alert(1)'],
    ['data:text/html,x', 'data[:]text/html,x'],
    ['//evil.example/x', '/[/]evil.example/x'],
    ['<me@evil.example> <a href=/x>', '< me@evil.example> < a href=/x>'],
    ['[click](/namespaces)', '[click] (/namespaces)'],
    ['ht\u200btp:\u00ad//evil.example', 'http[:]//evil.example'],
    ['the data: 5 at 12:30, a/b, 3 < 4', 'the data: 5 at 12:30, a/b, 3 < 4'],
  ])('%j reads %j', (text, shown) => {
    expect(disarmed(text)).toBe(shown);
  });
});
