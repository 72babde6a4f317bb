import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bare } from '../../../../src/mail/incoming/authentication-results.js';
import { readHeaderBlock } from '../../../../src/mail/incoming/header-lines.js';
import { htmlAsText } from '../../../../src/mail/incoming/html-as-text.js';
import { mailIdentity } from '../../../../src/mail/incoming/mail-identity.js';
import { announcedDays } from '../../../../src/mail/judging/kind/announced-days.js';
import { redacted } from '../../../../src/mail/judging/kind/confidential-words.js';
import { paragraphsOf } from '../../../../src/mail/judging/text/paragraphs.js';
import { mail } from './corpus.js';

const word = fc.stringMatching(/^[a-z]{1,10}$/);
const sentence = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => `${words.join(' ')}.`);
const text = fc.array(sentence, { minLength: 1, maxLength: 6 }).map((sentences) => sentences.join('\n'));
const newlyWritten = (anything: string) => paragraphsOf(anything, { importerNumbers: [] }).written;
const quotedBy = (earlier: string): string[] => [
  `On Mon, Mar 2, 2026 at 9:00 AM Broker <ace@broker.example> wrote:\n${earlier.replace(/^/gm, '> ')}`,
  `-----Original Message-----\nFrom: Broker\nSent: Monday\nTo: CBP\nSubject: x\n\n${earlier}`,
  `________________________________\nFrom: Broker <ace@broker.example>\nSent: Monday, March 2, 2026\nTo: CBP\nSubject: x\n\n${earlier}`,
  earlier.replace(/^/gm, '> '),
];

describe('always', () => {
  it('quotes below a text do not change the newly written part', () => {
    fc.assert(
      fc.property(text, text, fc.nat(3), (fresh, earlier, style) => {
        const below = quotedBy(earlier)[style] ?? '';
        expect(newlyWritten(`${fresh}\n\n${below}`)).toEqual(newlyWritten(fresh));
      }),
    );
  });

  it('any text becomes lines, and reading never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (anything) => {
        expect(Array.isArray(newlyWritten(anything))).toBe(true);
        expect(typeof htmlAsText(anything).text).toBe('string');
        expect(typeof redacted(anything)).toBe('string');
      }),
    );
  });

  it('any bytes have a header block, and an identity of their own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const { bodyStart, lines } = readHeaderBlock(bytes);
        expect(bodyStart).toBeLessThanOrEqual(bytes.length);
        for (const { start, end } of lines) expect(start).toBeLessThan(end);
        expect(mailIdentity(bytes)).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });

  it("trace headers do not change an email's identity, anything else does", () => {
    const trace = fc.constantFrom(
      'Received',
      'Return-Path',
      'Delivered-To',
      'X-Spam-Status',
      'Authentication-Results',
      'ARC-Seal',
      'x-received',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(trace, sentence), { maxLength: 5 }), text, (headers, body) => {
        const message = mail({ messageId: '<m@x>', body });
        const carried = Buffer.concat([
          Buffer.from(headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')),
          message,
        ]);
        expect(mailIdentity(carried)).toBe(mailIdentity(message));
        expect(mailIdentity(mail({ messageId: '<m@x>', body: `${body}!` }))).not.toBe(mailIdentity(message));
        expect(mailIdentity(mail({ messageId: '<n@x>', body }))).not.toBe(mailIdentity(message));
      }),
    );
  });

  it('reads the larger number of "A to B business days"', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom('-', ' - ', '–', ' to ', ' or '),
        (one, other, dash) => {
          expect(announcedDays(`We will respond within ${one}${dash}${other} business days.`)).toBe(
            Math.max(one, other),
          );
        },
      ),
    );
  });

  it('an answer announced for months ahead postpones nothing', () => {
    expect(announcedDays('Please allow 90 business days.')).toBeUndefined();
  });

  it('nothing from a comment or a quoted string is left', () => {
    fc.assert(
      fc.property(word, word, word, (before, inside, after) => {
        expect(bare(`${before} (${inside} (${inside}) "x") ${after}`)).toBe(`${before}  ${after}`);
        expect(bare(`${before} "${inside} (" ${after}`)).toBe(`${before}  ${after}`);
      }),
    );
  });
});
