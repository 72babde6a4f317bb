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
import { examples } from '../command-help.js';

/** `incident list`: what a broker must report to CBP after a data breach. */
export function incidentCommand(): Command {
  return new Command('incident').summary('list what to report after a data breach').addCommand(listCommand());
}

export interface TouchedClient {
  reference: string;
  company: string;
  importerNumbers: string[];
  startedAt: string;
  /** How many more numbers its corrected applications had. The case shows them. */
  furtherNumbers?: number;
}

/** A client whose application was deleted, or cannot be read. */
export type UnreadableClient = { reference: string; why: 'forgotten' | { lost: string } };

/**
 * The clients whose data was in the archive, with their importer numbers. A broker must report any known breach with the
 * compromised numbers within 72 hours (19 CFR 111.21). Forgotten clients have no numbers here anymore.
 * @param until leaves out clients started after this ISO instant
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

/** The importer keys of every number that a reference's applications ever had. */
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
    .summary('list clients and importer numbers, for the report to CBP within 72 hours')
    .description(
      `Lists every client whose data is in the archive, with the importer numbers of the original application, and says whose corrected applications had other numbers. The output is confidential: be careful where it goes. docs/privacy.md says whom to notify. Exits with ${EXIT.findings} when the list is incomplete.`,
    )
    .configureHelp(examples('incident list --until 2026-12-03T17:00:00-05:00 > report.txt'))
    .option('--until <INSTANT>', 'only clients started by then, such as 2026-12-03T17:00:00-05:00')
    .option('--reference <REFERENCE...>', 'only these clients')
    .option('--json', 'print the result as JSON')
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
      // Only a copy of the archive may be left, without the key: list what can be listed.
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
      // Names the archive, so that an empty wrong one is not taken for good news.
      const none = plain`The archive ${config.archiveBucket?.bucket ?? config.archiveDir} has no clients to report.`;
      printResult(json, { clients: found, unreadable }, () => (rows.length > 0 ? lines(rows) : none));
      const wereForgotten = unreadable.filter(({ why }) => why === 'forgotten').map((client) => client.reference);
      if (wereForgotten.length > 0)
        say(plain`Not listed, because their applications were deleted with forget: ${inList(wereForgotten)}`);
      const here = new Set([...found, ...unreadable].map((client) => client.reference.toLowerCase()));
      const gaps = [
        ...(importerKeys instanceof ImporterKeyError
          ? [plain`Cannot tell whether corrected applications had other numbers: ${importerKeys.message}`]
          : []),
        ...unreadable.flatMap(({ reference: name, why }) =>
          why === 'forgotten'
            ? []
            : [plain`${name} is in the archive, but its application cannot be read: ${why.lost}`],
        ),
        ...found.flatMap(({ reference: name, furtherNumbers }) =>
          furtherNumbers
            ? [plain`${name} had ${furtherNumbers} other number(s) in corrected applications. See the case.`]
            : [],
        ),
        ...(reference ?? [])
          .filter((name) => !here.has(name.toLowerCase()))
          .map((name) => plain`${name} is not in the archive${until ? ', or was not by then' : ''}.`),
      ];
      if (gaps.length > 0)
        throw new CommandFailure(
          EXIT.findings,
          plain`The list is incomplete:\n${gaps.map((gap) => plain`  - ${gap}`)}`,
        );
    });
}
