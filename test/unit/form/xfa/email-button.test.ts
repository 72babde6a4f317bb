import { PDFArray, PDFDict, PDFDocument, PDFName, PDFNumber } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { fillValues } from '../../../../src/form/fill/fill-values.js';
import { inspectForm } from '../../../../src/form/map/inspect-form.js';
import { type LivecycleOptions, livecycleForm, livecycleName } from '../../../support/livecycle/livecycle-form.js';

const BUTTON = 'form1[0].#subform[4].EmailSubmitButton1[0]';
const NAME = livecycleName(4, 'SectionC', 'Line1_Name');

async function filledWith(options: LivecycleOptions) {
  const template = await livecycleForm(options);
  const { notes } = await inspectForm({ template });
  const name = options.kind === 'hybrid' ? NAME : NAME.replace(/#subform\[\d+\]\./, '');
  const filled = await fillValues({ template, values: { [name]: 'Ann' } });
  if (filled.kind !== 'filled') throw new Error(JSON.stringify(filled));
  expect(filled.notes).toEqual(notes);
  return { notes, pdf: filled.pdf };
}

/** Whether the button is seen, and whether it still has an action. */
async function buttonIn(pdf: Uint8Array): Promise<{ hidden: boolean; acts: boolean }> {
  const document = await PDFDocument.load(pdf);
  const button = document.getForm().getButton(BUTTON);
  const [widget] = button.acroField.getWidgets();
  const flags = widget?.dict.lookupMaybe(PDFName.of('F'), PDFNumber)?.asNumber() ?? 0;
  return { hidden: (flags & 2) !== 0, acts: widget?.dict.has(PDFName.of('A')) ?? false };
}

describe('the email button of a form', () => {
  it('with an action of its own is kept and works', async () => {
    const { notes, pdf } = await filledWith({ kind: 'hybrid', email: 'both' });
    expect(notes).toEqual([
      'The button "Submit by E-mail" still sends the form to applications@agency.example from a filled form that is open in Acrobat.',
    ]);
    expect(await buttonIn(pdf)).toEqual({ hidden: false, acts: true });
  });

  it('whose action goes with the XFA part is hidden, and a note says so', async () => {
    const { notes, pdf } = await filledWith({ kind: 'hybrid', email: 'xfa' });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/"Submit by E-mail".*applications@agency\.example.*would do nothing.*hidden/);
    expect(await buttonIn(pdf)).toEqual({ hidden: true, acts: false });
  });

  it('that is only drawn, without a word of it in the XFA part, works as well', async () => {
    const template = (xml: string) => xml.replace(/<field name="EmailSubmitButton1".*?<\/field>/s, '');
    const { notes, pdf } = await filledWith({ kind: 'hybrid', email: 'acroform', template });
    expect(notes).toEqual([expect.stringContaining('"EmailSubmitButton1" still sends')]);
    expect(await buttonIn(pdf)).toEqual({ hidden: false, acts: true });
  });

  it('of a dynamic form works in Acrobat', async () => {
    const { notes } = await filledWith({ kind: 'dynamic' });
    expect(notes).toEqual([expect.stringContaining('still sends the form to applications@agency.example')]);
  });

  it.each([
    ['a script', (xml: string) => xml.replace(/<submit [^>]*\/>/, script('xfa.host.resetData();')), []],
    [
      'a script that sends email',
      (xml: string) => xml.replace(/<submit [^>]*\/>/, script('event.target.mailDoc(true, "desk@agency.example");')),
      [expect.stringContaining('desk@agency.example')],
    ],
  ])('is hidden when its action is %s of the XFA part', async (_what, template, about) => {
    const { notes, pdf } = await filledWith({ kind: 'hybrid', email: 'xfa', template });
    expect(notes).toHaveLength(1);
    expect(notes).toEqual(
      about.length > 0 ? about : [expect.stringMatching(/Hidden in a filled form.*Submit by E-mail/)],
    );
    expect(await buttonIn(pdf)).toMatchObject({ hidden: true });
  });

  it.each(['this.mailDoc({cTo: "desk@agency.example"});', 'app.launchURL("mailto:desk@agency.example", true);'])(
    'is known by a script of a plain AcroForm: %s',
    async (script) => {
      const pdf = await PDFDocument.load(await livecycleForm({ kind: 'hybrid', email: 'acroform' }));
      pdf.catalog.lookup(PDFName.of('AcroForm'), PDFDict).delete(PDFName.of('XFA'));
      const [widget] = pdf.getForm().getButton(BUTTON).acroField.getWidgets();
      const next = pdf.context.obj({ S: 'JavaScript' });
      next.set(PDFName.of('JS'), pdf.context.stream(script));
      const chain = PDFArray.withContext(pdf.context);
      chain.push(next);
      const reset = pdf.context.obj({ S: 'ResetForm' });
      reset.set(PDFName.of('Next'), chain);
      widget?.dict.set(PDFName.of('A'), reset);
      const { kind, notes } = await inspectForm({ template: await pdf.save() });
      expect(kind).toBe('acroform');
      expect(notes).toEqual([expect.stringContaining('still sends the form to desk@agency.example')]);
    },
  );
});

const script = (text: string) => `<script contentType="application/x-javascript">${text}</script>`;
