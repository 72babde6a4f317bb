import { decodePDFRawStream, PDFArray, PDFDict, PDFDocument, PDFName, type PDFRawStream } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { fillValues } from '../../../../src/form/fill/fill-values.js';
import { inspectForm } from '../../../../src/form/map/inspect-form.js';
import { masked, ruleOfPicture, storedAs } from '../../../../src/form/xfa/xfa-picture.js';
import { type LivecycleOptions, livecycleForm } from '../../../support/livecycle/livecycle-form.js';

/** What is typed into a box of a dynamic form, what its data keeps, and what its pictures and scripts take. */

const WEB = 'form1[0].SectionA[0].Line7_WebAddress[0]';
const DOB = 'form1[0].SectionA[0].Line11_DOB[0]';

/** The website's box with another field's words inside. */
const web = (inside: string, ui = '<textEdit/>') => ({
  template: (xml: string) =>
    xml.replace(
      /(<field name="Line7_WebAddress"[^>]*>).*?<\/field>/s,
      `$1<ui>${ui}</ui><font typeface="Arial" size="9pt"/>${inside}</field>`,
    ),
});

async function dataOf(pdf: Uint8Array): Promise<string> {
  const document = await PDFDocument.load(pdf, { preserveXFA: true });
  const xfa = document.catalog.lookup(PDFName.of('AcroForm'), PDFDict).lookup(PDFName.of('XFA'), PDFArray);
  const at = xfa.asArray().findIndex((_, index) => String(xfa.lookup(index)) === '(datasets)');
  return new TextDecoder().decode(decodePDFRawStream(xfa.lookup(at + 1) as PDFRawStream).decode());
}

/** What the data keeps for a value, or why it is refused. */
async function kept(box: string, value: string, options: Omit<LivecycleOptions, 'kind'> = {}): Promise<string> {
  const filled = await fillValues({
    template: await livecycleForm({ kind: 'dynamic', ...options }),
    values: { [box]: value },
  });
  if (filled.kind === 'refused') return filled.complaints.map(({ problem }) => problem).join(' ');
  const name = box.split('.').at(-1)?.replace('[0]', '') ?? '';
  return new RegExp(`<${name}[^>]*>([^<]*)<`).exec(await dataOf(filled.pdf))?.[1] ?? '';
}

describe('a value typed into a dynamic form', () => {
  it.each([
    ['01/31/1970', '1970-01-31'],
    ['1970-01-31', '1970-01-31'],
  ])('that is a date, %s, is kept as %s', async (typed, stored) => {
    expect(await kept(DOB, typed)).toBe(stored);
  });

  it.each(['31.01.1970', '02/30/1970', '1/31/70'])(
    'that the box does not take as a date, %s, is refused',
    async (typed) => {
      expect(await kept(DOB, typed)).toContain('takes dates written as mm/dd/yyyy');
    },
  );

  it('is kept without the characters that the picture adds', async () => {
    const ssn = web('<format><picture>text{999-99-9999}</picture></format>');
    expect(await kept(WEB, '123-45-6789', ssn)).toBe('123456789');
    expect(await kept(WEB, '123456789', ssn)).toBe('123456789');
    expect(await kept(WEB, '12345678', ssn)).toContain('written as 999-99-9999');
  });

  it('is kept in the pattern that the data asks for', async () => {
    const compact = web('<bind match="once"><picture>date{YYYYMMDD}</picture></bind>', '<dateTimeEdit/>');
    expect(await kept(WEB, '1970-01-31', compact)).toBe('19700131');
  });

  it('is refused where the data keeps values in a way that is not known', async () => {
    const odd = web('<bind match="once"><picture>num.currency{}</picture></bind>', '<numericEdit/>');
    expect(await kept(WEB, '5', odd)).toContain('keeps its value in a way of its own');
  });

  it.each([
    [
      'the script of a validation refuses',
      '<validate scriptTest="error"><script contentType="application/x-javascript">this.rawValue.length &lt; 5</script></validate>',
      'abcdefgh',
      'abcd',
    ],
    [
      'a script refuses letter by letter',
      '<event activity="change"><script contentType="application/x-javascript">if (/[^A-Z]/.test(xfa.event.change)) xfa.event.change = "";</script></event>',
      'abc',
      'ABC',
    ],
    [
      'a validation without an else refuses',
      '<validate scriptTest="error"><script contentType="application/x-javascript">if (this.rawValue.length &gt; 4) { false; }</script></validate>',
      'abcdefgh',
      'abcd',
    ],
    [
      'a validation in FormCalc refuses',
      '<validate scriptTest="error"><script>if (Len($) gt 4) then 0 else 1 endif</script></validate>',
      'abcdefgh',
      'abcd',
    ],
  ])('that %s is refused', async (_what, inside, wrong, right) => {
    expect(await kept(WEB, wrong, web(inside))).toMatch(/refused/);
    expect(await kept(WEB, right, web(inside))).toBe(right);
  });
});

describe('a value that the box would change is refused:', () => {
  it.each([
    ['a fraction of a whole number', '<value><integer/></value>', '<numericEdit/>', '1.5', '15'],
    ['more decimals', '<value><decimal fracDigits="2"/></value>', '<numericEdit/>', '1.234', '1.23'],
    ['more digits', '<value><decimal leadDigits="3"/></value>', '<numericEdit/>', '12345', '123'],
    ['more digits than its picture', '<format><picture>num{zz9}</picture></format>', '<numericEdit/>', '1234', '123'],
    [
      'none of its pictures',
      '<format><picture>text{99999}|text{99999-9999}</picture></format>',
      '<textEdit/>',
      '6270',
      '62701',
    ],
    [
      'by its own name',
      '<event activity="exit"><script contentType="application/x-javascript">Line7_WebAddress.rawValue = Line7_WebAddress.rawValue.toUpperCase();</script></event>',
      '<textEdit/>',
      'abc',
      'ABC',
    ],
    ['in capitals', '<event activity="exit"><script>$ = Upper($)</script></event>', '<textEdit/>', 'abc', 'ABC'],
  ])('%s', async (_, inside, ui, wrong, right) => {
    expect(await kept(WEB, wrong, web(inside, ui))).toMatch(/but the box|written as/);
    expect(await kept(WEB, right, web(inside, ui))).toBe(right);
  });
});

describe('a box of a dynamic form', () => {
  const boxOf = async (name: string, options: Omit<LivecycleOptions, 'kind'>) => {
    const { fields } = await inspectForm({ template: await livecycleForm({ kind: 'dynamic', ...options }) });
    return fields.find((field) => field.name === name);
  };

  it('that the reader computes cannot be filled, and is right when the form is opened', async () => {
    const box = await boxOf(WEB, web('<calculate><script>Concat(Line1_CompanyName, ".example")</script></calculate>'));
    expect(box).toMatchObject({ unfillable: 'is computed by the form' });
    expect(box).not.toHaveProperty('computed');
  });

  it.each([
    ['its own', (xml: string) => xml],
    [
      'another',
      (xml: string) =>
        xml.replace(/(<event activity="initialize">.*?<\/event>)(<\/field>)(.*?)(<\/field>)/s, '$2$3$1$4'),
    ],
  ])('that a script, %s, empties when the form is opened cannot be filled', async (_, move) => {
    const emptied = web(
      '<event activity="initialize"><script contentType="application/x-javascript">Line7_WebAddress.rawValue = null;</script></event>',
    );
    const options = { template: (xml: string) => move(emptied.template(xml)) };
    expect(await boxOf(WEB, options)).toMatchObject({ unfillable: 'is emptied by a script when the form is opened' });
  });

  it.each([
    ['is not printed', ' relevant="-print"'],
    ['is hidden in the form', ' presence="invisible"'],
  ])('%s when it or what it is in says so', async (why, said) => {
    const on = (name: string) => ({
      template: (xml: string) => xml.replace(`name="${name}"`, `name="${name}"${said}`),
    });
    expect(await boxOf(WEB, on('Line7_WebAddress'))).toMatchObject({ unfillable: why });
    expect(await boxOf(WEB, on('SectionA'))).toMatchObject({ unfillable: why });
  });

  it('that only a choice in Acrobat shows says which', async () => {
    const hidden = (inside: string) => ({
      template: (xml: string) =>
        xml
          .replace('name="Line7_WebAddress"', 'name="Line7_WebAddress" presence="hidden"')
          .replace(/Line8_OtherOrganization\.access = 'open'/, inside),
    });
    expect(await boxOf(WEB, hidden("Line7_WebAddress.presence = 'visible'"))).toMatchObject({
      unfillable: 'is hidden in the form until someone chooses form1[0].SectionA[0].Line8_Organization[0] in Acrobat',
    });
  });

  it('that shows one value with others is filled with them', async () => {
    const renamed = (xml: string) => xml.replaceAll('Line1_EntityName', 'Line1_CompanyName');
    const options = {
      template: (xml: string) =>
        renamed(xml).replaceAll(/(<field name="Line1_CompanyName".*?)(<\/field>)/gs, '$1<bind match="global"/>$2'),
      // Designer puts what is global at the top.
      datasets: (xml: string) =>
        renamed(xml).replaceAll('<Line1_CompanyName\n/>', '').replace('</form1', '<Line1_CompanyName\n/></form1'),
    };
    expect(await kept('form1[0].SectionA[0].Line1_CompanyName[0]', 'Nowhere', options)).toBe('Nowhere');
  });
});

it.each([
  ['date{MM/DD/YYYY}', { kind: 'date', pattern: 'mm/dd/yyyy' }],
  ["date{MMMM D', 'YYYY}", { kind: 'date', pattern: 'mmmm d, yyyy' }],
  ['date(en_US){DD-MMM-YY}', { kind: 'date', pattern: 'dd-mmm-yy' }],
  ['null{}|zero{}|text{999999999}', { kind: 'mask', mask: '999999999' }],
  ['text{AA 99.0X}', { kind: 'mask', mask: 'AA 99.OX' }],
  ['999-99-9999', { kind: 'mask', mask: '999-99-9999' }],
  ['num{$z,zz9.99}', { kind: 'number', decimals: 2, separators: 0, currency: '$' }],
  ['num{zzzz9}', { kind: 'number', decimals: 0, separators: 1, currency: '' }],
  ['date.short{}', undefined],
  ["text{'A'9}", undefined],
  ['date{MM/DD/YYYY}|date{YYYY}', { kind: 'any', of: [{ pattern: 'mm/dd/yyyy' }, { pattern: 'yyyy' }] }],
  ['text{99999}|date.short{}', undefined],
])('the picture %s is read as %j', (picture, rule) => {
  const read = ruleOfPicture(picture, 'text');
  if (rule) expect(read).toMatchObject(rule);
  else expect(read).toBeUndefined();
});

it('a mask adds what it takes away', () => {
  const rule = { kind: 'mask' as const, mask: '999-99-9999' };
  expect(storedAs(rule, masked(rule.mask, '123456789'))).toBe('123456789');
  expect(storedAs(rule, '12-345-6789')).toBeUndefined();
});
