import { beforeAll, describe, expect, test } from 'vitest';
import { type LetterKind, letter } from '../../../../simulator/cbp/cbp-letters.js';
import type { Judgement } from '../../../../src/mail/judging/judgement.js';
import type { LetterBook } from '../../../../src/mail/judging/letters/letter.js';
import { isDecisionKind, type MailKind } from '../../../../src/workflows/contract/received-mail.js';
import { fromCbp, type MailParts, mail, signed } from './corpus.js';
import { bookWith, judged, NO_LETTERS } from './judged.js';
import { ACME, BOIS, index } from './letters/desk-mails.js';

/** Kinds of email that were once misjudged, each judged twice: without known letters, and with those of the simulator. */

const simulated = (kind: LetterKind, { company, number, alias } = ACME): MailParts => {
  const { from, subject, text } = letter(kind, {
    company,
    importerNumber: number,
    subject: `ACE Portal Account Application - ${company} - IOR ${number}`,
    at: new Date('2026-03-02T14:00:00Z'),
  });
  return { from: `${from.name.replace(',', '')} <${from.address}>`, to: alias, subject, body: text };
};
const APPROVAL = simulated('approval-welcome').body ?? '';
const DECISIONS: LetterKind[] = [
  'approval-welcome',
  'approval-account',
  'more-information',
  'not-on-file',
  'already-registered',
  'use-web-form',
  'refusal',
];

let ofSimulator: LetterBook;
beforeAll(async () => {
  const books = await Promise.all(
    DECISIONS.map(async (kind) => {
      const raw = await fromCbp(simulated(kind, BOIS));
      return await bookWith(raw, await judged(raw, { index }), { index });
    }),
  );
  ofSimulator = { letters: books.flatMap(({ letters }) => letters), fillers: {} };
  expect(ofSimulator.letters).toHaveLength(DECISIONS.length);
});

/** Both verdicts on one email. */
async function twice(raw: Buffer): Promise<Judgement[]> {
  const none = await judged(raw, { index, letters: NO_LETTERS });
  return [none, await judged(raw, { index, letters: ofSimulator })];
}

function outcome({ action, mail: { kind, doubts } }: Judgement): string {
  if (action === 'ignore') return 'passed over';
  if (action === 'review') return doubts.length > 0 ? 'a person' : 'a person without a reason';
  return isDecisionKind(kind) ? `counts as ${kind}` : kind;
}
const outcomes = async (raw: Buffer) => (await twice(raw)).map(outcome);
const forPerson = ['a person', 'a person'];

describe('a letter from the simulator', () => {
  test.each(DECISIONS.filter((kind) => kind !== 'approval-account'))(
    '%s counts where it is known, and there alone',
    async (kind) => {
      const [without, withIt] = await outcomes(await fromCbp(simulated(kind)));
      expect(without).toBe('a person');
      expect(withIt).toMatch(/^counts as /);
    },
  );

  test('with a user ID in words goes to a person: a slot never contains a word', async () => {
    expect(await outcomes(await fromCbp(simulated('approval-account', BOIS)))).toEqual([
      'a person',
      'counts as approved',
    ]);
    expect(await outcomes(await fromCbp(simulated('approval-account')))).toEqual(forPerson);
  });

  test.each([
    'Precedence: bulk',
    'List-Id: <ace.cbp.dhs.gov>',
    'List-Unsubscribe: <https://cbp.example>',
    'Auto-Submitted: auto-replied',
  ])('counts or goes to a person, whatever bulk mail headers it has: %s', async (header) => {
    const raw = await fromCbp({ ...simulated('approval-welcome'), headers: [header] });
    expect(await outcomes(raw)).toEqual(['a person', 'counts as approved']);
  });

  test.each([
    ['BATV', 'prvs=1234abcdef=ace+aaaaaaaaaaaaaaaa@broker.example'],
    ['SRS', 'SRS0=HHHH=TT=broker.example=ace+aaaaaaaaaaaaaaaa@forwarder.example'],
    ['an escaped plus', 'ace%2Baaaaaaaaaaaaaaaa@broker.example'],
    ['capitals', 'ACE+AAAAAAAAAAAAAAAA@BROKER.EXAMPLE'],
  ])('is found by its alias in %s', async (_, to) => {
    for (const judgement of await twice(await fromCbp({ ...simulated('approval-account'), to })))
      expect(judgement.reference).toBe('ACME-1');
  });
});

const OTHER_MATTERS = [
  'The continuous bond of Acme Imports LLC has been approved.',
  'Your ACH application has been approved. Daily statements begin on March 9.',
  'Your application for drawback privileges has been approved.',
  'Your CTPAT application has been approved and your account has been created.',
  'Your ISF filer account has been activated.',
  'The user account of Bo Park has been unlocked and access has been granted.',
  'Your CBP Form 5106 for 12-345678900 has been approved.',
  'CSMS 6690: applications that were approved see a delay.',
  'Your reconciliation application has been approved.',
  'Your protest has been approved in full.',
  'Your importer self-assessment account has been set up.',
  'Access to the AD/CVD case portal has been granted.',
  'Your FTZ operator account was established.',
  'Your foreign shipper account is now active.',
  'Your application for a customs broker license has been approved.',
];
const CONDITIONAL = [
  'Your application has been approved, provided that the signed rules come back by Friday.',
  'Your application has been approved. The account opens when the rules are countersigned.',
  'Approved, subject to a bond on file.',
  'Your account has been created and stays closed until a fee is paid.',
  'Your application will have been approved by tomorrow.',
  'Your application is approved in principle.',
  'The account was opened in 2019. Your application was approved then.',
  'In the test environment, your account has been created.',
  'As you told us, your application has been approved.',
  'He said that your application has been approved.',
];

describe('signed by CBP and in its thread, but for a person', () => {
  test.each([...OTHER_MATTERS, ...CONDITIONAL])('another matter, or a condition: %s', async (text) => {
    for (const body of [
      text,
      `Good morning,\n\n${text}\n\nACE desk`,
      `${text}\n\n${APPROVAL}`,
      `${APPROVAL}\n\n${text}`,
    ])
      expect(await outcomes(await fromCbp({ ...simulated('approval-welcome'), body }))).toEqual(forPerson);
  });

  test.each([
    ['below its own words', (text: string) => `Your request was received as follows.\n\n${text}`],
    ['above its own words', (text: string) => `${text}\n\nYour ticket CS-123456 was opened.`],
    ['behind a label', (text: string) => `Description: ${text}`],
    ['between lines', (text: string) => `You wrote:\n--------------------\n${text}\n--------------------`],
    ['in quotation marks', (text: string) => `You wrote: "${text}"`],
    ['indented', (text: string) => `You wrote:\n\n    ${text.replace(/\n/g, '\n    ')}`],
  ])("a stranger's words that a help desk repeats and signs, %s", async (_, echo) => {
    const raw = await fromCbp({ ...simulated('approval-welcome'), body: echo(APPROVAL) });
    expect(await outcomes(raw)).toEqual(forPerson);
  });

  const HEADERS =
    'From: ACE <ACE.Applications@cbp.dhs.gov>\nSent: Monday, March 2, 2026 9:00 AM\nTo: x@client.example\nSubject: RE: ACE';
  const QUOTATIONS: [string, MailParts][] = [
    ['Outlook', { body: `See below.\n\n-----Original Message-----\n${HEADERS}\n\n${APPROVAL}` }],
    ['Outlook on the web', { body: `See below.\n\n________________________________\n${HEADERS}\n\n${APPROVAL}` }],
    ['Outlook without a line', { body: `See below.\n\n${HEADERS}\n\n${APPROVAL}` }],
    [
      'Gmail',
      {
        body: `See below.\n\nOn Mon, Mar 2, 2026 at 9:00 AM ACE <a@cbp.dhs.gov> wrote:\n\n${APPROVAL.replace(/^/gm, '> ')}`,
      },
    ],
    [
      'Apple Mail',
      {
        body: `See below.\n\n> On Mar 2, 2026, at 9:00 AM, ACE <a@cbp.dhs.gov> wrote:\n> \n${APPROVAL.replace(/^/gm, '> ')}`,
      },
    ],
    [
      'Gmail, forwarded',
      { body: `---------- Forwarded message ---------\n${HEADERS.replace('Sent', 'Date')}\n\n${APPROVAL}` },
    ],
    ['Apple Mail, forwarded', { body: `Begin forwarded message:\n\n${HEADERS}\n\n${APPROVAL}` }],
    ['Notes', { body: `See below.\n\nACE/CBP wrote on 03/02/2026 09:00 AM:\n\n${APPROVAL}` }],
    ['Notes, with stars', { body: `See below.\n\n*** Forwarded by ACE ***\n\n${APPROVAL}` }],
    ['somebody by hand', { body: `See below.\n\nTheir answer was:\n| ${APPROVAL.replace(/\n/g, '\n| ')}` }],
    ['a blockquote', html(`<p>See below.</p><blockquote>${page(APPROVAL)}</blockquote>`)],
    ['Gmail in HTML', html(`<p>See below.</p><div class="gmail_quote">${page(APPROVAL)}</div>`)],
    ['a line at the left', html(`<p>See below.</p><div style="border-left:1px solid #ccc">${page(APPROVAL)}</div>`)],
    [
      'Outlook in HTML',
      html(`<p>See below.</p><div id="divRplyFwdMsg">${HEADERS.replace(/\n/g, '<br>')}</div>${page(APPROVAL)}`),
    ],
  ];
  /** The quote marks of mail programs. */
  const MARKED = QUOTATIONS.filter(([program]) => !/Notes|by hand|Apple Mail, forwarded|Outlook in HTML/.test(program));
  test.each(MARKED)(
    'a known letter above a foreign quote in the style of %s goes to a person, but not above our own email',
    async (_, parts) => {
      const { body = '', contentType } = parts;
      const inHtml = contentType !== undefined;
      const above = (text: string) => {
        const quotation = body.replace(inHtml ? '<p>See below.</p>' : 'See below.', '');
        const quoted = inHtml
          ? quotation.replace(page(APPROVAL), page(text))
          : quotation.replace(APPROVAL, text).replace(APPROVAL.replace(/^/gm, '> '), text.replace(/^/gm, '> '));
        const raw = mail({
          ...simulated('approval-welcome'),
          ...parts,
          body: `${inHtml ? page(APPROVAL) : APPROVAL}\n\n${quoted}`,
        });
        return signed(raw);
      };
      const known = await bookWith(await above(ACME.quotation), await judged(await above(ACME.quotation), { index }), {
        index,
      });
      const withIt = async (text: string) => outcome(await judged(await above(text), { index, letters: known }));
      expect(await withIt(ACME.quotation)).toBe('counts as approved');
      expect(await withIt('It is denied unless you pay.')).toBe('a person');
      expect(await withIt(`${ACME.quotation}\n\nDenied.`)).toBe('a person');
    },
  );

  test.each(QUOTATIONS)('an approval that is quoted as by %s', async (_, parts) => {
    expect(await outcomes(await fromCbp({ ...simulated('approval-welcome'), ...parts }))).toEqual(forPerson);
  });

  const HIDING = [
    'display:none',
    'visibility:hidden',
    'opacity:0',
    'font-size:0',
    'font-size:1px;line-height:1px',
    'color:#fff',
    'color:transparent',
    'max-height:0;overflow:hidden',
    'height:0;width:0;overflow:hidden',
    'position:absolute;left:-9999px',
    'text-indent:-9999px',
    'clip-path:inset(100%)',
    'clip:rect(0,0,0,0);position:absolute',
    'transform:scale(0)',
    'mso-hide:all',
    'zoom:0',
    'text-decoration:line-through',
    'content-visibility:hidden',
  ];
  test.each(HIDING)('words that a reader does not see, or sees differently (%s)', async (style) => {
    const hiding = (text: string) => `<div style="${style}">${text}</div>`;
    for (const [own, hidden] of [
      ['<p>We will write to you.</p>', page(APPROVAL)],
      [page(APPROVAL), '<p>This is an example.</p>'],
    ] as const)
      for (const body of [own + hiding(hidden), hiding(hidden) + own])
        expect(await outcomes(await fromCbp({ ...simulated('approval-welcome'), ...html(body) }))).toEqual(forPerson);
  });

  test('a calendar that comes with an approval', async () => {
    const body = `--b\nContent-Type: text/plain\n\n${APPROVAL}\n--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--b--`;
    const parts = { ...simulated('approval-welcome'), contentType: 'multipart/alternative; boundary=b', body };
    expect(await outcomes(await fromCbp(parts))).toEqual(forPerson);
  });

  test("someone else's approval, resent with an unsigned thread", async () => {
    const original = { ...simulated('approval-account', BOIS), to: 'x@client.example' };
    const forged = (header: string) => signed(mail(original)).then((raw) => Buffer.concat([Buffer.from(header), raw]));
    for (const header of ['In-Reply-To', 'References'])
      expect(await outcomes(await forged(`${header}: <app-acme@broker.example>\r\n`))).toEqual(forPerson);
    expect(await outcomes(await forged(`Delivered-To: ${ACME.alias}\r\n`))).toEqual(forPerson);
  });
});

function html(body: string): MailParts {
  return { contentType: 'text/html; charset=utf-8', body };
}
function page(text: string): string {
  return text
    .split('\n\n')
    .map((paragraph) => `<p>${paragraph.replace(/\n/g, '<br>')}</p>`)
    .join('');
}

const ABSENT: [language: string, subject: string, body: string][] = [
  ['Spanish', 'Respuesta automática: ACE', 'Estoy fuera de la oficina hasta el lunes.'],
  ['French', 'Réponse automatique : ACE', "Je suis absent jusqu'au 9 mars."],
  ['German', 'Automatische Antwort: ACE', 'Ich bin bis 9. März nicht im Büro.'],
  ['Italian', 'Risposta automatica: ACE', 'Sono fuori ufficio fino al 9 marzo.'],
  ['Portuguese', 'Resposta automática: ACE', 'Estou de férias até 9 de março.'],
  ['Dutch', 'Automatisch antwoord: ACE', 'Ik ben afwezig tot 9 maart.'],
  ['Norwegian', 'Automatisk svar: ACE', 'Jeg er ikke på kontoret før 9. mars.'],
  ['Swedish', 'Automatiskt svar: ACE', 'Jag är på semester till den 9 mars.'],
  ['Danish', 'Autosvar: ACE', 'Jeg er på ferie til den 9. marts.'],
  ['Finnish', 'Automaattinen vastaus: ACE', 'Olen lomalla 9.3. asti.'],
  ['Polish', 'Automatyczna odpowiedź: ACE', 'Jestem na urlopie do 9 marca.'],
  ['Turkish', 'Otomatik yanıt: ACE', 'Ofis dışındayım.'],
  ['Russian', 'Автоответ: ACE', 'Я в отпуске до 9 марта.'],
  ['Japanese', '自動応答: ACE', '3月9日まで不在です。'],
  ['Chinese', '自动答复: ACE', '我不在办公室。'],
  ['Korean', '자동 회신: ACE', '부재중입니다.'],
  ['Czech', 'Automatická odpověď: ACE', 'Jsem mimo kancelář.'],
  ['English', 'Out of Office: ACE', 'I am away until March 9.'],
];

describe('email from clients and their programs', () => {
  const CLIENT = {
    from: 'Pat Owner <pat@client.example>',
    to: 'ace@broker.example',
    inReplyTo: '<app-acme@broker.example>',
  };
  const encoded = (subject: string) => `=?utf-8?B?${Buffer.from(subject).toString('base64')}?=`;

  test.each(ABSENT)('in %s, says that someone is away with "%s"', async (_, subject, body) => {
    const raw = mail({ ...CLIENT, subject: encoded(subject), body });
    for (const { mail: received } of await twice(raw)) expect(received.kind).toBe('out-of-office');
    const marked = mail({ ...CLIENT, subject: 'Re: ACE', headers: ['X-Autoreply: yes'], body });
    for (const { mail: received } of await twice(marked)) expect(received.kind).toBe('out-of-office');
  });

  test.each([
    'Auto-Submitted: auto-replied',
    'Auto-Submitted: auto-generated',
    'Precedence: bulk',
    'List-Id: <desk.client.example>',
  ])('what a person wrote through a help desk is a reply: %s', async (header) => {
    const body = 'Hello, here is the corrected Section D. The fiscal year ends in June.\n\nPat, ticket 12345';
    for (const { mail: received } of await twice(mail({ ...CLIENT, headers: [header], body })))
      expect(received.kind).toBe('client-reply');
  });

  test.each([
    'I am out of the office until March 9.',
    'Estoy fuera de la oficina hasta el lunes.',
    'Je suis en congé.',
  ])('an absence marked only by its words goes to a person, with its probable kind: %s', async (body) => {
    for (const judgement of await twice(mail({ ...CLIENT, body }))) {
      expect(judgement.mail.kind).toBe('out-of-office');
      expect(outcome(judgement)).toBe('a person');
    }
    for (const { mail: received } of await twice(mail({ ...CLIENT, body: `${body}\n\nHere is Section D.` })))
      expect(received.kind).toBe('client-reply');
  });

  test("CBP's words and letters move nothing in a client's name", async () => {
    for (const from of ['pat@client.example', 'CBP <cbp@client.example>', 'ACE.Applications@cbp-dhs.example'])
      for (const raw of [
        mail({ ...simulated('approval-welcome'), from }),
        await signed(mail({ ...simulated('approval-welcome'), from }), 'client.example'),
      ])
        for (const one of await outcomes(raw)) expect(['a person', 'client-reply']).toContain(one);
  });
});

describe('reports from mail servers', () => {
  const dsn = (recipient: string, action: string) => ({
    from: 'MAILER-DAEMON@mx.broker.example',
    to: 'ace@broker.example',
    contentType: 'multipart/report; report-type=delivery-status; boundary=b',
    body: `--b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ${recipient}\nAction: ${action}\nStatus: 5.1.1\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <app-acme@broker.example>\nReply-To: ${ACME.alias}\nSubject: x\n\nx\n--b--`,
  });
  test.each<[string, MailParts, MailKind, string]>([
    ['what CBP should get came back', dsn('ace.applications@cbp.dhs.gov', 'failed'), 'bounce', 'bounce'],
    ['our own copy came back', dsn('ace@broker.example', 'failed'), 'bounce', 'a person'],
    ["one member behind CBP's address has none", dsn('jo@mail.example', 'failed'), 'bounce', 'a person'],
    ['it is late', dsn('ace.applications@cbp.dhs.gov', 'delayed'), 'bounce', 'a person'],
  ])('%s', async (_, parts, kind, right) => {
    for (const judgement of await twice(mail(parts))) {
      expect(judgement.mail.kind).toBe(kind);
      expect(outcome(judgement)).toBe(right);
    }
  });

  test.each([
    ['German', 'Ihre Nachricht konnte nicht zugestellt werden.'],
    ['French', "Votre message n'a pas pu être remis."],
    ['Spanish', 'No se pudo entregar el mensaje.'],
    ['Japanese', 'メールを配信できませんでした。'],
  ])('without a machine-readable part, in %s, a person learns that it is one', async (_, text) => {
    const returned = `${text}\n\n> Message-ID: <app-acme@broker.example>\n> Subject: x`;
    const raw = mail({ from: 'postmaster@mx.example', to: 'ace@broker.example', subject: 'x', body: returned });
    for (const judgement of await twice(raw)) {
      expect(judgement.mail.kind).toBe('bounce');
      expect(outcome(judgement)).toBe('a person');
    }
  });

  test.each(['ace@broker.example', ACME.alias])('nor with a bounce, to %s', async (to) => {
    const parts = { to, inReplyTo: '<app-acme@broker.example>', subject: 'x', body: 'Ihre Nachricht kam nicht an.' };
    for (const judgement of await twice(mail({ ...parts, from: 'mailer-daemon@mx.example' }))) {
      expect(judgement.mail.kind).toBe('bounce');
      expect(outcome(judgement)).toBe('a person');
    }
    const nobody = mail({ ...parts, from: 'post@mx.example', headers: ['Return-Path: <>'] });
    expect(await outcomes(nobody)).toEqual(forPerson);
  });

  const receipt = (disposition: string) => ({
    from: 'jo@cbp.dhs.gov',
    to: ACME.alias,
    contentType: 'multipart/report; report-type=disposition-notification; boundary=b',
    body: `--b\nContent-Type: text/plain\n\nx\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; jo@cbp.dhs.gov\nDisposition: automatic-action/MDN-sent-automatically; ${disposition}\n--b--`,
  });
  test('that our email was deleted unread goes to a person; that it was opened is recorded', async () => {
    expect(await outcomes(await fromCbp(receipt('deleted')))).toEqual(forPerson);
    for (const one of await twice(await fromCbp(receipt('displayed')))) expect(one.mail.kind).toBe('unrelated');
  });
});

test('email from CBP that names one of our importer numbers is never ignored, whatever it looks like', async () => {
  const body = 'Note on 12-345678900: nothing follows.';
  for (const headers of [[], ['Precedence: bulk'], ['List-Id: <x.cbp.dhs.gov>'], ['Auto-Submitted: auto-generated']])
    for (const subject of ['CSMS 12', 'Automatic reply: x', 'Out of Office: x'])
      for (const one of await outcomes(await fromCbp({ to: 'ace@broker.example', subject, headers, body })))
        expect(one, `${headers} ${subject}`).not.toBe('passed over');
});
