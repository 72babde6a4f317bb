import { PDFArray, PDFDict, type PDFDocument, PDFName, type PDFObject } from 'pdf-lib';
import { numberOf, textOf } from '../pdf/pdf-objects.js';

/** Where the scripts of a form are in the file. They are only read. */

/** When Acrobat runs a script: the keys of the PDF standard for what happens in a box, or by itself when a form opens. */
export type Trigger = 'K' | 'F' | 'V' | 'C' | 'Fo' | 'Bl' | 'U' | 'D' | 'E' | 'X' | 'open';

export interface TriggeredScript {
  trigger: Trigger;
  text: string;
  /** The widget that has it, of several. */
  widget?: PDFDict;
}

const OF_FIELDS = ['K', 'F', 'V', 'C'] as const;
const OF_WIDGETS = ['Fo', 'Bl', 'U', 'D', 'E', 'X'] as const;
const DEEPEST = 64;

/** The scripts of one box: of the field or the nearest parent that has one, and of each of its widgets. */
export function scriptsOfField(dict: PDFDict, widgets: PDFDict[]): TriggeredScript[] {
  const chain = [dict, ...widgets.filter((widget) => widget !== dict), ...parentsOf(dict)];
  const found: TriggeredScript[] = [];
  for (const trigger of OF_FIELDS) {
    const action = chain.map((one) => actionFor(one, trigger)).find((one) => one !== undefined);
    if (action) found.push(...scriptsOf(action).map((text) => ({ trigger, text })));
  }
  for (const widget of new Set([...widgets, dict]))
    for (const trigger of OF_WIDGETS)
      for (const action of [actionFor(widget, trigger), trigger === 'U' ? widget.lookup(PDFName.of('A')) : undefined])
        found.push(...scriptsOf(action).map((text) => ({ trigger, text, widget })));
  for (const widget of new Set([...widgets, dict]))
    for (const trigger of OF_PAGES)
      found.push(...scriptsOf(actionFor(widget, trigger)).map((text) => ({ trigger: 'open' as const, text, widget })));
  return found;
}

/** Actions of the document, when it is closed, saved or printed, before and after. */
const OF_DOCUMENT = ['WC', 'WS', 'DS', 'WP', 'DP'];
/** Actions of a box, when its page is opened, seen, left or closed. */
const OF_PAGES = ['PO', 'PV', 'PI', 'PC'];

/**
 * Scripts that run by themselves: when the form or one of its pages is opened or left, saved or printed. Also those that
 * only define functions.
 */
export function openingScripts(pdf: PDFDocument): string[] {
  const { catalog } = pdf;
  const names = catalog.lookup(PDFName.of('Names'));
  const actions = [
    ...(names instanceof PDFDict ? valuesIn(names.lookup(PDFName.of('JavaScript'))) : []),
    catalog.lookup(PDFName.of('OpenAction')),
    ...OF_DOCUMENT.map((trigger) => actionFor(catalog, trigger)),
    ...pdf.getPages().flatMap(({ node }) => ['O', 'C'].map((trigger) => actionFor(node, trigger))),
  ];
  return actions.flatMap((action) => scriptsOf(action));
}

/** Whether a box prints other boxes as a barcode: it has Acrobat's paper metadata, or is computed and named so. */
export function isBarcode(dict: PDFDict, widgets: PDFDict[], name: string, isComputed: boolean): boolean {
  if (isComputed && /bar_?code|pdf_?417|qr_?code|data_?matrix/i.test(name)) return true;
  return [dict, ...widgets].some((one) => {
    const characteristics = one.lookup(PDFName.of('MK'));
    return one.has(PDFName.of('PMD')) || (characteristics instanceof PDFDict && characteristics.has(PDFName.of('PMD')));
  });
}

function actionFor(dict: PDFDict, trigger: string): PDFObject | undefined {
  const triggers = dict.lookup(PDFName.of('AA'));
  return triggers instanceof PDFDict ? triggers.lookup(PDFName.of(trigger)) : undefined;
}

/** The scripts of an action and of those that follow it. */
function scriptsOf(action: PDFObject | undefined, seen = new Set<PDFObject>()): string[] {
  if (!action || seen.has(action)) return [];
  seen.add(action);
  if (action instanceof PDFArray) return elementsOf(action).flatMap((one) => scriptsOf(one, seen));
  if (!(action instanceof PDFDict)) return [];
  const kind = action.lookup(PDFName.of('S'));
  const own =
    kind === PDFName.of('JavaScript')
      ? [textOf(action.lookup(PDFName.of('JS'))) ?? '']
      : kind === PDFName.of('Hide')
        ? [asScript(action)]
        : kind === PDFName.of('ResetForm')
          ? [resetAsScript(action)]
          : [];
  return [...own.filter((text) => text.trim() !== ''), ...scriptsOf(action.lookup(PDFName.of('Next')), seen)];
}

/** The action that resets the boxes it lists, as the script that does the same. Nothing for one that lists what it keeps. */
function resetAsScript(reset: PDFDict): string {
  if (((numberOf(reset.lookup(PDFName.of('Flags'))) ?? 0) & 1) !== 0) return '';
  const names = elementsOf(reset.lookup(PDFName.of('Fields')))
    .map((target) => (target instanceof PDFDict ? fullNameOf(target) : textOf(target)))
    .filter((name) => name !== undefined);
  return names.length > 0 ? `this.resetForm(${JSON.stringify(names)});` : '';
}

/** The action that hides or shows boxes, as the script that does the same. */
function asScript(hide: PDFDict): string {
  const targets = hide.lookup(PDFName.of('T'));
  const hides = String(hide.lookup(PDFName.of('H'))) !== 'false';
  return (targets instanceof PDFArray ? elementsOf(targets) : [targets])
    .map((target) => (target instanceof PDFDict ? fullNameOf(target) : textOf(target)))
    .filter((name) => name !== undefined)
    .map((name) => `this.getField(${JSON.stringify(name)}).hidden = ${hides};`)
    .join('\n');
}

function fullNameOf(dict: PDFDict): string {
  return [dict, ...parentsOf(dict)]
    .flatMap((one) => textOf(one.lookup(PDFName.of('T'))) ?? [])
    .reverse()
    .join('.');
}

function parentsOf(dict: PDFDict): PDFDict[] {
  const parents: PDFDict[] = [];
  let parent = dict.lookup(PDFName.of('Parent'));
  while (parent instanceof PDFDict && parents.length < DEEPEST && !parents.includes(parent)) {
    parents.push(parent);
    parent = parent.lookup(PDFName.of('Parent'));
  }
  return parents;
}

/** What a name tree has under its names. */
function valuesIn(tree: PDFObject | undefined, seen = new Set<PDFObject>()): PDFObject[] {
  if (!(tree instanceof PDFDict) || seen.has(tree)) return [];
  seen.add(tree);
  const own = elementsOf(tree.lookup(PDFName.of('Names'))).filter((_, index) => index % 2 === 1);
  return [...own, ...elementsOf(tree.lookup(PDFName.of('Kids'))).flatMap((kid) => valuesIn(kid, seen))];
}

function elementsOf(array: PDFObject | undefined): PDFObject[] {
  if (!(array instanceof PDFArray)) return [];
  return Array.from({ length: array.size() }, (_, index) => array.lookup(index)).filter((one) => one !== undefined);
}
