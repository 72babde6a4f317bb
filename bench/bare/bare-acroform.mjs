/**
 * Fills boxes as the guide of pdf-lib does: load, set, save.
 * @param {Uint8Array} template
 * @param {{ name: string, type: string, value: string }[]} values
 * @param {typeof import('pdf-lib-original').PDFDocument} library of pdf-lib or its fork
 * @returns {Promise<Uint8Array>}
 */
export async function bareAcroForm(template, values, library) {
  const pdf = await library.load(template, /** @type {object} */ ({ updateMetadata: false, password: '' }));
  const form = pdf.getForm();
  for (const { name, type, value } of values) {
    if (type === 'text') form.getTextField(name).setText(value);
    else if (type === 'dropdown') form.getDropdown(name).select(value);
    else if (type === 'checkbox') form.getCheckBox(name).check();
    else form.getRadioGroup(name).select(value);
  }
  return pdf.save();
}
