import { readdir, readFile } from 'node:fs/promises';
import type { Config } from '../config/config.js';
import { ConfigurationError } from '../config/configuration-error.js';
import { type OpenedForm, openForm } from '../form/map/edition.js';
import { type DnsRecords, dnsRecordsSchema } from '../mail/judging/origin/dns.js';
import { refuseInClear, refuseOpenTemporal } from '../temporal/connect.js';

/** What a worker reads once, before it speaks to any server. */
export interface StartupFiles {
  form: OpenedForm;
  /** Of a rehearsal. */
  dnsRecords?: DnsRecords | undefined;
}

/**
 * Opens the files that a configuration names, and looks where Temporal is; needs no server.
 * @throws ConfigurationError with all reasons why a worker does not start although every value by itself is right.
 */
export async function loadStartupFiles(config: Config): Promise<StartupFiles> {
  const { dnsRecordsFile, mail } = config;
  const problems = new Set<string>();
  const opened = async <T>(name: string, open: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await open();
    } catch (error) {
      for (const problem of problemsIn(name, error)) problems.add(problem);
      return undefined;
    }
  };
  await opened('TEMPORAL_', () => refuseOpenTemporal(config));
  await opened('TEMPORAL_', () => refuseInClear(config.encryptionKeys));
  const form = await opened('FORM_TEMPLATE and FORM_MAP', () => openFormFor(config));
  const dnsRecords = await opened('DNS_RECORDS_FILE', () => (dnsRecordsFile ? recordedDns(dnsRecordsFile) : undefined));
  await opened('MAIL_TEMPLATES_DIR', () => (mail.templatesDir ? readdir(mail.templatesDir) : undefined));
  if (!form || problems.size > 0) throw new ConfigurationError([...problems]);
  return { form, dnsRecords };
}

/** One for each item of an error with a list. */
function problemsIn(name: string, error: unknown): string[] {
  if (error instanceof ConfigurationError) return error.problems;
  const { message, problems = [] } = error as Error & { problems?: readonly string[] };
  const [about] = message.split('\n', 1);
  return problems.length > 0 ? problems.map((problem) => `${name}: ${about} ${problem}`) : [`${name}: ${message}`];
}

async function openFormFor({ live, form: { template, map } }: Config): Promise<OpenedForm> {
  const form = await openForm(template, map);
  if (live && form.replica)
    throw new ConfigurationError([
      `FORM_TEMPLATE is ${template}, the replica that comes with the product, while LIVE is true: CBP must get its own form. docs/bring-your-own-form.md says how.`,
    ]);
  return form;
}

async function recordedDns(file: string): Promise<DnsRecords> {
  return dnsRecordsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}
