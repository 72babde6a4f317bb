import { PDFArray, PDFDict, PDFName, type PDFObject } from 'pdf-lib';
import { addressIn } from '../document/button-notes.js';
import type { Click } from '../document/form-field.js';
import { textOf } from '../pdf/pdf-objects.js';

/** What a click on a button does. Undefined when it does nothing: a form drawn from XFA may have the action there. */
export function clickOf(dict: PDFDict, widgets: { dict: PDFDict }[]): Click | undefined {
  const actions = [dict, ...widgets.map((widget) => widget.dict)].flatMap((one) => {
    const triggers = one.lookup(PDFName.of('AA'));
    const pressed = triggers instanceof PDFDict ? ['D', 'U'].map((key) => triggers.lookup(PDFName.of(key))) : [];
    return [one.lookup(PDFName.of('A')), ...pressed].flatMap((action) => chainOf(action));
  });
  if (actions.length === 0) return undefined;
  const sends = actions.map(sendsTo).find((target) => target !== undefined);
  return sends === undefined ? {} : { sends };
}

function chainOf(action: PDFObject | undefined, seen = new Set<PDFObject>()): PDFDict[] {
  if (action instanceof PDFArray) return action.asArray().flatMap((_, index) => chainOf(action.lookup(index), seen));
  if (!(action instanceof PDFDict) || seen.has(action)) return [];
  seen.add(action);
  return [action, ...chainOf(action.lookup(PDFName.of('Next')), seen)];
}

function sendsTo(action: PDFDict): string | undefined {
  switch (String(action.lookup(PDFName.of('S')))) {
    case '/SubmitForm': {
      const file = action.lookup(PDFName.of('F'));
      const target = file instanceof PDFDict ? (file.lookup(PDFName.of('UF')) ?? file.lookup(PDFName.of('F'))) : file;
      return textOf(target) ?? '';
    }
    case '/URI': {
      const address = textOf(action.lookup(PDFName.of('URI'))) ?? '';
      return /^mailto:/i.test(address) ? address : undefined;
    }
    case '/JavaScript':
      return addressIn(textOf(action.lookup(PDFName.of('JS'))) ?? '');
    default:
      return undefined;
  }
}
