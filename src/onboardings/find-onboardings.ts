import type { Application } from '../application/application.js';
import { findImporterNumbers, looksLikeTaxNumber, nearMisses } from '../application/tax-numbers-in-text.js';
import type { Archive } from '../archive/archive.js';
import type { ImporterKeys } from '../archive/importer-key.js';
import { claims, importerIndex, onboardings, read, recordsBelow, type StartedOnboarding } from '../archive/records.js';
import { longDay, longDayAndTime } from '../calendar/format.js';
import type { ListedOnboarding } from './list-onboardings.js';
import { OnboardingError } from './onboarding-error.js';

/** A case that a search found. */
export interface FoundOnboarding {
  reference: string;
  workflowId: string;
  /** The legal name, whatever the Web UI's list may show. */
  company?: string;
  handler?: string;
  /** `closed`: Temporal may no longer list it. */
  status: ListedOnboarding['status'];
  /** Where it stands, in a sentence. */
  standing: string;
  url: string;
}

export interface FindDependencies {
  archive: Archive;
  importerKeys: ImporterKeys;
  /** What Temporal lists, newest first. */
  listed(): AsyncIterable<ListedOnboarding>;
  application(record: StartedOnboarding): Promise<Application>;
  urlOf(workflowId: string): string;
}

/** Finds cases for a client on the phone. The archive decides what matches: the server's list may hide names. */
export async function findOnboardings(text: string, dependencies: FindDependencies): Promise<FoundOnboarding[]> {
  const wanted = text.trim();
  if (comparable(wanted).length < 2) throw new OnboardingError('refused', 'Search for at least two letters or digits.');
  const numbers = numbersIn(wanted);
  const listed = new Map<string, ListedOnboarding>();
  for await (const one of dependencies.listed())
    if (!listed.has(one.reference.toLowerCase())) listed.set(one.reference.toLowerCase(), one);

  const references =
    numbers.length > 0 ? await withNumber(numbers, dependencies) : await withText(wanted, listed, dependencies);
  const phone = phoneIn(wanted);
  const byPhone =
    phone === undefined
      ? []
      : await where(dependencies, ({ accountOwner, company }) =>
          [accountOwner.phone, company.phone].some((given) => nationalDigits(given) === phone),
        );
  const matching = new Set([...references, ...byPhone].map((reference) => reference.toLowerCase()));
  const order = [...listed.keys()];
  const place = (reference: string) => (listed.has(reference) ? order.indexOf(reference) : order.length);
  const found = [...matching].sort((a, b) => place(a) - place(b) || a.localeCompare(b));
  const shown = await Promise.all(found.map((reference) => described(reference, listed.get(reference), dependencies)));
  return shown.flatMap((one) => one ?? []);
}

/**
 * The importer numbers that a text may mean, without a suffix also the one with 00. Empty for a name or a telephone number.
 * @throws OnboardingError `refused` for what can only be an importer number, and is not one. It repeats nothing of it
 */
function numbersIn(text: string): string[] {
  const numbers = [...findImporterNumbers(text), ...nearMisses(text).map(({ meant }) => meant)];
  if (numbers.length === 0 && looksLikeTaxNumber(text) && phoneIn(text) === undefined)
    throw new OnboardingError(
      'refused',
      'That looks like an importer number, but it is not one. Copy it with its hyphens and suffix, such as 12-345678900.',
    );
  return numbers;
}

async function withNumber(numbers: string[], { archive, importerKeys }: FindDependencies): Promise<string[]> {
  const references: string[] = [];
  for (const number of numbers) {
    const key = importerKeys.keyOf(number);
    const claim = await read(archive, claims, key);
    if (claim) references.push(claim.reference);
    for await (const { record } of recordsBelow(archive, importerIndex.key(key, ''), importerIndex))
      references.push(record.reference);
  }
  return references;
}

/** By reference or company. A sole proprietor is listed by the reference, so its name comes from the archive. */
async function withText(
  text: string,
  listed: ReadonlyMap<string, ListedOnboarding>,
  dependencies: FindDependencies,
): Promise<string[]> {
  const wanted = comparable(text);
  const has = (value = '') => comparable(value).includes(wanted);
  const seen = [...listed.values()].filter(({ reference, company }) => has(reference) || has(company));
  const isNamed = (reference: string) => {
    const one = listed.get(reference);
    return one?.company !== undefined && one.company.toLowerCase() !== reference;
  };
  const hidden = await where(
    dependencies,
    ({ reference, company }) => has(reference) || has(company.legalName),
    (reference) => !isNamed(reference),
  );
  return [...seen.map(({ reference }) => reference), ...hidden];
}

/** The references of cases whose archived application answers the question. */
async function where(
  { archive, application }: FindDependencies,
  question: (application: Application) => boolean,
  concerns: (reference: string) => boolean = () => true,
): Promise<string[]> {
  const records: StartedOnboarding[] = [];
  for await (const key of archive.listRecords(onboardings.key(''))) {
    const reference = key.slice(onboardings.key('').length);
    const record = concerns(reference) ? await read(archive, onboardings, reference) : undefined;
    if (record) records.push(record);
  }
  const found: string[] = [];
  const next = records.values();
  const work = async () => {
    for (const record of next) {
      // The application of a client that was forgotten is gone.
      const one = await application(record).catch(() => undefined);
      if (one && question(one)) found.push(record.reference);
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, work));
  return found;
}
const READS_AT_ONCE = 16;

async function described(
  reference: string,
  listed: ListedOnboarding | undefined,
  { archive, application, urlOf }: FindDependencies,
): Promise<FoundOnboarding | undefined> {
  const record = await read(archive, onboardings, reference);
  const workflowId = record?.workflowId ?? listed?.workflowId;
  if (workflowId === undefined) return undefined;
  const known = record && (await application(record).catch(() => undefined));
  const company = known?.company.legalName ?? listed?.company;
  const handler = listed?.handler ?? known?.handler;
  return {
    reference: record?.reference ?? listed?.reference ?? reference,
    workflowId,
    ...(company === undefined ? {} : { company }),
    ...(handler === undefined ? {} : { handler }),
    status: listed?.status ?? 'closed',
    standing: listed ? standingOf(listed) : 'Closed; Temporal no longer has its history.',
    url: urlOf(workflowId),
  };
}

/** `Waiting on the client (awaiting-access-grant). Next step by Mon Mar 9, 2026, 10:00 AM ET. Needs a person: client-silent.` */
export function standingOf(one: ListedOnboarding): string {
  if (one.status === 'failed') return 'Stopped by a software error. Tell an engineer.';
  if (one.status === 'closed') return `Closed: ${one.outcome ?? 'no outcome'}.`;
  const parts = [`${TURNS[one.waitingOn ?? 'nobody']}${one.stage ? ` (${one.stage})` : ''}.`];
  if (one.dueAt) parts.push(`Next step: ${longDayAndTime(new Date(one.dueAt))}.`);
  if (one.attention.length > 0) parts.push(`Needs a person: ${one.attention.join(', ')}.`);
  if (one.refundDeadline) parts.push(`Refund by ${longDay(one.refundDeadline)}.`);
  return parts.join(' ');
}

const TURNS = {
  nobody: 'The product is working on it',
  cbp: 'Waiting on CBP',
  client: 'Waiting on the client',
  broker: 'Waiting on us',
} as const;

function comparable(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The digits of a telephone number without the US country code. Undefined for anything else. */
function phoneIn(text: string): string | undefined {
  if (!/^\+?[\d\s().-]{7,24}$/.test(text)) return undefined;
  const digits = nationalDigits(text);
  return digits.length >= 7 ? digits : undefined;
}

function nationalDigits(text: string): string {
  return text
    .replace(/\s*(?:ext|x|#).*$/i, '')
    .replace(/\D/g, '')
    .replace(/^1(?=\d{10}$)/, '');
}
