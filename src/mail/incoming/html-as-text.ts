/// <reference path="./html-to-text.d.ts" />
import { createRequire } from 'node:module';
import { type Builder, compile, type Element, type Formatter, type Node } from 'html-to-text';

/** The library's own parser: another version might count another depth. */
const require = createRequire(createRequire(import.meta.url).resolve('html-to-text'));
const { Parser }: { Parser: DepthParser } = require('htmlparser2');
type DepthParser = new (on: {
  onopentag(name: string): void;
  onclosetag(): void;
  ontext(text: string): void;
}) => { startIndex: number; end(html: string): void };

/** More HTML, and deeper, than anyone writes: parsing time grows with the square of the depth. */
const LIMIT_CHARACTERS = 500_000;
const LIMIT_DEPTH = 200;

/**
 * All words of an HTML body as lines of text, including those that a style hides: this does not judge what a reader sees.
 * Struck words are between `~~`, each quoted line begins with `> `, and a link's target follows its words as
 * `<https://…>`. A checked box is `[x]`. Each table cell is a paragraph. Styles that add or strike words count as text, and
 * so does anything that only one mail program shows. Nothing is loaded or followed.
 * @returns `complete` is false if the body was longer or deeper than the limits; the rest was not read
 */
export function htmlAsText(html: string): { text: string; complete: boolean } {
  const open = withoutConditions(html);
  const { read, sheets } = withinLimits(open);
  const lines = [
    ...sheets.filter((sheet) => WORDING.test(sheet)).map((sheet) => `${oneLine(sheet)}\n\n`),
    convert(read),
  ]
    .join('')
    .split('\n')
    .map(plainLine);
  return {
    text: lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    complete: read === open,
  };
}

/**
 * Outlook shows what other programs treat as a comment, and every program ends comments earlier than the parser does. The
 * opening of such a comment becomes an empty comment, so that no other markup changes.
 */
function withoutConditions(html: string): string {
  return html
    .replace(/<!--\[if\b[^\]<>]{0,200}\]>/gi, '<!---->')
    .replaceAll('<![CDATA[', '<!---->')
    .replaceAll('--!>', '-->');
}

/** The part of it within the limits, and its style sheets. */
function withinLimits(html: string): { read: string; sheets: string[] } {
  let depth = 0;
  let sheet: string | undefined;
  const sheets: string[] = [];
  const parser = new Parser({
    onopentag: (name) => {
      if (name === 'style') sheet = '';
      if (++depth > LIMIT_DEPTH) throw new TooDeep();
    },
    // Also called for void elements and for missing end tags.
    onclosetag: () => {
      depth--;
      if (sheet !== undefined) sheets.push(sheet);
      sheet = undefined;
    },
    ontext: (text) => {
      if (sheet !== undefined) sheet += text;
    },
  });
  const short = html.slice(0, LIMIT_CHARACTERS);
  try {
    parser.end(short);
    return { read: short, sheets };
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    return { read: short.slice(0, parser.startIndex), sheets };
  }
}

class TooDeep extends Error {}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Joins words that were struck one by one. */
function plainLine(line: string): string {
  return line
    .replaceAll('\u00a0', ' ')
    .replace(/~~ ~~(?<=~~[^~\s]+~~ ~~)(?=[^~\s]+~~)/g, ' ')
    .trim();
}

// Elements ----------------------------------------------------------------------------------------------------------

const BLOCKS =
  'address article aside body caption center dd details dialog div dl dt fieldset figcaption figure footer form header hgroup html legend li main menu nav ol section summary tbody tfoot thead tr ul';
/** With an empty line before and after. */
const PARAGRAPHS = 'blockquote h1 h2 h3 h4 h5 h6 hr p table td th';

/** Builders inside a quotation: a nested one gets no further `>`. */
const quoting = new WeakSet<Builder>();

const element: Formatter = (node, walk, builder, { breaks }) => {
  const isQuote = isQuotation(node) && !quoting.has(builder);
  const lineBreaks = isQuote ? 2 : Number(breaks ?? 0);
  if (isStruck(node)) strike(node);
  if (lineBreaks > 0) builder.openBlock({ leadingLineBreaks: lineBreaks });
  if (isQuote) quoting.add(builder);
  if (node.name === 'li') builder.addInline('* ');
  walk(node.children, builder);
  if (isQuote) quoting.delete(builder);
  if (lineBreaks > 0)
    builder.closeBlock({ trailingLineBreaks: lineBreaks, ...(isQuote ? { blockTransform: quoted } : {}) });
};

/** Shows the link's target if it differs from its words. */
const link: Formatter = (node, walk, builder) => {
  if (isStruck(node)) strike(node);
  walk(node.children, builder);
  const target = (node.attribs.href ?? '').trim().replace(/^mailto:/i, '');
  if (target && !target.startsWith('#') && target !== wordsOf(node).trim()) builder.addInline(` <${target}>`);
};

/** What a form shows in its boxes, and whether they are checked. */
const box: Formatter = (node, _walk, builder) => {
  const { type = '', value = '', placeholder = '' } = node.attribs;
  const mark = /^(?:checkbox|radio)$/i.test(type.trim()) ? `[${'checked' in node.attribs ? 'x' : ' '}] ` : '';
  builder.addInline(`${mark}${value}${value ? '' : placeholder}`);
};

const choice: Formatter = (node, walk, builder) => {
  builder.openBlock({ leadingLineBreaks: 1 });
  if ('selected' in node.attribs) builder.addInline('[x] ');
  if (isStruck(node)) strike(node);
  walk(node.children, builder);
  builder.closeBlock({ trailingLineBreaks: 1 });
};

/** What an embedded document shows, or where an area of a picture links to. */
const shown: Formatter = (node, walk, builder) => {
  const { alt, label, srcdoc, src, data, href } = node.attribs;
  for (const words of [alt, label, srcdoc]) if (words) builder.addInline(` ${words} `);
  const target = (src ?? data ?? href ?? '').trim();
  if (target) builder.addInline(` <${target}>`);
  walk(node.children, builder);
};

/** Style sheets are not text, unless they add words, strike words through or come from elsewhere. */
const WORDING = /(?<![-\w])content\s*:\s*(?!(?:""|''|none|normal)\s*[;}!])|line-through|@import/i;
const sheetElsewhere: Formatter = (node, _walk, builder) => {
  if (/stylesheet/i.test(node.attribs.rel ?? '')) builder.addInline(` <${node.attribs.href ?? ''}>`);
};

const attribute =
  (name: string): Formatter =>
  (node, _walk, builder) =>
    builder.addInline(node.attribs[name] ?? '');

const convert = compile({
  wordwrap: false,
  // The library's default includes a zero-width character, which would split words.
  whitespaceCharacters: ' \t\r\n\f',
  baseElements: { selectors: [] },
  limits: { maxInputLength: undefined },
  formatters: {
    ...{ element, link, box, choice, shown, sheetElsewhere },
    ...{ alt: attribute('alt'), href: attribute('href') },
  },
  selectors: [
    { selector: '*', format: 'element' },
    ...selectors(BLOCKS, 'element', { breaks: 1 }),
    ...selectors(PARAGRAPHS, 'element', { breaks: 2 }),
    ...selectors('a', 'link'),
    ...selectors('img', 'alt'),
    ...selectors('input', 'box'),
    ...selectors('option', 'choice'),
    ...selectors('iframe embed object area optgroup', 'shown'),
    ...selectors('link', 'sheetElsewhere'),
    // The base of relative links.
    ...selectors('base', 'href'),
    ...selectors('title style script', 'skip'),
  ],
});

function selectors(names: string, format: string, options = {}) {
  return names.split(' ').map((selector) => ({ selector, format, options }));
}

// What an element says ----------------------------------------------------------------------------------------------

function isStruck({ name, attribs }: Element): boolean {
  return /^(?:s|strike|del)$/.test(name) || (attribs.style ?? '').toLowerCase().includes('line-through');
}

/** Marks each word, because paragraphs may separate them. The marks stay in the tree, so each word is marked once. */
function strike(struck: Element): void {
  const nodes: Node[] = [struck];
  for (let node = nodes.pop(); node; node = nodes.pop())
    if ('attribs' in node) {
      if (node.attribs.alt) node.attribs.alt = marked(node.attribs.alt);
      if (node.attribs.value) node.attribs.value = marked(node.attribs.value);
      if (node !== struck && isStruck(node)) unstrike(node);
      nodes.push(...(node.children ?? []));
    } else if (node.type === 'text') node.data = marked(node.data);
}

function unstrike(node: Element): void {
  node.name = 'span';
  node.attribs.style = '';
}

function marked(words: string): string {
  return words.replace(/\S+/g, '~~$&~~');
}

function quoted(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function wordsOf(node: Node): string {
  if ('attribs' in node) return (node.children ?? []).map(wordsOf).join('');
  return node.type === 'text' ? node.data : '';
}

/** What mail programs wrap around the message being answered. */
function isQuotation({ name, attribs }: Element): boolean {
  const marks = `${attribs.class ?? ''} ${attribs.id ?? ''}`;
  return (
    name === 'blockquote' ||
    /\b(?:gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|tutanota_quote)\b/.test(marks) ||
    (name === 'div' && hasLeftBorderOnly(attribs.style ?? ''))
  );
}

/** A border on the left side only. */
function hasLeftBorderOnly(style: string): boolean {
  const borders = style
    .toLowerCase()
    .split(';')
    .map((declaration) => declaration.trim())
    .filter((declaration) => declaration.startsWith('border') && !/:\s*(?:none|0)/.test(declaration));
  return borders.length > 0 && borders.every((declaration) => declaration.startsWith('border-left'));
}
