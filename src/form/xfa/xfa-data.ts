import type { XmlElement } from '@rgrove/parse-xml';
import type { XfaFile } from '../pdf/pdfium.js';
import type { DataStep } from './xfa-fields.js';
import { children, isElement, localName, rootOf } from './xfa-xml.js';

/**
 * All data of a dynamic form by path: `data[0]/form1[0]/City[0]`. Attributes are below
 * their element as `@name`, words between elements as `#text`. Read by another parser than the one that writes, and a
 * strict one: Adobe Reader does not open malformed XML.
 */
export type XfaData = Map<string, string>;

const NO_DATA = '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data/></xfa:datasets>';

/** Reads bytes as XML: what was written must be well-formed, a blank form only readable. */
export type ReadXml = (bytes: Uint8Array) => string;

export const strictXml: ReadXml = (bytes) => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

/** @throws Error when the data is malformed XML. */
export function xfaDataOf({ parts }: XfaFile, read: ReadXml): XfaData {
  const whole = parts.get('');
  if (whole) {
    const root = rootOf(read(whole));
    const datasets = root && children(root).find((element) => localName(element) === 'datasets');
    if (!datasets) throw new Error('it has no place for data');
    return dataIn(datasets);
  }
  return dataIn(rootOf(read(parts.get('datasets') ?? new TextEncoder().encode(NO_DATA))));
}

/**
 * Every other part of the form, which is never written. Without `form`, which is a reader's saved view of the form.
 * Parts in one stream are compared by what they say.
 */
export function untouchedPartsOf({ parts }: XfaFile, read: ReadXml): Map<string, string> {
  const whole = parts.get('');
  if (!whole)
    return new Map(
      [...parts].flatMap(([name, bytes]) =>
        name === 'datasets' || name === 'form' ? [] : [[name, Buffer.from(bytes).toString('latin1')]],
      ),
    );
  const root = rootOf(read(whole));
  const said: XfaData = new Map();
  const others = children(root).filter((element) => !['datasets', 'form'].includes(localName(element)));
  for (const [path, element] of positioned(others)) note(element, path, said);
  return said;
}

/** The path of a field's value in the data. */
export function placeInData(steps: DataStep[]): string {
  return ['data[0]', ...steps.map(({ name, index }) => `${name}[${index}]`)].join('/');
}

function dataIn(datasets: XmlElement): XfaData {
  const said: XfaData = new Map();
  noteAttributes(datasets, '', said);
  for (const [path, element] of positioned(children(datasets))) note(element, path, said);
  return said;
}

function note(element: XmlElement, path: string, said: XfaData): void {
  noteAttributes(element, path, said);
  const inner = children(element);
  if (inner.length === 0) {
    said.set(path, element.text);
    return;
  }
  const between = element.children.map((child) => ('text' in child && !isElement(child) ? child.text : '')).join('');
  if (between.trim() !== '') said.set(`${path}/#text`, between);
  for (const [step, child] of positioned(inner)) note(child, `${path}/${step}`, said);
}

function noteAttributes({ attributes }: XmlElement, path: string, said: XfaData): void {
  for (const [name, value] of Object.entries(attributes)) said.set(`${path}/@${name}`, value);
}

function positioned(elements: XmlElement[]): [string, XmlElement][] {
  const counts = new Map<string, number>();
  return elements.map((element) => {
    const name = localName(element);
    const index = counts.get(name) ?? 0;
    counts.set(name, index + 1);
    return [`${name}[${index}]`, element];
  });
}
