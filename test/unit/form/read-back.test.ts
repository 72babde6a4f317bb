import { describe, expect, it } from 'vitest';
import type { FormField } from '../../../src/form/document/form-field.js';
import { proveForm, type SeenField, type SeenForm } from '../../../src/form/document/read-back.js';

/** What the second library saw decides: a filled form that does not say what was meant is thrown away. */

const field: FormField = {
  name: 'city',
  type: 'text',
  page: 1,
  places: [],
  maxLength: null,
  comb: false,
  multiline: false,
  options: [],
  required: false,
  readOnly: false,
  value: '',
};
const written = [{ field, value: 'Montréal', layouts: [] }];
const shows = (value: string, text = value, inside = true): SeenField => ({
  value,
  readOnly: true,
  drawn: [{ text, inside }],
});
const seen = (fields: Record<string, SeenField>, pages = 1): SeenForm => ({
  pages,
  fields: new Map(Object.entries(fields)),
});
const before = seen({ city: shows(''), other: shows('as it was') });

describe('a filled form', () => {
  it('passes when every value is right, apart from spaces in a comb', () => {
    expect(() =>
      proveForm(written, before, seen({ city: shows('Montréal', 'M o n t r é a l'), other: shows('as it was') })),
    ).not.toThrow();
  });

  it.each<[string, SeenForm, RegExp]>([
    ['holds another value', seen({ city: shows('Montreal'), other: shows('as it was') }), /city reads differently/],
    [
      'shows question marks for letters',
      seen({ city: shows('Montréal', 'Montr?al'), other: shows('as it was') }),
      /city does not show/,
    ],
    ['shows nothing', seen({ city: shows('Montréal', ''), other: shows('as it was') }), /city does not show/],
    [
      'shows it beside the box',
      seen({ city: shows('Montréal', 'Montréal', false), other: shows('as it was') }),
      /outside its box/,
    ],
    ['lost a field', seen({ other: shows('as it was') }), /city is gone/],
    ['changed what nobody wrote', seen({ city: shows('Montréal'), other: shows('changed') }), /other changed/],
    [
      'looks different where nobody wrote',
      seen({ city: shows('Montréal'), other: shows('as it was', '') }),
      /other looks different/,
    ],
    ['gained a field', seen({ city: shows('Montréal'), other: shows('as it was'), extra: shows('') }), /extra is new/],
    ['lost a page', seen({ city: shows('Montréal'), other: shows('as it was') }, 0), /0 pages/],
  ])('is thrown away when it %s', (_what, after, difference) => {
    expect(() => proveForm(written, before, after)).toThrow(difference);
  });
});
