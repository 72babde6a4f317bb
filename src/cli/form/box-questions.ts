import { isChoice, isTyped, nameOfOption, optionFor } from '../../form/document/form-field.js';
import { shortCaption } from '../../form/draft/caption.js';
import { countriesIn } from '../../form/draft/suggest-slots.js';
import { APPLICATION_FIELDS, type ApplicationField, valueKindOf } from '../../form/map/application-fields.js';
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

export async function askFormat(
  answers: Asking,
  { number, field }: Box,
  fill: ApplicationField,
  suggested?: string,
): Promise<string | undefined> {
  const kind = valueKindOf(fill);
  if (field.type !== 'text') return undefined;
  if (suggested && !formatMistake(suggested, kind)) return suggested;
  if (fill === 'importerNumber' && field.maxLength === 11) return 'digits';
  if (kind === 'phone' && field.maxLength === 10) return 'phone10';
  if (kind === 'postalCode' && field.maxLength === 5) return 'zip5';
  if (kind !== 'date' && kind !== 'dayOfYear') return undefined;
  const usual =
    kind === 'date' ? (field.maxLength === 8 ? 'MMDDYYYY' : 'MM/DD/YYYY') : field.maxLength === 4 ? 'MMDD' : 'MM/DD';
  const question = plain`How does box ${number} (${captionOf(field)}) want the date? Press Enter for ${usual}, or type a format such as YYYY-MM-DD.`;
  const { format } = await answers.askUntil(question, (answer) => {
    const format = answer || usual;
    const mistake = formatMistake(format, kind);
    return mistake ? plain`${mistake}` : { format };
  });
  return format;
}

export async function askOptions(
  answers: Asking,
  { number, field }: Box,
  fill: ApplicationField,
): Promise<Record<string, string> | undefined> {
  if (!isChoice(field)) return undefined;
  if (field.type === 'checkbox') return askTicked(answers, number, field, fill);
  const kind = valueKindOf(fill);
  const values =
    fill === 'company.organization' ? ORGANIZATIONS : kind === 'tick' && field.options.length > 1 ? ['yes'] : [];
  if (fill === 'company.address.country' && optionFor(field, 'US') === undefined)
    return countriesIn(field) ?? askCountry(answers, number, field);
  const options: Record<string, string> = {};
  const names = field.options.map((_, index) => nameOfOption(field, index));
  for (const value of values) {
    const what = value === 'yes' ? (fill === 'importer.primary' ? 'P, the primary account type' : 'the tick') : value;
    const question = lines([
      plain`Which option of box ${number} (${captionOf(field)}) means ${what}?`,
      plain`Its options are ${names.join(', ')}. Type one of them, or "none".`,
    ]);
    const { option } = await answers.askUntil(question, (answer): { option: string | undefined } | Plain => {
      if (/^none$/i.test(answer)) return { option: undefined };
      const found = optionFor(field, answer);
      return typeof found === 'string'
        ? { option: answer }
        : plain`"${answer}" is not one of its options. Type one of ${names.join(', ')}, or "none".`;
    });
    if (option !== undefined) options[value] = option;
  }
  return Object.keys(options).length > 0 ? options : undefined;
}

/** A check box of its own for each answer to one question. */
async function askTicked(
  answers: Asking,
  number: number,
  field: InspectedField,
  fill: ApplicationField,
): Promise<Record<string, string> | undefined> {
  const [option] = field.options;
  if (fill !== 'company.organization' || option === undefined) return undefined;
  const question = plain`For which of these is box ${number} (${captionOf(field)}) ticked? ${ORGANIZATIONS.join(', ')}`;
  const { value } = await answers.askUntil(question, (answer) =>
    ORGANIZATIONS.includes(answer) ? { value: answer } : plain`"${answer}" must be one of: ${ORGANIZATIONS.join(', ')}`,
  );
  return { [value]: option };
}

async function askCountry(answers: Asking, number: number, field: InspectedField): Promise<Record<string, string>> {
  const question = plain`Box ${number} (${captionOf(field)}) lists countries by name. Which option is the United States? Other countries can be added to the map by hand.`;
  const { option } = await answers.askUntil(question, (answer) =>
    typeof optionFor(field, answer) === 'string' ? { option: answer } : plain`"${answer}" is not one of its options.`,
  );
  return { US: option };
}

const ORGANIZATIONS = ['corporation', 'limited-liability-company', 'partnership', 'sole-proprietorship', 'other'];

/** Why a value of this kind cannot go into a box of this type; undefined when it can. */
export function unfit(field: InspectedField, slot: ApplicationField): string | undefined {
  const isTick = valueKindOf(slot) === 'tick';
  if (!isTyped(field.type)) return `It is a ${field.type}.`;
  if (field.readOnly) return 'The form computes it or keeps it closed.';
  if (isTick && field.type === 'text') return `It takes text, but ${slot} is a tick.`;
  const isText = !isTick && valueKindOf(slot) !== 'choice';
  if (isText && (field.type === 'checkbox' || field.type === 'radio')) return `It is a tick, but ${slot} is text.`;
  return undefined;
}

export function slotList(): Plain {
  return lines([
    columns(Object.entries(APPLICATION_FIELDS).map(([slot, { about }]) => [`  ${slot}`, about])),
    plain`Type the name of one of these, or "leave" and the reason.`,
  ]);
}

export function captionOf({
  caption,
  near,
  name,
  field,
}: Partial<Record<'caption' | 'near' | 'name' | 'field', string>>): string {
  const said = caption ?? near;
  return said === undefined ? (name ?? field ?? '') : shortCaption(said);
}
