import type { FormKind } from '../pdf/pdf-file.js';
import type { FormField } from './form-field.js';
import type { PreparedValue, ValueProblem } from './plain-value.js';
import type { SeenForm } from './read-back.js';

/** An open form of any kind of PDF, to read and fill. */
export interface FormDocument {
  kind: FormKind;
  encrypted: boolean;
  usageRights: boolean;
  /** What in it is signed. A signed form is not filled. */
  signatures: string[];
  pages: number;
  fields: FormField[];
  /** Checks whether text fits a field and would be visible, before anything is written. */
  prepareText(field: FormField, value: string, shrink: boolean): PreparedValue | ValueProblem;
  /** The problems of values that would be invisible on the pages. Empty for a form without pages. */
  unseen(values: PreparedValue[], template: Uint8Array): Promise<Map<PreparedValue, ValueProblem>>;
  /** Puts prepared values in and makes every field read-only. */
  write(values: PreparedValue[]): Promise<void>;
  /** What a second library reads in a file of this form. */
  see(bytes: Uint8Array): Promise<SeenForm>;
  /** The finished file. The same document and values give the same bytes. */
  save(): Promise<Uint8Array>;
  /**
   * Reads a saved file back with libraries that did not write it: what was written is there, and nothing else changed.
   * @throws FormReadBackError
   */
  prove(written: PreparedValue[], template: Uint8Array, filled: Uint8Array): Promise<{ pages: number }>;
  /**
   * The same pages without fields, checked to look like `filled`, the saved file. The document cannot be used afterward.
   * @throws FormReadBackError
   */
  flatten(written: PreparedValue[], filled: Uint8Array): Promise<Uint8Array>;
}
