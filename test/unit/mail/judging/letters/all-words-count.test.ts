import { describe, expect, it } from 'vitest';
import { memoryIndex } from '../../../../../src/mail/judging/correlation/correlation-index.js';
import { paragraphsOf, splitQuotes } from '../../../../../src/mail/judging/text/paragraphs.js';
import { fromCbp, type MailParts, SENT } from '../corpus.js';
import { bookWith, judged, REPLY_ALIAS } from '../judged.js';

const ACME = { to: 'ace+aaaaaaaaaaaaaaaa@broker.example', subject: 'Your ACE application' };
const APPROVED = 'The ACE Portal account application of Acme Imports LLC has been approved.';
const APPLIED = 'Please find attached the application of Acme Imports LLC.';
const index = memoryIndex([{ ...SENT[0], reference: 'ACME-1', mails: [APPLIED] }], REPLY_ALIAS);

async function countsWhenTaught(taught: MailParts, sent: MailParts): Promise<boolean> {
  const raw = await fromCbp({ ...ACME, ...taught });
  const letters = await bookWith(raw, await judged(raw, { index }), { index });
  expect(letters.letters).toHaveLength(1);
  return (await judged(await fromCbp({ ...ACME, ...sent }), { index, letters })).mail.doubts.length === 0;
}

const html = (body: string): MailParts => ({ contentType: 'text/html; charset=utf-8', body });

describe("words in a mail program's quote mark", () => {
  it.each([
    'On 12/01/2026 we will withdraw it unless you file a bond first, as we wrote:',
    `${'On Nov 24, 2026 at 10:01 ACE <ace@cbp.dhs.gov> wrote:'.padEnd(300)}This approval is withdrawn.`,
    'Not valid until bond: a@b.example wrote:',
    'Denied: a@b.example wrote:',
    '--- forwarded by us: this approval does not hold until you file the bond ---',
    'From: now on your account waits\nDate: effective only once the bond is filed\nTo: activate it, file a bond',
    'From: ACE <ace@cbp.dhs.gov>\nSent: Tuesday, 24 November 2026 10:01\nTo: Broker\nSubject: This approval is void',
    'From: ACE Sent: today To: you Subject: x. This approval does not hold until the bond is filed',
    'From: Not Approved\nSent: Tuesday, 24 November 2026 10:01\nTo: Broker',
  ])('make it another letter: %s', async (mark) => {
    expect(await countsWhenTaught({ body: APPROVED }, { body: `${APPROVED}\n\n${mark}` })).toBe(false);
  });

  it.each([
    'On Tue, Nov 24, 2026 at 10:01 AM Broker Desk <ace@broker.example> wrote:',
    'On Tuesday, November 24, 2026, 10:01:05 AM EST, Jan van der Berg <ace@broker.example> wrote:',
    'Le mardi 24 novembre 2026 à 10:01:05 UTC−5, Québec Bois <ace@broker.example> a écrit :',
    'El mar, 24 nov 2026 a las 10:01, Broker (<ace@broker.example>) escribió:',
    'Broker <ace@broker.example> wrote on 11/24/2026 10:01:02 AM:',
    '---- Forwarded by Jan Kok/HQ/BROKER on 11/24/2026 10:01 AM -----',
    '-----Original Message-----\nFrom: ACE Broker [mailto:ace@broker.example]\nSent: Tuesday, November 24, 2026 10:01 AM\nTo: ACE.APPLICATIONS@cbp.dhs.gov; SMITH, JOHN (CONTRACTOR) <john.smith@cbp.dhs.gov>\nSubject: RE: Your ACE application',
    'De: Broker\nEnviado el: martes, 24 de noviembre de 2026 10:01 a. m.\nPara: ACE\nAsunto: RE: Your ACE application',
    'From: Broker Sent: Tuesday, November 24, 2026 10:01 AM To: ACE <a@cbp.dhs.gov> Subject: Your ACE application',
    'From: Broker\nDate: Tuesday, November 24, 2026 at 10:01 AM\nTo: ACE Team\nAttachments: ace-application-ACME-1.pdf',
  ])('do not count if they only say when and who: %s', async (mark) => {
    expect(await countsWhenTaught({ body: APPROVED }, { body: `${APPROVED}\n\n${mark}\n\n${APPLIED}` })).toBe(true);
  });

  it('are quoted themselves within a quote', () => {
    const { written, quoted } = splitQuotes(['Yes', '> On 12/01/2026 we will see, as we wrote:', '> No']);
    expect(written.filter(Boolean)).toEqual(['Yes']);
    expect(quoted.filter(Boolean)).toEqual(['On 12/01/2026 we will see, as we wrote:', 'No']);
  });
});

describe('symbols without words', () => {
  it.each([
    ['boxes', '☒', '☐'],
    ['a tick', '✓', ''],
    ['a sign of a font of signs', '\uf0fe', '\uf0a8'],
    ['dots in brackets', '(*)', '( )'],
  ])('make it another letter: %s', async (_, ticked, open) => {
    const form = (one: string, other: string) =>
      html(`<p>${APPROVED}</p><table><tr><td>${one}<td>As applied for<tr><td>${other}<td>Not as applied for</table>`);
    expect(await countsWhenTaught(form(ticked, open), form(ticked, open))).toBe(true);
    expect(await countsWhenTaught(form(ticked, open), form(open, ticked))).toBe(false);
  });

  it('are ignored if they form a separator line', () => {
    const facts = { importerNumbers: [] };
    expect(paragraphsOf('One\n\n-----\n\n* * *\n\n•\n\nTwo', facts).written).toEqual(['One', 'Two']);
  });
});

describe('an email that cannot be compared as a whole', () => {
  it.each([
    ['a text that goes on behind the limit', { body: `${APPROVED}${'\n'.repeat(500_001)}Not yet.` }],
    ['a subject that does', { body: APPROVED, subject: `${ACME.subject}${' '.repeat(1_000)}: denied` }],
  ])('goes to a person: %s', async (_, parts) => {
    expect(await countsWhenTaught({ body: APPROVED }, parts)).toBe(false);
  });

  it('includes one with a file that claims to be a signature under another name', async () => {
    const file = (name: string): MailParts => ({
      contentType: 'multipart/mixed; boundary=b1',
      body: `--b1\nContent-Type: text/plain\n\n${APPROVED}\n--b1\nContent-Type: application/pkcs7-signature; name=${name}\nContent-Disposition: attachment; filename=${name}\n\nx\n--b1--`,
    });
    expect(await countsWhenTaught({ body: APPROVED }, file('smime.p7s'))).toBe(true);
    expect(await countsWhenTaught({ body: APPROVED }, file('conditions.pdf'))).toBe(false);
  });

  it('includes one with an HTML version without words', async () => {
    const both = (shown: string): MailParts => ({
      contentType: 'multipart/alternative; boundary=b1',
      body: `--b1\nContent-Type: text/plain\n\n${APPROVED}\n--b1\nContent-Type: text/html\n\n${shown}\n--b1--`,
    });
    expect(await countsWhenTaught({ body: APPROVED }, both('<img src="https://x.example/denied.png">'))).toBe(false);
  });
});

describe('a letter whose Date header does not tell when it was signed', () => {
  it.each(['Tuesday, 03 Mar 2020 10:00:00 -0500', 'Tue, 3 Mar 20 10:00:00 -0500', 'Tue, 3 Mar 2020 10:00:00'])(
    'does not count: %s',
    async (date) => {
      expect(await countsWhenTaught({ body: APPROVED }, { body: APPROVED, date })).toBe(false);
    },
  );
});
