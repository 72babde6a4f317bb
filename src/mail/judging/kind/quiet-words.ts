import { decisionScore, sentencesOf } from './suggest.js';

/**
 * Recognizes email that decides nothing by its words: something arrived, someone is working on it, or someone is away. If
 * any sentence is about something else, a person must read the email.
 */
export type QuietKind = 'acknowledgement' | 'in-process' | 'out-of-office';

const SAYS: Record<QuietKind, RegExp> = {
  'out-of-office':
    /\bout (?:of (?:the |my )?office|sick|until)|\b(?:currently |be )?(?:away|absent) (?:from|until|on)\b|\bon (?:\w+ )?(?:leave|vacation|holidays?)\b|\boffice (?:is|will be) closed for\b|\b(?:returning|return|back) (?:on|in|from)\b|vacaciones|urlaub|abwesen|nicht im b(?:ü|ue)ro|en cong|absente? (?:du|de)|fuera de la oficina|in ferie|fuori ufficio|f(?:é|e)rias|afwezig|fravær|frånvaro|semester|lomalla|urlop/i,
  'in-process':
    /\b(?:in (?:process|progress|(?:the |our )?queue)|under review|(?:is|are|remains?|still) (?:currently )?(?:pending|awaiting (?:review|approval)|in review)|pending (?:review|approval|processing|decision|assignment)|(?:being|still|currently) (?:processed|reviewed|worked|handled)|working on|looking into|assigned to|backlog|high volumes?|(?:not|no) (?:\w+ ){0,5}yet\b|not yet\b|yet to|passed .{0,40}\bon to|with the \w+ team|forwarded to|ticket has been opened)\b/i,
  acknowledgement:
    /\b(?:(?:has|have|'ve|been|was|were|is|successfully|we|cbp) (?:received|got)|got your|(?:confirm|acknowledg)\w* (?:\w+ ){0,3}?(?:receipt|received|submission)|in receipt of|(?:application|request|e-?mail|message|submission|inquiry) received|receipt of .{0,60}(?:confirmed|acknowledged)|(?:respon\w+|answer\w*|reply|contact|hear|review\w*|process\w*|allow|takes?)\b.{0,60}(?:business|working) days?|response time|^(?:well )?received|automat(?:ed|ic) (?:response|reply|message|acknowledg\w+))\b/i,
};

/** Polite phrases that appear in every kind of letter and say nothing about the case. */
const COURTESY =
  /^(?:(?:dear|hello|hi|good (?:morning|afternoon|evening|day)|greetings)\b|(?:many )?thanks?\b|thank you\b|(?:kind |best |warm )?regards|sincerely|respectfully|please (?:note|do not|allow|be patient|contact|call|visit|refer|direct)\b|(?:if|once|when|should|for|upon|after|until|as soon as|in case)\b|we (?:will|appreciate|apologi[sz]e|are sorry)\b|(?:i|you|she|he|someone|a \w+|an? \w+ \w+ ?\w*) (?:will|should|may|can) (?:be (?:notified|contacted|informed)|hear|contact|respond|reply|receive|get back|answer)|(?:your )?(?:case|ticket|reference|inquiry|request)(?: (?:number|id|no\.?))?(?: is)?[ :#]*(?:[A-Z]{0,6}[-#]?\d|$)|no (?:further )?(?:action|information|response)\b|(?:all )?(?:applications|requests|incomplete applications|pdf applications|submissions) (?:are|will|may|received|sent)\b|(?:due to|because of) (?:the |a )?(?:high|large|current)|(?:do not|never) (?:reply|share|send)|this (?:is an? (?:auto|system)|reply was|mailbox|message (?:may|was sent|is intended|was generated))|(?:you|i) (?:do not|don't) (?:need to|have a date)|they are|to (?:log|check))/i;
const LEGAL =
  /\b(?:intended recipient|received this (?:\w+ )?in error|official use only|privileged|unauthori[sz]ed)\b/i;
/** A name, an office, a phone number: every word has a capital or a digit. */
const SIGNATURE_WORD = /^(?:[\p{Lu}\d+(&]\S*|(?:of|and|the|for|option|then|x)?,*)$/u;
const SIGNATURE_WORDS = 20;
const POSSIBLE =
  /\b(?:if|once|when|whenever|until|whether|upon|after|before|should|may|might|could|will|would|as soon as|in case)\b/i;
/** General advice that a mailbox gives to everyone who writes to it. */
const ADVICE = /\b(?:if|once|when|should|may|might|until)\b|^\W*(?:incomplete|duplicate|all|pdf) /i;
const THREAT = /\b(?:unless|intend|we do not hear|have to|at once|(?:can|may|should) now)\b/i;
/** A request to act: "Please contact us by Friday", but not "Please call us with any questions". */
const TO_BE_DONE =
  /^\W*(?:please )?(?:contact|call|reply|respond|answer)\b(?!.*\b(?:if|any|should|(?:with|for) (?:questions|help|assistance|support|more|further))\b)/i;
/** "Need help?" is not a question about this case. */
const ASKS = /\?\s*$/;
const OFFERS_HELP = /\b(?:questions|help|assistance)\b/i;
/** The state of this case, which an autoresponder cannot know. */
const OF_THE_CASE =
  /\b(?:your|the|this) (?:\S+ ){0,3}(?:accounts?|applications?|requests?|importer|form|record|decision|case)\b/i;
const STATES = /\b(?:is|are|was|were|has|have|had|needs?|found|sent|issued|(?!need)[a-z]{3,}ed)\b/i;
const RESULT = /^\W*(?:\w+ )?(?:account|decision|status|result|outcome|action)\b[ :]/i;
/** Words that do not fit an acknowledgement in any form. */
const TROUBLE =
  /\b(?:not (?!(?:be )?(?:reply|respond|submit|send|forward|re\w*submit|monitored|necessary|needed|required|hear|heard|including|share)|(?:been |yet )?\w* ?yet|need|have (?:a date|to)|call the|give|yet)|can(?:'t|not) (?!give|provide|say)|won't|no (?!action|further|additional|later|date|response|information|access)|nobody|void\w*|declin\w+|den(?:y|ies|ied|ial)|refus\w+|reject\w*|returned|obsolete|outdated|lack\w*|missing (?!information\. )|wrong|incorrect|invalid|withdrawn|closed(?! (?:on|for|during|over|until))|will be (?:approved|created|granted)\b.{0,60}\b(?:after|once|when|if|subject)|cancel\w*|unless|intend|unable (?!to (?:give|provide|say))|unfortunately (?!,? ?(?:i|we) can(?:'t|not) (?:give|say|provide))|call (?:me|us) about|we do not hear|(?:can|may|should) now|on hold|(?:await\w*|pending|needs?|hear from|wait\w* (?:for|on)) (?:your?|(?:the )?(?:importer|client|customer|applicant|broker))|your (?:response|reply|answer|confirmation|signature|help) (?:is|was))\b/i;

/** Something was done, which no acknowledgement says, unless it is about a ticket or about the future. */
const DONE =
  /\b(?:(?:is|are|was|were|been|now) (?:(?:now|already|successfully) )?(?:open(?:ed)?|completed?|decided|created|issued|active|activated|ready|set up|on hold)|received .{0,40}\band completed|(?:can|may) (?:now )?(?:log ?in|sign in)|(?:is|are) now an? \w+ user|use the temporary)\b/i;
const NOT_DONE = /\b(?:if|once|when|after|until|ticket|case|inquiry|(?:not|yet to) be(?:en)?)\b/i;

/**
 * All words that someone needs to write that something arrived or is in process. Any other matter needs another word, and
 * a word that is not in this list makes it email for a person.
 */
const PLAIN = new Set(
  `a about account accounts ace acknowledge acknowledgement acknowledges acknowledging action additional administrator
  after afternoon agency all allow also although an analyst and answer any anything apologies apologize applicant
  application application's applications appreciate approval approved apr april are as ask asked assigned assistance
  at aug august automated automatic await awaiting backlog be because been before behind being best border branch
  broker business but by call came can cannot case cases cbp check checked circumstances client closed come company
  completed confidential confirm confirmation confirmed confirming confirms contact contacting contain created
  current currently customer customs date day days dec december decided decision delay delete department desk did do
  does don't done due duplicate duplicates during e-mail e-mails each email emails escalated estimate evening expect
  expected experiencing feb february federal fifteen five following for forward forwarded four friday from further
  generally get give given good got great greatly had hand handled hands has have having he hear heard hello help her
  here hereby hi high him his hold holiday holidays hope how i i'm i've id if importer in inconvenience information
  inquiries inquiry into is issue issued it its jan january jul july jun june just kind know large latest let like
  line longer look looking made mail mailbox make many mar march may member message messages monday monitored more
  morning most mr mrs ms my need needed new next no normal not note notified notify nov november now number oct
  october of off office officer on once one open opened option or order our out outstanding over part passed patience
  pending people per period phone place placed please portal possible present prior process processed processes
  processing progress protection questions queue quickly quite reach reached reading receipt receive received
  receiving record reference regarding regards regret remains reply replying representative request requested
  requests required respectfully respond response responses review reviewed reviewer reviewing reviews right s same
  saturday see sender sensitive sent sep september service setting seven several she shortly should sincerely six so
  someone soon sorry specialist staff status still submission submissions submitted submitting success successfully
  sunday supervisor support taken takes team team's ten thank thanks that the them then there they this those three
  through thursday ticket time times to today tomorrow top touch track tracking trade tuesday typical typically u.s
  under understanding unfortunately until up update updates upon us user usual usually very volume volumes want was
  way we we'll we're we've wednesday week weekday weekend weekends weeks well were when where which while why will
  with within work worked working works would writing yet you you'll you've your yours`.split(/\s+/),
);
const FIGURE = /^(?:\d{1,2}(?:st|nd|rd|th)?|20\d\d|[A-Z]{0,6}[-#]?\d{5,}|[\d/.,:–-]{6,}|\d{1,2}[–-]\d{1,2})$/;
/** "for Acme Imports LLC", "Ms. Ortiz". */
const NAME_BEFORE = /^(?:for|of|from|by|to|with|mr|ms|mrs|dear|hi|hello)$/i;

function isPlain(sentence: string): boolean {
  let named = false;
  return sentence
    .replace(/\b(?:get|hear) back\b/gi, '')
    .split(/[\s/]+/)
    .every((written) => {
      const word = written.replace(/^[^\p{L}\p{N}#]+|[^\p{L}\p{N}]+$/gu, '');
      const isName = named && /^\p{Lu}/u.test(word);
      named = NAME_BEFORE.test(word) || isName;
      return word === '' || isName || FIGURE.test(word) || PLAIN.has(word.toLowerCase());
    });
}

/**
 * The kind of an email that decides nothing. Undefined if it may decide something.
 * @param automatic it is an automatic reply: the program does not know the case, and its advice is general
 */
export function quietKind(text: string, automatic: boolean): { kind: QuietKind; because: string } | undefined {
  const sentences = sentencesOf(text);
  const sentenceThatSays = (kind: QuietKind) =>
    sentences.find((sentence) => SAYS[kind].test(sentence) && !LEGAL.test(sentence));
  const order: QuietKind[] = automatic
    ? ['out-of-office', 'acknowledgement', 'in-process']
    : ['in-process', 'acknowledgement'];
  for (const kind of order) {
    const because = sentenceThatSays(kind);
    if (because === undefined) continue;
    return sentences.every((sentence) => isHarmless(sentence, kind, automatic)) ? { kind, because } : undefined;
  }
  return undefined;
}

/** Whether a subject may state a decision. */
export function subjectMayDecide(subject: string): boolean {
  return decisionScore(subject) >= 0.5 || TROUBLE.test(subject);
}

function isHarmless(sentence: string, kind: QuietKind, automatic: boolean): boolean {
  if (LEGAL.test(sentence)) return true;
  if (DONE.test(sentence) && !NOT_DONE.test(sentence)) return false;
  const isAdvice = automatic && ADVICE.test(sentence) && !THREAT.test(sentence);
  if (TROUBLE.test(sentence) && !isAdvice) return false;
  if (!isAdvice && TO_BE_DONE.test(sentence)) return false;
  if (ASKS.test(sentence) && !OFFERS_HELP.test(sentence)) return false;
  const isCourtesy = COURTESY.test(sentence.replace(/^[^\p{L}]+/u, ''));
  const isQuiet = Object.values(SAYS).some((says) => says.test(sentence));
  // "Until" in advice refers to an absence, not to a decision.
  const isPutOff = (isAdvice && !/\buntil\b/i.test(sentence)) || (isCourtesy && POSSIBLE.test(sentence));
  if (decisionScore(sentence) >= 0.5 && !isPutOff) return SAYS['in-process'].test(sentence);
  if (automatic && kind === 'acknowledgement' && !isOfTheCase(sentence)) return true;
  if (!automatic && !isPlain(sentence) && !isSignature(sentence)) return false;
  return isQuiet || isCourtesy || isAdvice || isSignature(sentence);
}

function isOfTheCase(sentence: string): boolean {
  return RESULT.test(sentence) || (OF_THE_CASE.test(sentence) && STATES.test(sentence));
}

/** Checks word by word: one pattern for the whole line would backtrack on runs of capitals. */
function isSignature(sentence: string): boolean {
  const words = sentence.split(/\s+/).filter(Boolean);
  return words.length > 0 && words.length <= SIGNATURE_WORDS && words.every((word) => SIGNATURE_WORD.test(word));
}
