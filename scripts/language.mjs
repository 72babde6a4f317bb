// The language check: phrases that an American colleague would not write, with what to write instead. Run it to list every
// place that is left (`node scripts/language.mjs [PATH…]`); a test keeps them out.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SyntaxKind } from 'typescript/unstable/ast';
import { createScanner } from 'typescript/unstable/ast/scanner';

/** What an email, a message or a page may say about a thing named mail: "a mail server" is right, "a mail" is not. */
const MAIL_THING =
  '(?:account|address|administrator|agent|app|archive|client|delivery|domain|exchanger|filter|flow|folder|gateway|header|host|hosting|judge|judging|list|loop|merge|message|name|operator|parser|path|program|provider|queue|reader|relay|review|routing|rule|security|server|service|session|setting|software|storage|store|stream|system|template|text|thread|traffic|transport|user|watcher)s?';

/**
 * A space in a pattern stands for any white space, so that a phrase is found across a line break. Patterns ignore case
 * unless they say `exact`.
 * @type {{ pattern: string, instead: string, exact?: true }[]}
 */
export const PHRASES = [
  // Words and turns that are translated, not English.
  { pattern: 'whoever', instead: 'name the person: the privacy officer, anyone who …' },
  { pattern: 'nobody', instead: 'no one' },
  { pattern: 'lest', instead: 'so that … does not' },
  { pattern: 'anew', instead: 'again, or a verb with re-: recalculate, restart' },
  { pattern: 'mend(?:s|ed|ing)?', instead: 'fix, correct' },
  { pattern: '(?<!\\b(?:ahead|instead|one|place) )of ours', instead: 'our …' },
  {
    pattern:
      "of (?:CBP's|theirs|yours|his|hers)(?= ?(?:[.,;:!?)]|(?:and|are|as|at|by|for|from|has|in|is|may|on|or|that|to|which|who|with|without) ))",
    instead: "CBP's …, your …",
  },
  { pattern: "one's own", instead: 'your own' },
  {
    pattern: '(?<!\\bthere )(?:is|are) none(?: of)?(?! (?:the )?(?:less|worse|better))',
    instead: 'is not a …; must be one of: …',
  },
  {
    pattern:
      '(?<!\\b(?:there|why|where|how|when)(?: [\\w-]+)? )(?:is|are|was|were) no (?!(?:longer|more|less|fewer|later|earlier|different|better|worse|good|use|way|need|doubt|problem|match|surprise|one|other)\\b)[\\w-]+',
    instead: 'is not a …; must be …',
  },
  { pattern: "(?:cannot|can't|could not) go on with", instead: "can't process … yet" },
  { pattern: '(?:sees?|seen|saw) to(?! (?:it that|whom|which|be|have))', instead: 'installs, handles, makes sure' },
  { pattern: 'for want of', instead: 'because … is missing' },
  { pattern: '(?:come|comes|came|coming) home', instead: 'arrive, go to' },
  { pattern: 'believed? in silence', instead: "before assuming CBP hasn't replied" },
  { pattern: 'some (?:days|time|weeks) ago', instead: 'a few days ago' },
  { pattern: 'in vain', instead: 'without success, to no effect' },
  { pattern: 'that is,|; that is', instead: 'say it once, or start a new sentence' },
  { pattern: '(?<!["“`\'\\w])Of(?= )(?! course)', instead: 'start the sentence with its subject', exact: true },
  {
    pattern:
      "(?<!\\b(?:where|how) (?:[\\w'’`-]+ ){1,5})stands?(?! ?-)(?! (?:for|in for|alone|by|out|still|up|ready|trial)\\b)",
    instead: 'is, appears, is written; applies',
  },
  { pattern: 'standing (?:alone|behind)|stood (?:in|on|at)', instead: 'is, appears' },
  {
    pattern:
      '(?<!\\b(?:on|a|the|this|that|any|no) )holds?(?! (?:up|back|off|on|out|open|still|down|together|harmless)\\b)(?! (?:an?|the|its|this|that|one) (?:[\\w-]+ )?(?:lock|lease|mutex|line|connection|socket|position|office|account|portal|license|port)\\b)',
    instead: 'contains, has, stores; still applies; keeps, guards',
  },
  { pattern: 'held (?:to|against)', instead: 'must; compared with' },
  // An email is counted; mail is not.
  { pattern: 'e-mails?', instead: 'email' },
  { pattern: `mails(?! ${MAIL_THING})`, instead: 'emails, messages' },
  {
    pattern: `(?:an?|one|each|every|another|either|neither) (?:(?:bounced|certain|client|correct|corrected|first|forged|further|genuine|good|known|late|later|lost|new|old|other|possible|real|second|sent|signed|single|stored|such|suspicious|true|unclear|unsigned|whole) )?mail(?![-\\w])(?! ${MAIL_THING}\\b)`,
    instead: 'an email, a message',
  },
  { pattern: `this mail(?![-\\w])(?! ${MAIL_THING}\\b)`, instead: 'this email, this message' },
  // American spelling.
  { pattern: 'licen[c]e[sd]?', instead: 'license' },
  {
    pattern: '(?:colour|behaviour|favour|honour|neighbour|labour|harbour|rumour|vapour)\\w*',
    instead: '-or: color, behavior',
  },
  {
    pattern:
      '(?:apologi|authori|capitali|categori|characteri|customi|emphasi|finali|formali|generali|initiali|legali|locali|maximi|memori|minimi|moderni|normali|optimi|organi|penali|prioriti|randomi|reali|recogni|saniti|seriali|speciali|standardi|summari|symboli|synchroni|tokeni|utili|visuali)s(?:e|es|ed|ing|er|ers|ation|ations)',
    instead: '-ize: recognize, authorize',
  },
  { pattern: '(?:analy|paraly|cataly)s(?:e|ed|ing)', instead: '-yze: analyze' },
  {
    pattern: '(?:cancel|label|model|signal|travel|total|tunnel|channel|marshal|initial|fuel)l(?:ed|ing|er)',
    instead: 'one l: canceled, labeled',
  },
  { pattern: '(?:centre|metre|litre|theatre|calibre)[sd]?', instead: '-er: center' },
  { pattern: '(?:defence|offence|pretence)s?', instead: '-se: defense' },
  { pattern: 'judgements?', instead: 'judgment' },
  { pattern: 'fulfils?|enrols?|fulfilment|enrolment|instalments?|skilful|wilful', instead: 'double l: fulfill' },
  {
    pattern:
      'grey|cheques?|programmes?|artefacts?|sceptical|whilst|amongst|learnt|spelt|burnt|practis(?:e|ed|ing)|catalogues?|per cent',
    instead: 'the American spelling',
  },
  // Dates for people.
  {
    pattern:
      '\\d{1,2}(?:st|nd|rd|th)? (?:January|February|March|April|May|June|July|August|September|October|November|December),? \\d{4}',
    instead: 'April 30, 2026',
  },
  { pattern: "(?<=^Dear[^\\n]*,\\n\\s*\\n)[a-z][\\w’']*", instead: 'a capital after the greeting', exact: true },
];

const compiled = PHRASES.map(({ pattern, instead, exact }) => ({
  instead,
  pattern: new RegExp(`(?<![\\w-])(?:${pattern.replaceAll(/ (?!\?)/g, '\\s+')})(?![\\w])`, exact ? 'gm' : 'gim'),
}));

/**
 * Phrases in a text: the line each begins in, the phrase, and what to write.
 * @param {string} text
 * @returns {{ line: number, phrase: string, instead: string }[]}
 */
export function phrasesIn(text) {
  return compiled
    .flatMap(({ pattern, instead }) =>
      [...text.matchAll(pattern)].map((match) => ({
        line: text.slice(0, match.index).split('\n').length,
        phrase: match[0].replace(/\s+/g, ' ').trim(),
        instead,
      })),
    )
    .sort((one, other) => one.line - other.line);
}

/** Stands for code between two pieces of prose, so that they do not read as one. */
const BETWEEN = '\0';

/** @param {string} text */
const blank = (text) => text.replace(/[^\n]/g, BETWEEN);

/**
 * A page but for what it names: inline code and the targets of links.
 * @param {string} page
 */
export function proseOfMarkdown(page) {
  return page.replace(/`[^`\n]+`|\]\([^)\s]+\)|https?:\/\/\S+/g, blank);
}

/**
 * A template but for its code: a value counts as a name, a condition as nothing.
 * @param {string} template
 */
export function proseOfTemplate(template) {
  return template.replace(/<%([=~]?)[\s\S]*?%>/g, (code, value) => code.replace(/[^\n]/g, value ? 'X' : ' '));
}

/**
 * Comments and string literals of a source, or only the titles of its tests; everything else blanked, lines kept. A string
 * of one word is a name, not prose.
 * @param {string} source
 * @param {'all' | 'titles'} which
 */
export function proseOfCode(source, which) {
  let prose = '';
  const scanner = createScanner(false);
  scanner.setText(source);
  /** The tokens before: enough to tell a division from a regular expression, and a title from other strings. */
  let last = SyntaxKind.Unknown;
  let secondLast = SyntaxKind.Unknown;
  let callee = '';
  /** For each open template, how many braces are open in its present expression. @type {number[]} */
  const templates = [];
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFile; kind = scanner.scan()) {
    const open = templates.at(-1);
    if (kind === SyntaxKind.CloseBraceToken && open === 0) kind = scanner.reScanTemplateToken(false);
    else if (open !== undefined && kind === SyntaxKind.OpenBraceToken) templates[templates.length - 1] = open + 1;
    else if (open !== undefined && kind === SyntaxKind.CloseBraceToken) templates[templates.length - 1] = open - 1;
    if ((kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken) && !endsOperand(last))
      kind = scanner.reScanSlashToken();
    if (kind === SyntaxKind.TemplateHead) templates.push(0);
    if (kind === SyntaxKind.TemplateTail) templates.pop();
    const text = scanner.getTokenText();
    if (isSpace(kind)) {
      prose += text;
      continue;
    }
    if (isComment(kind)) {
      prose += which === 'all' ? comment(text) : blank(text);
      continue;
    }
    const isTitle =
      last === SyntaxKind.OpenParenToken &&
      (secondLast === SyntaxKind.CloseParenToken || /^(?:test|describe|it|only|skip|fails|todo)$/.test(callee));
    const isTemplate = kind >= SyntaxKind.NoSubstitutionTemplateLiteral && kind <= SyntaxKind.TemplateTail;
    const isProse = (kind === SyntaxKind.StringLiteral || isTemplate) && /\s/.test(text);
    prose += isProse && (which === 'all' || isTitle) ? literal(text) : blank(text);
    if (kind === SyntaxKind.Identifier) callee = text;
    else if (kind !== SyntaxKind.OpenParenToken) callee = '';
    secondLast = last;
    last = kind;
  }
  return prose;
}

/** @param {number} kind */
const isSpace = (kind) => kind === SyntaxKind.WhitespaceTrivia || kind === SyntaxKind.NewLineTrivia;
/** @param {number} kind */
const isComment = (kind) => kind === SyntaxKind.SingleLineCommentTrivia || kind === SyntaxKind.MultiLineCommentTrivia;

/** Whether a slash behind such a token divides. @param {SyntaxKind} kind */
function endsOperand(kind) {
  return (
    kind === SyntaxKind.Identifier ||
    kind === SyntaxKind.NumericLiteral ||
    kind === SyntaxKind.StringLiteral ||
    kind === SyntaxKind.CloseParenToken ||
    kind === SyntaxKind.CloseBracketToken ||
    kind === SyntaxKind.TemplateTail ||
    kind === SyntaxKind.NoSubstitutionTemplateLiteral ||
    kind === SyntaxKind.ThisKeyword
  );
}

/** A comment's words: its marks, its code in backticks and its tags' types are blanked. @param {string} text */
function comment(text) {
  return text
    .replace(/^\/\/|^\/\*+|\*+\/$/g, (mark) => ' '.repeat(mark.length))
    .replace(/^[^\S\n]*\*(?=\s)/gm, (mark) => ' '.repeat(mark.length))
    .replace(/`[^`\n]+`|\{@link [^}\n]+\}/g, blank);
}

/** A literal's words, escapes as spaces. @param {string} text */
function literal(text) {
  return `${BETWEEN}${text
    .slice(1, -1)
    .replace(/\\[ntr]/g, '  ')
    .replace(/\\(?=['"`])/g, '')}${BETWEEN}`;
}

/** @param {string} changelog */
export function unreleasedOf(changelog) {
  const end = changelog.indexOf('\n## [', changelog.indexOf('## [Unreleased]'));
  return end < 0 ? changelog : changelog.slice(0, end);
}

/**
 * Every file that people read, by its path from the checkout.
 * @param {string} checkout
 * @returns {string[]}
 */
export function filesToRead(checkout) {
  /** @param {string} folder @param {RegExp} names */
  const below = (folder, names) =>
    readdirSync(path.join(checkout, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => path.posix.join(folder, name.split(path.sep).join('/')))
      .filter((name) => names.test(name));
  const pages = readdirSync(checkout).filter((name) => name.endsWith('.md'));
  const code = ['src', 'simulator', 'scripts', 'bin', 'test'].flatMap((folder) => below(folder, /\.(?:ts|mts|mjs)$/));
  return (
    [...pages, ...below('docs', /\.md$/), ...below('templates', /^templates\/(?:en|cbp|staff)\/.*\.eta$/), ...code]
      // These two name the phrases themselves, and lists of words are not prose.
      .filter((name) => !/\/language\.(?:mjs|test\.ts)$|-words\.ts$/.test(name))
      .sort()
  );
}

/**
 * @param {string} checkout
 * @param {string} file its path from the checkout
 * @returns {string[]} `FILE:LINE: phrase → better`
 */
export function offenses(checkout, file) {
  const text = readFileSync(path.join(checkout, file), 'utf8');
  return phrasesIn(proseOf(file, text)).map(({ line, phrase, instead }) => `${file}:${line}: ${phrase} → ${instead}`);
}

/** @param {string} file @param {string} text */
function proseOf(file, text) {
  if (file === 'CHANGELOG.md') return proseOfMarkdown(unreleasedOf(text));
  if (file.endsWith('.md')) return proseOfMarkdown(text);
  if (file.endsWith('.eta')) return proseOfTemplate(text);
  return proseOfCode(text, file.startsWith('test/') ? 'titles' : 'all');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checkout = path.resolve(import.meta.dirname, '..');
  const wanted = process.argv.slice(2);
  const files = filesToRead(checkout).filter(
    (file) => wanted.length === 0 || wanted.some((beginning) => file.startsWith(beginning)),
  );
  const found = files.flatMap((file) => offenses(checkout, file));
  for (const line of found) console.log(line);
  console.log(`${found.length} in ${new Set(found.map((line) => line.split(':')[0])).size} of ${files.length} files.`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
