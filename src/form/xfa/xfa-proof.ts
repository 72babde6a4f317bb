import { createHash } from 'node:crypto';
import type { PreparedValue } from '../document/plain-value.js';
import { FormReadBackError, proveForm, type SeenForm, TemplateCache } from '../document/read-back.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import { readXfaFile, type XfaFile } from '../pdf/pdfium.js';
import { placeInData, strictXml, untouchedPartsOf, type XfaData, xfaDataOf } from './xfa-data.js';
import type { XfaField } from './xfa-fields.js';
import { readableXml } from './xfa-xml.js';

/**
 * A filled dynamic form is read back twice, by libraries that did not write it:
 *
 * 1. Every time, PDFium opens the file and a second XML parser reads its data: every written value is where it belongs,
 *    and every other value and part of the form is unchanged, the template above all.
 * 2. pdf.js lays the whole form out: each field shows its value, and no other field changed. That takes thirty times as
 *    long, so it is done once for each *shape* of the data: which values there are, which of them are equal, and all
 *    choices. Text only moves from the data to a box of fixed size, whatever it says. So if one form of a shape is right,
 *    all are. Anything that could make a difference is part of the shape.
 */
export async function proveXfa(form: XfaForm, written: PreparedValue[], template: Uint8Array, filled: Uint8Array) {
  const proven = await templates.known(template, () => templateProven(form, template));
  const data = proveData(proven, form, written, await readXfaFile(filled));
  const shape = shapeOf(data, form.fields);
  if (!proven.shapes.has(shape)) {
    proveForm(written, proven.seen, await form.see(filled));
    if (proven.shapes.size >= MAX_SHAPES) proven.shapes.clear();
    proven.shapes.add(shape);
  }
  return { pages: proven.seen.pages };
}

/** What the check needs to know about a form. */
export interface XfaForm {
  fields: XfaField[];
  /** The layout that pdf.js makes of a file of this form. */
  see(bytes: Uint8Array): Promise<SeenForm>;
}

interface TemplateProven {
  file: XfaFile;
  data: XfaData;
  parts: Map<string, string>;
  seen: SeenForm;
  /** Hashes of the shapes that were laid out correctly. */
  shapes: Set<string>;
}

const templates = new TemplateCache<TemplateProven>();
/** Far more than a form with a few optional boxes has. */
const MAX_SHAPES = 10_000;

async function templateProven(form: XfaForm, template: Uint8Array): Promise<TemplateProven> {
  const file = await readXfaFile(template);
  try {
    const [data, parts] = [xfaDataOf(file, readableXml), untouchedPartsOf(file, readableXml)];
    return { file, data, parts, seen: await form.see(template), shapes: new Set() };
  } catch (error) {
    if (error instanceof PdfRefusedError) throw error;
    throw new PdfRefusedError(
      'pdf-damaged',
      `The form's data cannot be read: ${(error as Error).message.split('\n')[0]}. Download it again from CBP's page.`,
      { cause: error },
    );
  }
}

/**
 * Compares the data of a filled form with what it should be.
 * @throws FormReadBackError
 */
function proveData(before: TemplateProven, form: XfaForm, written: PreparedValue[], file: XfaFile): XfaData {
  const differences: string[] = [];
  const { data, parts } = readAgain(file);
  const places = new Map(form.fields.map(({ field, dataPath }) => [field.name, dataPath && placeInData(dataPath)]));
  const expected = new Map(before.data);
  const nameAt = new Map<string, string>();
  for (const { field, value } of written) {
    const place = places.get(field.name);
    if (place === undefined) throw new Error(`${field.name} keeps no value.`);
    for (const key of expected.keys()) if (key.startsWith(`${place}/`) && !key.includes('@')) expected.delete(key);
    expected.set(place, value);
    nameAt.set(place, field.name);
  }
  for (const place of new Set([...expected.keys(), ...data.keys()])) {
    // An empty element means the same as none.
    if ((expected.get(place) ?? '') === (data.get(place) ?? '')) continue;
    const name = nameAt.get(place);
    differences.push(
      name === undefined
        ? `${place} changed although nothing should have been written there.`
        : `${name} reads differently from what was written.`,
    );
  }
  for (const name of new Set([...before.parts.keys(), ...parts.keys()]))
    if (before.parts.get(name) !== parts.get(name)) differences.push(`The form's part ${name} was changed.`);
  if (file.pages !== before.file.pages || file.formType !== before.file.formType)
    differences.push('The file is no longer the kind of form it was.');
  if (differences.length > 0) throw new FormReadBackError(differences);
  return data;
}

function readAgain(file: XfaFile): { data: XfaData; parts: Map<string, string> } {
  try {
    return { data: xfaDataOf(file, strictXml), parts: untouchedPartsOf(file, strictXml) };
  } catch (error) {
    throw new FormReadBackError([`Its data is malformed XML: ${(error as Error).message.split('\n')[0]}.`]);
  }
}

/**
 * The part of the data that can change the layout. For text in a box of fixed size it only matters which texts are equal:
 * if two boxes with the same text were swapped, no one could see it. Everything else counts as it is, and so does text
 * of the template itself, which a field may show without the data.
 */
function shapeOf(data: XfaData, fields: XfaField[]): string {
  const free = new Set<string>();
  const fixed = new Set(['']);
  for (const { field, dataPath, box, holds, preset } of fields) {
    fixed.add(preset);
    for (const option of field.options) fixed.add(option);
    if (dataPath && box && field.type === 'text' && holds === 'text') free.add(placeInData(dataPath));
  }
  const numbers = new Map<string, number>();
  const hash = createHash('sha256');
  for (const [place, text] of data) {
    let told: string | number = text;
    if (free.has(place) && !fixed.has(text)) {
      told = numbers.get(text) ?? numbers.size;
      numbers.set(text, told);
    }
    hash.update(JSON.stringify([place, told]));
  }
  return hash.digest('hex');
}
