import { createHash, generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { type ParsedMail, simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer';
import { PDFDocument, PDFTextField } from 'pdf-lib';
import type { DeliveredMail, MailServers } from '../mail/mail-servers.js';
import { BULLETIN, type CbpLetter, type LetterKind, type LetterSubject, letter, quoted } from './cbp-letters.js';

/**
 * CBP's side of an application: the mailbox that takes it, the desk that answers, and the domain that signs. A scenario
 * decides what it writes and when.
 */
export interface Cbp {
  /** Address that applications are sent to. */
  readonly address: string;
  /** Every application email received, one entry per delivery: the same Message-ID twice makes two entries. */
  readonly received: readonly ReceivedApplication[];
  /** DNS records of CBP and of the impostor, for `DNS_RECORDS_FILE`: `{"name": {"TXT": ["..."]}}`. */
  readonly dnsRecords: PublishedDns;
  /** Calls back for each application, including those already received. */
  onApplication(listener: (application: ReceivedApplication) => void): void;
  /** Answers an application. */
  write(kind: LetterKind, about: ReceivedApplication, how?: HowToWrite): Promise<void>;
  /** A signed letter as the broker would get it. It is not sent, and it quotes and answers nothing. */
  specimen(kind: LetterKind, about: LetterSubject, how?: Pick<HowToWrite, 'thread'>): Promise<Buffer>;
  /** Someone else sends an approval in CBP's name. */
  forge(as: Impostor, about: ReceivedApplication): Promise<void>;
  /** The broker's own mail server reports that CBP's server rejected the application. */
  bounce(about: ReceivedApplication): void;
  /** Sends a CSMS bulletin to a subscriber. */
  sendBulletin(to: string): Promise<void>;
}

export type PublishedDns = Record<string, { TXT: string[] }>;

export interface ReceivedApplication {
  at: Date;
  /** Without angle brackets. */
  messageId: string;
  subject: string;
  /** Header sender. */
  from: string;
  replyTo: string;
  envelopeFrom: string;
  /** The importer on file that the filled form names; undefined when CBP knows none of its numbers. */
  importer: ImporterOnFile | undefined;
  /** Text fields of the attached form. */
  fields: Record<string, string>;
  formSha256: string | undefined;
  text: string;
}

/** What CBP has on file for an importer (CBP Form 5106), as far as a rehearsal needs it. */
export interface ImporterOnFile {
  importerNumber: string;
  company: string;
  accountOwnerEmail: string;
}

export interface HowToWrite {
  /** `broker`: who applied. `client`: only the account owner. `both`: the broker, with the client in copy. */
  to?: 'broker' | 'client' | 'both';
  /** `new`: another subject and no reference to our message, as when CBP opens a new thread with a case number. */
  thread?: 'reply' | 'new';
}

export type Impostor =
  /** CBP's address in From, without a signature. */
  | 'unsigned'
  /** A domain that looks like CBP's, with its own valid signature. */
  | 'look-alike';

export interface CbpOptions {
  mail: MailServers;
  onFile: ImporterOnFile[];
  address?: string;
}

const LOOK_ALIKE = 'cbp-dhs-gov.example';
const SELECTOR = 'ace2026';
/** How a letter is sent unless a scenario says otherwise. */
const DEFAULTS: Required<HowToWrite> = { to: 'broker', thread: 'reply' };

export function openCbp({ mail, onFile, address = 'ACE.Applications@cbp.dhs.gov' }: CbpOptions): Cbp {
  const genuine = signer('cbp.dhs.gov');
  const impostor = signer(LOOK_ALIKE);
  const received: ReceivedApplication[] = [];
  const listeners: ((application: ReceivedApplication) => void)[] = [];

  mail.onMail((delivered) => {
    if (delivered.to !== address.toLowerCase()) return;
    void readApplication(delivered, onFile).then((application) => {
      received.push(application);
      for (const listener of listeners) listener(application);
    });
  });

  return {
    address,
    received,
    dnsRecords: { ...genuine.dns, ...impostor.dns },
    onApplication(listener) {
      for (const application of received) listener(application);
      listeners.push(listener);
    },
    async write(kind, about, how = {}) {
      const { to, thread } = { ...DEFAULTS, ...how };
      const subject = letterSubject(about);
      const written = letter(kind, subject);
      const client = about.importer?.accountOwnerEmail;
      const recipients = [...(to !== 'client' ? [about.replyTo] : []), ...(to !== 'broker' && client ? [client] : [])];
      const isReply = thread === 'reply' && kind !== 'approval-account' && to !== 'client';
      const raw = await compose({
        ...written,
        to: recipients,
        ...(isReply
          ? {
              inReplyTo: about.messageId,
              text: kind === 'acknowledgement' ? written.text : written.text + quoted({ ...subject, ...about }),
            }
          : {}),
        ...(thread === 'new' ? { subject: newThreadSubject(subject) } : {}),
      });
      mail.send({ raw: await genuine.sign(raw), from: written.from.address, to: recipients });
    },
    async specimen(kind, about, { thread = 'reply' } = {}) {
      return await genuine.sign(
        await compose({
          ...letter(kind, about),
          ...(thread === 'new' ? { subject: newThreadSubject(about) } : {}),
          to: ['broker@specimen.example'],
        }),
      );
    },
    async forge(as, about) {
      const written = letter('approval-welcome', letterSubject(about));
      const from = as === 'look-alike' ? { ...written.from, address: `ACE.Applications@${LOOK_ALIKE}` } : written.from;
      const raw = await compose({
        ...written,
        from,
        to: [about.replyTo],
        inReplyTo: about.messageId,
        text: `${written.text}\n\nTo activate your account, sign in here: https://ace-cbp.invalid/login`,
      });
      mail.send({
        raw: as === 'look-alike' ? await impostor.sign(raw) : raw,
        from: from.address,
        to: [about.replyTo],
      });
    },
    bounce(about) {
      mail.send({ raw: bounceReport(about, address), from: '', to: [about.envelopeFrom || about.replyTo] });
    },
    async sendBulletin(to) {
      mail.send({ raw: await compose({ ...BULLETIN, to: [to] }), from: 'bounces@service.govdelivery.com', to: [to] });
    },
  };
}

/** How often each application was delivered, by Message-ID. */
export function deliveriesByMessageId(received: readonly ReceivedApplication[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { messageId } of received) counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
  return counts;
}

async function readApplication(delivered: DeliveredMail, onFile: ImporterOnFile[]): Promise<ReceivedApplication> {
  const parsed = await simpleParser(delivered.raw);
  const form = parsed.attachments.find(({ contentType }) => contentType === 'application/pdf')?.content;
  const fields = form ? await textFields(form) : {};
  const from = firstAddress(parsed.from) ?? delivered.from;
  return {
    at: delivered.at,
    messageId: bare(parsed.messageId ?? ''),
    subject: parsed.subject ?? '',
    from,
    replyTo: firstAddress(parsed.replyTo) ?? from,
    envelopeFrom: delivered.from,
    importer: onFile.find(({ importerNumber }) => names(fields, importerNumber)),
    fields,
    formSha256: form && createHash('sha256').update(form).digest('hex'),
    text: parsed.text ?? '',
  };
}

async function textFields(pdf: Buffer): Promise<Record<string, string>> {
  const document = await PDFDocument.load(pdf, { updateMetadata: false });
  const values: Record<string, string> = {};
  for (const field of document.getForm().getFields()) {
    if (field instanceof PDFTextField) values[field.getName()] = field.getText() ?? '';
  }
  return values;
}

/** Whether a field of the form contains this importer number, with or without its dashes. */
function names(fields: Record<string, string>, importerNumber: string): boolean {
  const wanted = plain(importerNumber);
  return Object.values(fields).some((value) => plain(value) === wanted);
}

function plain(importerNumber: string): string {
  return importerNumber.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
}

function letterSubject(about: ReceivedApplication) {
  return {
    company: about.importer?.company ?? 'the company named in your application',
    importerNumber: about.importer?.importerNumber ?? 'on your application',
    subject: about.subject,
    at: about.at,
  };
}

function newThreadSubject({ company, importerNumber }: { company: string; importerNumber: string }): string {
  return `ACE Portal Account - Case 04417925 - ${company} - IOR ${importerNumber}`;
}

interface Composition extends CbpLetter {
  to: string[];
  inReplyTo?: string;
}

function compose({ from, to, subject, text, headers, inReplyTo }: Composition): Promise<Buffer> {
  return new MailComposer({
    from,
    to,
    subject,
    text,
    headers,
    ...(inReplyTo ? { inReplyTo: `<${inReplyTo}>`, references: `<${inReplyTo}>` } : {}),
  })
    .compile()
    .build();
}

/** A delivery status notification (RFC 3464): the address does not exist. */
function bounceReport(about: ReceivedApplication, address: string): Buffer {
  const host = `mail.${about.replyTo.split('@')[1]}`;
  const boundary = `report-${createHash('sha256').update(about.messageId).digest('hex').slice(0, 16)}`;
  return Buffer.from(
    [
      `From: Mail Delivery System <MAILER-DAEMON@${host}>`,
      `To: <${about.envelopeFrom || about.replyTo}>`,
      'Subject: Undelivered Mail Returned to Sender',
      `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <${boundary}@${host}>`,
      'Auto-Submitted: auto-replied',
      'MIME-Version: 1.0',
      `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
      '',
      `--${boundary}`,
      'Content-Type: text/plain; charset=us-ascii',
      '',
      'I am sorry to have to inform you that your message could not be delivered to one or more recipients.',
      '',
      `<${address}>: host mx.cbp.dhs.gov said: 550 5.1.1 Recipient address rejected: User unknown`,
      '',
      `--${boundary}`,
      'Content-Type: message/delivery-status',
      '',
      `Reporting-MTA: dns; ${host}`,
      '',
      `Final-Recipient: rfc822; ${address}`,
      'Action: failed',
      'Status: 5.1.1',
      'Diagnostic-Code: smtp; 550 5.1.1 Recipient address rejected: User unknown',
      '',
      `--${boundary}`,
      'Content-Type: text/rfc822-headers',
      '',
      `Message-ID: <${about.messageId}>`,
      `From: <${about.from}>`,
      `To: <${address}>`,
      `Reply-To: <${about.replyTo}>`,
      '',
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  );
}

interface Signer {
  dns: PublishedDns;
  sign(raw: Buffer): Promise<Buffer>;
}

const keys = new Map<string, { privateKey: string; publicKey: Buffer }>();

/** A domain's key pair, made once per process, because it takes a quarter of a second. */
function keysOf(domain: string): { privateKey: string; publicKey: Buffer } {
  const known = keys.get(domain);
  if (known) return known;
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  keys.set(domain, pair);
  return pair;
}

/** A domain that signs its mail and asks receivers to reject unsigned mail. */
function signer(domain: string): Signer {
  const { privateKey, publicKey } = keysOf(domain);
  return {
    dns: {
      [`${SELECTOR}._domainkey.${domain}`]: { TXT: [`v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`] },
      [`_dmarc.${domain}`]: { TXT: [`v=DMARC1; p=reject; adkim=r; aspf=r`] },
    },
    async sign(raw) {
      const { signatures, errors } = await dkimSign(raw, {
        signingDomain: domain,
        selector: SELECTOR,
        privateKey,
        // Otherwise the time is read twice, and a signature made as the second changes is invalid.
        signTime: new Date(),
        // Only signatureData is used for signing. The fields above satisfy the types.
        signatureData: [{ signingDomain: domain, selector: SELECTOR, privateKey }],
      });
      if (errors.length > 0) throw new Error(`Simulated mail from ${domain} cannot be signed.`, { cause: errors[0] });
      return Buffer.concat([Buffer.from(signatures), raw]);
    },
  };
}

function firstAddress(header: ParsedMail['from']): string | undefined {
  return header?.value[0]?.address;
}

function bare(messageId: string): string {
  return messageId.replace(/^<|>$/g, '');
}
