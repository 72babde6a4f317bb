import type { FormDocument } from '../document/form-document.js';
import type { FormField } from '../document/form-field.js';
import { openFormDocument } from '../open-form-document.js';
import type { FormKind, OpenOptions } from '../pdf/pdf-file.js';
import { fingerprintOf } from '../pdf/pdf-file.js';
import { type PrintedWords, printedWords } from './near-captions.js';

/** What a form is, without anything filled in. */
export interface InspectedForm {
  kind: FormKind;
  pages: number;
  /** Protected against changes; opens with an empty password. */
  encrypted: boolean;
  /** Carries Adobe's signed permission to be saved in Reader, which filling removes. */
  usageRights: boolean;
  /** What in it is signed. A signed form is not filled. */
  signatures: string[];
  fingerprint: string;
  /** What filling it changes besides its boxes, and what in it is odd, in sentences for a person. */
  notes: string[];
  fields: InspectedField[];
}

export interface InspectedField extends FormField {
  /** When the form gives no caption: the words printed beside the field or above it. */
  near?: string;
  /** The titles of sections that the field is below, as printed. */
  headings?: string[];
}

/** @throws PdfRefusedError */
export async function inspectForm({
  template,
  ...trust
}: { template: Uint8Array } & OpenOptions): Promise<InspectedForm> {
  return describeForm(await openFormDocument(template, trust), template);
}

export async function describeForm(document: FormDocument, template: Uint8Array): Promise<InspectedForm> {
  const { kind, encrypted, usageRights, signatures, notes, fields } = document;
  let printed = new Map<string, PrintedWords>();
  let pages = document.pages;
  if (kind === 'dynamic-xfa') {
    // The second library lays it out, which also shows the page of each field.
    pages = (await document.see(template)).pages;
  } else printed = await printedWords(template, fields);
  return {
    kind,
    pages,
    encrypted,
    usageRights,
    signatures,
    fingerprint: fingerprintOf(template),
    notes,
    fields: fields.map((field) => {
      const { near, headings = [] } = printed.get(field.name) ?? {};
      return {
        ...field,
        ...(near && field.caption === undefined ? { near } : {}),
        ...(headings.length > 0 ? { headings } : {}),
      };
    }),
  };
}
