/**
 * An onboarding names its messages and their fields as the client and the Web UI do. On the command line they have other
 * names.
 */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/confirmAccessGranted with an empty importerNumbers/g, 'seen --none'],
  [/\bconfirmAccessGranted\b/g, 'seen'],
  [/\bcorrectApplication\b/g, 'correct'],
  [/\bsettleSubmission\b/g, 'settle'],
  [/\bsendMessage\b/g, 'message'],
  [/\bdismissMail\b/g, 'dismiss'],
  [/"replace":true/g, '--replace'],
  [/without "replace"/g, 'without --replace'],
  [/"recompute":true/g, '--recompute'],
  [/"waitingOn":"broker"/g, '--waiting-on broker'],
  [/\bmailedOn\b/g, '--mailed-on'],
  [/\bchaseOn\b/g, '--chase'],
  [/\bbyDays\b/g, '--by'],
  [/\bacceptRole\b/g, '--accept-role'],
  [/\btopAccount\b/g, '--top-account'],
  [/\bimporterNumbers\b/g, '--importer-number'],
  // The example of a payload.
  [/ Paste \{.*$/s, ''],
];

/** What an onboarding said, in the words of the command line. */
export function inCommandWords(said: string): string {
  return WORDS.reduce((text, [word, instead]) => text.replace(word, instead), said);
}
