import { readdir, readFile } from 'node:fs/promises';
import { type Config, ConfigurationError } from './config.js';
import { openForm } from './form/edition.js';
import { dnsRecordsSchema } from './mail/dns.js';
import { readWording } from './mail/wording.js';
import { refuseInClear, refuseOpenTemporal } from './temporal/connect.js';

/**
 * Why a worker does not start with a configuration whose values are right: the files that it names, and where Temporal
 * is. All reasons at once, each a sentence with its remedy; needs no server.
 */
export async function refusedAtStart(config: Config): Promise<string[]> {
  const { dnsRecordsFile, wordingFile, mail } = config;
  const reasons = await Promise.all([
    reasonsOf('TEMPORAL_', () => refuseOpenTemporal(config)),
    reasonsOf('TEMPORAL_', () => refuseInClear(config.encryptionKeys)),
    reasonsOf('FORM_TEMPLATE and FORM_MAP', () => refuseForm(config)),
    reasonsOf('CLASSIFIER_WORDING_FILE', () => readWording(wordingFile)),
    reasonsOf('DNS_RECORDS_FILE', () => dnsRecordsFile && recordedDns(dnsRecordsFile)),
    reasonsOf('MAIL_TEMPLATES_DIR', () => mail.templatesDir && readdir(mail.templatesDir)),
  ]);
  return [...new Set(reasons.flat())];
}

/** The DNS records of a rehearsal. */
export async function recordedDns(file: string) {
  return dnsRecordsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

async function refuseForm({ live, form }: Config): Promise<void> {
  const { replica } = await openForm(form.template, form.map);
  if (live && replica)
    throw new ConfigurationError([
      `FORM_TEMPLATE is ${form.template}, the replica that comes with the product, while LIVE is true: CBP must get its own form. docs/bring-your-own-form.md says how.`,
    ]);
}

async function reasonsOf(name: string, look: () => unknown): Promise<string[]> {
  try {
    await look();
    return [];
  } catch (error) {
    return error instanceof ConfigurationError ? error.problems : [`${name}: ${(error as Error).message}`];
  }
}
