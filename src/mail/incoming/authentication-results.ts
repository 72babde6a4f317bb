import type { HeaderLine } from './header-lines.js';

/** What our own mail host found when the message arrived. */
export interface HostVerdict {
  /** The host says DMARC passed for exactly this From domain, and DKIM passed. */
  dmarc: boolean;
  dkim: boolean;
  reasons: string[];
}

/** Microsoft 365 writes Authentication-Results without naming itself. Trusted only if the configuration names it. */
export const MICROSOFT_365 = 'microsoft-365';
const GOOGLE = 'mx.google.com';

/**
 * Reads the Authentication-Results of our own mail host (RFC 8601) strictly, because anyone can write such a header into
 * a message. A result counts only if it has exactly the configured authserv-id and is above the Received line with which
 * our border server accepted the message from outside: everything below that line came with the message. Comments and
 * quoted strings are removed first, so that a sender's own words cannot pass for a result.
 *
 * Google's border server writes its Received line above its results, so for `mx.google.com` that one line may come first.
 */
export function readAuthenticationResults(lines: HeaderLine[], authservId: string, fromDomain: string): HostVerdict {
  const believed = resultsAboveBorder(lines, authservId.toLowerCase());
  if (believed.length === 0)
    return { dmarc: false, dkim: false, reasons: ['our mail host added no Authentication-Results of its own'] };
  const results = believed.flat();
  const dmarcs = results.filter((result) => result.method === 'dmarc');
  const dmarc =
    dmarcs.length > 0 &&
    dmarcs.every((result) => result.value === 'pass' && result.properties.get('header.from') === fromDomain);
  const dkim = results.some((result) => result.method === 'dkim' && result.value === 'pass');
  const reasons: string[] = [];
  reasons.push(
    dmarc
      ? `our mail host reports that DMARC passed for ${fromDomain}`
      : `our mail host does not report that DMARC passed for ${fromDomain}`,
  );
  if (!dkim) reasons.push('our mail host does not report that DKIM passed');
  return { dmarc, dkim, reasons };
}

interface MethodResult {
  method: string;
  value: string;
  /** Such as `header.from`, with values in lower case. */
  properties: Map<string, string>;
}

function resultsAboveBorder(lines: HeaderLine[], authservId: string): MethodResult[][] {
  const believed: MethodResult[][] = [];
  let beyondBorder = false;
  for (const line of lines) {
    if (line.name === 'received') {
      if (beyondBorder) break;
      if (isBorder(line.value, authservId)) {
        if (authservId !== GOOGLE) break;
        beyondBorder = true;
      } else if (!writtenByUs(line.value, authservId)) break;
    } else if (line.name === 'authentication-results') {
      const results = readHeader(line.value, authservId);
      if (results) believed.push(results);
    }
  }
  return believed;
}

/** The Received line with which our host accepted the message from outside. */
function isBorder(received: string, authservId: string): boolean {
  const from = /^from\s+(\S+)/i.exec(received)?.[1]?.toLowerCase();
  return writtenByUs(received, authservId) && from !== undefined && !isOurs(from, authservId);
}

function writtenByUs(received: string, authservId: string): boolean {
  const by = /\bby\s+([^\s;]+)/i.exec(bare(received))?.[1]?.toLowerCase();
  if (by === undefined) return false;
  // Google's inner hops name themselves by address.
  if (authservId === GOOGLE && /^2002:a/.test(by)) return true;
  return isOurs(by, authservId);
}

function isOurs(host: string, authservId: string): boolean {
  const name = host.replace(/\.$/, '');
  return hostDomains(authservId).some((domain) => name === domain || name.endsWith(`.${domain}`));
}

/** The domains of our host's machines: `mx.broker.example` belongs to `broker.example`. */
function hostDomains(authservId: string): string[] {
  // `X.prod.outlook.com`, `X.mail.protection.outlook.com`, and `X.outlook.office365.com` in between.
  if (authservId === MICROSOFT_365) return ['outlook.com', 'outlook.office365.com'];
  const labels = authservId.split('.');
  return [labels.length > 2 ? labels.slice(1).join('.') : authservId];
}

/** Undefined if it is not our host's, or is malformed. */
function readHeader(value: string, authservId: string): MethodResult[] | undefined {
  const parts = bare(value).split(';');
  const first = (parts[0] ?? '').trim().toLowerCase();
  const resinfos = authservId === MICROSOFT_365 ? parts : parts.slice(1);
  // Without an id, the first part is already a result. With one, it is only the id, perhaps with a version.
  if (authservId === MICROSOFT_365 ? !/^[a-z]+\s*=/.test(first) : first.replace(/\s+1$/, '') !== authservId)
    return undefined;
  return resinfos.flatMap((part) => readResult(part) ?? []);
}

function readResult(part: string): MethodResult | undefined {
  const [head = '', ...rest] = part
    .split('=')
    .map((side) => side.trim())
    .join('=')
    .split(/\s+/);
  const match = /^([a-z0-9-]+)(?:\/\d+)?=([a-z]+)$/i.exec(head);
  if (!match) return undefined;
  const properties = new Map<string, string>();
  for (const pair of rest) {
    const property = /^([a-z0-9.-]+)=(\S+)$/i.exec(pair);
    // If a property appears twice, trust neither.
    const name = property?.[1]?.toLowerCase();
    if (name) properties.set(name, properties.has(name) ? '' : (property?.[2]?.toLowerCase() ?? ''));
  }
  return { method: (match[1] ?? '').toLowerCase(), value: (match[2] ?? '').toLowerCase(), properties };
}

/** Removes comments (which nest) and quoted strings: both may contain the sender's own words. */
export function bare(value: string): string {
  let kept = '';
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const character = value[at];
    if (character === '\\' && (quoted || depth > 0)) at++;
    else if (character === '"' && depth === 0) quoted = !quoted;
    else if (quoted) continue;
    else if (character === '(') depth++;
    else if (character === ')' && depth > 0) depth--;
    else if (depth === 0) kept += character;
  }
  // On purpose, an unclosed comment or quoted string hides everything after it.
  return kept;
}
