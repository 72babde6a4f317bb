import type { FormKind } from '../pdf/pdf-file.js';
import type { FormField } from './form-field.js';
import type { PreparedValue, ValueProblem } from './plain-value.js';
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
