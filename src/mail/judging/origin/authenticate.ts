import { createHash } from 'node:crypto';
import { authenticate as verify } from 'mailauth';
import type { Authenticity } from '../../../workflows/contract/received-mail.js';
import { bare, readAuthenticationResults } from '../../incoming/authentication-results.js';
import { type HeaderLine, headerValue, headerValues } from '../../incoming/header-lines.js';
import type { ParsedMessage } from '../../incoming/parse-message.js';
import { addressInDisplayName, strictSender } from '../../incoming/sender.js';
import type { DnsResolver } from './dns.js';
import { gatewayAdvice, gatewayMark } from './gateway-marks.js';
import { duplicatedSingletons, unsignedBodyHeaders } from './signature-gaps.js';

/** Which senders we accept as CBP. */
export interface TrustPolicy {
  /** Allowed From domains, as exact matches: `cbp.dhs.gov`. */
  fromDomains: string[];
  /** Trusted DKIM signing domains (d=): `cbp.dhs.gov`, `dhs.gov`. */
  dkimDomains: string[];
  /** Our own mail host's authserv-id. If set, its verdict must agree. `microsoft-365` for its form without an id. */
  authservId?: string;
}

/** Two verdicts: a decision needs CBP's own aligned signature, an acknowledgement only DMARC. */
export interface Authentication {
  decision: Authenticity;
  acknowledgement: Authenticity;
  /** Header names (lower case) that the trusted signature covers. Empty without one. Anyone can add other headers. */
  signedHeaders: string[];
  /** The trusted signature. Undefined if there is none. DMARC and our own mail host may still disagree. */
  believed?: BelievedSignature;
}

export interface BelievedSignature {
  /** The signing domain (d=), one that we trust for CBP. */
  domain: string;
  /** Header names (lower case) for which it covers every line in the message. */
  covered: string[];
  /** sha256 of its value (b=), hex: the same for all copies of an email, whatever else differs. */
  signature: string;
  /** The same for all other trusted signatures, because a copy may keep any of them. */
  otherSignatures: string[];
  /** ISO instant of the Date header. Undefined if it is missing or unreadable. */
  signedAt?: string;
}

/** Verifying each signature costs time and DNS queries; no legitimate sender needs more. */
const SIGNATURES_LIMIT = 10;
/** A signature from the future is not valid, but clocks differ, and the tag t= is in rounded seconds. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** Headers that a signature must cover if present, besides those that say how to read the body. Not To: see `covered`. */
const MUST_BE_SIGNED = ['from', 'subject', 'date'];

/**
 * Whether a message is from CBP. A decision is if its one From address is at a CBP domain, a DKIM signature of a CBP domain
 * passes, is aligned, and covers the whole body and the headers people read, DMARC passes, and our own mail host agrees if
 * it is configured. For an acknowledgement, DMARC is enough. Verify on arrival, because keys are rotated. A temporary DNS
 * failure makes the verdict `undetermined`: try again.
 * @param message its parsed content, to tell a person if a mail gateway changed it
 */
export async function authenticate(
  raw: Uint8Array,
  lines: HeaderLine[],
  oddities: string[],
  trust: TrustPolicy,
  resolver: DnsResolver,
  message?: Pick<ParsedMessage, 'subject' | 'text' | 'alternativeText'>,
): Promise<Authentication> {
  const sender = strictSender(lines);
  if ('problem' in sender) return refused(sender.problem);
  const notes = notesOn(lines, sender);
  if (!isListed(sender.domain, trust.fromDomains)) return refused(`${sender.domain} is not a CBP domain`, ...notes);
  const duplicated = duplicatedSingletons(lines);
  if (duplicated.length > 0) return refused(`it has more than one ${duplicated.join(', ')} header`, ...notes);
  if (oddities.length > 0) return refused(...oddities, ...notes);
  const signatures = headerValues(lines, 'dkim-signature').length;
  if (signatures > SIGNATURES_LIMIT)
    return refused(`it has ${signatures} DKIM signatures, so none was verified`, ...notes);

  const evidence = await verified(raw, resolver).catch((error: unknown) => String(error));
  if (typeof evidence === 'string') return refused(`it could not be verified: ${evidence}`, ...notes);
  if (evidence.from.length !== 1 || evidence.from[0]?.toLowerCase() !== sender.address)
    return refused('two ways of reading the From line disagree', ...notes);
  const host = trust.authservId ? readAuthenticationResults(lines, trust.authservId, sender.domain) : undefined;
  const reasons: string[] = [...notes];
  const judged = evidence.signatures.map((signature) => judgeSignature(signature, raw, lines, trust));
  for (const { why } of judged) reasons.push(why);
  if (judged.length === 0) reasons.push('it has no DKIM signature');
  reasons.push(`DMARC: ${evidence.dmarc}`);
  reasons.push(...(host?.reasons ?? []));

  const [believed, ...others] = judged.filter((signature) => signature.believed);
  const mark = message && evidence.signatures.some((one) => isBroken(one, trust)) && gatewayMark(message);
  if (mark && !believed) reasons.push(gatewayAdvice(mark, trust));
  const hostAgrees = !host || (host.dmarc && host.dkim);
  // A pass for the beginning of a body tells nothing about the rest, even if our mail host counts it as a pass.
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
    ...(believed
      ? {
          believed: {
            domain: believed.domain,
            covered: believed.covered,
            signature: believed.signature,
            otherSignatures: others.map(({ signature }) => signature),
            ...signedDate(lines),
          },
        }
      : {}),
  };
}

/** Weekday and comments are optional. Without a time zone it is not an instant. */
const DATE =
  /^(?:[a-z]{3},?\s+)?\d{1,2}\s+[a-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}(?::\d{2})?\s+(?:[+-]\d{4}|GMT|UTC?|Z|[ECMP][SD]T)$/i;

function signedDate(lines: HeaderLine[]): { signedAt?: string } {
  const written = bare(headerValue(lines, 'date')?.slice(0, 200) ?? '').trim();
  const at = DATE.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(at) ? {} : { signedAt: new Date(at).toISOString() };
}

/** The subject or the body changed after signing. */
function isBroken({ result, comment, domain }: Signature, trust: TrustPolicy): boolean {
  return isListed(domain, trust.dkimDomains) && (result === 'fail' || /body hash/.test(comment ?? ''));
}

/** For a message whose sender was not verified. */
export function unauthenticated(...reasons: string[]): Authentication {
  return refused(...reasons);
}

function verdict(authentic: boolean, temporary: boolean, reasons: string[]): Authenticity {
  if (authentic) return { verdict: 'authentic', reasons };
  if (temporary) return { verdict: 'undetermined', reasons: [...reasons, 'DNS did not answer; a retry may help'] };
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
  return shown ? ["the sender's display name shows an address other than the real one"] : [];
}

/** Compares whole names: `cbp.dhs.gov.evil.example` does not match. */
function isListed(domain: string, listed: string[]): boolean {
  return listed.some((entry) => entry.toLowerCase() === domain);
}

interface Signature {
  result: string;
  comment?: string;
  domain: string;
  aligned: boolean;
  /** It signs only the beginning of the body (l=). */
  limited: boolean;
  timeValid: boolean;
  /** Header names, lower case, one for each line it covers. */
  lines: string[];
  /** sha256 of its value, hex. */
  signature: string;
}

async function verified(
  raw: Uint8Array,
  resolver: DnsResolver,
): Promise<{ from: string[]; signatures: Signature[]; dmarc: string }> {
  const found = await verify(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength), {
    resolver,
    // No SPF: when a mailbox is read, the sending IP address and the envelope are no longer known.
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

/** The properties of mailauth's results that its types lack. */
interface MailauthResult {
  signingDomain?: string;
  status: { result: string; comment?: string; aligned?: string | false };
  canonBodyLengthLimited?: boolean;
  /** ISO instant of the tag t=. */
  signTime?: string | null;
  /** The value of b=, in base64. */
  signature?: string;
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
    // An expired signature does not pass anyway.
    timeValid: !(Date.parse(result.signTime ?? '') > Date.now() + CLOCK_SKEW_MS),
    lines: (result.signingHeaders?.keys ?? '')
      .split(':')
      .map((key) => key.trim().toLowerCase())
      .filter(Boolean),
    // Hash the bytes: base64 can write them in several ways, and a signature does not cover its own text.
    signature: createHash('sha256')
      .update(Buffer.from(result.signature ?? '', 'base64'))
      .digest('hex'),
  };
}

interface JudgedSignature {
  believed: boolean;
  why: string;
  domain: string;
  signature: string;
  covered: string[];
}

function judgeSignature(
  signature: Signature,
  raw: Uint8Array,
  lines: HeaderLine[],
  trust: TrustPolicy,
): JudgedSignature {
  const { domain } = signature;
  const covered = coveredNames(signature, lines);
  const judged = { domain, signature: signature.signature, covered };
  const doubt = (why: string) => ({ ...judged, believed: false, why: `DKIM of ${domain}: ${why}` });
  if (signature.result !== 'pass') return doubt([signature.result, signature.comment].filter(Boolean).join(', '));
  if (signature.limited) return doubt('passes, but signs only the beginning of the body');
  if (!signature.aligned) return doubt('passes, but is not aligned with the From domain');
  if (!isListed(domain, trust.dkimDomains)) return doubt('passes, but is not a signer we trust for CBP');
  if (!signature.timeValid) return doubt('passes, but its time is not valid');
  const uncovered = MUST_BE_SIGNED.filter(
    (name) => lines.some((line) => line.name === name) && !covered.includes(name),
  );
  if (uncovered.length > 0) return doubt(`passes, but does not cover ${uncovered.join(', ')}`);
  const open = unsignedBodyHeaders(raw, lines, covered);
  if (open.length > 0)
    return doubt(`passes, but does not cover ${open.join(', ')}, which can change how its body reads`);
  return { ...judged, believed: true, why: `DKIM of ${domain} passes, aligned` };
}

/** If a header has several lines, a signature may cover only the last ones. */
function coveredNames(signature: Signature, lines: HeaderLine[]): string[] {
  const count = (names: string[], wanted: string) => names.filter((name) => name === wanted).length;
  const written = lines.map(({ name }) => name);
  return [...new Set(signature.lines)].filter((name) => count(signature.lines, name) >= count(written, name));
}
