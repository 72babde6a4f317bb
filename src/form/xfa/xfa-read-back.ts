import { withPdfJs } from '../document/pdf-js.js';
import type { SeenField } from '../document/read-back.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';

/** pdf.js's drawing of a dynamic form: a tree like HTML. */
interface XfaNode {
  name?: string;
  value?: string;
  attributes?: {
    id?: string;
    /** The id of the group, for a radio button. */
    name?: string;
    xfaName?: string;
    type?: string;
    checked?: boolean;
    xfaOn?: string;
    value?: string;
    selected?: boolean;
    textContent?: string;
  };
  children?: (XfaNode | null)[];
}

/** What a second library shows in each field of a dynamic form when it lays out the whole form, in order. */
export interface SeenXfa {
  pages: number;
  /** Names from the outermost to the field's own, without positions. Master pages come first. */
  fields: { path: string[]; page: number; seen: SeenField }[];
}

/** @throws PdfRefusedError when the second library cannot lay the form out. */
export async function seeXfa(bytes: Uint8Array): Promise<SeenXfa> {
  return withPdfJs(bytes, async (document) => {
    const fields: SeenXfa['fields'] = [];
    for (let page = 1; page <= document.numPages; page++) {
      const root = (await (await document.getPage(page)).getXfa()) as XfaNode | null;
      if (!root) throw unseen();
      visit(root, [], (path, seen) => fields.push({ path, page, seen }));
    }
    return { pages: document.numPages, fields };
  }).catch((error: unknown) => {
    throw unseen(error);
  });
}

function unseen(cause?: unknown): PdfRefusedError {
  return new PdfRefusedError(
    'xfa-incomplete',
    'The form is made for Adobe Reader alone (dynamic XFA), and the second library cannot lay it out to check it. A filled copy could not be verified: fill it by hand in Acrobat, or ask CBP for another copy.',
    { cause },
  );
}

type Note = (path: string[], seen: SeenField) => void;

function visit(node: XfaNode, path: string[], note: Note): void {
  const { attributes = {}, children = [] } = node;
  const here = attributes.xfaName ? [...path, attributes.xfaName] : path;
  const kids = children.filter((child) => child !== null);
  const bubbles = attributes.xfaName && attributes.id ? bubblesOf(attributes.id, node) : [];
  if (bubbles.length > 0) {
    const chosen = bubbles.find((bubble) => bubble.attributes?.checked);
    note(here, seenAs(chosen?.attributes?.xfaOn ?? ''));
    return;
  }
  switch (node.name) {
    case 'textarea':
    case 'input':
      note(here, seenAs(shownIn(node)));
      return;
    case 'select':
      note(here, seenAs(selectedOf(kids)));
      return;
  }
  for (const child of kids) visit(child, here, note);
}

function shownIn({ attributes = {}, value }: XfaNode): string {
  if (attributes.type === 'checkbox') return attributes.checked ? (attributes.xfaOn ?? '') : '';
  return attributes.value ?? attributes.textContent ?? value ?? '';
}

const seenAs = (value: string): SeenField => ({ value, readOnly: false, drawn: [{ text: value, inside: true }] });

function selectedOf(options: XfaNode[]): string {
  const chosen = options.find((option) => option.attributes?.selected);
  return chosen?.attributes?.value ?? chosen?.value ?? '';
}

/** The radio buttons of the group with that id. */
function bubblesOf(group: string, node: XfaNode): XfaNode[] {
  if (node.name === 'input') return node.attributes?.type === 'radio' && node.attributes.name === group ? [node] : [];
  return (node.children ?? []).flatMap((child) => (child ? bubblesOf(group, child) : []));
}
