import { Resolver } from 'node:dns/promises';
import { z } from 'zod';

/**
 * Looks up DNS records: for TXT, each record as its chunks. Fails as Node does, with `code`: ENOTFOUND and ENODATA mean
 * that there is none, anything else that we could not find out.
 */
export type DnsResolver = (name: string, type: string) => Promise<string[][] | string[]>;

/** No name server that works takes longer. */
const TIMEOUT_MS = 5_000;

/** The network's DNS. */
export function dnsResolver(): DnsResolver {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  return async (name, type) => (await resolver.resolve(name, type)) as string[][] | string[];
}

/** `{"name": {"TXT": ["…"]}}`, or `{"name": {"error": "ESERVFAIL"}}` for a name server that does not answer. */
export const dnsRecordsSchema = z.record(
  z.string(),
  z
    .object({ error: z.string().optional() })
    .catchall(z.union([z.array(z.union([z.string(), z.array(z.string())])), z.string()])),
);
export type DnsRecords = z.infer<typeof dnsRecordsSchema>;

/** DNS out of records of our own, for rehearsals and tests: what is not listed does not exist. */
export function recordsResolver(records: DnsRecords): DnsResolver {
  const byName = new Map(Object.entries(records).map(([name, found]) => [canonicalName(name), found]));
  return async (name, type) => {
    const found = byName.get(canonicalName(name));
    if (found?.error) throw dnsError(found.error, name, type);
    const rows = Object.entries(found ?? {}).find(([key]) => key.toUpperCase() === type.toUpperCase())?.[1];
    if (rows === undefined) throw dnsError(found ? 'ENODATA' : 'ENOTFOUND', name, type);
    return [rows].flat().map((row) => (Array.isArray(row) ? row : [row]));
  };
}

function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function dnsError(code: string, name: string, type: string): Error {
  return Object.assign(new Error(`query${type} ${code} ${name}`), { code });
}
