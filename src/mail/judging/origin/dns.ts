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

/** Names that were asked for are remembered, but never that one was not found: all of CBP's mail has the same few. */
const REMEMBERED_MS = 60_000;
const REMEMBERED_NAMES = 200;

/** The same answers for a minute, as a name server of one's own would give them. */
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
