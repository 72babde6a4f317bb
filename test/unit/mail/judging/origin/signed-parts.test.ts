import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../../../src/mail/incoming/parse-message.js';
import { authenticate, type TrustPolicy } from '../../../../../src/mail/judging/origin/authenticate.js';
import { recordsResolver } from '../../../../../src/mail/judging/origin/dns.js';
import { dnsRecords, type MailParts, mail, signed } from '../corpus.js';

const TRUST: TrustPolicy = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov', 'dhs.gov'] };
const EXCHANGE = 'From:Subject:Date:Message-ID:Content-Type:MIME-Version';
const NO_TYPE = 'From:Subject:Date:Message-ID';

async function authenticated(raw: Buffer, trust: TrustPolicy = TRUST) {
  const message = await parseMessage(raw);
  return await authenticate(raw, message.headers, message.oddities, trust, recordsResolver(dnsRecords()), message);
}
const above = (message: Buffer, ...headers: string[]) =>
  Buffer.concat([Buffer.from(headers.map((header) => `${header}\r\n`).join('')), message]);
const replaced = (message: Buffer, what: string, by: string) =>
  Buffer.from(message.toString('latin1').replace(what, by), 'latin1');
/** Without the header, so unsigned. */
const without = (message: Buffer, header: RegExp) =>
  Buffer.from(message.toString('latin1').replace(header, ''), 'latin1');

describe('what a trusted signature proves', () => {
  it('its domain, the headers it covers and the signing time', async () => {
    const { believed } = await authenticated(await signed(mail({ inReplyTo: '<a@broker.example>' }), 'dhs.gov'));
    expect(believed).toMatchObject({ domain: 'dhs.gov', signedAt: '2026-03-03T20:00:00.000Z', otherSignatures: [] });
    expect(believed?.covered).toEqual(
      expect.arrayContaining(['from', 'to', 'subject', 'date', 'in-reply-to', 'content-type']),
    );
  });

  it('nothing if the email is not trusted', async () => {
    const forged = await authenticated(mail());
    expect(forged.believed).toBeUndefined();
    expect(forged.signedHeaders).toEqual([]);
  });

  it('not To if To is unsigned, and the email is still trusted', async () => {
    const { believed, decision } = await authenticated(await signed(mail(), 'cbp.dhs.gov', { headerList: EXCHANGE }));
    expect(decision.verdict).toBe('authentic');
    expect(believed?.covered).toContain('subject');
    expect(believed?.covered).not.toContain('to');
  });

  it.each(['In-Reply-To', 'References', 'Cc'])('not a %s that was added above it', async (name) => {
    const message = above(await signed(mail(), 'cbp.dhs.gov', { headerList: EXCHANGE }), `${name}: <a@broker.example>`);
    const { believed } = await authenticated(message);
    expect(believed).toBeDefined();
    expect(believed?.covered).not.toContain(name.toLowerCase());
  });

  it('only headers for which it covers every line', async () => {
    const list = `${EXCHANGE}:X-Case`;
    const once = await signed(mail({ headers: ['X-Case: 1'] }), 'cbp.dhs.gov', { headerList: list });
    expect((await authenticated(once)).believed?.covered).toContain('x-case');
    expect((await authenticated(above(once, 'X-Case: 2'))).believed?.covered).not.toContain('x-case');
  });

  it('the same ID for all copies, however its value is written', async () => {
    const genuine = await signed(mail());
    const [, value = ''] = /\bb=([^;]+?)\r\n(?![ \t])/s.exec(genuine.toString('latin1')) ?? [];
    expect(value).not.toBe('');
    const copies = [
      genuine,
      above(genuine, 'Received: from a by b; Tue, 3 Mar 2026 15:00:02 -0500', 'X-Other: 1'),
      replaced(genuine, value, value.replace(/=+$/, '')),
      replaced(genuine, value, value.replace(/\s+/g, '')),
    ];
    const found = await Promise.all(copies.map(async (copy) => (await authenticated(copy)).believed?.signature));
    expect(new Set(found).size).toBe(1);
    expect(found[0]).toMatch(/^[0-9a-f]{64}$/);
    expect((await authenticated(await signed(mail()))).believed?.signature).not.toBe(found[0]);
  });

  it('both of two signatures, because a copy may have lost one', async () => {
    const one = await signed(mail());
    const both = await signed(one, 'dhs.gov');
    const { believed } = await authenticated(both);
    const alone = (await authenticated(one)).believed?.signature;
    expect([believed?.signature, ...(believed?.otherSignatures ?? [])]).toContain(alone);
    expect(believed?.otherSignatures).toHaveLength(1);
  });

  it.each([
    ['Tue, 03 Mar 2026 15:00:00 -0500 (EST)', '2026-03-03T20:00:00.000Z'],
    ['3 Mar 2026 20:00 GMT', '2026-03-03T20:00:00.000Z'],
    ['Tue, 03 Mar 2026 15:00:00', undefined],
    ['soon', undefined],
  ])('no time if the Date cannot be read: %s', async (date, at) => {
    const message = replaced(mail(), 'Tue, 03 Mar 2026 15:00:00 -0500', date);
    expect((await authenticated(await signed(message))).believed?.signedAt).toBe(at);
  });
});

describe("a signature that leaves the body's type or encoding unsigned", () => {
  const TYPE = /Content-Type: .*\r\n/;
  const as = async (parts: MailParts, headerList: string, change = (message: Buffer) => message) =>
    await authenticated(change(await signed(mail(parts), 'cbp.dhs.gov', { headerList })));

  it.each<[string, MailParts, ((message: Buffer) => Buffer)?]>([
    ['plain ASCII', {}],
    [
      'plain ASCII, said to be so',
      { contentType: 'text/plain; charset="US-ASCII"', headers: ['Content-Transfer-Encoding: 7bit'] },
    ],
    ['plain ASCII without a type', {}, (message) => without(message, TYPE)],
  ])('is trusted for %s', async (_, parts, change) => {
    expect((await as(parts, NO_TYPE, change)).decision.verdict).toBe('authentic');
  });

  it.each<[string, MailParts, ((message: Buffer) => Buffer)?]>([
    ['HTML', { contentType: 'text/html' }],
    ['parts', { contentType: 'multipart/mixed; boundary=b' }],
    ['another character set', { contentType: 'text/plain; charset=utf-7' }],
    ['lines to be joined', { contentType: 'text/plain; charset=utf-8; format=flowed; delsp=yes' }],
    ['letters beyond ASCII', { body: 'Déjà vu' }],
    ['letters beyond ASCII whose type was taken out', { body: 'Déjà vu' }, (message) => without(message, TYPE)],
  ])('is not trusted for %s', async (_, parts, change) => {
    const { decision, believed } = await as(parts, NO_TYPE, change);
    expect(decision.verdict).toBe('unauthentic');
    expect(decision.reasons.join()).toMatch(/does not cover content-type, which can change how its body reads/);
    expect(believed).toBeUndefined();
  });

  it('is not trusted for an encoding if the type is unsigned too', async () => {
    const { decision } = await as({ headers: ['Content-Transfer-Encoding: quoted-printable'] }, NO_TYPE);
    expect(decision.reasons.join()).toMatch(/does not cover content-transfer-encoding/);
  });

  it.each([
    ['8bit', 'Déjà vu', 'authentic'],
    ['quoted-printable', 'D=C3=A9j=C3=A0 vu, which is =\nall', 'authentic'],
    ['quoted-printable', 'see https://cbp.gov/?a=b', 'unauthentic'],
    ['quoted-printable', 'a=3D Déjà vu', 'unauthentic'],
    ['base64', 'SGVsbG8u', 'authentic'],
    ['base64', 'Hello there', 'unauthentic'],
    ['x-uuencode', 'Hello there', 'unauthentic'],
  ])(
    'where the type is signed: a body in %s is believed only if it is so encoded: %s',
    async (encoding, body, verdict) => {
      const { decision } = await as({ body, headers: [`Content-Transfer-Encoding: ${encoding}`] }, EXCHANGE);
      expect(decision.verdict).toBe(verdict);
    },
  );
});

describe("an email that the broker's gateway changed", () => {
  const advice = async (message: Buffer, trust = TRUST) => {
    const { decision } = await authenticated(message, trust);
    expect(decision.verdict).toBe('unauthentic');
    return decision.reasons.find((reason) => reason.includes('mail gateway'));
  };

  it.each([
    [
      'a tag in its subject',
      (message: Buffer) => replaced(message, '\r\nSubject: ', '\r\nSubject: [EXTERNAL] '),
      '"[EXTERNAL]" in its subject',
    ],
    [
      'a warning above',
      (message: Buffer) => replaced(message, '\r\n\r\n', '\r\n\r\nCAUTION: This email is from outside.\r\n\r\n'),
      'a warning above its text',
    ],
    [
      'a warning below',
      (message: Buffer) =>
        Buffer.concat([
          message,
          Buffer.from(`${'x'.repeat(500)}\r\nThis message originated outside your organization.\r\n`),
        ]),
      'a warning below its text',
    ],
  ])('says so, and what to configure: %s', async (_, change, mark) => {
    expect(await advice(change(await signed(mail())))).toBe(
      `your own mail gateway seems to have changed this email (${mark}): add a rule for cbp.dhs.gov and dhs.gov so that it leaves email from CBP unchanged and the signature stays valid; or set MAIL_HOST_AUTHSERV_ID, so that what your mail host found on arrival counts for acknowledgements`,
    );
  });

  it('does not suggest a setting that is already set', async () => {
    const tagged = replaced(await signed(mail()), '\r\nSubject: ', '\r\nSubject: [EXTERNAL] ');
    expect(await advice(tagged, { ...TRUST, authservId: 'mx.broker.example' })).toMatch(/stays valid$/);
  });

  it('is told apart from an unsigned one and an unchanged one', async () => {
    expect(await advice(mail({ subject: '[EXTERNAL] Your application' }))).toBeUndefined();
    const genuine = await signed(mail({ body: 'CAUTION: keep this.' }));
    const broken = genuine
      .toString('latin1')
      .slice(0, genuine.indexOf('From:'))
      .replace(/\bbh=.{4}/, 'bh=AAAA');
    for (const message of [genuine, Buffer.concat([Buffer.from(broken), genuine])]) {
      const { decision } = await authenticated(message);
      expect(decision.verdict).toBe('authentic');
      expect(decision.reasons.join()).not.toContain('gateway');
    }
  });
});
