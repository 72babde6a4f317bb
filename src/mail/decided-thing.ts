import { plainWords } from './wording.js';

/**
 * What a decision is of, and whether that is all it says. CBP approves many things under one importer number (a bond, a
 * password reset, a CTPAT application), and much is said of accounts that opens none ("ready for review", "approved for
 * intake"). So the noun before the verb and the words behind it must be of those that letters about a new account use:
 * whatever else stands there makes the approval a guess, for a person.
 */

/** What is applied for, or applied with. */
const HEAD =
  /^(?:applications?|requests?|registrations?|submissions?|enrol?lments?|set-?up|accounts?|sub-?accounts?|access|profile|view)$/;
/** Of these, what is there afterwards: an application that "is open" is none. */
const MADE_OF = /^(?:accounts?|sub-?accounts?|access|profile|view)$/;
/** What stands before such a noun and leaves it ours. */
const PLAIN =
  /^(?:ace(?:'s)?|portal|accounts?|applications?|access|new|importers?(?:'s)?|import|top|sub|sub-?accounts?|trade|user|online|web|form|secure|data|automated|commercial|environment|cbp|customs|pdf|legacy|initial|above|below|referenced|above-referenced|mentioned|subject|captioned|attached|enclosed|recent|corrected|revised|resubmitted|submitted|clients?(?:'s)?|compan(?:y|y's|ies)|organization(?:'s)?|owners?(?:'s)?|tao(?:'s)?|completed|entire|original|ior|ein|record|requested|set-?up|creation|registration|opening|establishment|and|or|[\d-]+)$/;
/** What may stand behind it. */
const BEHIND_NOUN =
  /^(?:for|to|of|from|in|on|with|under|by|at|dated|submitted|received|sent|referenced|you|we|i|that|which|packet|package|number|no|and|now|ior|ein|#\S+|[\d-]+)$/;
/** "Account manager" is no account. */
const COMPOUND =
  /^(?:managers?|representatives?|executives?|specialists?|teams?|passwords?|statements?|reviews?|forms?|fees?|changes?|updates?|desk|help|services?|pages?|information|status)$/;
const PREPOSITION = /^(?:for|to|of|from|in|on|with|under|by|at)$/;
const DETERMINER = /^(?:no|any|such|your|yours|the|this|that|these|an?|our|its|their|his|her|my)$/;
const TITLE = /^(?:mr|mrs|ms|miss|dr)$/;
/** Who gets an account, and what stands for what was asked. */
const WHOLE = /^(?:it|this|you|everything|company|firm|organization|client|applicant|importer|owner|tao|ior|ein)$/;
/** "Importer number 12-345678900" and "importer of record", but no phone number. */
const NUMBERED = /\b(?:importer(?:'s)?|ior|ein) number$|\bof record(?: number)?$/;
/** What tells of it, where it stands before its verb: "the status is approved". */
const TELLING = /^(?:status|decision|result|approval)$/;
const LEGAL_FORM = /^(?:llc|inc|incorporated|corp|corporation|ltd|limited|ltee|ltée|llp|gmbh|co)$/;
/** What may be asked for: an account, for somebody. */
const ASKED_FOR =
  /\b(?:accounts?|sub-?accounts?|portal|ace|access|importers?|ior|ein|compan(?:y|ies)|llc|inc|corp|ltd|your (?:client|firm)|entity|applicant|business|organization|you)\b|\d{5}/;
const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';
/** Where and when it may be. */
const PLACE = new RegExp(
  `^(?:this (?:time|moment|point)|present|the moment|behalf|\\d+|${MONTH}|(?:mon|tues|wednes|thurs|fri)day)\\b|\\b(?:ace|cbp|customs|secure data portal)\\b`,
);
/** Whatever else it is about, it opens no account. */
const ANOTHER_WISH =
  /^(?:expedite|withdraw|cancel|clos\w+|deactivat\w+|terminat\w+|remov\w+|chang\w+|updat\w+|extend\w*|(?:an )?extension|reschedul\w+|delet\w+|reset\w*|unlock\w*|reactivat\w+|transfer\w*|refund\w*|amend\w*|correct\w*|modif\w+|renew\w*|waiv\w+)\b/;

/** Behind "approved", "created", "active": when, where, by and for whom, and what comes of it; or nothing. */
const NOTHING_MORE = new RegExp(
  [
    /^\W*$|^\s*[.,;:!?)–—]|^ [-–—(]/.source,
    `^ (?:${[
      'and|so(?! far)|since|as (?:of|requested|well)|without further',
      'effective|today|yesterday|now|earlier|this|successfully|immediately|within|at (?:\\d+|noon|(?:your|the|our) (?:request|end))',
      `on (?:\\d+|\\w+day|${MONTH}|the|our|your)|\\(?#?\\d+`,
      `in (?:\\d+|ace|the|our|your|cbp|${MONTH})`,
      'by \\w+|via|per|under|on behalf of|with (?:the|an?|account|user|login)',
      'for (?:you|use|the use|your (?:company|client|firm|organization|use)|ior|ein|importer|immediate)',
      'to (?:use|go|be used|log|sign|access|ace|the ace)',
    ].join('|')})(?!\\w)`,
  ].join('|'),
);
/** "For Harbourline Foods LLC", "for an ACE Portal account" */
const FOR_SOMEBODY = /^ (?:for|of|to)\b.{0,60}(?:\b(?:ace|portal|account|importer|ior|ein|llc|inc|corp|ltd)\b|\d{5})/;
const ANOTHER = /\b(?:another|different|other)\b/;
const ENDS_DONE =
  /\b(?:approved|granted|created|established|activated|opened|set-? ?up|provisioned|enabled|built|issued|registered|active|live|ready|available|open|complete|completed|successful|finalized|added|tao|owner)$/;

const PREDICATE = /\b(?:has|have|had|is|are|was|were|stands|could|can|will)\b/;
/** "We have approved …", "unable to grant …": what is decided stands behind the verb. */
const ACTIVE =
  /^(?:we|cbp|ace|i)\b|\b(?:approved|granted) (?:your|the|this|it)$|\bapproval of\b|^(?:completed|finished|done|unable|not|can not|could not|will not|are not|declin\w+|decided|determined|elected|chosen)\b/;
const PASSIVE = /\b(?:be|been|being) \w+$|^(?:can|could|will) not (?:be )?\w+ed$/;
const VERB =
  /\b(?:approv(?:ed?|ing|al of)|grant(?:ed|ing)?|creat(?:ed?|ing)|establish(?:ed|ing)?|activat(?:ed?|ing)|open(?:ed|ing)?|set(?:ting)? up|provision(?:ed|ing)?|enabl(?:ed?|ing)|build(?:ing)?|built|issu(?:ed?|ing)|offer|provide|den(?:y|ied|ying)|reject\w*|refus\w+|declin\w+|disapprov\w+)\b/;
const ONLY_AN_ACCOUNT =
  /\b(?:created|established|activated|opened|set-? ?up|provisioned|enabled|built|issued|active|live|ready|available|open|operational|up and running|in place|good to go|accessible|functional)\b/;
/** "We finished the review and the account": what has a determiner of its own is a noun of its own. */
const EARLIER_NOUN = /^.*\band (?=(?:your|the|an?|this|its|our|her|his)\b)/;
/** Words that a noun does not reach across. */
const BOUNDARY = /[;:]\s|,\s|\b(?:but|however|that|because|since|while|as|report|inform you|confirm|say)\b|\s-\s/;

/**
 * Whether an approval is plainly of an importer's account and says nothing else behind.
 * @param sentence in plain words; `said` stands in it at `at`
 * @param names words of the importer's own name, which may stand before the noun and behind it
 */
export function approvesAnAccount(sentence: string, at: number, said: string, names: ReadonlySet<string>): boolean {
  const behind = sentence.slice(at + said.length);
  const made =
    ONLY_AN_ACCOUNT.test(said) && !/\b(?:approved|granted|complete|completed|successful|in ace)\b/.test(said);
  if (isActive(said)) return decidesOnOurs(sentence, at, said, names, made);
  if (ENDS_DONE.test(said) && !endsThere(behind, names)) return false;
  if (FOR_SOMEBODY.test(behind) && !ANOTHER.test(behind)) return true;
  return decidesOnOurs(sentence, at, said, names, made);
}

/** The same of a refusal, which may say behind what it likes: a first e-mail, a bond, a CBP Form 5106 are refused too. */
export function refusesAnAccount(sentence: string, at: number, said: string, names: ReadonlySet<string>): boolean {
  return decidesOnOurs(sentence, at, said, names, false);
}

function isActive(said: string): boolean {
  return ACTIVE.test(said) && !PASSIVE.test(said);
}

function decidesOnOurs(sentence: string, at: number, said: string, names: ReadonlySet<string>, made: boolean): boolean {
  if (isActive(said)) {
    const verb = VERB.exec(said);
    if (!verb) return true;
    const object = `${said.slice(verb.index + verb[0].length)}${sentence.slice(at + said.length)}`;
    const [noun = ''] = object.split(/[,;:.!]|\b(?:and|effective|today|because|as|due)\b/);
    return !noun.trim() || (!TELLING.test(wordsOf(noun).at(-1) ?? '') && isOurs(noun, names, made));
  }
  const verb = PREDICATE.exec(said);
  if (!verb) return true;
  const noun = `${sentence.slice(0, at)}${said.slice(0, verb.index)}`.replace(
    /\b(?:should )?(?:now|also|just|hereby)\s*$/,
    '',
  );
  // "Your application meets all requirements and has been approved"
  const predicateBefore = /\band\s*$/.test(noun);
  // An apposition ("your application, sent on March 2, has been approved") is not what it is of.
  const parts = noun
    .split(BOUNDARY)
    .map((part) => part.replace(EARLIER_NOUN, ''))
    .filter((part) => part.trim());
  return parts.slice(-2).some((part) => isOurs(part, names, made, predicateBefore));
}

function endsThere(behind: string, names: ReadonlySet<string>): boolean {
  if (NOTHING_MORE.test(behind)) return true;
  if (FOR_SOMEBODY.test(behind) && !ANOTHER.test(behind)) return true;
  const [link = '', ...words] = wordsOf(behind);
  return PREPOSITION.test(link) && words.slice(0, 4).some((word) => names.has(bare(word)));
}

function isOurs(noun: string, names: ReadonlySet<string>, made: boolean, predicateBefore = false): boolean {
  const words = wordsOf(noun.replace(/\([^)]*\)?/g, ' ').replace(/\b(?:trade )?account owner\b/g, 'tao'));
  const known = (word: string) => names.has(bare(word));
  const isHead = (word: string | undefined) => word !== undefined && HEAD.test(word);
  // The first noun is what it is of: "access to the account", "application for a bond".
  const at = words.findIndex((word, place) => isHead(word) && !isHead(words[place + 1]));
  if (at < 0) return !made && isWhole(words, known);
  if (made && !MADE_OF.test(words[at] ?? '')) return false;
  // "Requests from brokers" are everybody's.
  if (/s$/.test(words[at] ?? '') && words[at] !== 'access' && !words.slice(0, at).some((word) => DETERMINER.test(word)))
    return false;
  const before = words.slice(0, at);
  const determiner = before.findLastIndex((word) => DETERMINER.test(word));
  // "Section D of your application" is not the application.
  const preposition = before[determiner >= 0 ? determiner - 1 : before.length - 1] ?? '';
  if (/^(?:of|to|on|for|in|from|with|about|under)$/.test(preposition) && before.length > 2) return false;
  const modifiers = before.slice(determiner >= 0 ? determiner + 1 : -1);
  const fits = (word: string, place: number) =>
    PLAIN.test(word) ||
    LEGAL_FORM.test(word) ||
    known(word) ||
    TITLE.test(word) ||
    TITLE.test(before[before.length - modifiers.length + place - 1] ?? '');
  if (!modifiers.every(fits)) return false;
  const [link, ...asked] = words.slice(at + 1);
  if (link === undefined || (predicateBefore && !COMPOUND.test(link))) return true;
  if (!BEHIND_NOUN.test(link) && !known(link)) return false;
  const wish = asked.join(' ');
  if (/^(?:for|to|of)$/.test(link))
    return (
      !ANOTHER_WISH.test(wish) &&
      !ANOTHER.test(wish) &&
      // "Your request for access to the drawback module" goes on in the same way.
      (asked.some(isHead) ? isOurs(wish, names, false) : ASKED_FOR.test(wish) || asked.some(known))
    );
  return !/^(?:in|on|with|at)$/.test(link) || PLACE.test(wish);
}

/** "You", "Acme Imports LLC", "IOR 12-345678900": the head of it, before any preposition. */
function isWhole(words: string[], known: (word: string) => boolean): boolean {
  const cut = words.findIndex((word, at) => at > 0 && PREPOSITION.test(word) && words[at + 1] !== 'record');
  const last = (cut > 0 ? words.slice(0, cut) : words).findLast((word) => !/^[\W\d]*$/.test(word)) ?? '';
  if (words.some((word) => ANOTHER.test(word))) return false;
  const named = words.filter((word) => !/^[\W\d]*$/.test(word)).join(' ');
  if (NUMBERED.test(named)) return true;
  return WHOLE.test(last) || TELLING.test(last) || LEGAL_FORM.test(last) || known(last);
}

/** The words of names, to be told from other words. */
export function wordsOfNames(names: readonly string[]): Set<string> {
  return new Set(
    names.flatMap((name) => wordsOf(plainWords(name)).map(bare)).filter((word) => word.length > 2 && !HEAD.test(word)),
  );
}

function wordsOf(text: string): string[] {
  return text
    .split(/[\s,"]+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}#]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter(Boolean);
}

function bare(word: string): string {
  return word.replace(/'s$/, '');
}
