import type { Section } from '../map/field-map.js';

/**
 * What is written about a box, taken apart: where it stands, whose data it asks for, and what it asks. A tooltip of
 * LiveCycle says all of it: "Section A. Company information. 3. Enter the legal name of the company."
 */
export interface BoxWords {
  section: Section;
  /** Whether the form names the section, in words or in the name of the box. */
  known: boolean;
  /** The row of business activities that the box belongs to: `importer`, `truck-carrier`. */
  activity?: string;
  /** The title of the section. */
  heading: string;
  /** Sentences between the title and the question: "Business Address". */
  context: string;
  /** The last sentence, which asks for something. */
  ask: string;
  /** The words of the box's own name: `OfficerFirstName` is "Officer First Name". */
  own: string;
  /** Everything said about the box. */
  all: string;
  /** For the agency to fill in. */
  agency: boolean;
}

export interface BoxText {
  name: string;
  caption?: string | undefined;
  /** The words printed beside it. */
  near?: string | undefined;
  /** Titles of sections printed above it, the first one first. */
  headings?: string[] | undefined;
}

/** @param named whether the names of the form's boxes tell its sections */
export function boxWords(box: BoxText, named: boolean): BoxWords {
  const said = box.caption ?? box.near ?? '';
  const { titles, sentences } = withoutTitles(sentencesOf(said));
  const own = splitName(box.name);
  // What the box says of itself comes first, then its name, then what is printed above it.
  const section =
    sectionOfTitles(titles) ?? (named ? (sectionOfName(box.name) ?? 'other') : sectionOfTitles(box.headings ?? []));
  const above = titles.length > 0 ? titles : nearestTitles(box.headings ?? []);
  const heading = above.join(' ');
  const spoken = withoutHints(sentences);
  const ask = spoken.at(-1) ?? '';
  const context = spoken.slice(0, -1).join(' ');
  const activity = activityOf(section, above, box, spoken, own);
  const all = [heading, ...sentences, own].join(' ');
  return {
    section: section ?? 'other',
    known: section !== undefined,
    ...(activity ? { activity } : {}),
    heading,
    context,
    ask,
    own,
    all,
    agency: AGENCY.test(all) || AGENCY_NAME.test(box.name),
  };
}

/** What a box asks, for a list of boxes: without the title of its section, which a tooltip repeats for each. */
export function shortCaption(caption: string): string {
  const { sentences } = withoutTitles(sentencesOf(caption));
  return sentences.join(' ') || caption;
}

/** The last title, and the section's when that is a part. */
function nearestTitles(headings: string[]): string[] {
  const last = headings.at(-1);
  if (last === undefined) return [];
  const section = /^part\b/i.test(last) ? headings.findLast((title) => /^section\b/i.test(title)) : undefined;
  return section === undefined ? [last] : [section, last];
}

/** "For CBP Use Only", also spelled for a screen reader: "For C B P Use Only". */
const AGENCY =
  /\b(?:official|office|agency|government|internal|for [A-Za-z. ]{2,30}) use only\b|\bcompleted by (?:cbp|c b p)\b/i;
const AGENCY_NAME = /(?:CBP|Office|Official|Agency|Internal)_?Use/i;

/** Sentences, and numbers of items as sentences of their own. */
function sentencesOf(text: string): string[] {
  return text
    .replace(/\s+/g, ' ')
    .replace(/\b(?:[A-Z]\.){2,}/g, (abbreviation) => abbreviation.replaceAll('.', ''))
    .split(/(?<=[.?!:;])\s+/)
    .flatMap((sentence) => {
      const item = /^((?:\d{1,3}|[A-Za-z])[.)](?:[A-Za-z][.)])?)(?=\S)(.*)$/.exec(sentence);
      return item && !/^\d+\.\d/.test(sentence) ? [item[1] ?? '', item[2]?.trim() ?? ''] : [sentence];
    })
    .map((sentence) => sentence.trim())
    .filter(Boolean);
}

const ITEM = /^\(?(?:\d{1,3}[a-z]?|[a-z]|\d{1,3}\.[a-z])[.):]*$/i;
const TITLE = /^(?:section|part)\s+(?:[A-Z]|[IVX]+|\d+|one|two)\b/i;

/** The titles of section and part in front, and the sentences after them. */
function withoutTitles(sentences: string[]): { titles: string[]; sentences: string[] } {
  const titles: string[] = [];
  let next = 0;
  while (next < sentences.length && TITLE.test(sentences[next] ?? '')) {
    const title = sentences[next++] ?? '';
    const words = sentences[next];
    const bare = /^(?:section|part)\s+\S+$/i.test(title);
    // "Section A." and then its name, unless that is all there is.
    const named = bare && words !== undefined && next < sentences.length - 1 && !ITEM.test(words) && !TITLE.test(words);
    titles.push(named ? `${title} ${words}` : title);
    if (named) next++;
  }
  return { titles, sentences: sentences.slice(next).filter((sentence) => !ITEM.test(sentence)) };
}

/** How to write an answer, and not what to write. */
const HINT =
  /^(?:enter |use |write |as )?(?:as )?(?:an? |the )?(?:\d+|two|four)[- ]?(?:digit|character)s?(?: number| code)?[. ]*$|^(?:enter |as )*2[- ]?digit month|^\(?(?:mm|dd|yyyy)\b|^this (?:is a |signature )|pre-?populate|^note\b|^\(?if (?:any|applicable|known)\)?\.?$|^\(?optional\)?\.?$|^select (?:p|s)\b/i;

function withoutHints(sentences: string[]): string[] {
  const last = sentences.findLastIndex((sentence) => !HINT.test(sentence));
  return sentences.slice(0, last + 1);
}

const SECTION = /\bsection\s+([A-D])(?:[.-]?(\d))?\b/i;
const PART = /\bpart\s+(1|2|I|II|one|two)\b/i;

/** Which section titles name, the later one within the one before. Undefined: none of the guide's. */
function sectionOfTitles(titles: string[]): Section | undefined {
  let letter: string | undefined;
  let number: string | undefined;
  let part: '1' | '2' | undefined;
  for (const title of titles) {
    const section = SECTION.exec(title);
    if (section) {
      letter = section[1]?.toUpperCase();
      number = section[2];
      part = undefined;
    } else if (AGENCY.test(title)) letter = undefined;
    const found = PART.exec(title)?.[1]?.toLowerCase();
    if (found) part = ['2', 'ii', 'two'].includes(found) ? '2' : '1';
  }
  if (letter === 'B' && !number) return part ? `B Part ${part}` : 'other';
  if (letter === 'A' && number) return number === '1' ? 'A.1' : 'other';
  if (letter && !number) return letter as Section;
  // A form that names only the part, in the guide's words.
  if (part === '2' && titles.some((title) => /legal entity/i.test(title))) return 'B Part 2';
  return titles.length > 0 ? 'other' : undefined;
}

/** As far as the names of its containers say. */
export function sectionOfName(name: string): Section | undefined {
  const match = /Section_?([ACD])_?(\d)?(?![a-z\d])|Section_?B_?(?:Part_?)?([12])?(?![a-z\d])/i.exec(
    name.replaceAll(/\[\d+\]/g, ' '),
  );
  if (!match) return undefined;
  if (match[1]) {
    const letter = match[1].toUpperCase();
    if (!match[2]) return letter as Section;
    return letter === 'A' && match[2] === '1' ? 'A.1' : 'other';
  }
  return match[3] === '1' ? 'B Part 1' : match[3] === '2' ? 'B Part 2' : 'other';
}

function splitName(name: string): string {
  const last = name.split('.').at(-1) ?? name;
  return last
    .replace(/\[\d+\]/g, '')
    .replace(/_/g, ' ')
    .replace(/([a-z\d])([A-Z])|([A-Z]+)([A-Z][a-z])/g, '$1$3 $2$4');
}

/** The rows of Section A.1 and after it. */
const ACTIVITIES = [
  ...['importer', 'broker', 'self-filer', 'filer', 'surety', 'air carrier', 'rail carrier', 'sea carrier'],
  ...['truck carrier', 'carrier', 'service provider', 'facility operator', 'foreign trade zone operator'],
  ...['ftz operator', 'driver', 'crew', 'exporter', 'cartman', 'lighterman', 'software vendor', 'operator'],
];

/** Only where rows of activities are: in Section A.1 and the sections that follow it. */
function activityOf(
  section: Section | undefined,
  titles: string[],
  box: BoxText,
  sentences: string[],
  own: string,
): string | undefined {
  if (section !== 'A.1' && section !== 'other') return undefined;
  const rows = titles.some((title) => /\bsection\s+A[.-]?\d/i.test(title)) || /SectionA_?\d|_PS\b/i.test(box.name);
  if (!rows) return undefined;
  const row = (text: string) => ACTIVITIES.find((activity) => activityPattern(activity).test(text));
  const alone = titles.flatMap((title) => /^section\s+\S+\s+(.+?)[.:]?$/i.exec(title)?.[1] ?? []);
  const titled = alone.find((words) => ACTIVITIES.some((activity) => words.toLowerCase() === activity));
  // "Importer_IR1" and "Broker_FilerCode" say their row first; so does "BROKER. Enter Filer Code."
  const label = (sentences[0] ?? '').replace(/^(?:enter|select) /i, '');
  return (row(own) ?? row(titled ?? '') ?? row(label))?.replaceAll(' ', '-');
}

const activityPattern = (activity: string) => new RegExp(`^(?:the )?${activity.replace(/[ -]/g, '[ -]?')}\\b`, 'i');
