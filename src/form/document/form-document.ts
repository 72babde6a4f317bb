import type { FormKind } from '../pdf/pdf-file.js';
import { assertBoxes, PdfRefusedError } from '../pdf/pdf-refused.js';
import type { FormField } from './form-field.js';
import type { PreparedValue, ValueProblem } from './plain-value.js';
import type { SeenForm } from './read-back.js';

export interface TextOptions {
  /** Text that is too wide may be drawn smaller. */
  shrink: boolean;
  /** A person has tried such values in Acrobat, where a script of the form checks them that cannot be judged here. */
  triedInAcrobat?: boolean | undefined;
}

/** For a value of the blank form, which readers draw as it is. */
export const KEPT_TEXT: TextOptions = { shrink: true, triedInAcrobat: true };

/** A box, and the on-values that it can get if it is a tick. */
export interface BoxToProve {
  field: FormField;
  ticks: string[];
  /** The form keeps it closed until another box is ticked. */
  opened?: true;
}

export interface ProvenPlaces {
  /** Names of boxes that show some values and hide others. */
  toDraw: string[];
  /** Boxes that hide whatever goes in. */
  hidden: { field: FormField; problem: ValueProblem }[];
}

/** A saved file, and what should be in it. */
export interface FilledForProof {
  written: PreparedValue[];
  /** Values of the blank form that were only drawn. */
  redrawn: PreparedValue[];
  template: Uint8Array;
  filled: Uint8Array;
}

/** An open form of any kind of PDF, to read and fill. */
export interface FormDocument {
  kind: FormKind;
  encrypted: boolean;
  usageRights: boolean;
  /** What in it is signed. A signed form is not filled. */
  signatures: string[];
  pages: number;
  /** What filling it changes besides its boxes, and what in it is odd, in sentences for a person. */
  notes: string[];
  /** How the file lost boxes that the form has, and what to do. Such a form is not filled. */
  lostBoxes?: string | undefined;
  fields: FormField[];
  /** Checks whether text fits a field and would be visible, before anything is written. */
  prepareText(field: FormField, value: string, how: TextOptions): PreparedValue | ValueProblem;
  /**
   * The problems of values that would be invisible on the pages. Empty for a form without pages.
   * @param isProven whether a box was proven to show any value, so that its page need not be drawn
   */
  unseen(
    values: PreparedValue[],
    template: Uint8Array,
    isProven: (field: FormField) => boolean,
  ): Promise<Map<PreparedValue, ValueProblem>>;
  /**
   * Draws the pages to prove boxes for every value they can get: each box all over, and each tick.
   * @returns the boxes that must be drawn with each value, because something covers a part of them
   */
  provePlaces(boxes: BoxToProve[], template: Uint8Array): Promise<ProvenPlaces>;
  /**
   * Puts prepared values in and makes these fields read-only, and no others: what is for the agency or for a signature
   * stays open. `redrawn` are values of the blank form, which are only drawn.
   */
  write(values: PreparedValue[], redrawn: PreparedValue[]): Promise<void>;
  /** What a second library reads in a file of this form. */
  see(bytes: Uint8Array): Promise<SeenForm>;
  /** The finished file. The same document and values give the same bytes. */
  save(): Promise<Uint8Array>;
  /**
   * Reads a saved file back with libraries that did not write it: what was written is there, and nothing else changed.
   * @throws FormReadBackError
   */
  prove(form: FilledForProof): Promise<{ pages: number }>;
}

/**
 * Refuses a form that can be looked at but not filled: one that is signed, that has no boxes, or that lost some.
 * @throws PdfRefusedError `pdf-signed`, `no-form`, `boxes-lost`
 */
export function assertFillable(form: Fillable): void {
  const { signatures, lostBoxes } = form;
  if (signatures.length > 0)
    throw new PdfRefusedError(
      'pdf-signed',
      `The form is signed (${signatures.slice(0, 5).join(', ')}): filling it would break the signature. Get the blank, unsigned form from CBP's page, and sign after filling it. If CBP itself publishes it signed, fill it by hand in Acrobat, which can add to a signed form.`,
    );
  if (lostBoxes) throw new PdfRefusedError('boxes-lost', lostBoxes);
  assertBoxes(form);
}

type Fillable = Pick<FormDocument, 'kind' | 'signatures' | 'fields' | 'lostBoxes'>;
