import type { Archive } from '../../src/archive/archive.js';
import { openAcePortal } from '../cbp/ace-portal.js';
import { type Cbp, openCbp } from '../cbp/cbp.js';
import type { MailServers } from '../mail/mail-servers.js';
import { openAccountOwners } from '../people/account-owners.js';
import { openLetterDesk } from '../people/letter-desk.js';
import { type BackOffice, openOperators } from '../people/operators.js';
import { type Case, openRehearsal, type Rehearsal, type RehearsalOptions, type ScenarioRun } from './rehearsal.js';

/** Everyone around the product: the broker, CBP, and the people who act out the scenarios. */

/** The rehearsal's broker. Mail to `.example` addresses reaches no one. */
export const BROKER = {
  mailbox: 'ace@clearit.example',
  aceEmail: 'cross-account@clearit.example',
} as const;

/** A CBP that has every client's Form 5106 on file. */
export function openCbpFor(parts: readonly ScenarioRun[], mail: MailServers): Cbp {
  return openCbp({
    mail,
    onFile: parts.map(({ application, scenario }) => ({
      importerNumber: application.importerNumber,
      company: scenario.nameOnFile?.(application.company.legalName) ?? application.company.legalName,
      accountOwnerEmail: application.accountOwner.email,
    })),
  });
}

/** Account owners and the broker's operators, who follow the scenarios. */
export function openRehearsalWithActors(
  options: Pick<RehearsalOptions, 'cbp' | 'cases' | 'secondsPerBusinessDay' | 'onEvent'> & {
    mail: MailServers;
    office: BackOffice;
    /** The workers' archive, which has the letters. */
    archive: Archive;
  },
): Rehearsal {
  const { mail, cases, office, archive } = options;
  const { aceEmail: brokerAceEmail, mailbox: brokerMailbox } = BROKER;
  const portal = openAcePortal();
  const references = [...cases.values()].map(({ application }) => application.reference);
  const caseOf = (importerNumber: string): Case | undefined =>
    [...cases.values()].find(({ application }) => application.importerNumber === importerNumber);
  return openRehearsal({
    ...options,
    accountOwners: openAccountOwners({ mail, portal, references, brokerAceEmail }),
    operators: openOperators({
      office,
      letters: openLetterDesk(archive),
      portal,
      brokerAceEmail,
      desk: {
        hasApplication: (importerNumber, attempt) =>
          caseOf(importerNumber)?.applications[attempt - 1]?.at.toISOString(),
        hasApproved: (importerNumber) => caseOf(importerNumber)?.accountOpen ?? false,
      },
    }),
    brokerMailbox,
  });
}
