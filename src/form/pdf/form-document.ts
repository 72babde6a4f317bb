import { openAcroForm } from '../acroform/acroform-document.js';
import type { Layout } from '../fill/text-layout.js';
import { loadTypefaces } from '../fill/typeface.js';
import { openDynamicXfa } from '../xfa/xfa-document.js';
import type { FormField, FormKind } from './form-field.js';
import { openPdf, type Trust } from './pdf-file.js';
import { PdfRefusedError } from './pdf-refused.js';
import type { ValueProblem } from './plain-value.js';
import type { SeenForm } from './read-back.js';

/** A form opened to be read and filled, whatever kind of PDF it is. */
export interface FormDocument {
  kind: FormKind;
  encrypted: boolean;
  usageRights: boolean;
  /** What in it is signed; such a form is not filled. */
  signatures: string[];
  pages: number;
  fields: FormField[];
  /** Whether text goes into a field and can be seen there: every check before anything is written. */
  prepareText(field: FormField, value: string, shrink: boolean): PreparedValue | ValueProblem;
  /** What is the matter with values that nobody would see on the pages, where there are pages. */
  unseen(values: PreparedValue[], template: Uint8Array): Promise<Map<PreparedValue, ValueProblem>>;
  /** Puts prepared values in and makes every field read-only. */
  write(values: PreparedValue[]): Promise<void>;
  /** A file of this form as a second library sees it. */
  see(bytes: Uint8Array): Promise<SeenForm>;
  /** The finished file; the same document and values give the same bytes. */
  save(): Promise<Uint8Array>;
  /**
   * Reads a saved file back with libraries that did not write it: what was written is there, and nothing else changed.
   * @throws FormReadBackError
   */
  prove(written: PreparedValue[], template: Uint8Array, filled: Uint8Array): Promise<{ pages: number }>;
  /**
   * The same pages without fields, proven to look like `filled`, the saved file. The document is of no use afterwards.
   * @throws FormReadBackError
   */
  flatten(written: PreparedValue[], filled: Uint8Array): Promise<Uint8Array>;
}

/** A value that was proven to go into its field. */
export interface PreparedValue {
  field: FormField;
  /** Text, or the option's on-value. */
  value: string;
  /** What people read in the box, where that is not the value: the label of a list's option. */
  shown?: string;
  /** How text is drawn, for each place of the field. */
  layouts: Layout[];
}

export function isPrepared(result: PreparedValue | ValueProblem): result is PreparedValue {
  return 'field' in result;
}

/** @throws PdfRefusedError */
export async function openFormDocument(bytes: Uint8Array, trust: Trust = {}): Promise<FormDocument> {
  await loadTypefaces();
  const file = await openPdf(bytes, trust);
  try {
    return file.kind === 'dynamic-xfa' ? openDynamicXfa(file) : openAcroForm(file);
  } catch (error) {
    if (error instanceof PdfRefusedError) throw error;
    throw new PdfRefusedError(
      'pdf-damaged',
      `The form is damaged: ${(error as Error).message}. Download it again from CBP's page.`,
      { cause: error },
    );
  }
}
