import { PDFArray, PDFDict, type PDFDocument, PDFName, type PDFObject } from 'pdf-lib';
import { textOf } from './pdf-objects.js';

/**
 * What a PDF does on its own when it is opened, and the files attached to it. No form needs either, and the sender is
 * responsible for them. Scripts that compute or check a field as people type are normal, and so are those of dynamic forms.
 */
export function activeContent(pdf: PDFDocument): string[] {
  const { catalog } = pdf;
  const found = new Set<string>();
  for (const action of actionsOf(catalog.lookup(PDFName.of('OpenAction'))))
    found.add(`an action when it is opened (${action})`);
  for (const action of triggered(catalog)) found.add(`an action of the document (${action})`);
  const names = catalog.lookup(PDFName.of('Names'));
  if (names instanceof PDFDict) {
    const scripts = namesIn(names.lookup(PDFName.of('JavaScript'))).filter((name) => !OF_ADOBE.test(name));
    if (scripts.length > 0) found.add('a script that runs when it is opened');
    if (namesIn(names.lookup(PDFName.of('EmbeddedFiles'))).length > 0) found.add('embedded files');
  }
  for (const page of pdf.getPages()) {
    for (const action of triggered(page.node)) found.add(`an action of a page (${action})`);
    const annotations = page.node.lookup(PDFName.of('Annots'));
    if (!(annotations instanceof PDFArray)) continue;
    for (let index = 0; index < annotations.size(); index++) {
      const annotation = annotations.lookup(index);
      const subtype = annotation instanceof PDFDict ? annotation.lookup(PDFName.of('Subtype')) : undefined;
      if (subtype instanceof PDFName && CARRIERS.has(subtype.decodeText()))
        found.add(CARRIERS.get(subtype.decodeText()) ?? '');
    }
  }
  return [...found];
}

/** Acrobat's version check, which LiveCycle adds to every form. */
const OF_ADOBE = /^!ADBE::/;

const CARRIERS = new Map([
  ['FileAttachment', 'embedded files'],
  ['RichMedia', 'embedded media'],
  ['Movie', 'embedded media'],
  ['Screen', 'embedded media'],
]);

/** Harmless actions, such as going to a page. */
const HARMLESS = new Set(['GoTo', 'Named', 'SetOCGState', 'Hide']);

function triggered(dict: PDFDict): string[] {
  const triggers = dict.lookup(PDFName.of('AA'));
  if (!(triggers instanceof PDFDict)) return [];
  return triggers.keys().flatMap((key) => actionsOf(triggers.lookup(key)));
}

/** Kinds of the actions in a chain, except harmless ones. */
function actionsOf(action: PDFObject | undefined, depth = 0): string[] {
  if (action instanceof PDFArray) {
    // A destination, which only goes to a page, or a chain of actions.
    return Array.from({ length: action.size() }, (_, index) => action.lookup(index)).flatMap((next) =>
      next instanceof PDFDict && depth < 16 && next.has(PDFName.of('S')) ? actionsOf(next, depth + 1) : [],
    );
  }
  if (!(action instanceof PDFDict)) return [];
  const kind = action.lookup(PDFName.of('S'));
  const own = kind instanceof PDFName && !HARMLESS.has(kind.decodeText()) ? [kind.decodeText()] : [];
  return depth < 16 ? [...own, ...actionsOf(action.lookup(PDFName.of('Next')), depth + 1)] : own;
}

/** Names in a name tree. */
function namesIn(tree: PDFObject | undefined, depth = 0): string[] {
  if (!(tree instanceof PDFDict) || depth > 16) return [];
  const names = tree.lookup(PDFName.of('Names'));
  const kids = tree.lookup(PDFName.of('Kids'));
  const own =
    names instanceof PDFArray
      ? Array.from({ length: Math.floor(names.size() / 2) }, (_, index) => textOf(names.lookup(index * 2)) ?? '')
      : [];
  const below =
    kids instanceof PDFArray
      ? Array.from({ length: kids.size() }, (_, index) => namesIn(kids.lookup(index), depth + 1)).flat()
      : [];
  return [...own, ...below];
}
