import { Parser } from 'htmlparser2';

/** More HTML, and deeper, than anybody writes; the rest is left out, which the caller is told. */
const LIMIT_CHARACTERS = 2_000_000;
const LIMIT_DEPTH = 2_000;

const HIDDEN = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'object', 'svg', 'math']);
/** Who strikes words out takes them back. */
const STRUCK = new Set(['s', 'strike', 'del']);
const BLOCKS = new Set(
  'address article aside blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
const PARAGRAPHS = new Set('blockquote h1 h2 h3 h4 h5 h6 p pre table'.split(' '));
/** What heads a row of two cells: a few words that end no sentence. */
const LABEL = /^[\p{Lu}\d](?:\S+ ){0,4}\S*[^\s.,;!?]$/u;
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));

/**
 * The words of an HTML body as lines of text, with quotations marked by `> ` as in plain text. Nothing is loaded or followed; what a
 * reader would not see is left out.
 */
export function htmlAsText(html: string): { text: string; complete: boolean } {
  const lines: string[] = [];
  const open: { name: string; hides: boolean; quotes: boolean }[] = [];
  let hidden = 0;
  let quoted = 0;
  let line = '';
  /** The table rows that are open: the line at which each begins, and how many cells were begun. */
  const rows: { start: number; cells: number }[] = [];
  /** The first cell of a row ("Status"), until its second is read. */
  let label = '';

  const breakLine = () => {
    const written = line.replace(/[ \t\r\n\f]+/g, ' ').trim();
    // Inside of a cell paragraphs part nothing from its label.
    if (label && !written) return;
    const words = label ? `${label}: ${written}` : written;
    label = '';
    if (words || lines.at(-1) !== prefix(quoted).trimEnd())
      lines.push(words ? prefix(quoted) + words : prefix(quoted).trimEnd());
    line = '';
  };
  const endLine = () => {
    if (line.trim()) breakLine();
  };
  const nextCell = () => {
    const row = rows.at(-1);
    if (!row || row.cells++ !== 1 || hidden > 0 || quoted > 0) return;
    const { start } = row;
    const before = [...lines.slice(start), line].map((part) => part.trim()).filter(Boolean);
    const [only = ''] = before;
    if (before.length !== 1 || !LABEL.test(only)) return;
    lines.length = start;
    line = '';
    label = only.replace(/[\s:]+$/, '');
  };
  const endRow = () => {
    rows.pop();
    if (!label) return;
    line = label;
    label = '';
    endLine();
  };
  const close = () => {
    const element = open.pop();
    if (!element) return;
    if (BLOCKS.has(element.name)) endLine();
    if (PARAGRAPHS.has(element.name) && hidden === 0) breakLine();
    if (element.name === 'tr') endRow();
    if (element.hides) hidden--;
    if (element.quotes) quoted--;
  };

  const parser = new Parser(
    {
      onopentagname: (name) => {
        if (name === 'br') breakLine();
        else if (BLOCKS.has(name)) endLine();
        else if (name === 'td' || name === 'th') {
          nextCell();
          line += ' ';
        }
        if (name === 'tr') rows.push({ start: lines.length, cells: 0 });
      },
      onopentag: (name, attributes) => {
        if (VOID.has(name)) return;
        const hides = HIDDEN.has(name) || STRUCK.has(name) || isHidden(attributes);
        const quotes = isQuotation(name, attributes);
        if (hides) hidden++;
        if (quotes) quoted++;
        open.push({ name, hides, quotes });
        if (open.length > LIMIT_DEPTH) throw new TooDeep();
      },
      ontext: (text) => {
        if (hidden === 0) line += text;
      },
      onclosetag: (name) => {
        if (VOID.has(name)) return;
        // The parser closes what was left open, so the innermost is always the one.
        close();
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  let complete = html.length <= LIMIT_CHARACTERS;
  try {
    parser.write(html.slice(0, LIMIT_CHARACTERS));
    parser.end();
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    complete = false;
  }
  while (open.length > 0) close();
  endLine();
  return {
    text: lines
      .join('\n')
      .replace(/\u00a0/g, ' ')
      .trim(),
    complete,
  };
}

class TooDeep extends Error {}

function prefix(depth: number): string {
  return depth > 0 ? '> ' : '';
}

function isHidden(attributes: Record<string, string>): boolean {
  if ('hidden' in attributes) return true;
  return /(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all|text-decoration[^;]*line-through)/i.test(
    attributes.style ?? '',
  );
}

/** What mail programs wrap around a message that is answered. */
function isQuotation(name: string, attributes: Record<string, string>): boolean {
  if (name === 'blockquote') return true;
  const marks = `${attributes.class ?? ''} ${attributes.id ?? ''}`;
  return /\b(?:gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|tutanota_quote)\b/.test(marks);
}
