import type { ValueRule } from '../scripts/value-rule.js';

/** One field of a form, in any kind of PDF. */
export interface FormField {
  /** Full hierarchical name: `topmostSubform[0].Page2[0].CompanyName[0]`. */
  name: string;
  type: FieldType;
  /** What the form calls it: tooltip or caption. */
  caption?: string;
  /** Counted from 1; null when the form is laid out only when someone opens it. */
  page: number | null;
  /** Where it is drawn: points from the page's lower left corner. A field may be drawn more than once. */
  places: Place[];
  /** Most characters it takes; null when there is no limit. */
  maxLength: number | null;
  /** One character per cell. */
  comb: boolean;
  multiline: boolean;
  /** The choices: on-values of a check box or radio button, export values of a list. Empty for text. */
  options: string[];
  /** What people read for each of `options`, if that differs. */
  optionLabels?: string[];
  /** A dropdown that also takes other text. */
  editable?: true;
  required: boolean;
  readOnly: boolean;
  /** Why it cannot be filled: a password, rich text, an invisible box, a name that another field has too. */
  unfillable?: string;
  /** A flag of the form hides it, which a script can take away. It is `unfillable` as well. */
  hidden?: true;
  /** Text, the chosen option, or the on-value of a check box. Empty when there is no value. */
  value: string;
  /** The form tells readers to redraw its value. A filled form no longer tells them, so we draw it. */
  redrawn?: true | 'several values';
  /** What a click on a button does in the blank form. Undefined: nothing. */
  click?: Click;
  /** What Acrobat would take here. Undefined: any text that fits. */
  accepts?: ValueRule;
  /**
   * The form computes it from other boxes. Nothing computes it when a file is filled here. `overwritable`: people may type
   * something else, which stays until one of those boxes changes.
   */
  computed?: { by: 'script' | 'barcode'; from: string[] | 'unknown'; overwritable?: true };
  /** For a box that is closed: the choices with which a script of the form opens it. Without `option`, any. */
  opens?: { field: string; option?: string }[];
  /**
   * What a script of the form does to it when another box has a value, or this option: closes or fills it. `same`: the form
   * keeps one value for both boxes. `takenBack`: it does so when that choice is taken back.
   */
  dependsOn?: { field: string; option?: string; is: 'closed' | 'filled' | 'same'; takenBack?: true }[];
}

/** What a click on a button does in the blank form. */
export interface Click {
  /** Where it sends the form: `mailto:…` or an address of the web; empty when that is not known. */
  sends?: string;
  /** The action is in the XFA part, which a filled form does not keep. */
  dead?: true;
}

export type FieldType = 'text' | 'checkbox' | 'radio' | 'dropdown' | 'listbox' | 'button' | 'signature';

export interface Place {
  page: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Whether people type into it or choose in it. */
export function isTyped(type: FieldType): boolean {
  return type !== 'button' && type !== 'signature';
}

/** Whether it is ticked or chosen on the page, and not written into. */
export function isTick(field: FormField | undefined): boolean {
  return field?.type === 'checkbox' || field?.type === 'radio';
}

/** Whether a field is a choice among options and not text. */
export function isChoice(field: FormField): boolean {
  return field.options.length > 0 && field.type !== 'text';
}

/** What people read for a value: the label of an option. */
export function labelOf(field: FormField, value: string): string {
  return field.optionLabels?.[field.options.indexOf(value)] ?? value;
}

/** An option as messages list it: its value and, if different, its label. */
export function nameOfOption({ options, optionLabels: labels = options }: FormField, index: number): string {
  const [option = '', label] = [options[index], labels[index]];
  return label === undefined || label === option ? option : `${option} (${label})`;
}

/**
 * The option that `wanted` means: its on-value, its label, or both as in `nameOfOption`. Undefined when there is none. All
 * names when it could be several, such as "1" when the values 0, 1, and 2 have the labels 1, 2, and 3.
 */
export function optionFor(field: FormField, wanted: string): string | string[] | undefined {
  const { options, optionLabels: labels = options } = field;
  const all = options.map((option, index) => ({ option, label: labels[index], name: nameOfOption(field, index) }));
  const exact = all.filter(({ option, name }) => name === wanted && name !== option);
  const meant = exact.length > 0 ? exact : all.filter(({ option, label }) => option === wanted || label === wanted);
  const [first, ...others] = new Set(meant.map(({ option }) => option));
  return others.length > 0 ? meant.map(({ name }) => name) : first;
}
