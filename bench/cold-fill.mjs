/**
 * The first fill of a fresh process, ours or bare pdf-lib's: `node bench/cold-fill.mjs ours|bare FOLDER`, where the folder
 * has form.pdf, form.map.json, application.json and values.json. Prints milliseconds: of the fill alone, and with the
 * modules it loads.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const [who, folder = ''] = process.argv.slice(2);
/** @param {string} name */
const file = (name) => readFileSync(path.join(folder, name));
/** @param {string} name */
const json = (name) => JSON.parse(file(name).toString('utf8'));

async function ours() {
  const { fillForm } = await import('../dist/src/form/fill/fill-form.js');
  const [application, map, template] = [json('application.json'), json('form.map.json'), file('form.pdf')];
  return async () => {
    const form = await fillForm({ application, template, map });
    if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  };
}

async function bare() {
  const { bareAcroForm } = await import('./bare/bare-acroform.mjs');
  const { PDFDocument } = await import(json('values.json').library);
  const [{ values }, template] = [json('values.json'), file('form.pdf')];
  return () => bareAcroForm(template, values, PDFDocument);
}

console.warn = () => {};
const begun = performance.now();
const fill = await (who === 'ours' ? ours() : bare());
const loaded = performance.now();
await fill();
const done = performance.now();
console.log(JSON.stringify({ fill: done - loaded, withModules: done - begun }));
