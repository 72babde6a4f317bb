import {
  type BoxRecipe,
  type DATES,
  type FormRecipe,
  type ListRecipe,
  nameOf,
  partnerOf,
  type RadioRecipe,
  type ScriptRecipe,
  type TextRecipe,
  textBoxes,
} from './recipe.js';

/**
 * What a filled form of a recipe must look like, said once more in a few lines that share nothing with the product. A value
 * is what was given under the name of a box; empty to clear it.
 */
export type Values = Record<string, string>;

/** A value as people read it: composed, and without what no one sees. */
export function plain(value: string): string {
  return value
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\p{Zs}/gu, ' ')
    .trim();
}

/** What the file must have, and what must be printed. */
export function outcomeOf(box: BoxRecipe, value: string): { stored: string; shown: string } {
  switch (box.kind) {
    case 'tick':
      return { stored: value === 'true' ? box.on : '', shown: '' };
    case 'radio': {
      const at = box.on.indexOf(value);
      return { stored: at < 0 ? '' : box.labels ? String(at) : value, shown: '' };
    }
    case 'text':
      return { stored: plain(value), shown: box.script ? shownBy(box.script, plain(value)) : plain(value) };
    default: {
      const [stored, shown] = optionIn(box, value) ?? [value, value];
      return { stored, shown };
    }
  }
}

export const presetOf = (box: BoxRecipe): string =>
  box.kind === 'tick' ? (box.preset ? 'true' : '') : (box.preset ?? '');

function optionIn({ options }: ListRecipe, value: string): [string, string] | undefined {
  return options.find(([, label]) => label === value) ?? options.find(([stored]) => stored === value);
}

/** Why a box cannot have been filled with this value, whatever else is on the form. Undefined: it may have been. */
export function flawOf(box: BoxRecipe, value: string): string | undefined {
  if (value === '' || (box.kind === 'tick' && value === 'false')) return undefined;
  if (box.flags === 2 || box.flags === 36) return 'the form hides it';
  if (box.layer === 'off' || box.layer === 'unprinted') return 'its layer is not printed';
  if (box.unlisted) return 'the form does not list it';
  if (box.readOnly) return 'the form keeps it closed';
  if ('beyond' in box && box.beyond) return 'the page does not show all of it';
  if (box.kind === 'radio') return flawOfBubble(box, value);
  if (box.kind === 'dropdown' || box.kind === 'list')
    return optionIn(box, value) || (box.kind === 'dropdown' && box.editable) ? undefined : 'no such option';
  return box.kind === 'text' ? flawOfText(box, plain(value)) : undefined;
}

function flawOfBubble({ on, hides }: RadioRecipe, value: string): string | undefined {
  if (!on.includes(value)) return 'no such option';
  return on.every((option, at) => option !== value || at === hides) ? 'its bubble is hidden' : undefined;
}

function flawOfText(box: TextRecipe, value: string): string | undefined {
  if (box.size === 1) return 'no one can read it';
  const most = box.comb ?? box.maxLength;
  if (most && value.length > most) return 'it has more characters than the box takes';
  if (value.includes('\n') && !box.multiline) return 'the box takes one line';
  return value === '' ? undefined : box.script && flawBy(box.script, value);
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const SHAPES = [/^\d{5}$/, /^\d{5}-?\d{4}$/, /^[\d() -]{7,14}$/, /^\d{3}-?\d{2}-?\d{4}$/];

function flawBy(script: ScriptRecipe, value: string): string | undefined {
  switch (script.does) {
    case 'date':
      return isDate(script.pattern, value) ? undefined : `its script takes ${script.pattern}`;
    case 'number':
      return NUMBER.test(value) ? undefined : 'its script takes numbers';
    case 'special':
      return SHAPES[script.shape]?.test(value) ? undefined : 'its script takes another shape';
    case 'range':
      return Number(value) < script.least || Number(value) > script.most ? 'out of its range' : undefined;
    case 'upper':
      return value === value.toUpperCase() ? undefined : 'its script changes it to capitals';
    default:
      return 'a script computes it';
  }
}

function isDate(pattern: keyof typeof DATES, value: string): boolean {
  const shape = new RegExp(
    `^${pattern.replaceAll('.', '\\.').replace('yyyy', '(?<y>\\d{4})').replace('mm', '(?<m>\\d\\d)').replace('dd', '(?<d>\\d\\d)')}$`,
  );
  const { y, m, d } = shape.exec(value)?.groups ?? {};
  return (
    new Date(`${y}-${m}-${d}T00:00:00Z`).toString() !== 'Invalid Date' &&
    Number(d) <= new Date(Number(y), Number(m), 0).getDate()
  );
}

function shownBy(script: ScriptRecipe, value: string): string {
  if (value === '') return '';
  const digits = value.replace(/\D/g, '');
  if (script.does === 'number') {
    const amount = Math.abs(Number(value)).toLocaleString('en-US', {
      minimumFractionDigits: script.decimals,
      maximumFractionDigits: script.decimals,
    });
    return `${value.startsWith('-') ? '-' : ''}${script.currency}${amount}`;
  }
  if (script.does !== 'special') return value;
  if (script.shape === 2 && digits.length === 7) return digitsInto('999-9999', digits);
  return digitsInto(['99999', '99999-9999', '(999) 999-9999', '999-99-9999'][script.shape] ?? '', digits);
}

/** Each 9 of a shape stands for a digit. */
function digitsInto(shape: string, digits: string): string {
  let at = 0;
  return shape.replace(/9/g, () => digits[at++] ?? '');
}

/** What scripts of the form would have changed while a person typed these values, and the filled form contradicts. */
export function contradictions(form: FormRecipe, values: Values): string[] {
  const given = (index: number) => values[nameOf(form, index)];
  const changed = (index: number) => {
    const [box, value] = [form.boxes[index], given(index)];
    return (
      box !== undefined &&
      value !== undefined &&
      plain(value) !== presetOf(box) &&
      !(value === 'false' && presetOf(box) === '')
    );
  };
  const isWritten = (index: number) => ![undefined, '', 'false'].includes(given(index));
  const found: string[] = [];
  form.boxes.forEach((box, index) => {
    if (box.kind !== 'tick') return;
    const { closes, opens } = box;
    if (closes && closes.box !== index && given(index) === 'true' && isWritten(closes.box))
      found.push(`${nameOf(form, index)} closes ${nameOf(form, closes.box)}, which is filled`);
    if (opens !== undefined && opens !== index && given(index) === 'false' && box.preset && isWritten(opens))
      found.push(`${nameOf(form, index)} is taken back and closes ${nameOf(form, opens)}, which is filled`);
  });
  // What is computed from a computed box changes as well.
  const stale = new Set<number>();
  for (let before = -1; before !== stale.size; ) {
    before = stale.size;
    form.boxes.forEach((box, index) => {
      const of = box.kind === 'text' && box.script && 'of' in box.script ? textBoxes(form, box.script.of, index) : [];
      if (of.some((input) => changed(input) || stale.has(input))) stale.add(index);
    });
  }
  for (const index of stale) {
    const box = form.boxes[index] as BoxRecipe;
    if ((given(index) ?? presetOf(box)) !== '')
      found.push(`${nameOf(form, index)} keeps "${presetOf(box)}", which its script would compute anew`);
  }
  return found;
}

/** Whether nothing speaks against filling a box with a value, so that a refusal would be wrong. */
export function isEasy(form: FormRecipe, index: number, value: string): boolean {
  const box = form.boxes[index] as BoxRecipe;
  const { flags, readOnly, stamp, unlisted, layer } = box;
  if (flags || readOnly || stamp || unlisted || (layer && layer !== 'on')) return false;
  if (partnerOf(form, index) !== undefined) return false;
  const touched = form.boxes.some(
    (other) => other.kind === 'tick' && (other.closes?.box === index || other.opens === index),
  );
  if (touched) return false;
  if ('beyond' in box && box.beyond) return false;
  if (box.kind === 'tick') return true;
  if (box.kind !== 'text' || box.script) return false;
  const { width, height, size, color, background, comb, maxLength, turned = 0, multiline } = box;
  if (
    width < 150 ||
    height < 22 ||
    size === 1 ||
    color ||
    background === 'black' ||
    comb ||
    multiline ||
    turned % 180 !== 0
  )
    return false;
  return /^[\w .&<>()\\é-]{1,12}$/.test(value) && !(maxLength && value.length > maxLength);
}
