import { PDFArray, type PDFContext, PDFDict, PDFHexString, PDFName, PDFString } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import type { FormField } from '../../../../src/form/document/form-field.js';
import { type FieldValues, fillValues } from '../../../../src/form/fill/fill-values.js';
import { scriptIssues } from '../../../../src/form/fill/script-issues.js';
import { wantedValues } from '../../../../src/form/fill/wanted-values.js';
import { type FieldMap, parseFieldMap } from '../../../../src/form/map/field-map.js';
import { inspectForm } from '../../../../src/form/map/inspect-form.js';
import { fingerprintOf } from '../../../../src/form/pdf/pdf-file.js';
import { sampleApplication } from '../sample-application.js';
import { type Further, type ScriptedBox, scriptedForm } from './scripted-form.js';

/** What the scripts of a form mean for its boxes is known, and nothing that they would contradict is filled. */

const READ_ONLY = { Ff: 1 };

async function fieldsOf(boxes: ScriptedBox[], further?: Further): Promise<Map<string, FormField>> {
  const template = await scriptedForm(boxes, further);
  const { fields } = await inspectForm({ template, acceptActiveContent: true });
  return new Map(fields.map((field) => [field.name, field]));
}

async function complaintsOf(boxes: ScriptedBox[], values: FieldValues, further?: Further) {
  const template = await scriptedForm(boxes, further);
  const filled = await fillValues({ template, values, acceptActiveContent: true });
  return filled.kind === 'filled' ? [] : filled.complaints;
}

/** An action that copies a box to another. */
const copying = (context: PDFContext, trigger: string) =>
  context.obj({
    [trigger]: { S: 'JavaScript', JS: PDFString.of('getField\\("total"\\).value = getField\\("a"\\).value;') },
  } as never);

const text = (name: string, scripts?: Record<string, string>, entries?: Record<string, unknown>): ScriptedBox => ({
  name,
  ...(scripts ? { scripts } : {}),
  ...(entries ? { entries } : {}),
});
const tick = (name: string, scripts?: Record<string, string>): ScriptedBox => ({
  name,
  options: ['Yes'],
  ...(scripts ? { scripts } : {}),
});

describe('a box that a script computes', () => {
  const inputs = [text('a'), text('b'), text('c')];
  it.each([
    ['a sum of a list', 'AFSimple_Calculate("SUM", new Array("a", "b"));', ['a', 'b']],
    ['a sum of an array', 'AFSimple_Calculate("AVG", ["a", "c"]);', ['a', 'c']],
    ['a sum of a text', 'AFSimple_Calculate("PRD", "a, b");', ['a', 'b']],
    ['a sum that names itself', 'AFSimple_Calculate("SUM", "a, total");', ['a']],
    ['a script', 'var f = this.getField("a"); event.value = f.value * getField("b").valueAsString;', ['a', 'b']],
    [
      'a loop over numbered names',
      'var s = 0; for (var i = 0; i < 3; i++) s += getField("n" + i).value; event.value = s;',
      ['n0', 'n1'],
    ],
    [
      'a list of names',
      'var all = ["a", "c"], s = 0; for (var i in all) s += this.getField(all[i]).value; event.value = s;',
      ['a', 'c'],
    ],
    ['a function of the document', 'event.value = sumOf("a", "b");', ['a', 'b']],
    ['a script that names nothing', 'event.value = this.getField(event.target.name + "x".charAt(0)).value;', 'unknown'],
    ['the date', 'event.value = util.printd("mm/dd/yyyy", new Date());', 'unknown'],
    ['its own name', 'getField("total").value = getField("a").value * 2;', ['a']],
    ['a function that the form does not have', 'if (getField("a").value > 1) { addUp(); }', 'unknown'],
    ['a script that cannot be read', 'event.value = = 1;', 'unknown'],
    ['a function that runs where it is written', '(function () { event.value = getField("a").value; })();', ['a']],
    [
      'a function for each of a list',
      'var s = getField("c").value; ["a", "b"].forEach(n => { s += getField(n).value; }); event.value = s;',
      ['c', 'a', 'b'],
    ],
    ['an object of functions', 'Tools.sum();', ['b']],
    ['an object that the form does not have', 'Elsewhere.addUp();', 'unknown'],
    ['another name for the event', 'var e = event; e.value = getField("a").value;', ['a']],
    [
      'another name for getField',
      'var g = this.getField; event.value = g("a").value + g.call(this, "b").value;',
      ['a', 'b'],
    ],
    ['the names of the event', 'with (event) { value = getField("a").value; }', 'unknown'],
    ['what another script keeps', 'event.value = getField("a").value + global.rate;', 'unknown'],
  ])('by %s is marked, with the boxes it is computed from', async (_, script, from) => {
    const fields = await fieldsOf([...inputs, text('n0'), text('n1'), text('total', { C: script })], {
      open: {
        Sums: 'function sumOf(one, other) { return getField(one).value + this.getField(other).value; }',
        Tools: 'var Tools = { sum: function () { event.value = getField("b").value; } };',
      },
    });
    expect(fields.get('total')?.computed).toEqual({ by: 'script', from });
    expect(fields.get('a')?.computed).toBeUndefined();
  });

  it('is found in streams, in a chain of actions, and in a parent', async () => {
    const script = 'AFSimple_Calculate("SUM", "größe");';
    const boxes = [text('größe'), text('total', { C: script })];
    const asStreams = await fieldsOf(boxes, { asStreams: true });
    expect(asStreams.get('total')?.computed?.from).toEqual(['größe']);

    const chained = await fieldsOf([text('a'), text('total', { C: 'var nothing = 1;' })], {
      change({ context }, dicts) {
        const first = dicts.get('total')?.lookup(PDFName.of('AA'), PDFDict).lookup(PDFName.of('C'), PDFDict);
        const next = { S: 'JavaScript', JS: PDFString.of('AFSimple_Calculate\\("SUM", "a"\\);') };
        const last = context.register(context.obj(next as never));
        const between = context.register(context.obj({ S: 'ResetForm', Next: [last] } as never));
        context.lookup(last, PDFDict).set(PDFName.of('Next'), between);
        first?.set(PDFName.of('Next'), context.obj([{ S: 'ResetForm' }, between] as never));
      },
    });
    expect(chained.get('total')?.computed?.from).toEqual(['a']);

    const inherited = await fieldsOf([text('a'), text('total')], {
      change({ context, catalog }, dicts) {
        const total = dicts.get('total');
        const action = context.obj({
          S: 'JavaScript',
          JS: PDFString.of('AFSimple_Calculate\\("SUM", "a"\\);'),
        } as never);
        const fields = catalog.lookup(PDFName.of('AcroForm'), PDFDict).lookup(PDFName.of('Fields'), PDFArray);
        const kid = fields.get(1);
        const parent = context.register(
          context.obj({ T: PDFString.of('page'), AA: { C: action }, Kids: [kid] } as never),
        );
        total?.set(PDFName.of('Parent'), parent);
        fields.set(1, parent);
      },
    });
    expect(inherited.get('page.total')?.computed?.from).toEqual(['a']);
  });

  it('by a script that another script puts there is marked', async () => {
    const open = { Init: 'getField("total").setAction("Calculate", "event.value = getField(\'a\').value;");' };
    expect((await fieldsOf([text('a'), text('total')], { open })).get('total')?.computed).toEqual({
      by: 'script',
      from: ['a'],
    });
  });

  it.each([
    ['after a while', { open: { Init: "app.setTimeOut(\"getField('total').value = getField('a').value;\", 99);" } }],
    [
      'when the form is printed',
      { change: ({ catalog, context }) => catalog.set(PDFName.of('AA'), copying(context, 'WP')) },
    ],
    [
      'when its page is left',
      { change: (pdf) => pdf.getPage(0).node.set(PDFName.of('AA'), copying(pdf.context, 'C')) },
    ],
    [
      'when its page is seen',
      { change: ({ context }, boxes) => boxes.get('total')?.set(PDFName.of('AA'), copying(context, 'PV')) },
    ],
  ] satisfies [string, Further][])('by a script that runs by itself %s is marked', async (_, further) => {
    const fields = await fieldsOf([text('a'), text('total')], further);
    expect(fields.get('total')?.computed).toEqual({ by: 'script', from: ['a'] });
  });

  it('only by its place in the order of calculation is not computed: nothing there computes it', async () => {
    const fields = await fieldsOf([text('a'), text('total', { C: 'var nothing = 1;' })], {
      change: (_, boxes) => boxes.get('total')?.delete(PDFName.of('AA')),
    });
    expect(fields.get('total')?.computed).toBeUndefined();
  });

  it('is found in scripts and names that begin with the mark of UTF-8', async () => {
    const marked = (words: string) => PDFHexString.of(Buffer.from(`\ufeff${words}`, 'utf8').toString('hex'));
    const fields = await fieldsOf([text('a'), text('total')], {
      change({ context }, boxes) {
        const action = { S: 'JavaScript', JS: marked('AFSimple_Calculate("SUM", ["größe"]);') };
        boxes.get('a')?.set(PDFName.of('T'), marked('größe'));
        boxes.get('total')?.set(PDFName.of('AA'), context.obj({ C: action } as never));
      },
    });
    expect(fields.get('total')?.computed).toEqual({ by: 'script', from: ['größe'] });
  });

  it('by another box may be typed into, until that box changes', async () => {
    const boxes = [
      text('first', { V: 'getField("full").value = event.value + " " + getField("last").value;' }),
      text('last'),
      text('full'),
    ];
    const fields = await fieldsOf(boxes);
    expect(fields.get('full')?.computed).toEqual({ by: 'script', from: ['first', 'last'], overwritable: true });
    expect(await complaintsOf(boxes, { first: 'Ann' })).toMatchObject([{ field: 'full' }]);
    expect(await complaintsOf(boxes, { first: 'Ann', full: 'Ann Lee' })).toEqual([]);
  });

  it.each([
    ['a count', 'getField("b").value++;'],
    ['a template', `var name = "b"; getField(\`\${name}\`).value = event.value;`],
    ['functions that call others', 'first();'],
  ])('by another box with %s is marked', async (_, script) => {
    const calls = ['first', 'second', 'third', 'fourth', 'fifth'];
    const open = {
      Deep: calls
        .map((name, index) =>
          index < 4
            ? `function ${name}() { ${calls[index + 1]}(); }`
            : `function ${name}() { getField("b").value = event.value; }`,
        )
        .join(' '),
    };
    const fields = await fieldsOf([text('a', { Bl: script }), text('b')], { open });
    expect(fields.get('b')?.computed).toMatchObject({ by: 'script', from: ['a'] });
  });

  it('as a barcode is named as one', async () => {
    const boxes = [text('a'), text('PDF417 Barcode', { C: 'event.value = getField("a").value + "\\t";' }, READ_ONLY)];
    expect((await fieldsOf(boxes)).get('PDF417 Barcode')?.computed).toEqual({ by: 'barcode', from: ['a'] });
    expect(await complaintsOf(boxes, { a: 'x' })).toMatchObject([{ problem: expect.stringContaining('barcode') }]);
    const metadata = [text('a'), text('code', {}, { PMD: { Symbology: 'QRCode' } })];
    expect((await fieldsOf(metadata)).get('code')?.computed).toEqual({ by: 'barcode', from: 'unknown' });
  });

  it('by a script that only changes what was typed is not computed', async () => {
    const fields = await fieldsOf([text('a', { C: 'event.value = event.value.toUpperCase();' })]);
    expect(fields.get('a')?.computed).toBeUndefined();
    expect(fields.get('a')?.accepts).toMatchObject({ kind: 'script', on: 'calculate' });
  });

  it('when it is left is a rule', async () => {
    const boxes = [
      text('a', { Bl: 'event.target.value = event.target.value.toUpperCase();' }),
      text('b', { Bl: 'var box = getField("b"); box.value = util.printx("999", box.value);' }),
      text('c', { Bl: 'getField("d").textColor = color.red;' }),
    ];
    expect(await complaintsOf(boxes, { a: 'ANN', c: 'Ann' })).toEqual([]);
    expect(await complaintsOf(boxes, { a: 'Ann', b: 'Ann' })).toMatchObject([
      { field: 'a', remedy: expect.stringContaining('"upper"') },
      { field: 'b', problem: expect.stringContaining('when it is left') },
    ]);
  });
});

describe('filling', () => {
  const total = (entries = {}) => text('total', { C: 'AFSimple_Calculate("SUM", "a, b");' }, entries);
  const computed = [text('a'), text('b'), text('other'), total({ V: PDFString.of('0'), ...READ_ONLY })];

  it('never leaves a computed box stale', async () => {
    const [complaint, ...others] = await complaintsOf(computed, { a: '5', other: 'x' });
    expect(others).toEqual([]);
    expect(complaint).toMatchObject({
      field: 'total',
      problem: expect.stringMatching(/computed .* from a\. .* keep the value/),
      remedy: expect.stringContaining('"clear"'),
    });
  });

  it.each([
    ['hidden and empty', { F: 2 }, { a: '5' }],
    ['cleared', {}, { a: '5', part: '' }],
  ])('never leaves a box stale that is computed from one that is computed and %s', async (_, entries, values) => {
    const part = text('part', { C: 'AFSimple_Calculate("SUM", "a");' }, entries);
    const boxes = [
      text('a'),
      part,
      text('total', { C: 'AFSimple_Calculate("SUM", "part");' }, { V: PDFString.of('0') }),
    ];
    expect(await complaintsOf(boxes, values)).toMatchObject([{ field: 'total' }]);
  });

  it('takes a computed box that is cleared, also where no one can type', async () => {
    expect(await complaintsOf(computed, { a: '5', total: '' })).toEqual([]);
  });

  it('does not mind a computed box whose inputs stay as they are', async () => {
    expect(await complaintsOf(computed, { other: 'x' })).toEqual([]);
  });

  it('reports a computed box that would stay empty', async () => {
    const empty = [text('a'), text('b'), total()];
    expect(await complaintsOf(empty, { a: '5' })).toMatchObject([{ problem: expect.stringContaining('stay empty') }]);
    expect(await complaintsOf(empty, { a: '5', total: '' })).toEqual([]);
  });

  it('takes the word of a map that clears a computed box, also of one that is empty', async () => {
    const template = await scriptedForm([text('a'), text('b'), total()]);
    const map = (entry: FieldMap['fields'][number]) =>
      parseFieldMap({
        version: 1,
        edition: 'test',
        fingerprint: fingerprintOf(template),
        fields: [{ field: 'a', section: 'other', fill: 'company.duns' }, entry],
      });
    const fields = [...(await fieldsOf([text('a'), text('b'), total()])).values()];
    const issues = (entry: FieldMap['fields'][number]) =>
      scriptIssues(fields, wantedValues(sampleApplication(), map(entry), fields).values);
    expect(issues({ field: 'total', section: 'other', leave: 'computed' })).toMatchObject([{ field: 'total' }]);
    expect(issues({ field: 'total', section: 'other', clear: 'CBP adds it up' })).toEqual([]);
  });

  it('puts no value into a box whose scripts would refuse it', async () => {
    const dated = [text('d', { K: 'AFDate_KeystrokeEx("mm/dd/yyyy");', F: 'AFDate_FormatEx("mm/dd/yyyy");' })];
    expect(await complaintsOf(dated, { d: '04/01/2026' })).toEqual([]);
    expect(await complaintsOf(dated, { d: '2026-04-01' })).toMatchObject([
      { field: 'd', problem: expect.stringContaining('mm/dd/yyyy'), remedy: expect.stringContaining('MM/DD/YYYY') },
    ]);
  });

  it('puts no text into a computed box', async () => {
    expect(await complaintsOf([text('a'), text('b'), total()], { a: '5', total: '5' })).toMatchObject([
      { field: 'total', problem: expect.stringContaining('which the form computes') },
    ]);
  });

  it('takes any input for one of a box whose inputs are unknown', async () => {
    const boxes = [text('a'), text('total', { C: 'event.value = getField(event.target.name).value + somewhere();' })];
    expect(await complaintsOf(boxes, { a: '5' })).toMatchObject([{ field: 'total' }]);
  });
});

describe('a box that a script closes', () => {
  it.each([
    ['when the form is opened', { open: { Init: 'this.getField("b").readonly = true;' } }],
    [
      'in a function',
      { open: { Init: 'function shut(name) { getField(name).display = display.hidden; }\nshut("b");' } },
    ],
    ['by its number', { open: { Init: 'getField("b").display = 3;' } }],
    ['whatever the condition', { open: { Init: 'if (app.viewerVersion > 5) getField("b").hidden = true;' } }],
    [
      'by an action that hides it',
      {
        change({ catalog, context }) {
          catalog.set(PDFName.of('OpenAction'), context.obj({ S: 'Hide', T: PDFString.of('b') } as never));
        },
      } satisfies Further,
    ],
  ])('%s is not filled', async (_, further: Further) => {
    const boxes = [text('a'), text('b')];
    expect((await fieldsOf(boxes, further)).get('b')?.unfillable).toMatch(/closed by a script of the form/);
    expect(await complaintsOf(boxes, { b: 'x' }, further)).toMatchObject([{ field: 'b' }]);
    expect(await complaintsOf(boxes, { a: 'x' }, further)).toEqual([]);
  });

  it.each([
    ['if (event.target.isBoxChecked(0)) getField("b").readonly = false; else getField("b").readonly = true;'],
    ['getField("b").readonly = !event.target.isBoxChecked(0);'],
    ['getField("b").readonly = (event.target.value == "Off");'],
    ['var f = getField("b"); f.readonly = event.target.value != "Off" ? false : true;'],
    ['var on = event.target.isBoxChecked(0); if (on) { this.getField("b").readonly = false; }'],
  ])('is opened by the tick whose script says so: %s', async (script) => {
    const boxes = [tick('t', { U: script }), text('b', {}, READ_ONLY), text('open')];
    const fields = await fieldsOf(boxes);
    expect(fields.get('b')?.opens).toEqual([{ field: 't' }]);
    expect(fields.get('open')?.opens).toBeUndefined();
  });

  it('is opened by an option of a radio button or of the box that the script looks at', async () => {
    const kind = { name: 'kind', options: ['person', 'company'] };
    const script =
      'switch (getField("kind").value) { case "company": getField("b").display = display.visible; break; default: getField("b").display = display.hidden; }';
    const fields = await fieldsOf([
      { ...kind, scripts: { Bl: script } },
      text('b', {}, { F: 2 }),
      text('c', {}, READ_ONLY),
      text('d', { V: 'if (event.value != "") getField("c").readonly = false;' }),
    ]);
    expect(fields.get('b')).toMatchObject({
      unfillable: 'is hidden in the form',
      opens: [{ field: 'kind', option: 'company' }],
    });
    expect(fields.get('c')?.opens).toEqual([{ field: 'd' }]);
  });

  it('and that nothing could fill anyway is opened by nothing', async () => {
    const script = 'getField("b").readonly = false; getField("gone").readonly = false;';
    const password = text('b', {}, { Ff: 1 | (1 << 13) });
    expect((await fieldsOf([tick('t', { U: script }), password])).get('b')?.opens).toBeUndefined();
  });

  it('by a calculation that looks at a tick is opened with that tick', async () => {
    const fields = await fieldsOf([
      tick('t'),
      text('b', { C: 'event.target.readonly = getField("t").value != "Yes";' }),
    ]);
    expect(fields.get('b')).toMatchObject({
      unfillable: 'is closed by a script of the form that looks at t',
      opens: [{ field: 't' }],
    });
  });

  it('by a tick is filled without the tick, and refused with it', async () => {
    const script =
      'getField("city").readonly = event.target.isBoxChecked(0); if (event.target.value == "Yes") getField("zip").value = "";';
    const boxes = [tick('same', { U: script }), text('city'), text('zip')];
    expect(await complaintsOf(boxes, { city: 'Reno', zip: '89501' })).toEqual([]);
    expect(await complaintsOf(boxes, { same: true })).toEqual([]);
    expect(await complaintsOf(boxes, { same: true, city: 'Reno', zip: '89501' })).toMatchObject([
      { field: 'city', problem: expect.stringContaining('same') },
      { field: 'zip' },
    ]);
  });

  it('when a tick of the blank form is taken back is filled with the tick, and refused without it', async () => {
    const script =
      'var on = event.target.value != "Off"; getField("zip").display = on ? display.visible : display.hidden;';
    const same = { ...tick('same', { U: script }), entries: { V: PDFName.of('Yes'), AS: PDFName.of('Yes') } };
    expect(await complaintsOf([same, text('zip')], { zip: '89501' })).toEqual([]);
    expect(await complaintsOf([same, text('zip')], { same: true, zip: '89501' })).toEqual([]);
    expect(await complaintsOf([same, text('zip')], { same: false })).toEqual([]);
    expect(await complaintsOf([same, text('zip')], { same: false, zip: '89501' })).toMatchObject([
      { field: 'zip', problem: expect.stringContaining('when same loses the choice') },
    ]);
  });

  it('by one option of a radio button is filled with another option', async () => {
    const script = 'if (getField("kind").value == "person") getField("ein").readonly = true;';
    const boxes = [{ name: 'kind', options: ['person', 'company'], scripts: { Bl: script } }, text('ein')];
    expect(await complaintsOf(boxes, { kind: 'company', ein: 'x' })).toEqual([]);
    expect(await complaintsOf(boxes, { kind: 'person', ein: 'x' })).toMatchObject([{ field: 'ein' }]);
  });

  it('that a button of the form closes or clears is filled: no one presses it', async () => {
    const script = 'getField("a").readonly = true; getField("a").value = "x";';
    const button: ScriptedBox = { name: 'lock', entries: { FT: 'Btn', Ff: 1 << 16 }, scripts: { U: script } };
    expect(await complaintsOf([button, text('a')], { a: 'y' })).toEqual([]);
    expect((await fieldsOf([button, text('a')])).get('a')?.computed).toBeUndefined();
  });
});

it.each([
  ['in a function of its own', { U: '(function () { getField("a").value = "N/A"; })();' }, 'filled'],
  ['for each of a list', { U: '["a"].forEach(function (n) { getField(n).value = "N/A"; });' }, 'filled'],
  ['by a reset', { U: 'this.resetForm(["a"]);' }, 'closed'],
])('a box that a tick changes %s knows the tick', async (_, scripts, is) => {
  const fields = await fieldsOf([tick('t', scripts), text('a')]);
  expect(fields.get('a')?.dependsOn).toEqual([{ field: 't', is }]);
});

it('a box that the action of a tick resets knows the tick', async () => {
  const fields = await fieldsOf([tick('t'), text('a'), text('b')], {
    change({ context }, boxes) {
      const reset = { S: 'ResetForm', Fields: [PDFString.of('a')] };
      boxes.get('t')?.set(PDFName.of('A'), context.obj(reset as never));
    },
  });
  expect(fields.get('a')?.dependsOn).toEqual([{ field: 't', is: 'closed' }]);
  expect(fields.get('b')?.dependsOn).toBeUndefined();
});

it('a box that a tick fills is not left empty with the tick', async () => {
  const script = 'if (event.target.isBoxChecked(0)) getField("mailCity").value = getField("city").value;';
  const boxes = [tick('same', { U: script }), text('city'), text('mailCity')];
  expect(await complaintsOf(boxes, { city: 'Reno', mailCity: 'Elko' })).toEqual([]);
  expect(await complaintsOf(boxes, { same: true, city: 'Reno', mailCity: 'Reno' })).toEqual([]);
  expect(await complaintsOf(boxes, { same: true, city: 'Reno' })).toMatchObject([
    { field: 'mailCity', problem: expect.stringContaining('is filled by a script') },
  ]);
});

it('scripts that say nothing about boxes change nothing', async () => {
  const open = {
    '!ADBE::0100_VersChkVars': 'if (typeof(ADBE.Reader_Value_Asked) == "undefined") ADBE.Reader_Value_Asked = false;',
    Helpers: 'function unused(name) { getField(name).readonly = true; }',
  };
  const fields = await fieldsOf([text('a', { Fo: 'event.target.fillColor = color.white;', F: '// as it is' })], {
    open,
  });
  const { accepts, computed, opens, dependsOn, unfillable } = fields.get('a') ?? {};
  expect([accepts, computed, opens, dependsOn, unfillable]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
