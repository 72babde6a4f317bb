import { createHash } from 'node:crypto';
import type { XmlElement } from '@rgrove/parse-xml';
import { DOMParser, type Document, type Element, onErrorStopParsing, XMLSerializer } from '@xmldom/xmldom';
import {
  decodePDFRawStream,
  PDFArray,
  type PDFDict,
  PDFName,
  type PDFObject,
  PDFRawStream,
  PDFRef,
  PDFStream,
} from 'pdf-lib';
import { textOf } from '../pdf/pdf-objects.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import type { DataStep } from './xfa-fields.js';
import { childNamed as childOf, encodingOf, readableXml, rootOf } from './xfa-xml.js';

/**
 * The part that says what a form is. It is only read, by a parser that takes half of the time and a third of the memory
 * of the one that writes: it is most of a form.
 */
export class XfaTemplate {
  constructor(private readonly acroForm: PDFDict) {}

  /** Equal for equal templates. Does not parse them. */
  get print(): string {
    const stream = this.stream();
    return createHash('sha256').update(String(stream.dict)).update(stream.getContents()).digest('hex');
  }

  /** @throws PdfRefusedError `xfa-incomplete` */
  get root(): XmlElement {
    const root = this.parsed();
    const template = this.acroForm.lookup(PDFName.of('XFA')) instanceof PDFArray ? root : childOf(root, 'template');
    if (!template) throw incomplete('it has no template');
    return template;
  }

  private parsed(): XmlElement {
    try {
      return rootOf(readableXml(contentsOf(this.stream())));
    } catch (error) {
      throw incomplete(`its template is malformed XML (${(error as Error).message.split('\n')[0]})`);
    }
  }

  private stream(): PDFStream {
    const xfa = this.acroForm.lookup(PDFName.of('XFA'));
    const at = xfa instanceof PDFArray ? partAt(xfa, 'template') : undefined;
    const stream = xfa instanceof PDFArray ? at !== undefined && xfa.lookup(at + 1) : xfa;
    if (!(stream instanceof PDFStream)) throw incomplete('it has no template');
    return stream;
  }
}

/**
 * The part that has the values, `datasets`. Parts are in an array of names and streams or, rarely, in one stream.
 */
export class XfaPackets {
  private readonly datasets: Document;
  private readonly datasetsRoot: Element;

  constructor(private readonly acroForm: PDFDict) {
    const datasets = this.packet('datasets') ?? emptyDatasets();
    this.datasets = datasets.document;
    this.datasetsRoot = datasets.root;
  }

  /** Undefined where the data has no place for it. */
  valueAt(steps: DataStep[]): string | undefined {
    let node = childNamed(this.datasetsRoot, 'data');
    for (const { name, index } of steps) node = node && childrenNamed(node, name)[index];
    return node ? (node.textContent ?? '') : undefined;
  }

  /** Makes whatever is missing on the way. */
  setValueAt(steps: DataStep[], value: string): void {
    let node =
      childNamed(this.datasetsRoot, 'data') ??
      this.append(this.datasetsRoot, 'xfa:data', this.datasetsRoot.namespaceURI);
    for (const { name, index } of steps) {
      while (!childrenNamed(node, name)[index]) this.append(node, name, null);
      node = childrenNamed(node, name)[index] ?? node;
    }
    node.textContent = value;
  }

  write(): void {
    const bytes = new TextEncoder().encode(
      inUtf8(new XMLSerializer().serializeToString(this.isWhole() ? this.datasets : this.datasetsRoot)),
    );
    const stream = this.acroForm.context.flateStream(bytes);
    const xfa = this.acroForm.lookup(PDFName.of('XFA'));
    if (!(xfa instanceof PDFArray)) {
      this.acroForm.set(PDFName.of('XFA'), this.acroForm.context.register(stream));
      return;
    }
    const at = partAt(xfa, 'datasets');
    if (at !== undefined) {
      const ref = xfa.get(at + 1);
      if (ref instanceof PDFRef) this.acroForm.context.assign(ref, stream);
      else xfa.set(at + 1, this.acroForm.context.register(stream));
      // A reader's saved view of the form, which readers rebuild when they open it.
      dropPart(xfa, 'form');
      return;
    }
    const template = partAt(xfa, 'template') ?? 0;
    xfa.insert(template + 2, this.acroForm.context.register(stream));
    xfa.insert(template + 2, this.acroForm.context.obj('datasets'));
    dropPart(xfa, 'form');
  }

  /** Rewrites parts in UTF-8, the only encoding that every library knows. False when they all are in it. */
  recode(): boolean {
    const xfa = this.acroForm.lookup(PDFName.of('XFA'));
    const { context } = this.acroForm;
    let changed = false;
    for (const ref of xfa instanceof PDFArray ? xfa.asArray() : [this.acroForm.get(PDFName.of('XFA'))]) {
      const stream = ref instanceof PDFRef ? context.lookup(ref) : undefined;
      if (!(ref instanceof PDFRef && stream instanceof PDFStream)) continue;
      const bytes = contentsOf(stream);
      if (encodingOf(bytes) === 'utf-8') continue;
      context.assign(ref, context.flateStream(new TextEncoder().encode(inUtf8(readableXml(bytes)))));
      changed = true;
    }
    return changed;
  }

  private isWhole(): boolean {
    return !(this.acroForm.lookup(PDFName.of('XFA')) instanceof PDFArray);
  }

  private packet(name: string): { document: Document; root: Element } | undefined {
    const xfa = this.acroForm.lookup(PDFName.of('XFA'));
    if (xfa instanceof PDFArray) {
      const at = partAt(xfa, name);
      const document = at === undefined ? undefined : parsed(xfa.lookup(at + 1), name);
      const root = document?.documentElement;
      return document && root ? { document, root } : undefined;
    }
    this.whole ??= parsed(xfa, 'form');
    const root = this.whole.documentElement ? childNamed(this.whole.documentElement, name) : undefined;
    if (!root && name === 'datasets') throw incomplete('it keeps its parts in one stream and has no place for data');
    return root ? { document: this.whole, root } : undefined;
  }

  private whole: Document | undefined;

  private append(parent: Element, name: string, namespace: string | null): Element {
    const element = namespace ? this.datasets.createElementNS(namespace, name) : this.datasets.createElement(name);
    parent.appendChild(element);
    return element;
  }
}

function parsed(stream: PDFObject | undefined, name: string): Document {
  if (!(stream instanceof PDFStream)) throw incomplete(`its ${name} is missing`);
  const bytes = contentsOf(stream);
  try {
    return new DOMParser({ onError: onErrorStopParsing }).parseFromString(readableXml(bytes), 'text/xml');
  } catch (error) {
    throw incomplete(`its ${name} is malformed XML (${(error as Error).message.split('\n')[0]})`);
  }
}

function contentsOf(stream: PDFStream): Uint8Array {
  return stream instanceof PDFRawStream ? decodePDFRawStream(stream).decode() : stream.getContents();
}

/** The declaration may name the encoding that the XML had before. */
function inUtf8(xml: string): string {
  return xml.replace(/^<\?xml[^>]*\?>/, '<?xml version="1.0" encoding="UTF-8"?>');
}

function emptyDatasets(): { document: Document; root: Element } {
  const document = new DOMParser().parseFromString(
    '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"/>',
    'text/xml',
  );
  const root = document.documentElement;
  if (!root) throw new Error('An XML document has no root.');
  return { document, root };
}

function incomplete(why: string): PdfRefusedError {
  return new PdfRefusedError(
    'xfa-incomplete',
    `The form is made for Adobe Reader alone (dynamic XFA), and ${why}. Open it in Acrobat and save it again, or ask CBP for another copy.`,
  );
}

function partAt(xfa: PDFArray, name: string): number | undefined {
  for (let index = 0; index + 1 < xfa.size(); index += 2) if (textOf(xfa.lookup(index)) === name) return index;
  return undefined;
}

function dropPart(xfa: PDFArray, name: string): void {
  const at = partAt(xfa, name);
  if (at === undefined) return;
  xfa.remove(at + 1);
  xfa.remove(at);
}

function children(element: Element): Element[] {
  const found: Element[] = [];
  for (let node = element.firstChild; node; node = node.nextSibling)
    if (node.nodeType === 1) found.push(node as Element);
  return found;
}

function childrenNamed(element: Element, name: string): Element[] {
  return children(element).filter((child) => localNameOf(child) === name);
}

function childNamed(element: Element, name: string): Element | undefined {
  return childrenNamed(element, name)[0];
}

function localNameOf(element: Element): string {
  return element.localName ?? element.nodeName;
}
