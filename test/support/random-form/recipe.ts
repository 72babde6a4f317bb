import fc from 'fast-check';

/**
 * What a generated form is made of, as small plain data: everything that is usual is left out, so that a form that fails a
 * test is printed in a few lines. `build-form.ts` makes a PDF of it, `recipe-rules.ts` knows what a filled one must look
 * like.
 */
export interface FormRecipe {
  pages: PageRecipe[];
  /** Named b0, b1, … in their order, and spread over the pages in turn. */
  boxes: BoxRecipe[];
  /** Tells readers to draw the values anew. */
  needAppearances?: true;
  encrypted?: true;
}

export interface PageRecipe {
  rotate?: 90 | 180 | 270;
  /** The page shows 20 points less at each edge. */
  crop?: true;
}

export type BoxRecipe = TextRecipe | TickRecipe | RadioRecipe | ListRecipe;

interface Usual {
  /** What should go in. Undefined: nothing is given. */
  value?: string;
  /** The widget's flags. Usual: printed. */
  flags?: 0 | 2 | 36;
  readOnly?: true;
  required?: true;
  layer?: 'on' | 'off' | 'unprinted';
  /** What a gray stamp covers of its first widget. */
  stamp?: 'start' | 'end' | 'all';
  /** On the page, but not in the form's list. */
  unlisted?: true;
  /** A child of the group g, which also has a widget without a name. */
  grouped?: true;
  caption?: string;
}

export interface TextRecipe extends Usual {
  kind: 'text';
  width: number;
  height: number;
  /** Usual: 10. 0: fits the box. */
  size?: 0 | 8 | 1;
  /** Usual: black. */
  color?: 'white' | 'navy';
  background?: 'white' | 'black' | 'gray';
  border?: 1 | 3;
  align?: 1 | 2;
  turned?: 90 | 180 | 270;
  /** Half of it lies beyond what the page shows. */
  beyond?: true;
  multiline?: true;
  /** Cells. */
  comb?: number;
  maxLength?: number;
  /** Lies where the box before it on its page lies, if that is for text, too. */
  over?: true;
  /** It is on its page twice. */
  twice?: true;
  preset?: string;
  /** How the blank form draws the preset value. Usual: as it is. */
  drawn?: 'stale' | 'empty' | 'missing';
  /** The preset value is on the widgets. */
  valueOnKids?: true;
  script?: ScriptRecipe;
}

export interface TickRecipe extends Usual {
  kind: 'tick';
  on: string;
  beyond?: true;
  preset?: true;
  /** A tick closes that box. */
  closes?: { box: number; by: 'readonly' | 'hidden' | 'display' };
  /** That box is hidden until it is ticked. */
  opens?: number;
}

export interface RadioRecipe extends Usual {
  kind: 'radio';
  on: string[];
  /** Names of the bubbles; their states are 0, 1, 2. */
  labels?: string[];
  unison?: true;
  /** A bubble that the form hides. */
  hides?: number;
  preset?: string;
}

export interface ListRecipe extends Usual {
  kind: 'dropdown' | 'list';
  /** Export value and label. */
  options: [string, string][];
  editable?: true;
  preset?: string;
  drawn?: 'stale' | 'empty' | 'missing';
}

export type ScriptRecipe =
  | { does: 'date'; pattern: DatePattern }
  | { does: 'number'; decimals: 0 | 2; currency: '' | '$' }
  | { does: 'special'; shape: SpecialShape }
  | { does: 'range'; least: number; most: number }
  | { does: 'upper' }
  | { does: 'sum' | 'product'; of: number[] }
  | { does: 'copy'; of: number[] };

export const DATES = {
  'mm/dd/yyyy': '04/01/2026',
  'yyyy-mm-dd': '2026-04-01',
  'dd.mm.yyyy': '01.04.2026',
} as const;
export type DatePattern = keyof typeof DATES;
/** As AFSpecial_Format counts them. */
export const SPECIAL = { 0: '20001', 1: '200010001', 2: '2025550100', 3: '123456789' } as const;
export type SpecialShape = keyof typeof SPECIAL;

/** The name of a box, as scripts use it. */
export function nameOf({ boxes }: FormRecipe, index: number): string {
  const { grouped, unlisted } = boxes[index] ?? {};
  return `${grouped && !unlisted ? 'g.' : ''}b${index}`;
}

/** The text box that another one lies over. */
export function underOf({ boxes, pages }: FormRecipe, index: number): number | undefined {
  const under = index - pages.length;
  const [below, above] = [boxes[under], boxes[index]];
  return above?.kind === 'text' && above.over && below?.kind === 'text' && !below.over ? under : undefined;
}

/** The box that it lies over, or that lies over it. */
export function partnerOf(form: FormRecipe, index: number): number | undefined {
  const above = form.boxes.findIndex((_, other) => underOf(form, other) === index);
  return above >= 0 ? above : underOf(form, index);
}

/** Those of some boxes that a script of `self` can compute with. */
export function textBoxes({ boxes }: FormRecipe, of: number[], self: number): number[] {
  return of.filter((index) => index !== self && boxes[index]?.kind === 'text');
}

const FITTING = ['Ann', '7', '12', 'B-4', 'Café Québec', 'Hello', 'Ünal & Co.', 'a<b>c', '(x)', 'back\\slash'];
const LONG = [
  'A very long name that no small box of a form can take in one line',
  'W'.repeat(45),
  'i'.repeat(150),
  'word '.repeat(60).trim(),
  '1234567890'.repeat(5),
];
const ODD = [
  'Łódź',
  '東京',
  'שלום',
  'x\u0302',
  'e\u0301cole',
  'line\nbreak',
  'a\tb',
  'soft\u00adhyphen',
  'A\u00a0B',
  '½ ² №',
  '“Q” – ’s…',
  '😀',
  '\u202eabc',
  '\u0000',
  ' edge ',
  'ﬁne',
  'Київ',
];
const NUMBERS = ['5', '50', '1234.5', '1234567.891', '-3', '0', '007', '101', '1,234', 'five'];
const SHAPED = [...Object.values(DATES), '13/31/2026', '02/30/2026', '2026-4-1', ...Object.values(SPECIAL), '123'];
const anyValue = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...FITTING) },
  { weight: 1, arbitrary: fc.constantFrom(...LONG) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 1, arbitrary: fc.constantFrom(...SHAPED) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 30 }) },
  { weight: 1, arbitrary: fc.constant('') },
);
const PRESETS = ['Kept', 'Old 1', '12'];

/** One in `of` has it. */
function seldom<T>(arbitrary: fc.Arbitrary<T>, of = 12): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: of - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}
const given = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 4 });
const yes = fc.constant(true as const);

const usual = {
  flags: seldom(fc.constantFrom(0 as const, 0 as const, 2 as const, 36 as const), 8),
  readOnly: seldom(yes, 20),
  required: seldom(yes),
  layer: seldom(fc.constantFrom('on' as const, 'off' as const, 'unprinted' as const)),
  stamp: seldom(fc.constantFrom('start' as const, 'end' as const, 'all' as const)),
  unlisted: seldom(yes, 25),
  grouped: seldom(yes),
  caption: seldom(fc.constantFrom('Name', 'Enter the date (mm/dd/yyyy)', 'Part 2. Line 3', ''), 3),
};

const others = fc.uniqueArray(fc.nat({ max: 4 }), { minLength: 1, maxLength: 2 });
const script: fc.Arbitrary<ScriptRecipe> = fc.oneof(
  fc.record({ does: fc.constant('date' as const), pattern: fc.constantFrom(...(Object.keys(DATES) as DatePattern[])) }),
  fc.record({
    does: fc.constant('number' as const),
    decimals: fc.constantFrom(0 as const, 2 as const),
    currency: fc.constantFrom('' as const, '$' as const),
  }),
  fc.record({
    does: fc.constant('special' as const),
    shape: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
  }),
  fc.constant({ does: 'range' as const, least: 1, most: 100 }),
  fc.constant({ does: 'upper' as const }),
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom('sum' as const, 'product' as const, 'copy' as const), of: others }),
  },
);

/** Half of the values of a box with a script are made for it. */
function valueFor(rule: ScriptRecipe | undefined): fc.Arbitrary<string> {
  switch (rule?.does) {
    case 'date':
      return fc.oneof(fc.constant(DATES[rule.pattern]), fc.constantFrom(...SHAPED), anyValue);
    case 'number':
    case 'range':
      return fc.oneof(fc.constantFrom(...NUMBERS), anyValue);
    case 'special':
      return fc.oneof(fc.constant(SPECIAL[rule.shape]), fc.constantFrom(...SHAPED), anyValue);
    case 'upper':
      return fc.oneof(fc.constantFrom('ANN', 'B-4'), anyValue);
    default:
      return anyValue;
  }
}

const text: fc.Arbitrary<TextRecipe> = fc.option(script, { nil: undefined, freq: 2 }).chain((rule) =>
  compacted<TextRecipe>({
    kind: fc.constant('text' as const),
    width: fc.constantFrom(40, 90, 150, 250, 250),
    height: fc.constantFrom(10, 16, 22, 22, 60),
    value: given(valueFor(rule)),
    ...usual,
    size: seldom(fc.constantFrom(0 as const, 0 as const, 8 as const, 8 as const, 1 as const), 3),
    color: seldom(fc.constantFrom('white' as const, 'navy' as const), 8),
    background: seldom(fc.constantFrom('white' as const, 'black' as const, 'gray' as const), 5),
    border: seldom(fc.constantFrom(1 as const, 3 as const), 3),
    align: seldom(fc.constantFrom(1 as const, 2 as const), 4),
    turned: seldom(fc.constantFrom(90 as const, 180 as const, 270 as const), 6),
    multiline: seldom(yes, 4),
    comb: seldom(fc.constantFrom(2, 5, 9, 12), 6),
    maxLength: seldom(fc.constantFrom(0, 3, 10), 8),
    beyond: seldom(yes, 25),
    over: seldom(yes, 4),
    twice: seldom(yes, 8),
    // A result that goes stale is one that is there.
    preset: seldom(fc.constantFrom(...PRESETS), rule && 'of' in rule ? 2 : 4),
    drawn: seldom(fc.constantFrom('stale' as const, 'empty' as const, 'missing' as const), 2),
    valueOnKids: seldom(yes, 4),
    script: fc.constant(rule),
  }),
);

const tick: fc.Arbitrary<TickRecipe> = compacted<TickRecipe>({
  kind: fc.constant('tick' as const),
  on: fc.constantFrom('Yes', '1', 'On', 'Köln', 'a b'),
  value: fc.constantFrom(undefined, 'true', 'true', 'false'),
  ...usual,
  beyond: seldom(yes, 25),
  preset: seldom(yes, 4),
  closes: seldom(
    fc.record({
      box: fc.nat({ max: 7 }),
      by: fc.constantFrom('readonly' as const, 'hidden' as const, 'display' as const),
    }),
    4,
  ),
  opens: seldom(fc.nat({ max: 7 }), 6),
});

const radio: fc.Arbitrary<RadioRecipe> = fc
  .constantFrom<string[]>(['A', 'B'], ['1', '2', '3'], ['Yes', 'No'], ['A', 'B', 'B'])
  .chain((on) =>
    compacted<RadioRecipe>({
      kind: fc.constant('radio' as const),
      on: fc.constant(on),
      value: given(fc.constantFrom(...on, ...on, 'other')),
      ...usual,
      labels: seldom(fc.constant(on), 4),
      unison: seldom(yes, 2),
      hides: seldom(fc.nat({ max: 1 }), 5),
      preset: seldom(fc.constantFrom(...on), 4),
    }),
  );

const OPTIONS: [string, string][][] = [
  [
    ['CA', 'Canada'],
    ['US', 'United States'],
  ],
  [
    ['1', '1'],
    ['2', '2'],
  ],
  [
    ['0', '1'],
    ['1', '2'],
  ],
];
const list: fc.Arbitrary<ListRecipe> = fc.constantFrom(...OPTIONS).chain((options) =>
  compacted<ListRecipe>({
    kind: fc.constantFrom('dropdown' as const, 'list' as const),
    options: fc.constant(options),
    value: given(fc.oneof(fc.constantFrom(...options.flat(), ...options.flat()), fc.constant('other'))),
    ...usual,
    editable: seldom(yes, 5),
    preset: seldom(fc.constantFrom(...options.map(([value]) => value)), 4),
    drawn: seldom(fc.constantFrom('stale' as const, 'empty' as const, 'missing' as const), 2),
  }),
);

const page = compacted<PageRecipe>({
  rotate: seldom(fc.constantFrom(90 as const, 180 as const, 270 as const), 3),
  crop: seldom(yes, 4),
});

export const anyForm: fc.Arbitrary<FormRecipe> = compacted<FormRecipe>({
  pages: fc.array(page, { minLength: 1, maxLength: 3 }),
  boxes: fc.array(
    fc.oneof(
      { weight: 5, arbitrary: text },
      { weight: 2, arbitrary: tick },
      { weight: 1, arbitrary: radio },
      { weight: 1, arbitrary: list },
    ),
    { minLength: 2, maxLength: 8 },
  ),
  needAppearances: seldom(yes, 3),
  encrypted: seldom(yes, 4),
});

/** A record without what is undefined, so that it is printed in few words. */
function compacted<T extends object>(parts: Parts<T>): fc.Arbitrary<T> {
  return fc
    .record(parts as Record<string, fc.Arbitrary<unknown>>)
    .map((record) => Object.fromEntries(Object.entries(record).filter(([, part]) => part !== undefined)) as T);
}

type Parts<T> = { [K in keyof Required<T>]: fc.Arbitrary<T[K] | undefined> };
