import { Resolver } from 'node:dns/promises';
import { z } from 'zod';

/**
 * Looks up DNS records. A TXT record is an array of chunks. Errors have a `code`, as in Node: ENOTFOUND and ENODATA mean
 * that there is no such record, any other that we could not find out.
 */
export type DnsResolver = (name: string, type: string) => Promise<string[][] | string[]>;

/** No working name server takes longer. */
const TIMEOUT_MS = 5_000;

/** The network's DNS. */
export function dnsResolver(): DnsResolver {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  return async (name, type) => (await resolver.resolve(name, type)) as string[][] | string[];
}

/** Caches answers, because all email from CBP needs the same few names. Never caches a failure. */
const REMEMBERED_MS = 60_000;
const REMEMBERED_NAMES = 200;

/** Caches answers for a minute, like a local name server. */
export function remembering(resolver: DnsResolver): DnsResolver {
  const known = new Map<string, { at: number; answer: string[][] | string[] }>();
  return async (name, type) => {
    const key = `${type} ${canonicalName(name)}`;
    const before = known.get(key);
    if (before && performance.now() - before.at < REMEMBERED_MS) return before.answer;
    const answer = await resolver(name, type);
    if (known.size >= REMEMBERED_NAMES) known.clear();
    known.set(key, { at: performance.now(), answer });
    return answer;
  };
}

/** `{"name": {"TXT": ["…"]}}`, or `{"name": {"error": "ESERVFAIL"}}` if the name server does not answer. */
export const dnsRecordsSchema = z.record(
  z.string(),
  z
    .object({ error: z.string().optional() })
    .catchall(z.union([z.array(z.union([z.string(), z.array(z.string())])), z.string()])),
);
export type DnsRecords = z.infer<typeof dnsRecordsSchema>;

/** Answers from a fixed list of records, for rehearsals and tests. A name that is not listed does not exist. */
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
