/**
 * Of what somebody newly wrote, what is said to us: without the notices that lawyers put below every mail ("unauthorized
 * disclosure is not approved"), and with the lines of a table or form apart, which are sentences without a full stop.
 */
export function spokenText(text: string): string {
  return text
    .split(/\n\s*\n/)
    .filter((paragraph) => !isLegalNotice(paragraph))
    .map(linesApart)
    .join('\n\n');
}

/** What such notices speak of. Letters about an account speak of one of these at most. */
const LEGAL_MATTERS = [
  /\bintended (?:recipient|only|solely|for the)|\baddressee/i,
  /\bunauthori[sz]ed\b|\bprohibited\b|\bunlawful\b/i,
  /\bprivileged\b|\bconfidential\w*|\bofficial use only\b|\blaw enforcement sensitive\b/i,
  /\bdisclos\w+|\bdisseminat\w+|\bdistribution\b|\bcopying\b/i,
  /\b(?:delete|destroy)\b/i,
  /\breceived (?:this|it) (?:\w+ ){0,2}in error\b/i,
  /\b(?:consent|subject) to monitoring\b|\bmonitored and recorded\b|\bcriminal (?:and civil )?penalt/i,
  /\bvirus(?:es)?\b|\bopinions? expressed\b/i,
];
/** Who speaks of our case speaks to us. */
const OUR_CASE = /\b(?:your|the|this) (?:\w+ ){0,3}?(?:application|accounts?|request|importer)\b/i;

function isLegalNotice(paragraph: string): boolean {
  return LEGAL_MATTERS.filter((matter) => matter.test(paragraph)).length >= 2 && !OUR_CASE.test(paragraph);
}

/** "Status: approved" */
const LABELLED = /^\s*[\p{Lu}\d][^\n:.!?]{0,40}:\s+\S/u;

function linesApart(paragraph: string): string {
  const lines = paragraph.split('\n');
  const labelled = lines.map((line) => LABELLED.test(line));
  return lines
    .map((line, at) => (labelled[at] && (labelled[at - 1] || labelled[at + 1]) ? `\n${line}\n` : line))
    .join('\n');
}

/** One line of a table or form. */
export function isLabelled(sentence: string): boolean {
  return LABELLED.test(sentence);
}
