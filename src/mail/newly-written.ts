/** A message's text, parted: what its sender wrote now, and what was there before. */
export interface NewlyWritten {
  /** Lines the sender newly wrote, without signature and our own words. */
  text: string;
  /** Earlier messages below or between. */
  earlier: string;
  /** The sender passes somebody else's message on. */
  forwarded: boolean;
}

const FORWARD_MARK =
  /^\s*(?:-{2,}\s*(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado)\b.*|begin forwarded message:?|-+\s*forwarded by\b.*)$/i;
const ORIGINAL_MARK =
  /^\s*[-=_*]{2,}\s*(?:original message|original appointment|message d'origine|mensaje original|ursprüngliche nachricht|reply message)\s*[-=_*]{2,}\s*$/i;
const FROM_LINE = /^\s*[*_]{0,2}(?:from|de|von|da|van|od|från|fra)\s?:[*_]{0,2}(?:\s|$)/i;
const HEADER_LINE =
  /^\s*[*_]{0,2}(?:sent|date|to|cc|subject|envoyé|objet|à|enviado(?: el)?|fecha|para|asunto|assunto|data|inviato|a|oggetto|gesendet|datum|an|betreff|verzonden|aan|onderwerp|wysłano|do|temat|skickat|sendt|till?|ämne|emne|reply-to)\s?:[*_]{0,2}(?:\s|$)/i;
/** The same in one line, as some programs make of it. */
const HEADERS_IN_LINE = /^\s*[*_]{0,2}from\s?:[*_]{0,2}\s.{1,200}\b(?:sent|date)\s?:.{1,200}\b(?:to|subject)\s?:/i;
const ATTRIBUTION =
  /^\s*(?:on|le|el|am|il|op|em)\b.{4,300}\b(?:wrote|a écrit|escribió|schrieb|ha scritto|schreef|escreveu)\s*:\s*$/i;
const ATTRIBUTION_START = /^\s*(?:on|le|el|am|il|op|em)\b.*\d/i;
/** "Pat Owner wrote:", with or without day and dashes: somebody's words follow. */
const WROTE = /^.{1,300}\bwrote(?: on\b.{0,60})?\s*:\W*$/i;
const MOBILE_SIGNATURE = /^\s*(?:sent from my\b|get outlook for\b|sent via\b|envoyé de mon\b|von meinem\b).*$/i;

/**
 * Parts a text into what its sender newly wrote and what went before. Where it is doubtful whether words are new they
 * count as old: our own "approved" and "3 to 5 business days" come back below every answer.
 * @param ownWords texts of ours; what repeats a sentence of theirs word for word is ours, quoted or not.
 */
export function newlyWritten(text: string, ownWords: readonly string[] = []): NewlyWritten {
  const lines = readable(text).split('\n');
  const fresh: string[] = [];
  const earlier: string[] = [];
  let forwarded = false;
  let inSignature = false;
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const quoted = /^\s*>/.test(line);
    if (!quoted && FORWARD_MARK.test(line)) {
      forwarded = true;
      break;
    }
    if (!quoted && (ORIGINAL_MARK.test(line) || isHeaderBlock(lines, at))) break;
    const attribution = quoted ? 0 : attributionLength(lines, at);
    if (attribution > 0) {
      earlier.push(...lines.slice(at, at + attribution));
      at += attribution;
      if (!/^\s*>/.test(nextWritten(lines, at))) break;
      inSignature = false;
      continue;
    }
    if (quoted) {
      earlier.push(line.replace(/^[\s>]+/, ''));
      inSignature = false;
    } else if (/^-- ?$/.test(line)) inSignature = true;
    else if (!inSignature && !MOBILE_SIGNATURE.test(line)) fresh.push(line);
    at++;
  }
  earlier.push(...lines.slice(at));
  return {
    text: withoutOwnWords(trimmedLines(fresh), ownWords),
    earlier: trimmedLines(earlier),
    forwarded,
  };
}

/** Line ends unified, compatibility characters as they look, what nobody sees removed. */
export function readable(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\r\n?/g, '\n')
    .replace(/[\u2028\u2029]/g, '\n')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/\p{Cf}|\u034f/gu, '');
}

/** Not after an abbreviation or an item's number, and only where something like a new sentence begins. */
const SENTENCE_END =
  /(?<!^\d{1,2}\.)(?<!\b(?:[Ii]nc|[Ll]td|LLC|[Cc]o|[Cc]orp|[Nn]os?|M[rs]|Mrs|Dr|St|vs|[Dd]ept|[Aa]ttn|U\.S|e\.g|i\.e|[ap]\.m)\.)(?<=[.!?]["')\]]?)\s+(?=["'([]?[A-Z0-9•*])/;

/** Sentences of a text, hard-wrapped lines joined. A line of its own (list items, headings) is one. */
export function sentencesOf(text: string): string[] {
  return text
    .split(/\n\s*\n|\n(?=\s*(?:[-*•·]|\d{1,2}[.)])\s)/)
    .flatMap((paragraph) => paragraph.replace(/\s+/g, ' ').trim().split(SENTENCE_END))
    .map((sentence) => sentence.trim())
    .filter(Boolean);
}

/** Letters and digits only, for comparing sentences. */
export function bareSentence(sentence: string): string {
  return sentence
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Short sentences ("Thank you.") are everybody's. */
const OWN_SENTENCE_WORDS = 4;

function withoutOwnWords(text: string, ownWords: readonly string[]): string {
  if (ownWords.length === 0) return text;
  const own = new Set<string>();
  // Line by line too: a greeting is no part of what follows it.
  for (const words of ownWords)
    for (const sentence of [...sentencesOf(readable(words)), ...sentencesOf(readable(words).replace(/\n/g, '\n\n'))]) {
      const bare = bareSentence(sentence);
      if (bare.split(' ').length >= OWN_SENTENCE_WORDS) own.add(bare);
    }
  const paragraphs = text.split(/\n\s*\n/);
  return paragraphs
    .map((paragraph) => {
      const sentences = sentencesOf(paragraph);
      const kept = sentences.filter((sentence) => !own.has(bareSentence(sentence)));
      return kept.length === sentences.length ? paragraph : kept.join('\n');
    })
    .filter((paragraph) => paragraph.trim())
    .join('\n\n');
}

/** "From: … Sent: … To: … Subject: …", as Outlook puts above what it answers. */
function isHeaderBlock(lines: string[], at: number): boolean {
  const line = lines[at] ?? '';
  if (/^\s*_{10,}\s*$/.test(line)) return at + 1 < lines.length && isHeaderBlock(lines, nextWrittenAt(lines, at + 1));
  if (HEADERS_IN_LINE.test(line.slice(0, 1_000))) return true;
  if (!FROM_LINE.test(line)) return false;
  const following = lines.slice(at + 1, at + 9).filter((next) => HEADER_LINE.test(next));
  return following.length >= 2;
}

/** How many lines the "On … wrote:" at this place has; 0 when there is none. */
function attributionLength(lines: string[], at: number): number {
  if (WROTE.test((lines[at] ?? '').slice(0, 600))) return 1;
  if (!ATTRIBUTION_START.test(lines[at] ?? '')) return 0;
  for (let length = 1; length <= 3; length++) {
    if (length > 1 && !(lines[at + length - 1] ?? '').trim()) return 0;
    if (
      ATTRIBUTION.test(
        lines
          .slice(at, at + length)
          .join(' ')
          .slice(0, 600),
      )
    )
      return length;
  }
  return 0;
}

function nextWrittenAt(lines: string[], at: number): number {
  let next = at;
  while (next < lines.length && !(lines[next] ?? '').trim()) next++;
  return next;
}

function nextWritten(lines: string[], at: number): string {
  return lines[nextWrittenAt(lines, at)] ?? '';
}

function trimmedLines(lines: string[]): string {
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
