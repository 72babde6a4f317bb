/**
 * A value as it can be printed: composed letters, ordinary spaces, nothing invisible. Invisible characters are dropped.
 * Anything that would need guessing is refused.
 */

import type { FormField } from './form-field.js';
import type { Layout } from './text-layout.js';

/** Zero-width spaces and joiners, soft hyphens, direction marks: invisible on paper. */
const INVISIBLE = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/g;
const SPACES = /[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/g;

export function plainValue(value: string): string {
  return value
    .normalize('NFC')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(INVISIBLE, '')
    .replace(SPACES, ' ')
    .trim();
}

export interface ValueProblem {
  problem: string;
  remedy: string;
}

/** Why a plain value cannot be printed in any box: line breaks, control characters, half characters. */
export function unprintableProblem(value: string, multiline: boolean): ValueProblem | undefined {
  if (value.includes('\n') && !multiline)
    return { problem: 'has a line break, but the box takes one line.', remedy: 'Write it in one line.' };
  const control = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u.exec(value.replaceAll('\n', ''));
  if (control)
    return {
      problem: `has ${codeOf(control[0])}, which is not a printable character.`,
      remedy: 'Type the value again instead of pasting it.',
    };
  return undefined;
}

export function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
/** A value that was checked to fit its field. */
export interface PreparedValue {
  field: FormField;
  /** Text, or the option's on-value. */
  value: string;
  /** What people read in the box, if that is not the value: the label of an option. */
  shown?: string;
  /** How text is drawn, for each place of the field. */
  layouts: Layout[];
  /** The form keeps this box closed or hidden until another is ticked, and it is. */
  opened?: true;
}
export function isPrepared(result: PreparedValue | ValueProblem): result is PreparedValue {
  return 'field' in result;
}

export function illegibleProblem(fontSize: number): ValueProblem {
  return {
    problem: `would be printed in ${fontSize} points, the size in the form: no one could read it.`,
    remedy: 'Map another box, or have a person fill the form.',
  };
}

export function tooLongProblem(field: FormField, value: string): ValueProblem | undefined {
  // Readers count UTF-16 units, so a character of two units takes two cells of a comb.
  if (field.maxLength === null || value.length <= field.maxLength) return undefined;
  return {
    problem: `has ${value.length} characters, but the box takes ${field.maxLength}.`,
    remedy: 'Shorten it as the 5106 record allows.',
  };
}

export function uncoveredProblem(characters: string[]): ValueProblem {
  const [mark = ''] = characters;
  if (characters.every((character) => /\p{M}/u.test(character)))
    return {
      problem: `has the accent ${codeOf(mark)} without a letter that can take it.`,
      remedy: 'Write the letter without it.',
    };
  const listed = characters.slice(0, 5).map((character) => `"${character}" (${codeOf(character)})`);
  return {
    problem: `has ${listed.join(', ')}${characters.length > 5 ? ' and more' : ''}, which cannot be printed.`,
    remedy: 'Transliterate it to Latin letters, as on the 5106 record.',
  };
}

/** @param misfit why the layout failed: "it takes 3 lines …" */
export function misfitProblem(misfit: string): ValueProblem {
  return {
    problem: `does not fit the box: ${misfit}.`,
    remedy: 'Shorten it as the 5106 record allows, or let a person decide on "shrink" in the field map.',
  };
}
