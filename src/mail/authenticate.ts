import { authenticate as verify } from 'mailauth';
import { readAuthenticationResults } from './authentication-results.js';
import type { DnsResolver } from './dns.js';
import { duplicatedSingletons } from './duplicate-headers.js';
import { type HeaderLine, headerValues } from './header-lines.js';
import type { Authenticity } from './received-mail.js';
import { addressInDisplayName, strictSender } from './sender.js';

/** Whom we believe to be CBP. */
export interface Trust {
  /** Domains a From line must be exactly on: `cbp.dhs.gov`. */
  fromDomains: string[];
  /** DKIM signing domains (d=) believed for them: `cbp.dhs.gov`, `dhs.gov`. */
  dkimDomains: string[];
  /** Our own mail host's authserv-id; its verdict must then agree. `microsoft-365` for its form without an id. */
  authservId?: string;
}

/** Two questions, two answers: a decision needs CBP's own aligned signature, an acknowledgement only DMARC. */
export interface Authentication {
  decision: Authenticity;
  acknowledgement: Authenticity;
  /** Header names (lower case) that the believed signature covers; empty when there is none. Anybody can add others. */
  signedHeaders: string[];
}

/** Verifying costs time and DNS queries for each; nobody honest needs more. */
const SIGNATURES_LIMIT = 10;
/** A signature from the future is none, but two clocks never agree, and the tag t= is in rounded seconds. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** What a signature must cover, where the message has it: what people read, and what says which part of the body they read. */
const MUST_BE_SIGNED = ['from', 'subject', 'date', 'to', 'content-type'];

/**
 * Whether a message is CBP's. A decision is, if its one From address is on a domain of CBP's, a DKIM signature of a
 * domain of CBP's passes, is aligned, covers the whole body and the headers people read, DMARC passes, and our own mail
 * host agrees where it is configured. For an acknowledgement DMARC is enough. Verified on arrival: keys are rotated.
 * A passing failure of DNS makes it `undetermined`, to be tried again.
 */
export async function authenticate(
  raw: Uint8Array,
  lines: HeaderLine[],
  oddities: string[],
  trust: Trust,
  resolver: DnsResolver,
): Promise<Authentication> {
  const sender = strictSender(lines);
  if ('problem' in sender) return refused(sender.problem);
  const notes = notesOn(lines, sender);
  if (!isListed(sender.domain, trust.fromDomains)) return refused(`${sender.domain} is no domain of CBP's`, ...notes);
  const duplicated = duplicatedSingletons(lines);
  if (duplicated.length > 0) return refused(`${duplicated.join(', ')} stands more than once`, ...notes);
  if (oddities.length > 0) return refused(...oddities, ...notes);
  const signatures = headerValues(lines, 'dkim-signature').length;
  if (signatures > SIGNATURES_LIMIT)
    return refused(`it has ${signatures} DKIM signatures; none was verified`, ...notes);

  const evidence = await verified(raw, resolver).catch((error: unknown) => String(error));
  if (typeof evidence === 'string') return refused(`it could not be verified: ${evidence}`, ...notes);
  if (evidence.from.length !== 1 || evidence.from[0]?.toLowerCase() !== sender.address)
    return refused('two ways of reading the From line disagree', ...notes);
  const host = trust.authservId ? readAuthenticationResults(lines, trust.authservId, sender.domain) : undefined;
  const reasons: string[] = [...notes];
  const judged = evidence.signatures.map((signature) => judgeSignature(signature, lines, trust));
  for (const { why } of judged) reasons.push(why);
  if (judged.length === 0) reasons.push('it has no DKIM signature');
  reasons.push(`DMARC: ${evidence.dmarc}`);
  reasons.push(...(host?.reasons ?? []));

  const believed = judged.find((signature) => signature.believed);
  const hostAgrees = !host || (host.dmarc && host.dkim);
  // Passing for the beginning of a body says nothing about the rest, whoever counts it as a pass.
  const passing = evidence.signatures.filter((signature) => signature.result === 'pass' && signature.aligned);
  const wholeBody = passing.length === 0 || passing.some((signature) => !signature.limited);
  const dmarcPass = host ? host.dmarc : evidence.dmarc === 'pass';
  const temporary =
    evidence.dmarc === 'temperror' ||
    evidence.signatures.some(({ result, domain }) => result === 'temperror' && isListed(domain, trust.dkimDomains));

  return {
    decision: verdict(
      believed !== undefined && evidence.dmarc === 'pass' && hostAgrees,
      temporary && hostAgrees,
      reasons,
    ),
    acknowledgement: verdict(dmarcPass && wholeBody, temporary && !host, reasons),
    signedHeaders: believed?.covered ?? [],
  };
}

/** Nothing is known of who wrote it: unread, or not looked at. */
export function unauthenticated(...reasons: string[]): Authentication {
  return refused(...reasons);
}

function verdict(authentic: boolean, temporary: boolean, reasons: string[]): Authenticity {
  if (authentic) return { verdict: 'authentic', reasons };
  if (temporary) return { verdict: 'undetermined', reasons: [...reasons, 'DNS did not answer; it can be tried again'] };
  return { verdict: 'unauthentic', reasons };
}

function refused(...reasons: string[]): Authentication {
  return {
    decision: { verdict: 'unauthentic', reasons },
    acknowledgement: { verdict: 'unauthentic', reasons },
    signedHeaders: [],
  };
}

function notesOn(lines: HeaderLine[], sender: { address: string; domain: string }): string[] {
  const shown = addressInDisplayName(lines, sender);
  return shown ? [`the sender's display name shows another address than the one it is from`] : [];
}

/** Exactly, never as a part: `cbp.dhs.gov.evil.example` is nobody's. */
function isListed(domain: string, listed: string[]): boolean {
  return listed.some((entry) => entry.toLowerCase() === domain);
}

interface Signature {
  result: string;
  comment?: string;
  domain: string;
  aligned: boolean;
  /** Signs only the beginning of the body (l=). */
  limited: boolean;
  timeValid: boolean;
  covered: string[];
}

async function verified(
  raw: Uint8Array,
  resolver: DnsResolver,
): Promise<{ from: string[]; signatures: Signature[]; dmarc: string }> {
  const found = await verify(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength), {
    resolver,
    // Neither the address it came from nor the envelope is known any more when a mailbox is read: no SPF.
    trustReceived: false,
    disableArc: true,
    disableBimi: true,
    minBitLength: 1024,
  });
  return {
    from: found.dkim.headerFrom,
    signatures: (found.dkim.results as unknown as MailauthResult[]).flatMap((result) => signatureOf(result) ?? []),
    dmarc: found.dmarc ? found.dmarc.status.result : 'none',
  };
}

/** What mailauth gives beyond its own types. */
interface MailauthResult {
  signingDomain?: string;
  status: { result: string; comment?: string; aligned?: string | false };
  canonBodyLengthLimited?: boolean;
  /** ISO instant, of the tag t=. */
  signTime?: string | null;
  signingHeaders?: { keys: string };
}

function signatureOf(result: MailauthResult): Signature | undefined {
  if (!result.signingDomain) return undefined;
  return {
    result: result.status.result,
    ...(result.status.comment ? { comment: result.status.comment } : {}),
    domain: result.signingDomain.toLowerCase(),
    aligned: Boolean(result.status.aligned),
    limited: result.canonBodyLengthLimited === true,
    // What has expired does not pass.
    timeValid: !(Date.parse(result.signTime ?? '') > Date.now() + CLOCK_SKEW_MS),
    covered: (result.signingHeaders?.keys ?? '')
      .split(':')
      .map((key) => key.trim().toLowerCase())
      .filter(Boolean),
  };
}

function judgeSignature(
  signature: Signature,
  lines: HeaderLine[],
  trust: Trust,
): { believed: boolean; why: string; covered: string[] } {
  const { domain, covered } = signature;
  const doubt = (why: string) => ({ believed: false, why: `DKIM of ${domain}: ${why}`, covered });
  if (signature.result !== 'pass') return doubt([signature.result, signature.comment].filter(Boolean).join(', '));
  if (signature.limited) return doubt('passes, but signs only the beginning of the body');
  if (!signature.aligned) return doubt('passes, but is not aligned with the From domain');
  if (!isListed(domain, trust.dkimDomains)) return doubt("passes, but is no signer of CBP's");
  if (!signature.timeValid) return doubt('passes, but its time is not valid');
  const uncovered = MUST_BE_SIGNED.filter(
    (name) => lines.some((line) => line.name === name) && !covered.includes(name),
  );
  if (uncovered.length > 0) return doubt(`passes, but does not cover ${uncovered.join(', ')}`);
  return { believed: true, why: `DKIM of ${domain} passes, aligned`, covered };
}
