import { describe, expect, it } from 'vitest';
import type { FormField } from '../../../../src/form/document/form-field.js';
import { fillValues } from '../../../../src/form/fill/fill-values.js';
import { inspectForm } from '../../../../src/form/map/inspect-form.js';
import { type LivecycleOptions, livecycleForm, livecycleName } from '../../../support/livecycle/livecycle-form.js';

/** A hybrid form keeps what it checks and computes in its XML alone. */

const hybrid = (options: Omit<LivecycleOptions, 'kind'> = {}) => livecycleForm({ kind: 'hybrid', ...options });

async function boxesOf(options: Omit<LivecycleOptions, 'kind'> = {}): Promise<(name: string) => FormField> {
  const { fields } = await inspectForm({ template: await hybrid(options) });
  return (name) => {
    const found = fields.find((field) => field.name === name);
    if (!found) throw new Error(`There is no ${name}.`);
    return found;
  };
}

const name = (page: number, section: string, box: string, index = 0) => livecycleName(page, section, box, { index });
const COMPANY = name(1, 'SectionA', 'Line1_CompanyName');
const ZIP = name(1, 'SectionA', 'Line3e_ZipCode');
const DOB = name(1, 'SectionA', 'Line11_DOB');
const OFFICER = name(1, 'SectionA', 'Line9a_FamilyName');
const OTHER = name(1, 'SectionA', 'Line8_OtherOrganization');
const ORGANIZATION = name(1, 'SectionA', 'Line8_Organization');
const COMPUTED = name(5, 'Additional1', 'AccountName');

async function complaintsOf(values: Record<string, string>, options: Omit<LivecycleOptions, 'kind'> = {}) {
  const filled = await fillValues({ template: await hybrid(options), values });
  return filled.kind === 'filled' ? [] : filled.complaints;
}

describe('a box of a hybrid form', () => {
  it.each([
    [DOB, '1970-01-31', 'mm/dd/yyyy', '01/31/1970'],
    [ZIP, '1234', '99999', '12345'],
    [OFFICER, 'Smith 2nd', 'Enter only letters, space, apostrophe and hyphen.', "O'Brien-Smith"],
  ])('%s refuses %s, which its picture or script refuses, and takes another value', async (box, wrong, why, right) => {
    expect(await complaintsOf({ [box]: wrong })).toMatchObject([
      { field: box, problem: expect.stringContaining(why), remedy: expect.any(String) },
    ]);
    expect(await complaintsOf({ [box]: right })).toEqual([]);
  });

  it('that the form computes from others is not left stale', async () => {
    expect((await boxesOf())(COMPUTED).computed).toEqual({ by: 'script', from: [COMPANY] });
    expect(await complaintsOf({ [COMPANY]: 'Nowhere Trading' })).toMatchObject([
      { field: COMPUTED, problem: expect.stringContaining(COMPANY), remedy: expect.stringContaining('Clear it') },
    ]);
    expect(await complaintsOf({ [COMPANY]: 'Nowhere Trading', [COMPUTED]: '' })).toEqual([]);
    expect(await complaintsOf({ [COMPUTED]: 'Nowhere' })).toMatchObject([
      { field: COMPUTED, problem: expect.stringContaining('the form computes') },
    ]);
  });

  const WEB = name(1, 'SectionA', 'Line7_WebAddress');
  const web = (inside: string, beside = '') => ({
    template: (xml: string) =>
      xml.replace(
        /(<field name="Line7_WebAddress"[^>]*>).*?<\/field>/s,
        `$1<ui><textEdit/></ui>${inside}</field>${beside}`,
      ),
  });
  const onExit = (script: string) =>
    web(`<event activity="exit"><script contentType="application/x-javascript">${script}</script></event>`);

  it.each([
    ['on a condition', onExit('if (this.rawValue.length > 3) Line1_CompanyName.rawValue = "x";')],
    ['in a function', onExit('(function (v) { Line1_CompanyName.rawValue = v; })(this.rawValue);')],
    ['in FormCalc', web('<event activity="exit"><script>Line1_CompanyName = Upper($)</script></event>')],
    [
      "in a function of the form's own",
      {
        template: (xml: string) =>
          onExit('Tools.copy(this.rawValue);')
            .template(xml)
            .replace(
              '<field ',
              '<variables><script name="Tools" contentType="application/x-javascript">function copy(v) { Line1_CompanyName.rawValue = v; }</script></variables><field ',
            ),
      },
    ],
  ])('that another box fills %s is not left as it is', async (_, options) => {
    expect((await boxesOf(options))(COMPANY).computed).toEqual({ by: 'script', from: [WEB], overwritable: true });
  });

  it('that is computed from one that is not drawn is computed from what that one is', async () => {
    const undrawn = '<field name="Middle"><calculate><script>Line1_CompanyName</script></calculate></field>';
    const box = await boxesOf(web('<calculate><script>Middle</script></calculate>', undrawn));
    expect(box(WEB).computed).toEqual({ by: 'script', from: [COMPANY] });
  });

  it('that is computed when the form is printed is not left stale', async () => {
    const printed =
      '<event activity="prePrint"><script contentType="application/x-javascript">this.rawValue = Line1_CompanyName.rawValue;</script></event>';
    expect((await boxesOf(web(printed)))(WEB).computed).toEqual({ by: 'script', from: [COMPANY] });
  });

  it('that is a barcode of constants and the page stays as it is; one of other boxes is not left stale', async () => {
    const barcode = 'form1[0].#pageSet[0].Page1[2].PDF417BarCode1[0]';
    const constant = (await boxesOf())(barcode);
    expect(constant).toMatchObject({ value: 'ACE-S|10/31/25|3' });
    expect(constant).not.toHaveProperty('computed');
    const other = (await boxesOf({ barcode: 'data' }))(barcode);
    expect(other.computed).toEqual({ by: 'barcode', from: [COMPANY, name(2, 'SectionA1', 'Importer_IORNumber')] });
    const stale = await complaintsOf({ [COMPANY]: 'Nowhere', [COMPUTED]: '' }, { barcode: 'data' });
    expect(stale).toHaveLength(5);
    expect(stale[0]).toMatchObject({ problem: expect.stringContaining('is a barcode') });
  });

  it('that a script opens says with which choice', async () => {
    const box = await boxesOf();
    expect(box(OTHER)).toMatchObject({ readOnly: true, opens: [{ field: ORGANIZATION, option: '5' }] });
    expect(box(name(3, 'SectionB_Part2', 'Line7a_MailTo')).opens).toEqual([
      { field: name(3, 'SectionB_Part2', 'Line7_MailToOther'), option: 'Y' },
    ]);
    const units = [0, 1, 2].map((index) => ({ field: name(1, 'SectionA', 'Line3b_Unit', index) }));
    expect(box(name(1, 'SectionA', 'Line3b_AptSteFlrNumber')).opens).toEqual(units);
    expect(box(COMPANY)).not.toHaveProperty('opens');
  });

  it('that shows one value with others is filled with them', async () => {
    const template = (xml: string) =>
      xml.replaceAll(
        /(<field name="(?:Line1_CompanyName|Line1_EntityName)".*?)(<\/field>)/gs,
        '$1<bind match="dataRef" ref="$record.Shared"/>$2',
      );
    const entity = name(3, 'SectionB_Part2', 'Line1_EntityName');
    const options = { template, datasets: (xml: string) => xml.replace('<form1\n>', '<form1\n><Shared\n/>') };
    const about = { [COMPUTED]: '', [COMPANY]: 'Nowhere' };
    const asked = { field: entity, problem: expect.stringContaining(`shows the same value as ${COMPANY}`) };
    expect(await complaintsOf(about, options)).toMatchObject([asked]);
    expect(await complaintsOf({ ...about, [entity]: 'Nowhere' }, options)).toEqual([]);
    expect(await complaintsOf({ ...about, [entity]: 'Elsewhere' }, options)).toMatchObject([{ field: COMPANY }, asked]);
  });

  it('has the tooltip of the template when it has none itself', async () => {
    expect((await boxesOf({ tooltips: 'template' }))(ZIP).caption).toContain('Enter 5 digit ZIP Code');
  });

  it('is known under its name when the template has other unnamed containers', async () => {
    const moved = await boxesOf({
      template: (xml) =>
        xml
          .replace(/<subform layout="position"/, '<subform layout="position"/><subform layout="position"')
          .replace('<subform name="SectionC"', '<area><subform name="SectionC"')
          .replace('<subform name="SectionD"', '</area><subform name="SectionD"'),
    });
    expect(moved(DOB)).toHaveProperty('accepts');
    expect(moved(name(4, 'SectionC', 'Line1_Name'))).toHaveProperty('accepts');
    expect(moved(OTHER).opens).toEqual([{ field: ORGANIZATION, option: '5' }]);
  });
});

it('a hybrid form whose data has values that are not drawn says in which boxes', async () => {
  const notesOf = async (value: string) => {
    const datasets = (xml: string) =>
      xml.replace(/<Line7_WebAddress\s*\/>/, `<Line7_WebAddress>${value}</Line7_WebAddress>`);
    return (await inspectForm({ template: await hybrid({ datasets }) })).notes.filter((note) =>
      /other values/.test(note),
    );
  };
  expect(await notesOf('kept.example')).toEqual([expect.stringContaining(name(1, 'SectionA', 'Line7_WebAddress'))]);
  expect(await notesOf('')).toEqual([]);
});

it('a hybrid form whose template cannot be read is filled, with a note', async () => {
  const template = await hybrid({ email: 'none', template: (xml) => xml.replace('</subform>', '') });
  const { notes } = await inspectForm({ template });
  expect(notes).toEqual([expect.stringContaining('XFA part cannot be read')]);
  expect(await fillValues({ template, values: { [COMPANY]: 'Nowhere' } })).toMatchObject({ kind: 'filled' });
});
