import { Command } from 'commander';
import type { Application } from '../application/application.js';
import type { Archive } from '../archive/archive.js';
import { openArchive } from '../archive/open-archive.js';
import { onboardings } from '../archive/records.js';
import { readClientConfig } from '../config.js';
import { CommandFailure, EXIT, printResult, say } from './output.js';

/** `incident list`: what a broker must tell CBP when the records may have been seen by others. */
export function incidentCommand(): Command {
  return new Command('incident').summary('after a breach').addCommand(listCommand());
}

export interface TouchedClient {
  reference: string;
  company: string;
  importerNumbers: string[];
  startedAt: string;
}

/**
 * The clients whose data was here, with their importer numbers: a broker reports any known breach, compromised numbers
 * included, within 72 hours (19 CFR 111.21). Those whose application was forgotten have no numbers here any more.
 *
 * @param until those started after that ISO instant were not here yet
 */
export async function* touchedClients(
  archive: Archive,
  { until, references }: { until?: string; references?: readonly string[] },
): AsyncIterable<TouchedClient | { reference: string; missing: true }> {
  const wanted = references && new Set(references.map((reference) => reference.toLowerCase()));
  for await (const key of archive.listRecords('onboardings/')) {
    const record = onboardings.schema.parse(await archive.readRecord(key));
    const { reference, startedAt, applicationSha256 } = record;
    if (wanted && !wanted.has(reference.toLowerCase())) continue;
    if (until && Date.parse(startedAt) > Date.parse(until)) continue;
    const document = await archive.getDocument(applicationSha256).catch(() => undefined);
    if (!document) {
      yield { reference, missing: true };
      continue;
    }
    const application = JSON.parse(Buffer.from(document).toString('utf8')) as Application;
    yield {
      reference,
      company: application.company.legalName,
      importerNumbers: [application.importerNumber, ...application.furtherImporterNumbers],
      startedAt,
    };
  }
}

function listCommand(): Command {
  return new Command('list')
    .summary('the importer numbers that were here, for the report to CBP within 72 hours')
    .description(
      'Lists every client whose data is in the archive, with the importer numbers of the application as it was started. Prints confidential data: mind where it goes. docs/privacy.md says whom to tell.',
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
          `--until is "${until}", which is not an instant such as 2026-12-03T17:00:00-05:00.`,
        );
      const { archive } = await openArchive(readClientConfig());
      const found: TouchedClient[] = [];
      const unreadable: string[] = [];
      const filter = { ...(until ? { until } : {}), ...(reference ? { references: reference } : {}) };
      for await (const client of touchedClients(archive, filter)) {
        if ('missing' in client) unreadable.push(client.reference);
        else found.push(client);
      }
      found.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
      printResult(json, { clients: found, unreadable }, () =>
        found
          .map((one) => `${one.reference}\t${one.company}\t${one.importerNumbers.join(', ')}\t${one.startedAt}`)
          .join('\n'),
      );
      if (unreadable.length > 0) say(`Without their application, which was forgotten: ${unreadable.join(', ')}`);
    });
}
