import { Command } from 'commander';
import type { Application } from '../../application/application.js';
import { importerNumbersOf } from '../../application/application.js';
import type { Archive } from '../../archive/archive.js';
import { ImporterKeyError, type ImporterKeys, openImporterKeys } from '../../archive/importer-key.js';
import { openArchive } from '../../archive/open-archive.js';
import { claims, onboardings, read, recordsBelow } from '../../archive/records.js';
import { readClientConfig } from '../../config/read-config.js';
import { forgotten } from '../../onboardings/forget.js';
import { CommandFailure, EXIT, printResult, say } from '../../process/output.js';
import { inList, lines, plain } from '../../process/plain-text-output.js';

/** `incident list`: what a broker must tell CBP when the records may have been seen by others. */
export function incidentCommand(): Command {
  return new Command('incident').summary('after a breach').addCommand(listCommand());
}

export interface TouchedClient {
  reference: string;
  company: string;
  importerNumbers: string[];
  startedAt: string;
  /** How many numbers its corrected applications had beside these. They stand in the case. */
  furtherNumbers?: number;
}

/** A client whose application is not there any more, or is and cannot be read. */
export type UnreadableClient = { reference: string; why: 'forgotten' | { lost: string } };

/**
 * The clients whose data was here, with their importer numbers: a broker reports any known breach, compromised numbers
 * included, within 72 hours (19 CFR 111.21). Those whose application was forgotten have no numbers here any more.
 *
 * @param until those started after that ISO instant were not here yet
 */
export async function* touchedClients(
  archive: Archive,
  importerKeys: ImporterKeys | undefined,
  { until, references }: { until?: string; references?: readonly string[] },
): AsyncIterable<TouchedClient | UnreadableClient> {
  const wanted = references && new Set(references.map((reference) => reference.toLowerCase()));
  const claimed = await claimedBy(archive);
  for await (const { record } of recordsBelow(archive, 'onboardings/', onboardings)) {
    const { reference, startedAt, applicationSha256 } = record;
    if (wanted && !wanted.has(reference.toLowerCase())) continue;
    if (until && Date.parse(startedAt) > Date.parse(until)) continue;
    const document = await archive.getDocument(applicationSha256).catch((error: Error) => error);
    if (document instanceof Error) {
      const wasForgotten = (await read(archive, forgotten, reference)) !== undefined;
      yield { reference, why: wasForgotten ? 'forgotten' : { lost: document.message } };
      continue;
    }
    const application = JSON.parse(Buffer.from(document).toString('utf8')) as Application;
    const importerNumbers = importerNumbersOf(application);
    const listed = importerKeys && new Set(importerNumbers.map((number) => importerKeys.keyOf(number)));
    const itsClaims = claimed.get(reference.toLowerCase()) ?? [];
    const furtherNumbers = itsClaims.filter((claim) => listed?.has(claim) === false).length;
    const company = application.company.legalName;
    yield { reference, company, importerNumbers, startedAt, ...(furtherNumbers > 0 ? { furtherNumbers } : {}) };
  }
}

/** ImporterKeys of all numbers that any application of a reference ever had. */
async function claimedBy(archive: Archive): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for await (const { key, record } of recordsBelow(archive, 'claims/', claims)) {
    const name = record.reference.toLowerCase();
    found.set(name, [...(found.get(name) ?? []), key.slice('claims/'.length)]);
  }
  return found;
}

function listCommand(): Command {
  return new Command('list')
    .summary('the importer numbers that were here, for the report to CBP within 72 hours')
    .description(
      `Lists every client whose data is in the archive, with the importer numbers of the application as it was started, and names those whose corrected application had others. Prints confidential data: mind where it goes. docs/privacy.md says whom to tell. Ends with ${EXIT.findings} when the list is not complete.`,
    )
    .option('--until <INSTANT>', 'only those started by then, such as 2026-12-03T17:00:00-05:00')
    .option('--reference <REFERENCE...>', 'only these')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ ace-onboarding incident list --until 2026-12-03T17:00:00-05:00 > report.txt',
    )
    .action(async ({ until, reference, json }: { until?: string; reference?: string[]; json?: true }) => {
      if (until && Number.isNaN(Date.parse(until)))
        throw new CommandFailure(
          EXIT.usage,
          plain`--until is "${until}", which is not an instant such as 2026-12-03T17:00:00-05:00.`,
        );
      const config = readClientConfig();
      const { archive } = await openArchive(config);
      const importerKeys = await openImporterKeys(config.importerKeyFile, archive).catch((error: unknown) => {
        if (error instanceof ImporterKeyError) return error;
        throw error;
      });
      const found: TouchedClient[] = [];
      const unreadable: UnreadableClient[] = [];
      // A copy of the archive may be all that is left: then what can be listed is.
      const keys = importerKeys instanceof ImporterKeyError ? undefined : importerKeys;
      const filter = { ...(until ? { until } : {}), ...(reference ? { references: reference } : {}) };
      for await (const client of touchedClients(archive, keys, filter)) {
        if ('why' in client) unreadable.push(client);
        else found.push(client);
      }
      found.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
      const rows = found.map(
        (one) => plain`${one.reference}\t${one.company}\t${inList(one.importerNumbers)}\t${one.startedAt}`,
      );
      // Nobody shall take the wrong archive for a harmless breach.
      const none = plain`No client to report in the archive ${config.archiveBucket?.bucket ?? config.archiveDir}.`;
      printResult(json, { clients: found, unreadable }, () => (rows.length > 0 ? lines(rows) : none));
      const wereForgotten = unreadable.filter(({ why }) => why === 'forgotten').map((client) => client.reference);
      if (wereForgotten.length > 0)
        say(plain`Without their application, which was forgotten: ${inList(wereForgotten)}`);
      const here = new Set([...found, ...unreadable].map((client) => client.reference.toLowerCase()));
      const gaps = [
        ...(importerKeys instanceof ImporterKeyError
          ? [plain`Whether corrected applications had other numbers is not known: ${importerKeys.message}`]
          : []),
        ...unreadable.flatMap(({ reference: name, why }) =>
          why === 'forgotten' ? [] : [plain`${name} was here, but its application cannot be read: ${why.lost}`],
        ),
        ...found.flatMap(({ reference: name, furtherNumbers }) =>
          furtherNumbers
            ? [plain`${name} had ${furtherNumbers} other number(s) in a corrected application: see the case.`]
            : [],
        ),
        ...(reference ?? [])
          .filter((name) => !here.has(name.toLowerCase()))
          .map((name) => plain`${name} is not here${until ? ', or was not by then' : ''}.`),
      ];
      if (gaps.length > 0)
        throw new CommandFailure(
          EXIT.findings,
          plain`The list is not complete:\n${gaps.map((gap) => plain`  - ${gap}`)}`,
        );
    });
}
