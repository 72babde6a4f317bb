import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../../src/mail/incoming/parse-message.js';
import { importerMentions } from '../../../../src/mail/judging/correlation/importer-mentions.js';
import { hasCredentials, redacted, requestForSecrets } from '../../../../src/mail/judging/kind/confidential-words.js';
import { quietKind } from '../../../../src/mail/judging/kind/quiet-words.js';
import { authenticate } from '../../../../src/mail/judging/origin/authenticate.js';
import { recordsResolver } from '../../../../src/mail/judging/origin/dns.js';
import { paragraphsOf } from '../../../../src/mail/judging/text/paragraphs.js';
import { oneLine } from '../../../../src/mail/outgoing/compose/subject.js';
import { dnsRecords, mail, signed } from './corpus.js';

/** Normally a fraction of a second on an idle machine; quadratic time would take many times this limit. */
const LIMIT_MS = 5_000;

/** The best of three if the first takes too long, because the machine may be busy. */
async function timeOf(work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && best > LIMIT_MS; attempt++) {
    const started = performance.now();
    await work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

/** Judges like the watcher, with an email that claims to be from CBP and has a signature. */
async function read(raw: Buffer): Promise<void> {
  const message = await parseMessage(raw);
  const trust = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov'], authservId: 'mx.broker.example' };
  await authenticate(raw, message.headers, message.oddities, trust, recordsResolver(dnsRecords()), message);
  for (const text of [message.text, message.alternativeText ?? '']) {
    paragraphsOf(text, { importerNumbers: [] });
    importerMentions(message.subject, text);
    hasCredentials(text);
    redacted(text);
    requestForSecrets(text);
    oneLine(text);
  }
}

/** With another email's signature, because signing this one would take too long. */
async function claimed(message: Buffer): Promise<Buffer> {
  const other = await signed(mail());
  return Buffer.concat([other.subarray(0, other.indexOf('From: ')), message]);
}

const REPEATED = {
  underscores: '_',
  'lines of underscores': '__________\n',
  dashes: '-',
  'marks of quotation': '>',
  'lines of quotation': '> \n',
  spaces: ' ',
  'spaces and tabs': ' \t',
  'empty lines': '\n',
  'lines of spaces': '   \n',
  'carriage returns': '\r',
  brackets: '<',
  equals: '=',
  'digits with hyphens': '12-',
  numbers: '123456789 ',
  stops: '!!',
  words: 'password is ',
  labels: 'reply-to: a\n',
  links: 'https://a',
  'styles of HTML': '<p style="text-decoration ',
  'elements of HTML': '<div>',
  characters: '&#120;',
};
const repeated = (unit: string, length: number) => unit.repeat(Math.ceil(length / unit.length));

describe('no email takes unreasonably long to read', () => {
  it.each(Object.entries(REPEATED))('400 kB of %s', async (_, unit) => {
    const body = `${repeated(unit, 400_000)}x`;
    for (const contentType of [
      'text/plain; charset=utf-8',
      'text/html; charset=utf-8',
      'text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable',
      'text/plain; format=flowed; delsp=yes',
    ]) {
      const raw = await claimed(mail({ contentType, body }));
      expect(await timeOf(() => read(raw)), contentType).toBeLessThan(LIMIT_MS);
    }
  });

  it.each(['\r\n ', '\r\n a', ' ', 'a ', '=', ' = ', '<a>', 'a@b.example, ', '=?utf-8?q?a?= ', '(', '"', ';'])(
    'headers of 100 kB: %j',
    async (unit) => {
      for (const name of ['Subject', 'To', 'References', 'Received', 'Authentication-Results', 'X-Other', 'Reply-To']) {
        const begin = name === 'Authentication-Results' ? 'mx.broker.example; dkim' : 'a';
        const raw = await claimed(mail({ headers: [`${name}: ${begin}${repeated(unit, 100_000)}b`] }));
        expect(await timeOf(() => read(raw)), name).toBeLessThan(LIMIT_MS);
      }
    },
  );

  it.each([
    'X-Other: a',
    'DKIM-Signature: v=1; a=rsa-sha256; d=cbp.dhs.gov; s=s1; h=from; bh=AA; b=AA',
    'To: a@b.example',
  ])('10,000 headers: %s', async (header) => {
    const raw = await claimed(mail({ headers: Array<string>(10_000).fill(header) }));
    expect(await timeOf(() => read(raw))).toBeLessThan(LIMIT_MS);
  });

  it.each(['A', 'AND', 'A1', '(A', 'A,', 'A ', '+1 '])(
    'an acknowledgement with a 30 kB sentence of %j',
    async (unit) => {
      const text = `We have received your email.\n\n${repeated(unit, 30_000)} b`;
      expect(await timeOf(() => quietKind(text, false))).toBeLessThan(LIMIT_MS);
    },
  );

  it.each([
    ['folded 3,000 times', `X-Other: a${'\r\n b'.repeat(3_000)}`, /unreasonably many lines/],
    ['a Received of 3,000 characters', `Received: ${'a '.repeat(1_500)}`, /Received line is unreasonably long/],
  ])('input that would slow down the verifier is not verified: %s', async (_, header, reason) => {
    const raw = await claimed(mail({ headers: [header] }));
    const { headers, oddities } = await parseMessage(raw);
    const trust = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov'] };
    const { decision } = await authenticate(raw, headers, oddities, trust, recordsResolver(dnsRecords()));
    expect(decision).toEqual({ verdict: 'unauthentic', reasons: [expect.stringMatching(reason)] });
  });

  it('a header folded as often as real ones is verified', async () => {
    const references = Array.from({ length: 150 }, (_, at) => `<${at}@broker.example>`).join('\r\n ');
    const raw = await signed(mail({ references }));
    const { headers, oddities } = await parseMessage(raw);
    const trust = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov'] };
    const { believed } = await authenticate(raw, headers, oddities, trust, recordsResolver(dnsRecords()));
    expect(believed?.covered).toContain('references');
  });
});
