import { PDFArray, PDFDict, PDFName } from 'pdf-lib';
import { type FormField, isTick, labelOf } from '../document/form-field.js';
import { numberOf, textOf } from '../pdf/pdf-objects.js';
import { type AcroField, isPassword, onStatesOf } from './acroform-fields.js';
import { WIDGET_FLAG, type Widget } from './widget-places.js';

/** What people see of a blank form, and what of it a reader draws by itself. */

export const holdsText = ({ type }: FormField) => ['text', 'dropdown', 'listbox'].includes(type);

/** Whether a place can be seen in the blank form: on a screen, on paper, or once its layer is turned on. */
export function canBeSeen({ dict, place }: Widget): boolean {
  const flags = numberOf(dict.lookup(PDFName.of('F'))) ?? 0;
  return place !== undefined && place.width >= 1 && place.height >= 1 && (flags & WIDGET_FLAG.hidden) === 0;
}

/**
 * Whether people see in the blank form what a reader draws: its text, nothing in place of a text that was taken out, or a
 * tick that the form has no drawing of.
 */
export function isRedrawn(acroField: AcroField): boolean {
  const { field, widgets } = acroField;
  const seen = widgets.filter(canBeSeen);
  if (isTick(field))
    return field.value !== '' && seen.length > 0 && !seen.some(({ dict }) => paints(dict, field.value));
  // No reader shows a password.
  if (!holdsText(field) || isPassword(acroField)) return false;
  // The drawing of a list has all options, so it is kept when it has the chosen one.
  if (field.type === 'listbox' && seen.some(isDrawn))
    return hasSeveralValues(acroField) || !seen.every(({ dict }) => drawsOption(dict, field));
  return field.value === '' ? seen.some(isDrawn) : seen.length > 0;
}

function drawsOption(widget: PDFDict, field: FormField): boolean {
  const drawing = textOf(widget.lookupMaybe(PDFName.of('AP'), PDFDict)?.lookup(PDFName.of('N'))) ?? '';
  return drawing.includes(labelOf(field, field.value));
}

/** Several options of a list, or one value in each place of a field. */
export function hasSeveralValues({ inherited, widgets }: AcroField): boolean {
  const value = inherited('V');
  if (value instanceof PDFArray) return value.size() > 1;
  const own = new Set(widgets.map(({ dict }) => textOf(dict.lookup(PDFName.of('V')))));
  own.delete(undefined);
  return own.size > 1;
}

export const isDrawn = ({ dict }: Widget) => dict.has(PDFName.of('AP'));

/** Whether a tick is shown, and its drawing has anything in it. */
function paints(widget: PDFDict, value: string): boolean {
  const state = onStatesOf(widget).get(value);
  const shown = widget.lookup(PDFName.of('AS'));
  if (shown && shown !== state) return false;
  const drawings = widget.lookupMaybe(PDFName.of('AP'), PDFDict)?.lookup(PDFName.of('N'));
  const drawing = state && drawings instanceof PDFDict ? textOf(drawings.lookup(state)) : undefined;
  return /(?:^|[\s\])>])(?:[fFSsBb]\*?|Tj|TJ|Do|sh|'|")(?=\s|$)/.test(drawing ?? '');
}
