import { readdir, readFile } from 'node:fs/promises';
import type { Config } from '../config/config.js';
import { ConfigurationError } from '../config/configuration-error.js';
import { type OpenedForm, openForm } from '../form/map/edition.js';
import { type DnsRecords, dnsRecordsSchema } from '../mail/judging/origin/dns.js';
import { refuseOpenTemporal, refuseUnencrypted } from '../temporal/connect.js';

/** The files that a worker reads once, before it connects to any server. */
export interface StartupFiles {
  form: OpenedForm;
  /** For rehearsals only. */
  dnsRecords?: DnsRecords | undefined;
}

/**
 * Opens the files that a configuration names, and checks where Temporal is, without connecting to any server.
 * @throws ConfigurationError with all reasons why a worker would not start although every single value is valid
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
  await opened('TEMPORAL_', () => refuseUnencrypted(config.encryptionKeys));
  const form = await opened('FORM_TEMPLATE and FORM_MAP', () => openFormFor(config));
  const dnsRecords = await opened('DNS_RECORDS_FILE', () => (dnsRecordsFile ? recordedDns(dnsRecordsFile) : undefined));
  await opened('MAIL_TEMPLATES_DIR', () => (mail.templatesDir ? readdir(mail.templatesDir) : undefined));
  if (!form || problems.size > 0) throw new ConfigurationError([...problems]);
  return { form, dnsRecords };
}

/** One problem for each item if the error has a list. */
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
      `FORM_TEMPLATE is ${template}, the replica that comes with the product, but LIVE is true: CBP must get its own form. See docs/bring-your-own-form.md.`,
    ]);
  return form;
}

async function recordedDns(file: string): Promise<DnsRecords> {
  return dnsRecordsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}
