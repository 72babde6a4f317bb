import { workflowIdOf } from '../../../application/reference.js';
import { differOnlyInSuffix } from '../../../application/tax-numbers-in-text.js';
import type { Archive } from '../../../archive/archive.js';
import type { ImporterKeys } from '../../../archive/importer-key.js';
import { aliasIndex, importerIndex, messageIndex, read } from '../../../archive/records.js';
import { aliasTokenIn, isReplyAlias } from '../../outgoing/reply-alias.js';
import { caseFacts, wordsOfCase } from '../text/case-facts.js';
import type { CaseFacts } from '../text/mask.js';
import { bareWords } from '../text/readable.js';

/** What correlation needs to know about an onboarding. */
export interface KnownOnboarding {
  workflowId: string;
  reference: string;
  /** Legal name. */
  company?: string;
  /** Its stage, if known without asking Temporal. */
  stage?: string;
}

/** What one of our addresses means. `unknown`: it has the form of an alias, but we never gave it out. */
export type RecipientMeaning = { alias: 'cbp' | 'client'; onboarding: KnownOnboarding } | { alias: 'unknown' };

/** With the ISO instant of the submission, if known without asking Temporal. */
export type KnownCase = CaseFacts & { submittedAt?: string };

/** Looks up evidence. Lookups may be slow, but must never guess. */
export interface CorrelationIndex {
  byRecipient(address: string): Promise<RecipientMeaning | undefined>;
  /** The returned `messageId` is ours, even if the argument is the one that a mail server put in its place. */
  byMessageId(
    messageId: string,
  ): Promise<{ onboarding: KnownOnboarding; messageId: string; purpose?: string } | undefined>;
  /** Onboardings with exactly this canonical number. */
  byImporterNumber(importerNumber: string): Promise<KnownOnboarding[]>;
  /** Onboardings with a similar number: candidates for a person, never a match. */
  nearImporterNumber(importerNumber: string): Promise<KnownOnboarding[]>;
  /** Onboardings whose company a text names: candidates and tiebreakers. Empty if names cannot be searched. */
  namedIn(text: string): Promise<KnownOnboarding[]>;
  /** What letters about a case may name and, if known, when its current attempt was sent. */
  caseOf(workflowId: string): Promise<KnownCase | undefined>;
  /** Bare words of each archived email of a case except one: what a reply may quote. */
  wordsOf(workflowId: string, exceptMailId: string): Promise<string[]>;
}

/**
 * The index in the archive.
 * @param replyAlias pattern of our reply addresses, `ace+{token}@broker.example`
 */
export function archiveIndex(archive: Archive, importerKeys: ImporterKeys, replyAlias: string): CorrelationIndex {
  const byImporterNumber = async (importerNumber: string): Promise<KnownOnboarding[]> => {
    const importerKey = importerKeys.keyOf(importerNumber);
    const found: KnownOnboarding[] = [];
    const prefix = importerIndex.key(importerKey, '');
    for await (const key of archive.listRecords(prefix)) {
      const entry = await read(archive, importerIndex, importerKey, key.slice(prefix.length));
      if (entry) found.push({ workflowId: entry.workflowId, reference: entry.reference, company: entry.company });
    }
    return found;
  };
  return {
    async byRecipient(address) {
      const token = aliasTokenIn(replyAlias, address);
      if (!token) return undefined;
      const entry = await read(archive, aliasIndex, token);
      return entry ? { alias: entry.alias, onboarding: onboardingOf(entry) } : { alias: 'unknown' };
    },
    async byMessageId(messageId) {
      const entry = await read(archive, messageIndex, messageId);
      return entry && { onboarding: onboardingOf(entry), messageId: entry.messageId, purpose: entry.purpose };
    },
    byImporterNumber,
    async nearImporterNumber(importerNumber) {
      // The keys of similar numbers are not similar, so we can only try the usual suffix.
      const usual = /^\d{2}-\d{7}(?=[0-9A-Z]{2}$)/.exec(importerNumber)?.[0];
      return usual && `${usual}00` !== importerNumber ? await byImporterNumber(`${usual}00`) : [];
    },
    async namedIn() {
      return [];
    },
    caseOf: (workflowId) => caseFacts(archive, { workflowId }),
    wordsOf: (workflowId, except) => wordsOfCase(archive, workflowId, except),
  };
}

/** One onboarding in the form that `mail explain --sent` accepts. */
export interface SentOnboarding {
  reference: string;
  company?: string | undefined;
  importerNumber?: string | undefined;
  /** More numbers of the same account. */
  furtherImporterNumbers?: string[] | undefined;
  /** Message-IDs of our emails for it, with or without angle brackets. */
  messageIds?: string[] | undefined;
  /** Address or token of its reply alias: the one for CBP, or both by name. */
  replyAlias?: string | { cbp?: string | undefined; client?: string | undefined } | undefined;
  stage?: string | undefined;
  owner?: { firstName: string; lastName: string } | undefined;
  /** When its current attempt was sent, ISO instant. */
  submittedAt?: string | undefined;
  /** Texts of earlier emails of the case, which a reply may quote. */
  mails?: string[] | undefined;
}

/** An index of a list of onboardings, for explaining emails without a server and for tests. */
export function memoryIndex(sent: SentOnboarding[], replyAlias?: string): CorrelationIndex {
  const entries = sent.map((entry) => {
    const alias = typeof entry.replyAlias === 'string' ? { cbp: entry.replyAlias } : (entry.replyAlias ?? {});
    return {
      onboarding: {
        workflowId: workflowIdOf(entry.reference),
        reference: entry.reference,
        ...(entry.company ? { company: entry.company } : {}),
        ...(entry.stage ? { stage: entry.stage } : {}),
      },
      numbers: numbersOf(entry),
      facts: {
        ...(entry.company ? { company: entry.company } : {}),
        importerNumbers: numbersOf(entry),
        ...(entry.owner ? { owner: entry.owner } : {}),
        ...(entry.submittedAt ? { submittedAt: entry.submittedAt } : {}),
      },
      words: (entry.mails ?? []).map(bareWords),
      messageIds: new Set((entry.messageIds ?? []).map((id) => id.replace(/^\s*<|>\s*$/g, ''))),
      aliases: (['cbp', 'client'] as const).flatMap((kind) => {
        const written = alias[kind]?.trim().toLowerCase();
        return written ? [{ kind, written }] : [];
      }),
    };
  });
  const onboardings = (wanted: (entry: (typeof entries)[number]) => boolean): KnownOnboarding[] =>
    entries.filter(wanted).map((entry) => entry.onboarding);
  return {
    async byRecipient(address) {
      for (const { onboarding, aliases } of entries)
        for (const alias of aliases)
          if (isReplyAlias(address, alias.written, replyAlias)) return { alias: alias.kind, onboarding };
      return replyAlias && aliasTokenIn(replyAlias, address) ? { alias: 'unknown' } : undefined;
    },
    async byMessageId(messageId) {
      const entry = entries.find(({ messageIds }) => messageIds.has(messageId));
      return entry && { onboarding: entry.onboarding, messageId };
    },
    async byImporterNumber(importerNumber) {
      return onboardings(({ numbers }) => numbers.includes(importerNumber));
    },
    async nearImporterNumber(importerNumber) {
      return onboardings(({ numbers }) =>
        numbers.some(
          (number) =>
            number !== importerNumber &&
            (differOnlyInSuffix(number, importerNumber) || isOneSlipApart(number, importerNumber)),
        ),
      );
    },
    async namedIn(text) {
      const words = ` ${companyWords(text)} `;
      return onboardings(({ onboarding }) => {
        const name = companyWords(onboarding.company ?? '');
        return name.length >= 4 && words.includes(` ${name} `);
      });
    },
    async caseOf(workflowId) {
      return entries.find(({ onboarding }) => onboarding.workflowId === workflowId)?.facts;
    },
    async wordsOf(workflowId) {
      return entries.find(({ onboarding }) => onboarding.workflowId === workflowId)?.words ?? [];
    },
  };
}

function numbersOf({ importerNumber, furtherImporterNumbers = [] }: SentOnboarding): string[] {
  return [importerNumber, ...furtherImporterNumbers].flatMap((number) => number?.toUpperCase() ?? []);
}

/** A company's name for comparison: without legal form, accents and punctuation. */
export function companyWords(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(/\b(?:incorporated|inc|corporation|corp|company|co|limited|ltd|ltee|llc|llp|lp|plc|gmbh|sa|srl)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function onboardingOf(entry: { workflowId: string; reference: string }): KnownOnboarding {
  return { workflowId: entry.workflowId, reference: entry.reference };
}

/** One character differs, or two neighbors are swapped: a typical typo. */
function isOneSlipApart(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  const differing = [...one].flatMap((character, at) => (character === other[at] ? [] : [at]));
  const [first = 0, second = 0] = differing;
  return (
    differing.length === 1 ||
    (differing.length === 2 && second === first + 1 && one[first] === other[second] && one[second] === other[first])
  );
}
