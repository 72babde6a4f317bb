/** One field of a form, whatever kind of PDF it stands in. */
export interface FormField {
  /** Full hierarchical name: `topmostSubform[0].Page2[0].CompanyName[0]`. */
  name: string;
  type: FieldType;
  /** What the form calls it: tooltip or caption. */
  caption?: string;
  /** Counted from 1; null where the form is laid out only when it is opened. */
  page: number | null;
  /** Where it is drawn: points from the page's lower left corner. A field may be drawn more than once. */
  places: Place[];
  /** Most characters it takes; null without a limit. */
  maxLength: number | null;
  /** One character to a cell. */
  comb: boolean;
  multiline: boolean;
  /** What may be chosen: a tick's and a bubble's on-values, a list's export values. Empty for text. */
  options: string[];
  /** What people read for each of `options`, where that differs. */
  optionLabels?: string[];
  /** A dropdown that also takes other text. */
  editable?: true;
  required: boolean;
  readOnly: boolean;
  /** Why nothing can be put in: a password, rich text, a box that nobody sees or whose name is not its own. */
  unfillable?: string;
  /** Text, chosen option or, for a tick, its on-value. Empty when there is nothing in it. */
  value: string;
  /** The form has no drawing of its value and tells readers to make one, which a filled form no longer does. */
  undrawn?: true;
}

export type FieldType = 'text' | 'checkbox' | 'radio' | 'dropdown' | 'listbox' | 'button' | 'signature';

export interface Place {
  page: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Whether a field holds a choice among options rather than text. */
export function isChoice(field: FormField): boolean {
  return field.options.length > 0 && field.type !== 'text';
}

/** What people read for a value: an option by its label. */
export function labelOf(field: FormField, value: string): string {
  return field.optionLabels?.[field.options.indexOf(value)] ?? value;
}

/** An option as lists of them name it: what the form keeps and, where that differs, what people read. */
export function nameOfOption({ options, optionLabels: labels = options }: FormField, index: number): string {
  const [option = '', label] = [options[index], labels[index]];
  return label === undefined || label === option ? option : `${option} (${label})`;
}

/**
 * The option meant by `wanted`: its on-value, what people read beside it, or both as in `nameOfOption`. Undefined where
 * there is none; the names of all where it could be several, as "1" among 0, 1 and 2 that read 1, 2 and 3.
 */
export function optionFor(field: FormField, wanted: string): string | string[] | undefined {
  const { options, optionLabels: labels = options } = field;
  const all = options.map((option, index) => ({ option, label: labels[index], name: nameOfOption(field, index) }));
  const exact = all.filter(({ option, name }) => name === wanted && name !== option);
  const meant = exact.length > 0 ? exact : all.filter(({ option, label }) => option === wanted || label === wanted);
  const [first, ...others] = new Set(meant.map(({ option }) => option));
  return others.length > 0 ? meant.map(({ name }) => name) : first;
}
