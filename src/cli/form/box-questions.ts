import { isChoice, isTick, isTyped, nameOfOption, optionFor } from '../../form/document/form-field.js';
import { boxWords, shortCaption } from '../../form/draft/caption.js';
import { countriesIn } from '../../form/draft/suggest-slots.js';
import { APPLICATION_FIELDS, type ApplicationField, valueKindOf } from '../../form/map/application-fields.js';
import type { Section } from '../../form/map/field-map.js';
import type { InspectedField } from '../../form/map/inspect-form.js';
import { formatMistake } from '../../form/map/value-format.js';
import { columns, lines, type Plain, plain } from '../../process/plain-text-output.js';
import type { Answers } from './answers.js';

/** What `form adopt` asks about one box once its slot is known: how dates are written, and which option means what. */

export interface Box {
  number: number;
  field: InspectedField;
}

export type Asking = Pick<Answers, 'ask' | 'askUntil'>;

/** How a value is written into a box. */
export interface HowToWrite {
  format?: string;
  options?: Record<string, string>;
}

/** What needs no question. Undefined: ask. */
export function knownWriting(
  { field }: Box,
  fill: ApplicationField,
  suggested: { format?: string | undefined; options?: Record<string, string> | undefined },
): HowToWrite | undefined {
  if (suggested.options) return { options: suggested.options };
  if (isChoice(field)) {
    if (field.type === 'checkbox') return fill === 'company.organization' ? undefined : {};
    if (fill === 'company.address.country' && optionFor(field, 'US') === undefined) {
      const options = countriesIn(field);
      return options && { options };
    }
    return choicesOf(field, fill).length > 0 ? undefined : {};
  }
  const kind = valueKindOf(fill);
  if (field.type !== 'text') return {};
  if (suggested.format && !formatMistake(suggested.format, kind)) return { format: suggested.format };
  if (fill === 'importerNumber' && field.maxLength === 11) return { format: 'digits' };
  if (kind === 'phone' && field.maxLength === 10) return { format: 'phone10' };
  if (kind === 'postalCode' && field.maxLength === 5) return { format: 'zip5' };
  return kind === 'date' || kind === 'dayOfYear' ? undefined : {};
}

/** @returns `undefined` when the person does not want to say, and goes back */
export async function askWriting(answers: Asking, box: Box, fill: ApplicationField): Promise<HowToWrite | undefined> {
  const { field } = box;
  if (!isChoice(field)) return askFormat(answers, box, fill);
  if (field.type === 'checkbox') return askTicked(answers, box);
  if (fill === 'company.address.country') return askCountry(answers, box);
  return askOptions(answers, box, fill);
}

async function askFormat(
  answers: Asking,
  { number, field }: Box,
  fill: ApplicationField,
): Promise<HowToWrite | undefined> {
  const kind = valueKindOf(fill);
  const usual =
    kind === 'date' ? (field.maxLength === 8 ? 'MMDDYYYY' : 'MM/DD/YYYY') : field.maxLength === 4 ? 'MMDD' : 'MM/DD';
  const question = plain`How does box ${number} (${captionOf(field)}) want the date? Press Enter for ${usual}, or type a format such as YYYY-MM-DD. "back" leaves the box as it was.`;
  const { format } = await answers.askUntil(question, (answer): { format: string | undefined } | Plain => {
    if (isBack(answer) || /^none$/i.test(answer)) return { format: undefined };
    const format = answer || usual;
    const mistake = formatMistake(format, kind);
    return mistake ? plain`${mistake}` : { format };
  });
  return format === undefined ? undefined : { format };
}

/** Our values that a list of options must have words for. */
function choicesOf(field: InspectedField, fill: ApplicationField): string[] {
  if (fill === 'company.organization') return ORGANIZATIONS;
  return valueKindOf(fill) === 'tick' && field.options.length > 1 ? ['yes'] : [];
}

async function askOptions(
  answers: Asking,
  { number, field }: Box,
  fill: ApplicationField,
): Promise<HowToWrite | undefined> {
  const values = choicesOf(field, fill);
  const meant = new Map<string, string>();
  const names = field.options.map((_, index) => nameOfOption(field, index));
  for (let at = 0; at < values.length; ) {
    const value = values[at] ?? '';
    const what = value === 'yes' ? (fill === 'importer.primary' ? 'P, the primary account type' : 'the tick') : value;
    const question = lines([
      plain`Which option of box ${number} (${captionOf(field)}) means ${what}?`,
      plain`Its options are ${names.join(', ')}. Type one of them, or "back", or "none".`,
    ]);
    const { option } = await answers.askUntil(question, (answer): { option: string | undefined } | Plain => {
      if (isBack(answer) || /^none$/i.test(answer)) return { option: answer };
      const found = optionFor(field, answer);
      if (typeof found !== 'string')
        return plain`"${answer}" is not one of its options. Type one of ${names.join(', ')}, or "none".`;
      const other = [...meant].find(([, option]) => optionFor(field, option) === found)?.[0];
      return other === undefined
        ? { option: answer }
        : plain`"${answer}" already means ${other}, and one option cannot mean both. Type another for ${what}, "none", or "back" to say again what ${values[at - 1] ?? other} is.`;
    });
    if (option !== undefined && isBack(option)) {
      if (at === 0) return undefined;
      meant.delete(values[--at] ?? '');
      continue;
    }
    if (option !== undefined && !/^none$/i.test(option)) meant.set(value, option);
    at++;
  }
  return meant.size > 0 ? { options: Object.fromEntries(meant) } : {};
}

/** A check box of its own for each answer to one question. */
async function askTicked(answers: Asking, { number, field }: Box): Promise<HowToWrite | undefined> {
  const [option] = field.options;
  if (option === undefined) return {};
  const question = plain`For which of these is box ${number} (${captionOf(field)}) ticked? ${ORGANIZATIONS.join(', ')}`;
  const { value } = await answers.askUntil(question, (answer) =>
    ORGANIZATIONS.includes(answer) || isBack(answer)
      ? { value: answer }
      : plain`"${answer}" must be one of: ${ORGANIZATIONS.join(', ')}`,
  );
  return isBack(value) ? undefined : { options: { [value]: option } };
}

async function askCountry(answers: Asking, { number, field }: Box): Promise<HowToWrite | undefined> {
  const question = plain`Box ${number} (${captionOf(field)}) lists countries by name. Which option is the United States? Other countries can be added to the map by hand.`;
  const { option } = await answers.askUntil(question, (answer) =>
    isBack(answer) || typeof optionFor(field, answer) === 'string'
      ? { option: answer }
      : plain`"${answer}" is not one of its options.`,
  );
  return isBack(option) ? undefined : { options: { US: option } };
}

export const isBack = (answer: string) => /^back$/i.test(answer);

/** Answers to any question that ask for help. */
export function explained(answer: string): Plain | undefined {
  if (/^list$/i.test(answer)) return slotList();
  if (!/^(?:\?+|help)$/i.test(answer)) return undefined;
  return plain`Boxes are named by their numbers in the drawing. "list" shows what can go into a box, and "quit" leaves; your answers are kept. The question is:`;
}

/**
 * Why a box is not for a value that the guide asks for in `section`, or in its own; undefined when it is. Where a box
 * stands is what the form says of it: only a box of which it says nothing may be given a section.
 */
export function misplaced({ number, field }: Box, entry: Place, section = entry.section): string | undefined {
  if (boxWords(field, false).agency) return `Box ${number} is for the agency to fill in.`;
  const place = entry.section === 'other' ? '' : `Section ${entry.section}`;
  if (entry.activity && entry.activity !== 'importer')
    return `Box ${number} is in the row ${entry.activity.replaceAll('-', ' ').toUpperCase()}${place && ` of ${place}`}.`;
  return entry.section === section || entry.section === 'other' ? undefined : `Box ${number} is in ${place}.`;
}

interface Place {
  section: Section;
  activity?: string | undefined;
}

const ORGANIZATIONS = ['corporation', 'limited-liability-company', 'partnership', 'sole-proprietorship', 'other'];

/** Why a value of this kind cannot go into a box of this type; undefined when it can. */
export function unfit(field: InspectedField, slot: ApplicationField): string | undefined {
  const isAboutTick = valueKindOf(slot) === 'tick';
  if (!isTyped(field.type)) return `It is a ${field.type}.`;
  if (field.readOnly) return 'The form computes it or keeps it closed.';
  if (isAboutTick && field.type === 'text') return `It takes text, but ${slot} is a tick.`;
  const isText = !isAboutTick && valueKindOf(slot) !== 'choice';
  if (isText && isTick(field)) return `It is a tick, but ${slot} is text.`;
  return undefined;
}

function slotList(): Plain {
  return lines([
    plain`What can go into a box:`,
    columns(Object.entries(APPLICATION_FIELDS).map(([slot, { about }]) => [`  ${slot}`, about])),
  ]);
}

export function captionOf({
  caption,
  near,
  name,
  field,
}: Partial<Record<'caption' | 'near' | 'name' | 'field', string | undefined>>): string {
  const said = caption ?? near;
  return said === undefined ? (name ?? field ?? '') : shortCaption(said);
}
