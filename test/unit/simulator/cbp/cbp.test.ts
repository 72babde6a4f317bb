import { authenticate } from 'mailauth';
import { type ParsedMail, simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { PDFDocument } from 'pdf-lib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cbp, deliveriesByMessageId, openCbp, type ReceivedApplication } from '../../../../simulator/cbp/cbp.js';
import type { LetterKind } from '../../../../simulator/cbp/cbp-letters.js';
import { type MailServers, openMailServers } from '../../../../simulator/mail/mail-servers.js';

const BROKER = 'ace@clearit.example';
const ALIAS = 'ace+k7q2mzx4@clearit.example';
const IMPORTER = {
  importerNumber: '00-100000100',
  company: 'Maple Grove Imports LLC',
  accountOwnerEmail: 'owner@maple.example',
};

let mail: MailServers;
let cbp: Cbp;
beforeEach(async () => {
  mail = await openMailServers({ broker: BROKER });
  cbp = openCbp({ mail, onFile: [IMPORTER] });
});
afterEach(() => mail.close());

describe("CBP's mailbox", () => {
  it('recognizes the importer from the attached form, however the number is written', async () => {
    const application = await apply({ number: '00100000100' });
    expect(application).toMatchObject({ messageId: 'app-1@clearit.example', importer: IMPORTER, replyTo: ALIAS });
    expect((await apply({ number: '99-999999900', messageId: '<app-2@clearit.example>' })).importer).toBeUndefined();
  });

  it('counts a message twice when it is delivered twice', async () => {
    await apply({});
    await apply({});
    expect(deliveriesByMessageId(cbp.received)).toEqual(new Map([['app-1@clearit.example', 2]]));
  });
});

describe("CBP's letters", () => {
  it.each<LetterKind>([
    'acknowledgement',
    'in-process',
    'approval-welcome',
    'more-information',
    'not-on-file',
    'already-registered',
    'use-web-form',
    'refusal',
    'out-of-office',
  ])('%s: arrives at the reply alias, answers our message, and is proven to be from CBP', async (kind) => {
    const application = await apply({});
    await cbp.write(kind, application);
    const [raw] = mail.brokerFolder('INBOX');
    const letter = await simpleParser(raw ?? Buffer.alloc(0));
    expect(addresses(letter.to)).toEqual([ALIAS]);
    expect(letter.inReplyTo).toBe('<app-1@clearit.example>');
    expect(await verdict(raw)).toEqual({ dkim: 'pass', aligned: 'cbp.dhs.gov', dmarc: 'pass' });
  });

  it('the account email goes only to the account owner', async () => {
    const application = await apply({});
    await cbp.write('approval-account', application, { to: 'client' });
    expect(mail.brokerFolder('INBOX')).toHaveLength(0);
    expect(mail.delivered.at(-1)?.to).toBe('owner@maple.example');
  });

  it('a new thread names the importer number, but none of our messages', async () => {
    const application = await apply({});
    await cbp.write('approval-welcome', application, { thread: 'new' });
    const letter = await simpleParser(mail.brokerFolder('INBOX')[0] ?? Buffer.alloc(0));
    expect(letter.inReplyTo).toBeUndefined();
    expect(letter.subject).toContain('IOR 00-100000100');
    expect(letter.text).not.toContain('Original Message');
  });
});

describe('forgeries and noise', () => {
  it("an unsigned approval in CBP's name fails DMARC", async () => {
    await cbp.forge('unsigned', await apply({}));
    expect(await verdict(mail.brokerFolder('INBOX')[0])).toMatchObject({ dkim: 'none', dmarc: 'fail' });
  });

  it('an approval from a look-alike domain passes DMARC, for its own domain', async () => {
    await cbp.forge('look-alike', await apply({}));
    expect(await verdict(mail.brokerFolder('INBOX')[0])).toEqual({
      dkim: 'pass',
      aligned: 'cbp-dhs-gov.example',
      dmarc: 'pass',
    });
  });

  it('a bounce is a delivery status report about our message', async () => {
    cbp.bounce(await apply({}));
    const raw = mail.brokerFolder('INBOX')[0]?.toString() ?? '';
    expect(raw).toMatch(/^Return-Path: <>\r\n/);
    expect(raw).toContain('Status: 5.1.1');
    expect(raw).toContain('Message-ID: <app-1@clearit.example>');
  });

  it('a bulletin comes from the mailing service', async () => {
    await cbp.sendBulletin(BROKER);
    const letter = await simpleParser(mail.brokerFolder('INBOX')[0] ?? Buffer.alloc(0));
    expect(addresses(letter.from)).toEqual(['cbp@service.govdelivery.com']);
  });
});

async function apply({
  number = '00-100000100',
  messageId = '<app-1@clearit.example>',
}: {
  number?: string;
  messageId?: string;
}): Promise<ReceivedApplication> {
  const before = cbp.received.length;
  const arrived = new Promise<ReceivedApplication>((resolve) => {
    cbp.onApplication((application) => {
      if (cbp.received.length > before) resolve(application);
    });
  });
  await createTransport({ host: mail.host, port: mail.smtp.port, ignoreTLS: true }).sendMail({
    envelope: { from: BROKER, to: ['ACE.Applications@cbp.dhs.gov'] },
    from: BROKER,
    to: 'ACE.Applications@cbp.dhs.gov',
    replyTo: ALIAS,
    messageId,
    subject: `Maple Grove Imports LLC ${number}`,
    text: 'Please find attached our application.',
    attachments: [{ filename: 'application.pdf', content: await form(number), contentType: 'application/pdf' }],
  });
  return arrived;
}

async function form(number: string): Promise<Buffer> {
  const document = await PDFDocument.create();
  const page = document.addPage();
  const field = document.getForm().createTextField('importer.number');
  field.setText(number);
  field.addToPage(page);
  return Buffer.from(await document.save());
}

async function verdict(raw: Buffer | undefined) {
  const result = await authenticate(raw ?? '', {
    disableArc: true,
    disableBimi: true,
    resolver: async (name) => {
      const records = cbp.dnsRecords[name]?.TXT;
      if (!records) throw Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' });
      return records.map((record) => [record]);
    },
  });
  const [signature] = result.dkim.results;
  return {
    dkim: signature?.status.result,
    aligned: signature?.status.aligned,
    dmarc: result.dmarc ? result.dmarc.status.result : undefined,
  };
}

function addresses(header: ParsedMail['to']): string[] {
  return [header ?? []].flat().flatMap(({ value }) => value.map(({ address }) => address ?? ''));
}
