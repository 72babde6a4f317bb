import { createHash } from 'node:crypto';
import { authenticate as verify } from 'mailauth';
import type { Authenticity } from '../../../workflows/contract/received-mail.js';
import { bare, readAuthenticationResults } from '../../incoming/authentication-results.js';
import { type HeaderLine, headerValue, headerValues } from '../../incoming/header-lines.js';
import type { ParsedMessage } from '../../incoming/parse-message.js';
import { addressInDisplayName, strictSender } from '../../incoming/sender.js';
import type { DnsResolver } from './dns.js';
import { duplicatedSingletons } from './duplicate-headers.js';
import { gatewayMark } from './gateway-marks.js';
import { openBodyHeaders } from './unsigned-body-type.js';

/** Whom we believe to be CBP. */
export interface TrustPolicy {
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
  /** The signature that is believed; undefined when none is. DMARC and our own mail host may disagree all the same. */
  believed?: BelievedSignature;
}

export interface BelievedSignature {
  /** Its domain (d=), one of CBP's. */
  domain: string;
  /** Header names (lower case) of which it covers each line that the message has. */
  covered: string[];
  /** sha256 over its value (b=), hex: one for all copies of a mail, whatever else in them differs. */
  signature: string;
  /** Of further signatures that are believed: a copy may have been left any of them. */
  otherSignatures: string[];
  /** ISO instant of the Date header; undefined where there is none, or none that can be read. */
  signedAt?: string;
}

/** Verifying costs time and DNS queries for each; nobody honest needs more. */
const SIGNATURES_LIMIT = 10;
/** A signature from the future is none, but two clocks never agree, and the tag t= is in rounded seconds. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** What a signature must cover, where the message has it, besides what says how the body is read. Not To: see `covered`. */
const MUST_BE_SIGNED = ['from', 'subject', 'date'];

/**
 * Whether a message is CBP's. A decision is, if its one From address is on a domain of CBP's, a DKIM signature of a
 * domain of CBP's passes, is aligned, covers the whole body and the headers people read, DMARC passes, and our own mail
 * host agrees where it is configured. For an acknowledgement DMARC is enough. Verified on arrival: keys are rotated.
 * A passing failure of DNS makes it `undetermined`, to be tried again.
 * @param message what was read of it, where a person is to be told what a mail gateway did to it
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
  const judged = evidence.signatures.map((signature) => judgeSignature(signature, raw, lines, trust));
  for (const { why } of judged) reasons.push(why);
  if (judged.length === 0) reasons.push('it has no DKIM signature');
  reasons.push(`DMARC: ${evidence.dmarc}`);
  reasons.push(...(host?.reasons ?? []));

  const [believed, ...others] = judged.filter((signature) => signature.believed);
  const mark = message && evidence.signatures.some((one) => isBroken(one, trust)) && gatewayMark(message);
  if (mark && !believed) reasons.push(gatewayAdvice(mark, trust));
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

/** The day of the week and comments aside; without a zone it is no instant. */
const DATE =
  /^(?:[a-z]{3},?\s+)?\d{1,2}\s+[a-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}(?::\d{2})?\s+(?:[+-]\d{4}|GMT|UTC?|Z|[ECMP][SD]T)$/i;

function signedDate(lines: HeaderLine[]): { signedAt?: string } {
  const written = bare(headerValue(lines, 'date')?.slice(0, 200) ?? '').trim();
  const at = DATE.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(at) ? {} : { signedAt: new Date(at).toISOString() };
}

/** What was signed was another subject or body. */
function isBroken({ result, comment, domain }: Signature, trust: TrustPolicy): boolean {
  return isListed(domain, trust.dkimDomains) && (result === 'fail' || /body hash/.test(comment ?? ''));
}

function gatewayAdvice(mark: string, { fromDomains, dkimDomains, authservId }: TrustPolicy): string {
  const domains = [...new Set([...dkimDomains, ...fromDomains])].join(' and ');
  const otherWay = authservId
    ? ''
    : '; or set MAIL_HOST_AUTHSERV_ID, so that for acknowledgements it counts what your mail host found on arrival';
  return `the broker's own mail gateway seems to have changed this mail (${mark}): have it leave mail from CBP's domains unchanged (a rule for ${domains}), so that the signature stays whole${otherWay}`;
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
  /** Header names, lower case, one for each line it covers. */
  lines: string[];
  /** sha256 over its value, hex. */
  signature: string;
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
    // What has expired does not pass.
    timeValid: !(Date.parse(result.signTime ?? '') > Date.now() + CLOCK_SKEW_MS),
    lines: (result.signingHeaders?.keys ?? '')
      .split(':')
      .map((key) => key.trim().toLowerCase())
      .filter(Boolean),
    // Of its bytes: the same can be written in base64 in several ways, and no signature covers its own letters.
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
  if (!isListed(domain, trust.dkimDomains)) return doubt("passes, but is no signer of CBP's");
  if (!signature.timeValid) return doubt('passes, but its time is not valid');
  const uncovered = MUST_BE_SIGNED.filter(
    (name) => lines.some((line) => line.name === name) && !covered.includes(name),
  );
  if (uncovered.length > 0) return doubt(`passes, but does not cover ${uncovered.join(', ')}`);
  const open = openBodyHeaders(raw, lines, covered);
  if (open.length > 0)
    return doubt(`passes, but does not cover ${open.join(', ')}, on which depends what is read in its body`);
  return { ...judged, believed: true, why: `DKIM of ${domain} passes, aligned` };
}

/** Of several lines of a name it may cover the last ones alone. */
function coveredNames(signature: Signature, lines: HeaderLine[]): string[] {
  const count = (names: string[], wanted: string) => names.filter((name) => name === wanted).length;
  const written = lines.map(({ name }) => name);
  return [...new Set(signature.lines)].filter((name) => count(signature.lines, name) >= count(written, name));
}
