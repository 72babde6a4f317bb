import { expect } from 'vitest';

/** What takes over a terminal, reverses a line or hides in it. */
const ACTS = [
  '\x1b[2J\x1b[1A',
  '\x1b]8;;x\x07',
  '\x1b]52;c;QUFB\x07',
  '\x9b2K\x85',
  '\b\x7f\r',
  '\u202eab\u202c\u2066\u200b\u00ad\ufeff\u{e0041}',
  '\u2028\u2029\ue000',
  '\u3164\u034f\ufe0f\u{e0100}',
];

/** Lines that look like some of ours, after any line break. */
const FORGERIES = ['\n', '\r\n', '\n\ufeff', '\n\u200b', '\u0085', '\u2028', '\r', '\v', '\n\n'].flatMap((lineBreak) =>
  [
    'Sender:      FORGED',
    'Stage       FORGED',
    'Subject: FORGED',
    '  Attention    FORGED',
    'acme: FORGED',
    '  - FORGED',
    '    FORGED',
    '> FORGED',
  ].map((line) => `${lineBreak}${line}`),
);

/** Text as a stranger may have written it, wherever strangers write. */
export const HOSTILE = `Acme${ACTS.join('')}${FORGERIES.join('')} end`;
/** The same, short enough for the name of a file. */
export const HOSTILE_NAME = `Acme${ACTS.join('')}\nSender: FORGED`;
export const LINKS = ' https://evil.example/x www.evil.example //evil.example/y mailto:me@evil.example';

/** No control or format character but the line feeds and tabs of ours, and no line that HOSTILE forged. */
export function expectPlain(output: string): void {
  expect(output.replaceAll('\n', '').replaceAll('\t', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{DI}]/u);
  expect(output.split('\n').filter((line) => FORGED.test(line))).toEqual([]);
}

const FORGED = /^(?:Sender:|Stage |Subject:| {2}Attention |acme:| *-| *|>) *FORGED/;

export function expectDisarmed(output: string): void {
  expect(output).toContain('evil.example');
  expect(output).not.toMatch(/:\/\/evil|www\.evil|(?<!\[:\])\/\/evil|mailto:me/);
}
