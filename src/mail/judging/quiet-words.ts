import { hintsAt, sentencesOf } from './suggest.js';

/**
 * Mail that decides nothing is told by its words: that something arrived, that it is being worked on, that somebody is
 * away. A sentence with any other matter in it makes it mail for a person.
 */
export type QuietKind = 'acknowledgement' | 'in-process' | 'out-of-office';

const SAYS: Record<QuietKind, RegExp> = {
  'out-of-office':
    /\bout (?:of (?:the |my )?office|sick|until)|\b(?:currently |be )?(?:away|absent) (?:from|until|on)\b|\bon (?:\w+ )?(?:leave|vacation|holidays?)\b|\boffice (?:is|will be) closed for\b|\b(?:returning|return|back) (?:on|in|from)\b|vacaciones|urlaub|abwesen|nicht im b(?:ü|ue)ro|en cong|absente? (?:du|de)|fuera de la oficina|in ferie|fuori ufficio|f(?:é|e)rias|afwezig|fravær|frånvaro|semester|lomalla|urlop/i,
  'in-process':
    /\b(?:in (?:process|progress|(?:the |our )?queue)|under review|(?:is|are|remains?|still) (?:currently )?(?:pending|awaiting (?:review|approval)|in review)|pending (?:review|approval|processing|decision|assignment)|(?:being|still|currently) (?:processed|reviewed|worked|handled)|working on|looking into|assigned to|backlog|high volumes?|(?:not|no) (?:\w+ ){0,3}yet\b|not yet\b|yet to|passed .{0,40}\bon to|with the \w+ team|ticket has been opened)\b/i,
  acknowledgement:
    /\b(?:(?:has|have|'ve|been|was|were|is|successfully|we|cbp) (?:received|got)|got your|(?:confirm|acknowledg)\w* (?:\w+ ){0,3}?(?:receipt|received|submission)|in receipt of|(?:application|request|e-?mail|message|submission|inquiry) received|receipt of .{0,60}(?:confirmed|acknowledged)|(?:respon\w+|answer\w*|reply|contact|hear|review\w*|process\w*|allow|takes?)\b.{0,60}(?:business|working) days?|response time|^(?:well )?received|automat(?:ed|ic) (?:response|reply|message|acknowledg\w+))\b/i,
};

/** Sentences that letters of every kind have, and that say nothing of the case. */
const COURTESY =
  /^(?:(?:dear|hello|hi|good (?:morning|afternoon|evening|day)|greetings)\b|(?:many )?thanks?\b|thank you\b|(?:kind |best |warm )?regards|sincerely|respectfully|please (?:note|do not|allow|be patient|contact|call|visit|refer|direct)\b|(?:if|once|when|should|for|upon|after|until|as soon as|in case)\b|we (?:will|appreciate|apologi[sz]e|are sorry)\b|(?:i|you|she|he|someone|a \w+|an? \w+ \w+ ?\w*) (?:will|should|may|can) (?:be (?:notified|contacted|informed)|hear|contact|respond|reply|receive|get back|answer)|(?:your )?(?:case|ticket|reference|inquiry|request)(?: number)?\b|no (?:further )?(?:action|information|response)\b|(?:all )?(?:applications|requests|incomplete applications|pdf applications|submissions) (?:are|will|may|received|sent)\b|(?:due to|because of) (?:the |a )?(?:high|large|current)|(?:do not|never) (?:reply|share|send)|this (?:is an? (?:auto|system)|reply was|mailbox|message (?:may|was sent|is intended|was generated))|(?:you|i) (?:do not|don't) (?:need to|have a date)|they are|to (?:log|check))/i;
const LEGAL =
  /\b(?:intended recipient|received this (?:\w+ )?in error|official use only|privileged|unauthori[sz]ed)\b/i;
/** A name, an office, a telephone number: every word with a capital or a digit. */
const SIGNATURE_WORD = /^(?:[\p{Lu}\d+(&]\S*|(?:of|and|the|for|option|then|x)?,*)$/u;
const SIGNATURE_WORDS = 20;
const POSSIBLE =
  /\b(?:if|once|when|whenever|until|whether|upon|after|before|should|may|might|could|will|would|as soon as|in case)\b/i;
/** What a mailbox tells everybody who writes to it. */
const ADVICE = /\b(?:if|once|when|should|may|might|until)\b|^\W*(?:incomplete|duplicate|all|pdf) /i;
const THREAT = /\b(?:unless|intend|we do not hear|have to)\b/i;
/** What does not fit a receipt, however it is said. */
const TROUBLE =
  /\b(?:not (?!(?:be )?(?:reply|respond|submit|send|forward|re\w*submit|monitored|necessary|needed|required|hear|heard|including|share)|(?:been |yet )?\w* ?yet|need|have (?:a date|to)|call the|give|yet)|can(?:'t|not) (?!give|provide|say)|won't|no (?!action|further|additional|later|date|response|information|access)|nobody|void\w*|declin\w+|den(?:y|ies|ied|ial)|refus\w+|reject\w*|returned|obsolete|outdated|lack\w*|missing (?!information\. )|wrong|incorrect|invalid|withdrawn|closed(?! (?:on|for|during|over|until))|will be (?:approved|created|granted)\b.{0,60}\b(?:after|once|when|if|subject)|cancel\w*|unless|intend|unable (?!to (?:give|provide|say))|unfortunately (?!,? ?(?:i|we) can(?:'t|not) (?:give|say|provide))|call (?:me|us) about|we do not hear)\b/i;

/**
 * The kind of a mail that decides nothing; undefined when it may decide something.
 * @param automatic a program sent it: then advice for every case is only advice
 */
export function quietKind(text: string, automatic: boolean): { kind: QuietKind; because: string } | undefined {
  const sentences = sentencesOf(text);
  const said = (kind: QuietKind) => sentences.find((sentence) => SAYS[kind].test(sentence) && !LEGAL.test(sentence));
  const order: QuietKind[] = automatic
    ? ['out-of-office', 'acknowledgement', 'in-process']
    : ['in-process', 'acknowledgement'];
  for (const kind of order) {
    const because = said(kind);
    if (because === undefined) continue;
    return sentences.every((sentence) => isHarmless(sentence, kind, automatic)) ? { kind, because } : undefined;
  }
  return undefined;
}

function isHarmless(sentence: string, kind: QuietKind, automatic: boolean): boolean {
  if (LEGAL.test(sentence)) return true;
  const isAdvice = automatic && ADVICE.test(sentence) && !THREAT.test(sentence);
  if (TROUBLE.test(sentence) && !isAdvice) return false;
  const isCourtesy = COURTESY.test(sentence.replace(/^[^\p{L}]+/u, ''));
  const isQuiet = Object.values(SAYS).some((says) => says.test(sentence));
  if (hintsAt(sentence) >= 0.5 && !isAdvice && !(isCourtesy && POSSIBLE.test(sentence)))
    return SAYS['in-process'].test(sentence);
  if (automatic && kind === 'acknowledgement') return true;
  return isQuiet || isCourtesy || isAdvice || isSignature(sentence);
}

/** Word by word: one pattern for all would try every way of parting a run of capitals. */
function isSignature(sentence: string): boolean {
  const words = sentence.split(/\s+/).filter(Boolean);
  return words.length > 0 && words.length <= SIGNATURE_WORDS && words.every((word) => SIGNATURE_WORD.test(word));
}
