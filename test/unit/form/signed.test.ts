import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { makeReplica } from '../../../forms/replica-variants.js';
import { checkMap } from '../../../src/form/check/check-map.js';
import { fillForm } from '../../../src/form/fill/fill-form.js';
import { fillValues } from '../../../src/form/fill/fill-values.js';
import { inspectForm } from '../../../src/form/map/inspect-form.js';
import { fingerprintOf } from '../../../src/form/pdf/pdf-file.js';
import { previewForm } from '../../../src/form/tasks/preview-form.js';
import { sampleApplication } from './sample-application.js';

/** The replica after `change`, with a map that is for it. */
async function changed(change: (pdf: PDFDocument, acroForm: PDFDict, signature: () => PDFDict) => void) {
  const { pdf: replica, map } = await makeReplica();
  const pdf = await PDFDocument.load(replica, { updateMetadata: false });
  const signature = () => {
    const dict = pdf.context.obj({ Type: 'Sig', Filter: 'Adobe.PPKLite', ByteRange: [0, 10, 20, 10] });
    dict.set(PDFName.of('Contents'), PDFHexString.of('00'.repeat(32)));
    return dict;
  };
  change(pdf, pdf.catalog.lookup(PDFName.of('AcroForm'), PDFDict), signature);
  const template = await pdf.save({ updateFieldAppearances: false });
  return { template, map: { ...map, fingerprint: fingerprintOf(template) } };
}

const addSignatureField = (pdf: PDFDocument, acroForm: PDFDict, value?: PDFDict) => {
  const kid = pdf.context.obj({ Type: 'Annot', Subtype: 'Widget', Rect: [0, 0, 0, 0] });
  kid.set(PDFName.of('T'), PDFHexString.fromText('Signature[0]'));
  if (value) kid.set(PDFName.of('V'), pdf.context.register(value));
  const parent = pdf.context.obj({ FT: 'Sig', Kids: [pdf.context.register(kid)] });
  parent.set(PDFName.of('T'), PDFHexString.fromText('Approval[0]'));
  acroForm.lookup(PDFName.of('Fields'), PDFArray).push(pdf.context.register(parent));
};

describe('a form that is signed', () => {
  const signed = () =>
    changed((pdf, acroForm, signature) => {
      addSignatureField(pdf, acroForm, signature());
    });

  it('is refused by every command that would fill it, with what is signed and what to do', async () => {
    const { template, map } = await signed();
    const refused = {
      code: 'pdf-signed',
      message: expect.stringMatching(/field Approval\[0\]\.Signature\[0\].*blank/),
    };
    await expect(fillForm({ application: sampleApplication(), template, map })).rejects.toMatchObject(refused);
    await expect(fillValues({ values: {}, template })).rejects.toMatchObject(refused);
    await expect(checkMap({ template, map })).rejects.toMatchObject(refused);
  });

  it('can be inspected', async () => {
    const { template } = await signed();
    expect(await inspectForm({ template })).toMatchObject({ signatures: ['the field Approval[0].Signature[0]'] });
    expect((await previewForm({ pdf: template })).length).toBeGreaterThan(1_000);
  });

  it('is refused when its author certified it', async () => {
    const { template, map } = await changed((pdf, _acroForm, signature) =>
      pdf.catalog.set(PDFName.of('Perms'), pdf.context.obj({ DocMDP: pdf.context.register(signature()) })),
    );
    await expect(fillForm({ application: sampleApplication(), template, map })).rejects.toMatchObject({
      code: 'pdf-signed',
      message: expect.stringContaining('certified'),
    });
  });
});

describe('a form that is not signed', () => {
  it('is filled when it has an empty place for a signature', async () => {
    const { template, map } = await changed((pdf, acroForm) => addSignatureField(pdf, acroForm));
    const fields = [
      ...map.fields,
      { field: 'Approval[0].Signature[0]', section: 'D' as const, leave: 'Signed by hand.' },
    ];
    expect(await fillForm({ application: sampleApplication(), template, map: { ...map, fields } })).toMatchObject({
      kind: 'filled',
    });
  });

  it('is filled when its only signature allows saving in Adobe Reader', async () => {
    const { pdf: template, map } = await makeReplica('hybrid-xfa');
    expect(await inspectForm({ template })).toMatchObject({ usageRights: true, signatures: [] });
    expect(await fillForm({ application: sampleApplication(), template, map })).toMatchObject({ kind: 'filled' });
  });
});
