import type { Application } from '../../src/application/application.js';
import type { Archive } from '../../src/archive/archive.js';
import { type LetterSource, learnLetter, letterSourceFrom } from '../../src/mail/judging/letters/learn-letter.js';
import { createLetterStore } from '../../src/mail/judging/letters/letter-store.js';
import { recordsResolver } from '../../src/mail/judging/origin/dns.js';
import type { CaseFacts } from '../../src/mail/judging/text/mask.js';
import { applicationSubject } from '../../src/mail/outgoing/compose/subject.js';
import type { DecisionKind } from '../../src/workflows/contract/received-mail.js';
import type { Cbp, HowToWrite } from './cbp.js';
import type { LetterKind } from './cbp-letters.js';

/**
 * The letters that the rehearsal's broker already knows. A new product knows none. These are learned from emails that the
 * simulated CBP signs for a made-up client, and their records name the simulator.
 */

/** The people who taught them, as `letters list` shows them. An approval needs two. */
const TEACHERS = { first: 'simulator', second: 'simulator (second person)' };

interface Known {
  letter: LetterKind;
  kind: DecisionKind;
  thread?: HowToWrite['thread'];
}

const KNOWN: readonly Known[] = [
  { letter: 'approval-welcome', kind: 'approved' },
  { letter: 'approval-welcome', kind: 'approved', thread: 'new' },
  { letter: 'more-information', kind: 'more-information' },
  { letter: 'not-on-file', kind: 'not-on-file' },
  { letter: 'already-registered', kind: 'already-registered' },
  { letter: 'use-web-form', kind: 'use-web-form' },
  { letter: 'refusal', kind: 'refused' },
];

/** The paragraph after the greeting decides in every letter. */
const DECISIVE = 1;

const COMPANY = 'Specimen Imports LLC';
// EIN prefix 07 was never assigned.
const IMPORTER_NUMBER = '07-999999900';
const FACTS: CaseFacts = { company: COMPANY, importerNumbers: [IMPORTER_NUMBER] };
const TRUST = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov', 'dhs.gov'] };

/**
 * Teaches an archive the simulated CBP's letters. Running it again changes nothing.
 * @returns how many letters there are
 * @throws LessonRefused when a letter cannot be learned
 */
export async function teachKnownLetters(archive: Archive, cbp: Pick<Cbp, 'specimen' | 'dnsRecords'>): Promise<number> {
  const store = createLetterStore(archive, { managers: [] });
  for (const { letter, kind, thread } of KNOWN) {
    const raw = await cbp.specimen(letter, specimenSubject(), { ...(thread ? { thread } : {}) });
    const lesson = { kind, decisive: DECISIVE, fillers: [] };
    const learned = learnLetter(await materialOf(raw, cbp), lesson, await store.entries());
    for (const act of learned.acts(TEACHERS.first)) await store.add(act);
    if (kind === 'approved') await store.add({ act: 'confirm', by: TEACHERS.second, what: learned.letter.id });
  }
  return KNOWN.length;
}

function specimenSubject() {
  // The parts of an application that its subject uses.
  const application = { company: { legalName: COMPANY }, importerNumber: IMPORTER_NUMBER } as Application;
  return {
    company: COMPANY,
    importerNumber: IMPORTER_NUMBER,
    subject: applicationSubject(application, 'importer-number'),
    at: new Date(),
  };
}

async function materialOf(raw: Uint8Array, { dnsRecords }: Pick<Cbp, 'dnsRecords'>): Promise<LetterSource> {
  return { ...(await letterSourceFrom(raw, TRUST, recordsResolver(dnsRecords))), facts: FACTS, words: [] };
}
