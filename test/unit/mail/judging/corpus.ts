import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth';
import type { DnsRecords } from '../../../../src/mail/judging/origin/dns.js';

/**
 * Emails in the form of real ones, signed with keys in our own DNS records. 1024 bits: the verifying code is the same, and a
 * thousand emails are signed in a second.
 */
const keys = new Map<string, { privateKey: string; record: string }>();

function keyOf(domain: string): { privateKey: string; record: string } {
  const known = keys.get(domain);
  if (known) return known;
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const key = { privateKey: pair.privateKey, record: `v=DKIM1; k=rsa; p=${pair.publicKey.toString('base64')}` };
  keys.set(domain, key);
  return key;
}

/** The records of every domain that signs in these tests. */
export function dnsRecords(): DnsRecords {
  const records: DnsRecords = {
    '_dmarc.dhs.gov': { TXT: ['v=DMARC1; p=reject; sp=reject'] },
    '_dmarc.cbp.dhs.gov': { TXT: ['v=DMARC1; p=reject'] },
    '_dmarc.cbp-dhs.example': { TXT: ['v=DMARC1; p=reject'] },
    '_dmarc.mailer.example': { TXT: ['v=DMARC1; p=none'] },
  };
  for (const domain of ['cbp.dhs.gov', 'dhs.gov', 'cbp-dhs.example', 'mailer.example', 'client.example'])
    records[`s1._domainkey.${domain}`] = { TXT: [keyOf(domain).record] };
  return records;
}

export interface MailParts {
  from?: string;
  to?: string;
  subject?: string;
  date?: string;
  messageId?: string | null;
  inReplyTo?: string;
  references?: string;
  headers?: string[];
  /** Text, CRLF or LF; or a whole MIME body together with `contentType`. */
  body?: string;
  contentType?: string;
}

export const CBP = 'ACE Applications <ACE.Applications@cbp.dhs.gov>';
export const US = 'ace@broker.example';
let counter = 0;

/** An unsigned message with CRLF line ends. */
export function mail(parts: MailParts = {}): Buffer {
  const id = parts.messageId === undefined ? `<mail-${++counter}@cbp.dhs.gov>` : parts.messageId;
  const lines = [
    `From: ${parts.from ?? CBP}`,
    `To: ${parts.to ?? US}`,
    `Subject: ${parts.subject ?? 'Your application'}`,
    `Date: ${parts.date ?? 'Tue, 03 Mar 2026 15:00:00 -0500'}`,
    ...(id === null ? [] : [`Message-ID: ${id}`]),
    ...(parts.inReplyTo ? [`In-Reply-To: ${parts.inReplyTo}`] : []),
    ...(parts.references ? [`References: ${parts.references}`] : []),
    'MIME-Version: 1.0',
    `Content-Type: ${parts.contentType ?? 'text/plain; charset=utf-8'}`,
    ...(parts.headers ?? []),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${(parts.body ?? 'Hello.').replace(/\r?\n/g, '\r\n')}\r\n`);
}

/** The message with a DKIM signature above it. */
export async function signed(
  message: Buffer,
  domain = 'cbp.dhs.gov',
  options: {
    headerList?: string;
    maxBodyLength?: number;
    expires?: Date;
    signTime?: Date;
    canonicalization?: string;
  } = {},
): Promise<Buffer> {
  const result = await dkimSign(message, {
    canonicalization: options.canonicalization ?? 'relaxed/relaxed',
    algorithm: 'rsa-sha256',
    ...(options.headerList ? { headerList: options.headerList } : {}),
    signTime: options.signTime ?? new Date(Date.now() - 60_000),
    ...(options.expires ? { expires: options.expires } : {}),
    signatureData: [
      {
        signingDomain: domain,
        selector: 's1',
        privateKey: keyOf(domain).privateKey,
        ...(options.maxBodyLength === undefined ? {} : { maxBodyLength: options.maxBodyLength }),
      },
    ],
  } as unknown as Parameters<typeof dkimSign>[1]);
  if (result.errors.length > 0) throw new Error(JSON.stringify(result.errors));
  return Buffer.concat([Buffer.from(result.signatures), message]);
}

/** A whole message as CBP would send it: signed by cbp.dhs.gov. */
export function fromCbp(parts: MailParts = {}): Promise<Buffer> {
  return signed(mail(parts));
}

/** Two onboardings in the sent file. */
export const SENT = [
  {
    reference: 'ACME-1',
    company: 'Acme Imports LLC',
    importerNumber: '12-345678900',
    messageIds: ['app-acme@broker.example', '0100018-acme@email.amazonses.example'],
    replyAlias: { cbp: 'ace+aaaaaaaaaaaaaaaa@broker.example', client: 'ace+bbbbbbbbbbbbbbbb@broker.example' },
    stage: 'awaiting-decision',
  },
  {
    reference: 'BOIS-2',
    company: 'Québec Industries du Bois Ltée',
    importerNumber: '061234-12345',
    messageIds: ['app-bois@broker.example'],
    replyAlias: { cbp: 'ace+cccccccccccccccc@broker.example', client: 'ace+dddddddddddddddd@broker.example' },
    stage: 'awaiting-acknowledgement',
  },
  {
    reference: 'ZETA-3',
    company: 'Zeta Trading Inc.',
    importerNumber: '47-11223344'.slice(0, 10).concat('A1'),
    messageIds: ['app-zeta@broker.example'],
    replyAlias: { cbp: 'ace+eeeeeeeeeeeeeeee@broker.example', client: 'ace+ffffffffffffffff@broker.example' },
    stage: 'closed',
  },
];
