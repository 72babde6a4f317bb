import { describe, expect, test } from 'vitest';
import { letterOf, likelyDecisive, shownParagraphs } from '../../../../../src/mail/judging/letters/teach.js';
import { ACME, DECIDES, FOOTER, writing } from './lessons.js';

const none = new Set<string>();
const teach = (decisive: number, fillers: number[] = [], of = writing(), known: ReadonlySet<string> = none) =>
  letterOf(of, ACME, known, { kind: 'approved', decisive, fillers });

describe('a lesson', () => {
  test('shows each paragraph once, even if an email has it as text and as HTML', () => {
    const both = writing(undefined, { parts: { text: [DECIDES, FOOTER], html: [`${DECIDES}`, 'Only here.'] } });
    expect(
      shownParagraphs(both, ACME, new Set([FOOTER])).map(({ number, parts, filler }) => [number, parts, filler]),
    ).toEqual([
      [0, ['text', 'html'], false],
      [1, ['text', 'html'], false],
      [2, ['text'], true],
      [3, ['html'], false],
    ]);
  });

  test('may have its decisive paragraph for its subject, too', () => {
    const { letter } = teach(1, [], writing(undefined, { subject: DECIDES }));
    expect(letter.parts.text?.decisive).toBe(1);
    expect(letter.parts.text?.paragraphs).toHaveLength(3);
  });

  test('leaves filler out of the letter, known or chosen, and gives what is newly chosen', () => {
    const three = writing([DECIDES, FOOTER, 'Ann, ACE desk']);
    const { letter, fillers } = teach(1, [3], three, new Set([FOOTER]));
    expect(letter.parts.text?.paragraphs.slice(1)).toEqual(['Your application for {company} has been approved.']);
    expect(fillers).toEqual(['Ann, ACE desk']);
  });

  test.each<[string, () => unknown, string]>([
    ['the subject deciding', () => teach(0), 'Paragraph 0 cannot decide. Choose a number from 1 to 2.'],
    ['a paragraph that is not there', () => teach(9), 'Paragraph 9 cannot decide'],
    ['a paragraph that decides and is filler', () => teach(1, [1]), 'cannot be both decisive and filler'],
    ['the subject as filler', () => teach(1, [0]), 'Paragraph 0 cannot be filler'],
    ['known filler deciding', () => teach(2, [], writing(), new Set([FOOTER])), 'is known as filler for cbp.dhs.gov'],
    [
      'versions that say different things',
      () => teach(1, [], writing(undefined, { parts: { text: [DECIDES], html: ['Another.'] } })),
      'is not in the html version of the email',
    ],
  ])('refuses %s', (_, lesson, why) => {
    expect(lesson).toThrow(why);
  });

  test('gives a letter of the same words the same id, and one that differs in anything another', () => {
    const { id } = teach(1).letter;
    expect(teach(1).letter.id).toBe(id);
    const others = [
      teach(2),
      teach(1, [2]),
      teach(1, [], writing(undefined, { domain: 'dhs.gov' })),
      teach(1, [], writing(undefined, { attachments: ['0'.repeat(64)] })),
    ];
    expect(new Set([id, ...others.map(({ letter }) => letter.id)]).size).toBe(5);
    expect(teach(1, [], writing(undefined, { address: 'x@cbp.dhs.gov' })).letter.id).toBe(id);
  });
});

test('the likely paragraph is the one that hints at the kind most, filler and subject aside, and none of several', () => {
  const shown = (paragraphs: string[], fillers = none) => shownParagraphs(writing(paragraphs), ACME, fillers);
  expect(likelyDecisive(shown([FOOTER, DECIDES]), 'approved')).toBe(2);
  expect(likelyDecisive(shown([DECIDES, 'Your request has been approved.']), 'approved')).toBeUndefined();
  expect(likelyDecisive(shown([FOOTER]), 'approved')).toBeUndefined();
  const filler = 'We approved this footer.';
  expect(likelyDecisive(shown([filler, DECIDES], new Set([filler])), 'approved')).toBe(2);
});
