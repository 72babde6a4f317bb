import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_ACTOR, MAX_CHARACTERS, MAX_TEXT, overLimit } from '../../../../src/workflows/contract/limits.js';

const of = (length: number) => 'x'.repeat(length);

describe('the size limits of a message', () => {
  test('allow texts of 4,000 characters and an actor of 200', () => {
    expect(overLimit({ actor: of(MAX_ACTOR), evidence: of(MAX_TEXT), list: [of(MAX_TEXT)] })).toBeUndefined();
    expect([MAX_ACTOR, MAX_TEXT]).toEqual([200, 4_000]);
  });

  test.each([
    ['an actor', { actor: of(201) }, 'actor has 201 characters; the limit is 200.'],
    ['evidence', { actor: 'jo', evidence: of(1_500_000) }, 'evidence has 1500000 characters; the limit is 4000.'],
    [
      'a number in a list',
      { importerNumbers: ['1', of(201)] },
      'importerNumbers has 201 characters; the limit is 200.',
    ],
    ['a text deep inside', { application: { company: { legalName: of(4_001) } } }, 'One of the texts has 4001'],
    ['a message that is a text', of(4_001), 'One of the texts has 4001'],
    ['many texts', { list: Array.from({ length: 26 }, () => of(4_000)) }, 'The message is too large'],
    ['long names of fields', { [of(MAX_CHARACTERS + 1)]: 1 }, 'The message is too large'],
    ['very many values', { list: Array.from({ length: 30_000 }, () => 1) }, 'The message is too large'],
  ])('refuse %s over the limit, and say where to keep the rest', (_, message, problem) => {
    expect(overLimit(message)).toContain(problem);
    expect(overLimit(message)).toContain('Keep the long text somewhere else');
  });

  test('name only known fields, because the sender chose any other name', () => {
    expect(overLimit({ 'Mara Quist': of(5_000) })).not.toContain('Quist');
    // Names that every object has.
    for (const field of ['constructor', '__proto__', 'toString'])
      expect(overLimit(JSON.parse(`{"${field}":"${of(3_000)}"}`))).toBeUndefined();
  });

  test('apply at any depth to any value, and the check never throws', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(overLimit(deep)).toContain('too large');
    expect(overLimit(JSON.parse(`${'['.repeat(5_000)}"x"${']'.repeat(5_000)}`))).toBeUndefined();
    fc.assert(fc.property(fc.anything(), (message) => ['string', 'undefined'].includes(typeof overLimit(message))));
  });
});
