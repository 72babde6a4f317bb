import type { Archive } from '../src/archive/archive.js';
import { openAccountOwners } from './account-owners.js';
import { openAcePortal } from './ace-portal.js';
import { type Cbp, openCbp } from './cbp.js';
import { BROKER } from './demo/demo-environment.js';
import { openLetterDesk } from './letter-desk.js';
import type { MailServers } from './mail-servers.js';
import { type BackOffice, openOperators } from './operators.js';
import { type Case, openRehearsal, type Rehearsal, type RehearsalOptions, type ScenarioRun } from './rehearsal.js';

/** Everybody around the product, for clients with their scenarios. */

/** A CBP that has the clients' 5106 on file. */
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

/** Account owners and the broker's operators, who act as the scenarios say. */
export function openRehearsalWithActors(
  options: Pick<RehearsalOptions, 'cbp' | 'cases' | 'secondsPerBusinessDay' | 'onEvent'> & {
    mail: MailServers;
    office: BackOffice;
    /** The archive that the workers use, in which the letters are. */
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
