import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { howToGoOn } from '../../../src/cli/form/adopt.js';
import { Adoption, type AdoptOptions } from '../../../src/cli/form/adoption.js';
import { Answers, PersonLeft } from '../../../src/cli/form/answers.js';
import { explained } from '../../../src/cli/form/box-questions.js';
import type { RunForm } from '../../../src/cli/form/form-files.js';
import { draftFor } from '../../../src/form/draft/draft-map.js';
import type { FieldMap, MapEntry } from '../../../src/form/map/field-map.js';
import type { InspectedField, InspectedForm } from '../../../src/form/map/inspect-form.js';
import { acceptanceOf, sealed } from '../../../src/form/map/usable-map.js';
import { fingerprintOf } from '../../../src/form/pdf/pdf-file.js';
import type { Plain } from '../../../src/process/plain-text-output.js';

/** What `form adopt` makes of answers, without a PDF: the form is described, and the check finds nothing. */

const folder = mkdtempSync(path.join(tmpdir(), 'adopt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

type Told = Partial<InspectedField> & Pick<InspectedField, 'name'>;

const box = (about: Told): InspectedField => ({
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
  ...about,
});

const BOXES: Told[] = [
  { name: 'Name', caption: 'Section A. Company Information. Enter the legal name of the company.' },
  { name: 'Phone', caption: 'Section A. Company Information. Telephone number.' },
  { name: 'Line9', caption: 'Section A. Company Information. Line 9.' },
  {
    name: 'SectionA1.Broker_PS',
    caption: 'Section A.1 Business activity. BROKER. Select P or S.',
    type: 'dropdown',
    options: ['P', 'S'],
  },
  { name: 'Part1_Name', caption: 'Section B. Part 1. Individual. Line 1.' },
  { name: 'CBP_DOB', caption: 'For CBP Use Only. Birth.' },
  { name: 'Spare', caption: 'Spare line' },
  { name: 'Tick', caption: 'Section A. Company Information. Line 10.', type: 'checkbox', options: ['1'] },
];

/** An answer, or answers one after the other, to a question that the pattern fits. */
type Rule = [question: RegExp, ...answers: string[]];

const USUAL: Rule[] = [
  [/"none" if the form has no such box/, 'none'],
  [/"none" if it has no such section/, 'none'],
  [/What goes into box/, 'back'],
  [/\(yes or no\)$/, 'yes'],
  [/Type your first and last name/, 'Jo Lee'],
  [/press Enter\.$/, ''],
  [/Press Enter/, ''],
];

class Scripted extends Answers {
  readonly asked: string[] = [];
  constructor(
    readonly rules: Rule[],
    readonly map: string,
  ) {
    super(explained, new PassThrough());
  }

  /** The last answer to a pattern is given again, as long as the question comes. */
  override async ask({ text }: Plain): Promise<string> {
    this.asked.push(text);
    const rule = [...this.rules, ...USUAL].find(([pattern]) => pattern.test(text));
    if (!rule || this.asked.length > 200) throw new PersonLeft();
    const answer = (this.rules.includes(rule) && rule.length > 2 ? rule.splice(1, 1)[0] : rule[1]) ?? '';
    if (answer === 'quit') throw new PersonLeft();
    return String(answer);
  }
}

let said: string;
/** Whether the form was opened in spite of its active content. */
let trusted: unknown[];
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
});

let runs = 0;

async function adopt(
  rules: Rule[],
  {
    boxes = BOXES,
    form = {},
    options = {},
    lengths = [],
    at = path.join(folder, `${++runs}.pdf`),
  }: {
    boxes?: Told[];
    form?: Partial<InspectedForm>;
    options?: AdoptOptions;
    lengths?: string[];
    at?: string;
  } = {},
) {
  writeFileSync(at, at);
  const inspected: InspectedForm = {
    kind: 'acroform',
    pages: 1,
    encrypted: false,
    usageRights: false,
    signatures: [],
    fingerprint: fingerprintOf(readFileSync(at)),
    notes: [],
    fields: boxes.map(box),
    ...form,
  };
  trusted = [];
  const tasks: Record<string, (argument: never) => unknown> = {
    inspectForm: ({ acceptActiveContent }: { acceptActiveContent?: boolean }) => {
      trusted.push(acceptActiveContent);
      return inspected;
    },
    draftMap: ({ older }: { older?: FieldMap }) => draftFor(inspected, '2026-04', older),
    numberBoxes: () => new Uint8Array(),
    checkMap: () => ({ ok: true, findings: [], notes: ['Look at this.', ...lengths], lengths }),
    acceptMap: ({ map, by }: { map: FieldMap; by: string }) => ({
      map: sealed(map, { by, at: '2026-01-02T00:00:00Z', toDraw: [] }),
    }),
  };
  const run = (async (name: string, argument: never) => tasks[name]?.(argument)) as unknown as RunForm;
  const file = at.replace('.pdf', '.map.json');
  const answers = new Scripted(rules, file);
  const left = await new Adoption(at, options, run, answers).lead().then(
    () => false,
    (error) => {
      if (error instanceof PersonLeft) return true;
      throw error;
    },
  );
  const map = JSON.parse(readFileSync(file, 'utf8')) as FieldMap;
  const entry = (name: string) => map.fields.find(({ field }) => field === name) as MapEntry & Record<string, unknown>;
  return { at, left, map, entry, asked: answers.asked, questions: answers.asked.join('\n') };
}

describe('a box stays where the form says it is', () => {
  it.each([
    ['a row of another activity', /P in front of IMPORTER/, '4', 'Box 4 is in the row BROKER of Section A.1.'],
    ['another section', /company officer's title/, '5', 'Box 5 is in Section B Part 1.'],
    ['what the agency fills in', /officer's date of birth/, '6', 'Box 6 is for the agency to fill in.'],
  ])('%s is refused for what the guide asks, and the question asked again', async (_, question, number, words) => {
    const before = (await adopt([])).map.fields;
    const { questions, map } = await adopt([
      [new RegExp(`Which box is for [^?]*${question.source}`), number],
      [new RegExp(`^${words}`), 'none'],
    ]);
    expect(questions).toContain(words);
    expect(map.fields).toEqual(before);
  });

  it('a box of which the form says nothing gets the section asked about', async () => {
    const { entry } = await adopt([[/Which box is for [^?]*company officer's title/, '7']]);
    expect(entry('Spare')).toMatchObject({ section: 'A', fill: 'officer.title' });
  });

  it('what the agency fills in gets nothing later either', async () => {
    const { entry, questions } = await adopt([
      [/Boxes outside of the guide/, '6', ''],
      [/What goes into box 6/, 'reference'],
      [/^Box 6 is for the agency/, 'back'],
    ]);
    expect(questions).toContain('Box 6 is for the agency to fill in.');
    expect(entry('CBP_DOB')).toHaveProperty('leave');
  });
});

describe('the acceptance', () => {
  it.each(['no', 'yes', 'list', 'help', 'back', '?', 'Jo', 'no idea', 'x 1', 'yes please'])(
    '"%s" is not a name',
    async (word) => {
      const { map, left } = await adopt([
        [/^"[^"]*" is not a first and last name|^What can go|^Boxes are named/, 'quit'],
        [/first and last name/, word, 'quit'],
        [/\(yes or no\)$/, 'yes', 'quit'],
      ]);
      expect(left).toBe(true);
      expect(map.accepted).toBeUndefined();
    },
  );

  it('needs a yes and a name of two words', async () => {
    const { map, questions } = await adopt([[/\(yes or no\)$/, 'yes']]);
    expect(questions).toMatch(/\(yes or no\)\nType your first and last name/);
    expect(acceptanceOf(map)).toMatchObject({ by: 'Jo Lee' });
  });

  it('a no leads to the boxes that are wrong, and back to the picture', async () => {
    const { entry, map } = await adopt([
      [/\(yes or no\)$/, 'no', 'yes'],
      [/Type the numbers of the boxes that are wrong/, '1 2'],
      [/What goes into box 1/, 'leave It is wrong.'],
      [/What goes into box 2/, ''],
    ]);
    expect(entry('Name')).toMatchObject({ leave: 'It is wrong.' });
    expect(entry('Phone')).toMatchObject({ fill: 'company.phone' });
    expect(acceptanceOf(map)).toBeDefined();
  });

  it('can be changed later, which makes it void', async () => {
    const { at, map } = await adopt([]);
    const same = await adopt(
      [
        [/change it/, '1', ''],
        [/What goes into box 1/, ''],
      ],
      { at },
    );
    expect(same.map).toEqual(map);
    expect(same.questions).toContain('Now: company.legalName. Press Enter to keep that.');
    const asked = await adopt(
      [
        [/change it/, '1'],
        [/What goes into box 1/, 'quit'],
      ],
      { at },
    );
    expect(asked).toMatchObject({ left: false, map });
    const changed = await adopt(
      [
        [/change it/, '1'],
        [/What goes into box 1/, 'leave It is wrong.'],
        [/\(yes or no\)$/, 'quit'],
      ],
      { at },
    );
    expect(changed).toMatchObject({ left: true });
    expect(acceptanceOf(changed.map)).toBeUndefined();
  });
});

describe('leaving boxes and emptying computed ones', () => {
  it.each(['?', 'list', 'help', 'no', 'back', 'Brokers'])('"%s" is not a reason', async (word) => {
    const { map } = await adopt([
      [/Boxes outside of the guide[\s\S]*Press Enter/, word, 'Only for brokers'],
      [/is not a reason/, 'Only for brokers'],
    ]);
    expect(JSON.stringify(map)).not.toContain(`"leave":"${word}"`);
    expect(map.fields.filter((entry) => 'leave' in entry && entry.leave === 'Only for brokers')).toHaveLength(2);
  });

  it('says all boxes, however many, and what is in them already', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ name: `Spare${index}`, caption: `Spare line ${index}` }));
    const { questions } = await adopt([], { boxes: [...many, { name: 'Full', caption: 'Full', value: 'An example' }] });
    for (const { caption } of many) expect(questions).toMatch(new RegExp(`\\b${caption}\\b`));
    expect(questions).toContain('Box 31 already contains "An example".');
  });

  const computed: Partial<InspectedField> = { computed: { by: 'script', from: ['Name'] } };
  const withTotals: Told[] = [...BOXES, { name: 'Total', ...computed }, { name: 'Sum', ...computed }];

  it.each(['?', 'no', 'skip'])('"%s" does not empty a computed box', async (word) => {
    const { entry, left } = await adopt(
      [
        [/is not an answer|Boxes are named/, 'quit'],
        [/computes these boxes/, word],
      ],
      { boxes: withTotals },
    );
    expect(left).toBe(true);
    expect(entry('Total')).toHaveProperty('leave');
  });

  it('the number of a computed box decides it, and Enter empties the others', async () => {
    const { entry } = await adopt(
      [
        [/computes these boxes/, '9', ''],
        [/What goes into box 9/, ''],
      ],
      { boxes: withTotals },
    );
    expect(entry('Total')).toHaveProperty('leave');
    expect(entry('Sum')).toHaveProperty('clear');
  });
});

describe('what was said is kept', () => {
  it('boxes agreed to are in the map before the next question', async () => {
    const dated = [{ name: 'FYE', caption: 'Section A. Company Information. Fiscal year end' }, ...BOXES];
    const { entry, left } = await adopt(
      [
        [/want the date/, 'quit'],
        [/These boxes look clear/, '3'],
      ],
      { boxes: dated },
    );
    expect(left).toBe(true);
    expect(entry('Name')).toMatchObject({ fill: 'company.legalName' });
    expect(entry('Phone')).not.toHaveProperty('suggestion');
  });

  it.each(['none', 'back'])('"%s" leaves the question for a format, and the box is open again', async (word) => {
    const dated = [{ name: 'FYE', caption: 'Section A. Company Information. Fiscal year end' }, ...BOXES];
    const { entry } = await adopt([[/want the date/, word]], { boxes: dated });
    expect(entry('FYE')).toHaveProperty('leave');
  });

  it('the command that goes on has its options, and quotes names with spaces', () => {
    expect(howToGoOn('my form.pdf', { map: "jo's $map.json", acceptActiveContent: true })).toBe(
      `ace-onboarding form adopt "my form.pdf" --map 'jo'\\''s $map.json' --accept-active-content`,
    );
    expect(howToGoOn('form.pdf', {})).toBe('ace-onboarding form adopt form.pdf');
  });

  it('active content that the map of this very file allows needs no flag', async () => {
    const { at, map } = await adopt([]);
    const file = at.replace('.pdf', '.map.json');
    writeFileSync(file, JSON.stringify({ ...map, acceptActiveContent: true }));
    await adopt([], { at });
    expect(trusted).toEqual([true]);
    writeFileSync(file, JSON.stringify({ ...map, acceptActiveContent: true, fingerprint: `sha256:${'0'.repeat(64)}` }));
    await expect(adopt([], { at })).rejects.toThrow('map of another file');
    expect(trusted).toEqual([false]);
  });

  it('an older map is counted, or said to be ignored', async () => {
    const { at } = await adopt([]);
    const from = at.replace('.pdf', '.map.json');
    await adopt([], { options: { from } });
    expect(said).toContain(`8 of 8 boxes are taken over from ${from}.`);
    await adopt([], { at, options: { from: 'older.json' } });
    expect(said).toContain('so --from older.json is ignored');
  });
});

describe('what the guide asks has a way to its box', () => {
  it('lists the boxes that were left for no reason of their own, without ticks for text, and takes them', async () => {
    const { at } = await adopt([[/\(yes or no\)$/, 'quit']]);
    const { asked, entry } = await adopt([[/Which box is for the company officer's title/, '3']], { at });
    const question = asked.find((one) => one.includes("company officer's title")) ?? '';
    expect(question).toMatch(/^ {2}3 {2}Line 9\.$/m);
    expect(question).not.toContain('Line 10');
    expect(entry('Line9')).toMatchObject({ section: 'A', fill: 'officer.title' });
  });

  const organization: Told = {
    name: 'Org',
    caption: 'Section A. Company Information. Type of organization',
    type: 'dropdown',
    options: ['One', 'Two', 'Three'],
  };

  it('one option does not mean two kinds of organization, and "back" asks for the one before', async () => {
    const { entry, questions } = await adopt(
      [
        [/^"Two" already means/, 'back'],
        [/means corporation\?/, 'Two', 'One'],
        [/means limited-liability-company\?/, 'Two'],
        [/"none"\.$/, 'none'],
      ],
      { boxes: [organization] },
    );
    expect(questions).toContain('"Two" already means corporation');
    expect(entry('Org')).toMatchObject({ options: { corporation: 'One', 'limited-liability-company': 'Two' } });
  });
});

it('says what is odd about the file, and counts values that may be too long', async () => {
  await adopt([], { form: { encrypted: true, usageRights: true }, lengths: ['Name: takes 70 …', 'City: takes 9 …'] });
  expect(said).toContain('Encrypted with an empty password.');
  expect(said).toContain('Has Adobe usage rights');
  expect(said).toMatch(
    /Look at it[^\n]*\nNote: Look at this\.\n2 values are refused if they are longer than their boxes: "form check" lists them\./,
  );
});
