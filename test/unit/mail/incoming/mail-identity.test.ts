import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mailIdentity } from '../../../../src/mail/incoming/mail-identity.js';
import { AUTHOR_HEADERS, MARK_HEADERS, ROUTE_HEADERS } from '../../../../src/mail/incoming/read-headers.js';
import { memoryIndex } from '../../../../src/mail/judging/correlation/correlation-index.js';
import { judgeMessage } from '../../../../src/mail/judging/judge-message.js';
import { recordsResolver } from '../../../../src/mail/judging/origin/dns.js';
import { CBP, dnsRecords, fromCbp, type MailParts, mail, SENT, US } from '../judging/corpus.js';

/** Two copies that are judged differently are two emails; two legitimate deliveries of one message are one. */

const ALIAS = SENT[0]?.replyAlias.cbp ?? '';
const CLIENT_ALIAS = SENT[0]?.replyAlias.client ?? '';
const TRUST = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov', 'dhs.gov'] };
const NO_LETTERS = { letters: [], fillers: {} };
/** Results of our own mail host, whose verdict is used if it is configured. */
const hostsFor = (name: string) =>
  ['received', 'authentication-results'].includes(name)
    ? [undefined, 'mx.broker.example', 'mx.google.com', 'microsoft-365']
    : [undefined];
const APPROVAL: MailParts = {
  inReplyTo: '<app-acme@broker.example>',
  subject: 'RE: ACE Portal Account Application - Acme Imports LLC - IOR 12-345678900',
  body: 'Your application for an ACE Secure Data Portal account has been approved.',
};
const BASES: Record<string, () => Promise<Buffer> | Buffer> = {
  "CBP's approval": () => fromCbp(APPROVAL),
  "CBP's approval to the alias": () => fromCbp({ ...APPROVAL, to: ALIAS }),
  "an unsigned approval in CBP's name": () => mail({ ...APPROVAL, messageId: '<m@x>' }),
  "a client's reply": () => mail({ ...APPROVAL, messageId: '<c@x>', from: 'jo@acme.example', body: 'Thank you.' }),
  'a mail server that returns ours': () =>
    mail({
      messageId: '<b@x>',
      from: 'MAILER-DAEMON@mx.broker.example',
      subject: 'Undelivered Mail Returned to Sender',
      contentType: 'multipart/mixed; boundary=b1',
      body: '--b1\nContent-Type: text/plain\n\nIt came back.\n--b1\nContent-Type: message/rfc822\n\nMessage-ID: <app-acme@broker.example>\nSubject: x\n\nx\n--b1--',
    }),
  'a program without a known name that returns ours': () =>
    mail({
      messageId: '<r@x>',
      from: 'returns@mx.broker.example',
      subject: 'Undelivered Mail Returned to Sender',
      contentType: 'multipart/mixed; boundary=b1',
      body: '--b1\nContent-Type: text/plain\n\nIt came back.\n--b1\nContent-Type: message/rfc822\n\nMessage-ID: <app-acme@broker.example>\nSubject: x\n\nx\n--b1--',
    }),
  'a stranger’s': () => mail({ messageId: '<s@x>', from: 'a@b.example', subject: 'Offer', body: 'Buy.' }),
};

const AR = (id: string, dkim = 'pass', dmarc = 'pass') =>
  `${id}; dkim=${dkim} header.d=cbp.dhs.gov; dmarc=${dmarc} header.from=cbp.dhs.gov`;
const VALUES = [
  '',
  '<>',
  'x',
  'yes',
  'no',
  'auto-replied',
  'bulk',
  US,
  CBP,
  ALIAS,
  CLIENT_ALIAS,
  ALIAS.toUpperCase(),
  ALIAS.replace('+', '%2B'),
  ALIAS.replace('broker', 'evil'),
  `prvs=1234abcd=${ALIAS}`,
  'ACE.Applications@cbp.dhs.gov',
  'USDHSCBP',
  '<app-acme@broker.example>',
  'b'.repeat(32),
  'multipart/report; report-type=disposition-notification',
  'text/calendar',
  'Tue, 24 Nov 2026 10:01:00 -0500',
  AR('mx.broker.example'),
  AR('mx.broker.example', 'fail', 'fail'),
  AR('mx.google.com'),
  AR('mx.google.com', 'pass', 'fail'),
  AR('x').replace('x; ', ''),
  'from a.example (a.example [192.0.2.1]) by mx.broker.example with ESMTPS; Tue, 3 Mar 2026 15:00:01 -0500',
  'from mx.broker.example by store.broker.example with LMTP; Tue, 3 Mar 2026 15:00:01 -0500',
  'by mx.evil.example; Tue, 3 Mar 2026 15:00:01 -0500',
  'a\0b',
  'a\rb',
];

const prepended = (message: Buffer, ...lines: string[]) =>
  Buffer.concat([Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'), message]);

/** The whole verdict, except what identifies the copy itself. */
async function verdictOn(raw: Buffer, authservId: string | undefined): Promise<{ id: string; verdict: string }> {
  const trust = { ...TRUST, ...(authservId ? { authservId } : {}) };
  const arrival = { receivedAt: '2026-03-03T20:00:05.000Z', mailbox: 'main' };
  const index = memoryIndex(SENT, 'ace+{token}@broker.example');
  const resolver = recordsResolver(dnsRecords());
  const context = { trust, resolver, index, letters: NO_LETTERS, ownAddress: US };
  const { mail: told, ...rest } = await judgeMessage(raw, arrival, context);
  const { mailId, documentSha256, ...judgement } = told;
  expect(mailId).toBe(mailIdentity(raw, trust));
  const { reasons, ...authenticity } = judgement.authenticity;
  return { id: mailId, verdict: JSON.stringify({ ...rest, ...judgement, authenticity }) };
}

describe.each(Object.entries(BASES))('of %s', (_, make) => {
  // The sender's headers count byte by byte.
  test.each([...MARK_HEADERS, ...ROUTE_HEADERS])(
    'a copy with an extra %s that is judged differently is another email',
    async (name) => {
      const message = await make();
      for (const authservId of hostsFor(name)) {
        const verdictByIdentity = new Map<string, string>();
        const copies = [message, ...VALUES.map((value) => prepended(message, `${name}: ${value}`))];
        for (const raw of copies) {
          const { id, verdict } = await verdictOn(raw, authservId);
          const before = verdictByIdentity.get(id) ?? verdict;
          expect(verdict, `${name} under ${authservId}`).toBe(before);
          verdictByIdentity.set(id, verdict);
        }
      }
    },
  );
});

test('a genuine approval is not already known after a forged copy that claims to be a bounce', async () => {
  const genuine = await fromCbp(APPROVAL);
  const forged = prepended(genuine, 'X-Failed-Recipients: ace.applications@cbp.dhs.gov');
  expect(mailIdentity(forged, TRUST)).not.toBe(mailIdentity(genuine, TRUST));
});

test('no message can end in a way that passes for another one with other headers', async () => {
  const genuine = await fromCbp({ ...APPROVAL, to: ALIAS });
  const facts = JSON.stringify([['aliases', [ALIAS]]]);
  const others = [`\0${facts}`, `${facts}\n`, facts].flatMap((end) => [
    Buffer.concat([genuine, Buffer.from(end)]),
    Buffer.concat([Buffer.from(end), genuine]),
  ]);
  for (const other of others) expect(mailIdentity(other, TRUST)).not.toBe(mailIdentity(genuine, TRUST));
});

test('a copy with so many recipients that the alias is cut off is another email', async () => {
  const genuine = await fromCbp({ ...APPROVAL, to: ALIAS });
  const junk = (tag: string) =>
    prepended(genuine, ...Array.from({ length: 70 }, (_, n) => `Delivered-To: ${tag}${n}@junk.example`));
  const ids = [genuine, junk('a'), junk('b')].map((raw) => mailIdentity(raw, TRUST));
  expect(new Set(ids).size).toBe(3);
});

describe('one message is one email', () => {
  const AUTHSERV = { ...TRUST, authservId: 'mx.broker.example' };
  const hop = (id: string) =>
    `Received: from out.cbp.dhs.gov (out.cbp.dhs.gov [192.0.2.1]) by mx.broker.example with ESMTPS id ${id}`;

  test('if it is retried, delivered to an alias that it names, or restored from a backup', async () => {
    const message = await fromCbp({ ...APPROVAL, to: `${ALIAS}, ${CLIENT_ALIAS}` });
    const ways = [
      ['Return-Path: <bounce-1@cbp.dhs.gov>', `Delivered-To: ${ALIAS}`, hop('1'), 'X-Spam-Score: 1'],
      ['Return-Path: <bounce-2@cbp.dhs.gov>', `Delivered-To: ${CLIENT_ALIAS}`, hop('2')],
      ['Return-Path: <SRS0=a=b=cbp.dhs.gov=x@relay.example>', `X-Original-To: ${ALIAS.toUpperCase()}`, hop('3')],
      [`Envelope-To: ${ALIAS.replace('+', '%2B')}`, hop('4'), 'X-Mozilla-Status: 0001', 'Status: RO'],
    ];
    const verdicts = ways.map((lines, n) =>
      prepended(message, `Authentication-Results: ${AR('mx.broker.example')} smtp.mailfrom=${n}`, ...lines),
    );
    expect(new Set(verdicts.map((raw) => mailIdentity(raw, AUTHSERV))).size).toBe(1);
    const outside = ways.map((lines) => prepended(message, ...lines));
    expect(new Set([message, ...outside].map((raw) => mailIdentity(raw, TRUST))).size).toBe(1);
  });

  test('whatever our mail host finds about email that is not from CBP, because nothing uses it', () => {
    const message = mail({ messageId: '<c@x>', from: 'jo@acme.example' });
    const ids = ['pass', 'fail', 'temperror'].map((dkim) =>
      mailIdentity(prepended(message, `Authentication-Results: ${AR('mx.broker.example', dkim)}`), AUTHSERV),
    );
    expect(new Set(ids).size).toBe(1);
  });

  test('whatever else servers add above it', async () => {
    const message = await fromCbp(APPROVAL);
    const note = fc.stringMatching(/^[a-zA-Z0-9 .;=-]{0,40}$/);
    const name = fc.constantFrom('Received-SPF', 'ARC-Seal', 'X-Spam-Status', 'X-MS-Has-Attach', 'Lines', 'x-received');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, note), { maxLength: 6 }), (headers) => {
        const carried = prepended(message, ...headers.map(([header, value]) => `${header}: ${value}`));
        expect(mailIdentity(carried, TRUST)).toBe(mailIdentity(message, TRUST));
      }),
    );
  });
});

describe('no header is read that the identity ignores', () => {
  test('each is in one list, and those whose bytes count are not trace headers', () => {
    const all = [...AUTHOR_HEADERS, ...MARK_HEADERS, ...ROUTE_HEADERS];
    expect(new Set(all).size).toBe(all.length);
    const message = mail({ messageId: '<m@x>' });
    for (const name of AUTHOR_HEADERS)
      expect(mailIdentity(prepended(message, `${name}: a`)), name).not.toBe(
        mailIdentity(prepended(message, `${name}: b`)),
      );
  });

  /** The compiler refuses other names in `headerValue`. Only these files may use the two ways around it. */
  test('and no code bypasses the list', async () => {
    const files = (await readdir('src/mail', { recursive: true })).filter((file) => file.endsWith('.ts'));
    const around = /\brouteValues\(|\bline\.name\b|\{[^}]*\bname\b[^}]*\} of \w*[lL]ines/;
    const found: string[] = [];
    for (const file of files)
      if (around.test(await readFile(path.join('src/mail', file), 'utf8'))) found.push(path.basename(file));
    expect(found.sort()).toEqual([
      // Each of these reads it for everyone, and the identity uses the same function.
      'authenticate.ts',
      'authentication-results.ts',
      'header-lines.ts',
      'mail-identity.ts',
      'recipients.ts',
      'signature-gaps.ts',
    ]);
  });
});
