import { describe, expect, test } from 'vitest';
import { memoryIndex } from '../../../../../src/mail/judging/correlation/correlation-index.js';
import { replyWords } from '../../../../../src/mail/outgoing/compose/templates.js';
import { type MailParts, mail, SENT } from '../corpus.js';
import { judged, REPLY_ALIAS } from '../judged.js';

/** Clients' replies, judged as they arrive, in the reply words that ship with the product. */

const WORDS = replyWords();
const QUESTION = 'CBP sends its account email to you, the account owner. Did it come? Please reply: yes or no.';
const CASES = SENT.map((sent) => ({ ...sent, mails: [QUESTION] }));
const QUOTED = `On Tue, Mar 3, 2026 at 10:01 AM Clearit USA <ace@broker.example> wrote:
> CBP sends its account email to you, the account owner. Did it come? Please
> reply: yes or no.`;

async function answersTo(parts: MailParts) {
  const raw = mail({
    from: 'Jane Owner <jane@client.example>',
    to: 'ace+bbbbbbbbbbbbbbbb@broker.example',
    inReplyTo: '<app-acme@broker.example>',
    subject: "Re: Did CBP's email about your ACE account come?",
    ...parts,
  });
  return (await judged(raw, { replyWords: WORDS, index: memoryIndex(CASES, REPLY_ALIAS) })).mail;
}
const answerTo = async (body: string, parts: MailParts = {}) => (await answersTo({ body, ...parts })).answers;
const multipart = (kind: string, ...parts: string[]): MailParts => ({
  contentType: `multipart/${kind}; boundary=b1`,
  body: `${parts.map((part) => `--b1\n${part}\n`).join('')}--b1--`,
});
const plain = (text: string) => `Content-Type: text/plain; charset=utf-8\n\n${text}`;
const html = (text: string) => `Content-Type: text/html; charset=utf-8\n\n${text}`;

describe('a reply is a plain answer if it is one of the words and nothing else', () => {
  test.each([
    ['yes', { en: 'yes' }],
    ['YES!', { en: 'yes' }],
    ['“Yes.”', { en: 'yes' }],
    ['Yes, it did.', { en: 'yes' }],
    ['Yes, thank you!', { en: 'yes' }],
    ['Hello,\n\nyes\n\nThanks,\nJane', { en: 'yes' }],
    ['Dear Clearit Team,\nYes.\nJane M. Owner', { en: 'yes' }],
    [
      'Done\n-- \nJane Owner\nTel. +1 518 555 0123 | Cell: (518) 555-0124\nE: jane@client.example\nwww.client.example',
      { en: 'done' },
    ],
    ['Yes\nThanks,\nJane\n\nSent from my iPhone', { en: 'yes' }],
    ['Sí\nGracias\nJane Owner\nMóvil: +52 55 1234 5678', { es: 'yes' }],
    ['Hi Jo Park,\nYes', { en: 'yes' }],
    ['Yes\n\nSent from my iPhone', { en: 'yes' }],
    ['Yes\n\nGet Outlook for iOS<https://aka.ms/o0ukef>', { en: 'yes' }],
    ['Not yet', { en: 'no' }],
    ['No, it didn’t.', { en: 'no' }],
    ['no', { en: 'no', es: 'no' }],
    ['Sí, gracias.', { es: 'yes' }],
    ['Buenos días:\n\nSí, ya llegó.\n\nSaludos cordiales,\nJane Owner', { es: 'yes' }],
    ['Si\u0301', { es: 'yes' }],
    ['Listo\nThanks, Jane', { es: 'done' }],
    [`Yes\n\n${QUOTED}`, { en: 'yes' }],
    [`${QUOTED}\n\nYes`, { en: 'yes' }],
  ])('%j', async (body, answers) => {
    expect(await answerTo(body)).toEqual(answers);
  });

  test('in HTML alone, and in both versions', async () => {
    const quote = `<blockquote>${QUESTION}</blockquote>`;
    expect(await answerTo(`<div>Yes</div>${quote}`, { contentType: 'text/html' })).toEqual({ en: 'yes' });
    expect(
      await answersTo(multipart('alternative', plain(`Yes\n\n${QUOTED}`), html(`<p>Yes</p>${quote}`))),
    ).toMatchObject({ answers: { en: 'yes' } });
  });
});

describe('a person reads it if', () => {
  test.each([
    ['it says more', 'Yes, but the link has expired.'],
    ['it says more, below', 'Yes\n\nBut the link has expired.'],
    ['it says more below the name', 'Yes\nThanks\nJane\nthe link has expired'],
    ['it says more in capitals', 'YES\nTHANKS\nTHE LINK HAS EXPIRED'],
    ['it says more below the separator', 'Yes\n-- \nJane\nthe link has expired'],
    ['it takes it back', 'Yes\nThanks\nNot Really'],
    ['it takes it back in a word', 'Yes\nThanks,\nNo'],
    ...[
      'Link Expired Already',
      'Link Expired',
      'We Withdraw The Application',
      'For Another Company',
      'But No Code Arrives',
      'The Link Expired 3 Days Ago',
      'Call Me At +1 518 555 0123',
      'Ask bob@client.example',
      'El Enlace Ha Caducado',
      'Bob',
      'Jane Left',
      'President | Maple Imports, Inc.',
      'No. 12 Harbor Road, Boston',
      '2',
      'Jane 👍',
      '+1 518 555 0123 👍',
    ].flatMap((line) => [
      [`it says more below thanks: ${line}`, `Yes\nThanks\n${line}`],
      [`it says more below the separator: ${line}`, `Yes\n--\n${line}`],
      [`it says more below the name: ${line}`, `Yes\nJane Owner\n${line}`],
    ]),
    ['it begins with contact data', 'Yes\n+1 518 555 0123'],
    ["it is a word of CBP's decision", 'Approved'],
    ["it is a word of CBP's decision, with thanks", 'Approved, thanks'],
    ["it is a word of CBP's decision in Spanish", 'Aprobada'],
    ['it greets with a sentence in capitals', 'Hi Link Expired Already\nYes'],
    ['it says no with yes', 'Yes and no'],
    ['it answers twice', 'Yes\nNo'],
    ['it answers twice in one line', 'Yes. Done.'],
    ['it answers twice, in two languages', 'Yes\nListo'],
    ['it denies', "Yes it didn't"],
    ['it is a question', 'Yes?'],
    ['it asks below', 'Yes\nThanks\nShall I forward it?'],
    ['it asks in Spanish', '¿Sí'],
    ['it hesitates', 'Yes...'],
    ['it hesitates with one character', 'Yes…'],
    ['it has a picture', 'Yes 👍'],
    ['it has a number', 'Yes 2'],
    ['it declines', 'No, thanks'],
    ['it declines in Spanish', 'No, gracias'],
    ['it is in a language without templates', 'Oui'],
    ['it names someone else', 'Yes\nBob Stranger'],
    ['it greets with a sentence', 'Hi I have not got it\nYes'],
    ['it greets with a denial', 'Dear Not Yet\nYes'],
    ['its signature is a letter', `Yes\nThanks\n${'Jane\n'.repeat(12)}`],
    ['it has nothing new', QUOTED],
    ['it writes into the quote', `Yes\n\n${QUOTED}\n> It came but the link has expired.`],
    [
      'it writes below the mark of the quote',
      'Yes\n\nOn Tue, Mar 3, 2026 at 10:01 AM Clearit USA <ace@broker.example> wrote:\nDid it come?\nThe link has expired.',
    ],
    [
      "it forwards CBP's email",
      'Yes\n\n---------- Forwarded message ---------\nFrom: ACE <ace@cbp.dhs.gov>\nDate: Tue, Mar 3, 2026\nSubject: Account\nTo: jane@client.example\n\nYour application cannot be approved.',
    ],
  ])('%s', async (_, body) => {
    expect(await answerTo(body)).toBeUndefined();
  });

  test('the name below it is also a reply word', async () => {
    expect(await answerTo('Yes\nThanks\nNo', { from: 'No Li <jane@client.example>' })).toBeUndefined();
  });

  test('its two versions differ', async () => {
    for (const other of ['No', 'Yes, but the link has expired.'])
      expect(
        (await answersTo(multipart('alternative', plain('Yes'), html(`<p>${other}</p>`)))).answers,
      ).toBeUndefined();
  });

  test('something is attached', async () => {
    const file = 'Content-Type: application/pdf; name="letter.pdf"\nContent-Disposition: attachment\n\nx';
    const forwarded = `Content-Type: message/rfc822\n\n${mail({ body: 'Your application was rejected.' })}`;
    for (const attached of [file, forwarded])
      expect((await answersTo(multipart('mixed', plain('Yes'), attached))).answers).toBeUndefined();
  });

  test.each([
    ['Auto-Submitted: auto-replied'],
    ['Auto-Submitted: auto-generated'],
    ['X-Autoreply: yes'],
    ['Precedence: bulk'],
    ['List-Id: <news.client.example>'],
    ['Return-Path: <>'],
  ])('a program sent it: %s', async (header) => {
    expect(await answerTo('Yes', { headers: [header] })).toBeUndefined();
  });

  test('CBP wrote it, or it belongs to no case', async () => {
    expect(await answerTo('Yes', { from: 'ACE <ace@cbp.dhs.gov>' })).toBeUndefined();
    expect(await answerTo('Yes', { to: 'someone@broker.example', inReplyTo: '<other@x.example>' })).toBeUndefined();
  });
});

test('an answer keeps the sender, the alias and our email that it answers, for the workflow to compare', async () => {
  expect(await answersTo({ body: 'Yes' })).toMatchObject({
    kind: 'client-reply',
    from: 'jane@client.example',
    alias: 'client',
    aboutMessageId: 'app-acme@broker.example',
    doubts: [],
  });
});
