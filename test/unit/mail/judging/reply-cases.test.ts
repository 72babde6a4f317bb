import { describe, expect, it } from 'vitest';
import { mailIdentity } from '../../../../src/mail/incoming/mail-identity.js';
import { fromCbp, type MailParts, mail, SENT, signed, US } from './corpus.js';
import { bookWith, judged, judgedAsKnown } from './judged.js';

const ACME = { to: 'ace+aaaaaaaaaaaaaaaa@broker.example', inReplyTo: '<app-acme@broker.example>' };
const ACKNOWLEDGED =
  'Thank you for your submission. Your email has been received. CBP will respond within 3 to 5 business days.';
const APPROVED = 'Your ACE Portal account application has been approved.';
const AUTOMATIC = ['Auto-Submitted: auto-replied'];

const fromCbpJudged = async (parts: MailParts) => judgedAsKnown(await fromCbp(parts));
const known = async (parts: MailParts) => {
  const raw = await fromCbp(parts);
  return { letters: await bookWith(raw, await judged(raw)) };
};
const fromClient = (parts: MailParts) =>
  judged(mail({ from: 'Pat Owner <pat@client.example>', to: 'ace+bbbbbbbbbbbbbbbb@broker.example', ...parts }));
const multipart = (kind: string, ...parts: string[]) => ({
  contentType: `multipart/${kind}; boundary=b1`,
  body: `${parts.map((part) => `--b1\n${part}\n`).join('')}--b1--`,
});
const QUOTED = `On Mon, Mar 2, 2026 at 9:00 AM Broker <ace@broker.example> wrote:
> Please find attached the application of Acme Imports LLC. Your reply is expected
> within 3 to 5 business days. Once approved, the account has been approved for CAPE.`;

describe('acknowledgements', () => {
  it('case 14: two acknowledgements are judged separately and go to the same onboarding', async () => {
    const [first, second] = await Promise.all([
      fromCbpJudged({ ...ACME, headers: AUTOMATIC, body: ACKNOWLEDGED }),
      fromCbpJudged({ ...ACME, headers: AUTOMATIC, body: ACKNOWLEDGED }),
    ]);
    for (const { mail: received, action, reference } of [first, second])
      expect({ kind: received.kind, action, reference }).toEqual({
        kind: 'acknowledgement',
        action: 'signal',
        reference: 'ACME-1',
      });
    expect(first.mail.mailId).not.toBe(second.mail.mailId);
  });

  it.each<[string, MailParts, string | undefined]>([
    ['by In-Reply-To', { inReplyTo: '<app-bois@broker.example>' }, 'BOIS-2'],
    ['by References', { references: '<x@y> <app-acme@broker.example>' }, 'ACME-1'],
    [
      'by the Message-ID the server gave in place of ours',
      { inReplyTo: '<0100018-acme@email.amazonses.example>' },
      'ACME-1',
    ],
    ['by the number in the subject', { subject: 'Automatic reply: ACE Application - IOR 061234-12345' }, 'BOIS-2'],
    ['by nothing: nobody is guessed', {}, undefined],
  ])('case 16: among applications sent minutes apart, the right one is found %s', async (_, parts, reference) => {
    const judgement = await fromCbpJudged({ headers: AUTOMATIC, body: ACKNOWLEDGED, ...parts });
    expect(judgement.mail.kind).toBe('acknowledgement');
    expect(judgement.reference).toBe(reference);
    expect(judgement.action).toBe(reference ? 'signal' : 'review');
    if (!reference) expect(judgement.candidates).toEqual([]);
  });

  it("case 17: a person's out-of-office reply is not an acknowledgement: it is recorded and asks no one", async () => {
    const { mail: received, action } = await fromCbpJudged({
      ...ACME,
      subject: 'Automatic reply: ACE Portal Account Application',
      headers: [...AUTOMATIC, 'X-Auto-Response-Suppress: All'],
      body: 'Thank you for your email. I am out of the office until March 9 and will respond within 3 business days of my return. For ACE applications contact ACE.Applications@cbp.dhs.gov.',
    });
    expect({ kind: received.kind, action, doubts: received.doubts }).toEqual({
      kind: 'out-of-office',
      action: 'signal',
      doubts: [],
    });
  });

  it.each([
    ['3 to 5 business days', 5],
    ['3-5 business days', 5],
    ['5–7 business days', 7],
    ['five to seven business days', 7],
    ['ten (10) business days', 10],
    ['10 working days', 10],
    ['1 business day', 1],
  ])('case 18: reads the announced "%s"', async (announced, days) => {
    const { mail: received } = await fromCbpJudged({
      ...ACME,
      headers: AUTOMATIC,
      body: `We have received your application and will respond within ${announced}.\n\n${QUOTED}`,
    });
    expect(received).toMatchObject({ kind: 'acknowledgement', responseBusinessDays: days });
  });
});

describe('replies in a new thread', () => {
  const NEW = { from: '"WALKER, JORDAN" <jordan.walker@cbp.dhs.gov>', subject: 'Importer account', to: US };

  it.each<[string, MailParts]>([
    ['importer number in the subject', { subject: 'IOR 12-345678900', body: APPROVED }],
    ['importer number in the text', { body: `The application for 12-345678900 has been approved.` }],
    [
      'importer number with a hyphen before the suffix',
      { body: 'The application for 12-3456789-00 has been approved.' },
    ],
    [
      'importer number in full-width digits',
      { body: 'The application for １２-３４５６７８９００ has been approved.' },
    ],
    ['reply alias', { to: ACME.to, body: APPROVED }],
    ['reply alias in Delivered-To', { headers: [`Delivered-To: ${ACME.to}`], body: APPROVED }],
    ['reply alias in X-Original-To', { headers: [`X-Original-To: ${ACME.to.toUpperCase()}`], body: APPROVED }],
    ['reply alias in Cc', { headers: [`Cc: Broker <${ACME.to}>`], body: APPROVED }],
  ])('case 25: finds the onboarding by its %s', async (_, parts) => {
    const judgement = await fromCbpJudged({ ...NEW, ...parts });
    expect(judgement).toMatchObject({ action: 'signal', reference: 'ACME-1', mail: { kind: 'approved' } });
  });

  it.each<[string, MailParts]>([
    ['EIN without suffix', { body: 'The application for EIN 12-3456789 has been approved.' }],
    ['company name', { body: 'The application of ACME IMPORTS, L.L.C. - Acme Imports - has been approved.' }],
    [
      'quoted subject line',
      {
        body: `${APPROVED}\n\n-----Original Message-----\nFrom: Broker\nSent: Monday\nTo: CBP\nSubject: IOR 12-345678900\n\nPlease see attached.`,
      },
    ],
  ])('case 25: the %s alone makes a candidate, or nothing, but no match', async (_, parts) => {
    const judgement = await fromCbpJudged({ ...NEW, ...parts });
    expect(judgement.action).toBe('review');
    expect(judgement.reference).toBeUndefined();
  });

  it('case 25: if two onboardings have the number, the one whose company is named is suggested to a person', async () => {
    const { memoryIndex } = await import('../../../../src/mail/judging/correlation/correlation-index.js');
    const index = memoryIndex([
      ...SENT,
      { reference: 'ACME-OTHER', company: 'Other Goods', importerNumber: '12-345678900', stage: 'awaiting-decision' },
    ]);
    const body = 'The application for 12-345678900 has been approved.';
    const two = await judged(await fromCbp({ ...NEW, body }), { index });
    expect(two).toMatchObject({ action: 'review' });
    expect(two.reference).toBeUndefined();
    expect(two.candidates.map(({ reference }) => reference).sort()).toEqual(['ACME-1', 'ACME-OTHER']);
    const named = await judged(await fromCbp({ ...NEW, body: `Acme Imports: ${body}` }), { index });
    expect(named).toMatchObject({ action: 'review', reference: 'ACME-1' });
    expect(named.mail.doubts).toContain('evidence-unsigned');
  });

  it('case 26: one reply about several clients goes to a person with all of them', async () => {
    const judgement = await fromCbpJudged({
      ...ACME,
      body: 'The applications for 12-345678900 and 061234-12345 were reviewed. The account for each has been created.',
    });
    expect(judgement.action).toBe('review');
    expect(judgement.reference).toBeUndefined();
    expect(judgement.candidates.map(({ reference }) => reference).sort()).toEqual(['ACME-1', 'BOIS-2']);
  });

  it('case 27: both emails of an approval count as one, whichever comes first', async () => {
    const administrator = await fromCbpJudged({
      ...NEW,
      ...ACME,
      body: 'Welcome to ACE. Your ACE Portal account has been created. A second email with your account ID will follow.',
    });
    const system = await fromCbpJudged({
      from: 'aceuserservice@cbp.dhs.gov',
      to: ACME.to,
      subject: 'Your ACE Portal account has been created',
      headers: ['Auto-Submitted: auto-generated'],
      body: 'Your account ID is ABC12345. To obtain your temporary password, follow this link within 21 days: https://ace.example/activate?t=s3cret',
    });
    for (const judgement of [administrator, system])
      expect(judgement).toMatchObject({
        reference: 'ACME-1',
        mail: { kind: 'approved', authenticity: { verdict: 'authentic' } },
      });
  });
});

describe('forwards', () => {
  it.each<[string, MailParts]>([
    [
      'inline',
      {
        subject: 'Fwd: ACE account',
        body: `FYI\n\n---------- Forwarded message ---------\nFrom: ACE Applications <ACE.Applications@cbp.dhs.gov>\nDate: Tue, Mar 3, 2026\nSubject: Approved\nTo: pat@client.example\n\n${APPROVED}`,
      },
    ],
    [
      'inline by Outlook',
      {
        subject: 'FW: ACE account',
        body: `See below.\n\n________________________________\nFrom: ACE Applications <ACE.Applications@cbp.dhs.gov>\nSent: Tuesday, March 3, 2026 3:00 PM\nTo: Pat Owner <pat@client.example>\nSubject: ACE account\n\n${APPROVED}`,
      },
    ],
  ])('case 28: forwarded %s proves nothing', async (_, parts) => {
    const judgement = await fromClient(parts);
    expect(judgement).toMatchObject({
      action: 'signal',
      reference: 'ACME-1',
      mail: { kind: 'client-reply', authenticity: { verdict: 'unauthentic' } },
    });
    expect(judgement.mail.excerpt).not.toContain('approved');
  });

  it('case 28: a genuine message attached as .eml is shown to be genuine, and a person decides', async () => {
    const inner = await fromCbp({ to: 'pat@client.example', body: APPROVED });
    const attached = (message: Buffer) =>
      multipart(
        'mixed',
        'Content-Type: text/plain\n\nWe got this today.',
        `Content-Type: message/rfc822\nContent-Disposition: attachment; filename="approval.eml"\n\n${message.toString().trimEnd()}`,
      );
    const genuine = await fromClient({ subject: 'ACE', ...attached(inner) });
    expect(genuine).toMatchObject({ action: 'signal', reference: 'ACME-1', mail: { kind: 'client-reply' } });
    expect(genuine.mail.evidence.join()).toContain('attached to it is proven to be from CBP');
    const forged = await fromClient({ subject: 'ACE', ...attached(mail({ body: APPROVED })) });
    expect(forged.mail.evidence.join()).toContain('not proven to be from CBP');
    expect(forged.mail.kind).toBe('client-reply');
  });

  it('case 28: a screenshot, PDF or .msg alone goes to a person', async () => {
    for (const name of ['shot.png', 'approval.pdf', 'approval.msg']) {
      const judgement = await fromCbpJudged({
        ...ACME,
        ...multipart(
          'mixed',
          `Content-Type: application/octet-stream; name="${name}"\nContent-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\nAAAA`,
        ),
      });
      expect(judgement).toMatchObject({ action: 'review', mail: { kind: 'unclear' } });
    }
  });

  it("case 28: CBP's own forward of someone else's words decides nothing", async () => {
    const judgement = await fromCbpJudged({
      ...ACME,
      subject: 'FW: ACE account',
      body: `${APPROVED}\n\nFrom: Somebody\nSent: Tuesday\nTo: ACE Applications\nSubject: ACE account\n\nHello`,
    });
    expect(judgement.action).toBe('review');
  });
});

describe('bodies', () => {
  it.each<[string, MailParts]>([
    [
      'HTML only',
      {
        contentType: 'text/html; charset=utf-8',
        body: `<html><head><style>p{}</style></head><body><p>Good morning,</p><p>Your <b>application</b> has been<br>approved.</p></body></html>`,
      },
    ],
    ['base64', { headers: ['Content-Transfer-Encoding: base64'], body: Buffer.from(APPROVED).toString('base64') }],
    [
      'quoted-printable',
      { headers: ['Content-Transfer-Encoding: quoted-printable'], body: 'Your application =\nhas been app=72oved.' },
    ],
    [
      'ISO-8859-1',
      {
        contentType: 'text/plain; charset=iso-8859-1',
        headers: ['Content-Transfer-Encoding: quoted-printable'],
        body: 'Qu=E9bec: your application has been approved.',
      },
    ],
    [
      'UTF-16',
      {
        contentType: 'text/plain; charset=utf-16le',
        headers: ['Content-Transfer-Encoding: base64'],
        body: Buffer.from(APPROVED, 'utf16le').toString('base64'),
      },
    ],
    ['ISO-2022-JP', { contentType: 'text/plain; charset=iso-2022-jp', body: APPROVED }],
    [
      'text beside HTML',
      multipart(
        'alternative',
        `Content-Type: text/plain\n\n${APPROVED}`,
        `Content-Type: text/html\n\n<p>${APPROVED}</p>`,
      ),
    ],
    [
      'cells with paragraphs of their own',
      {
        contentType: 'text/html; charset=utf-8',
        body: '<table><tr><td><p>Application status</p></td><td><p>Approved</p></td><td>3/3/2026</td></tr><tr><td><p>Next step</p></td><td><p>Log in</p></td></tr></table>',
      },
    ],
    [
      'the rows of a table',
      {
        contentType: 'text/html; charset=utf-8',
        body: '<table><tr><td>Application</td><td>ACE Portal Account</td></tr><tr><td>Company</td><td>Acme Imports LLC</td></tr><tr><td>Status</td><td><b>Approved</b></td></tr></table>',
      },
    ],
    ['hard-wrapped lines', { body: 'Your ACE Portal account application has\nbeen\napproved.' }],
    ['zero-width characters', { body: 'Your application has been app\u200broved.' }],
  ])('case 29: an approval is read from %s', async (_, parts) => {
    const judgement = await fromCbpJudged({ ...ACME, ...parts });
    expect(judgement).toMatchObject({ action: 'signal', mail: { kind: 'approved' } });
  });

  it.each<[string, MailParts]>([
    ['an empty body', { body: '' }],
    [
      'only attachments',
      multipart(
        'mixed',
        'Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=a.pdf\nContent-Transfer-Encoding: base64\n\nAAAA',
      ),
    ],
    [
      'a winmail.dat',
      multipart(
        'mixed',
        'Content-Type: application/ms-tnef; name=winmail.dat\nContent-Disposition: attachment; filename=winmail.dat\nContent-Transfer-Encoding: base64\n\nAAAA',
      ),
    ],
    [
      'HTML of nothing but pictures',
      { contentType: 'text/html', body: '<img src="https://track.example/approved.png">' },
    ],
  ])('case 29: %s goes to a person', async (_, parts) => {
    const judgement = await fromCbpJudged({ ...ACME, ...parts });
    expect(judgement).toMatchObject({ action: 'review', mail: { kind: 'unclear' } });
  });

  const html = (body: string): MailParts => ({ contentType: 'text/html', body });
  it.each<[string, MailParts, MailParts]>([
    [
      'words struck out',
      html(`<p>Your application has been <s>approved</s>.</p>`),
      html('<p>Your application has been approved.</p>'),
    ],
    [
      'words that a style hides',
      html(`<p>${APPROVED}</p><div style="display:none">Not yet.</div>`),
      html(`<p>${APPROVED}</p>`),
    ],
    [
      'an HTML version that says something else',
      multipart(
        'alternative',
        `Content-Type: text/plain\n\n${APPROVED}`,
        'Content-Type: text/html\n\n<p>Your application has been denied.</p>',
      ),
      multipart(
        'alternative',
        `Content-Type: text/plain\n\n${APPROVED}`,
        `Content-Type: text/html\n\n<p>${APPROVED}</p>`,
      ),
    ],
  ])('case 29: with %s it no longer matches the known letter', async (_, parts, letter) => {
    const { letters } = await known({ ...ACME, ...letter });
    expect((await judged(await fromCbp({ ...ACME, ...letter }), { letters })).mail.letter).toBeDefined();
    const { mail: received, action } = await judged(await fromCbp({ ...ACME, ...parts }), { letters });
    expect({ action, doubts: received.doubts }).toEqual({ action: 'review', doubts: ['unknown-letter'] });
  });

  it('case 29: twenty quote levels deep, only the new words count', async () => {
    let history = 'We hope that it has been approved within 3 to 5 business days.';
    for (let depth = 0; depth < 20; depth++)
      history = `Your application has been approved.\n\nOn Mon, Mar 2, 2026 at 9:0${depth % 10} AM Somebody <a@b.example> wrote:\n${history
        .split('\n')
        .map((line) => `> ${line}`)
        .join('\n')}`;
    const quoted = history.split('\n').slice(2).join('\n');
    const judgement = await fromCbpJudged({ ...ACME, body: `Your application is still under review.\n\n${quoted}` });
    expect(judgement.mail).toMatchObject({ kind: 'in-process' });
    expect(judgement.mail.responseBusinessDays).toBeUndefined();
  });

  it.each([
    ['Gmail', QUOTED],
    [
      'a wrapped attribution',
      'On Mon, Mar 2, 2026 at 9:00 AM Broker\n<ace@broker.example>\nwrote:\n> Your application has been approved.',
    ],
    [
      'Outlook',
      '-----Original Message-----\nFrom: Broker\nSent: Monday, March 2, 2026\nTo: CBP\nSubject: x\n\nYour application has been approved.',
    ],
    [
      'Outlook without its mark',
      'From: Broker <ace@broker.example>\nSent: Monday, March 2, 2026 9:00 AM\nTo: CBP\nSubject: x\n\nYour application has been approved.',
    ],
    [
      'French',
      'Le lun. 2 mars 2026 à 09:00, Courtier <ace@broker.example> a écrit :\n> Your application has been approved.',
    ],
    [
      'Outlook in one line',
      'From: Broker <ace@broker.example> Sent: Monday, March 2, 2026 9:00 AM To: CBP Subject: x\n\nYour application has been approved.',
    ],
    [
      'Outlook in bold',
      '**From:** Broker\n**Sent:** Monday\n**To:** CBP\n**Subject:** x\n\nYour application has been approved.',
    ],
    ['German Outlook', 'Von: Broker\nGesendet: Montag\nAn: CBP\nBetreff: x\n\nYour application has been approved.'],
    ['Polish Outlook', 'Od: Broker\nWysłano: poniedziałek\nDo: CBP\nTemat: x\n\nYour application has been approved.'],
    ['Notes', '-----"Broker" <ace@broker.example> wrote: -----\n\nYour application has been approved.'],
    ['a name without a day', 'Broker <ace@broker.example> wrote:\n\nYour application has been approved.'],
    [
      'a name before the date',
      'Broker <ace@broker.example> wrote on 3/2/2026 9:00 AM:\n\nYour application has been approved.',
    ],
    ['a mark of other signs', '===== Original Message =====\n\nYour application has been approved.'],
  ])('case 29: our own words, quoted by %s, do not count', async (_, quoted) => {
    const judgement = await fromCbpJudged({ ...ACME, body: `Good morning, I am looking at this one.\n\n${quoted}` });
    expect(judgement.mail.kind).toBe('unclear');
    expect(judgement.action).toBe('review');
  });

  it.each([
    ['The account was already approved under another owner.', 'already-registered'],
    ['Your application was not approved.', 'refused'],
    ['Your application has not yet been approved; it is in process.', 'in-process'],
  ])('case 30: "%s" is %s', async (body, kind) => {
    expect((await fromCbpJudged({ ...ACME, body })).mail.kind).toBe(kind);
  });
});

describe('contradictions', () => {
  it('case 31: a reply shows which of our emails it answers, so a reply to an earlier attempt is recognized', async () => {
    const { memoryIndex } = await import('../../../../src/mail/judging/correlation/correlation-index.js');
    const index = memoryIndex([{ reference: 'ACME-1', messageIds: ['attempt-1@x', 'attempt-2@x'] }]);
    const judgement = await judged(
      await fromCbp({
        inReplyTo: '<attempt-1@x>',
        references: '<attempt-1@x>',
        body: 'Additional information is required.',
      }),
      { index },
    );
    expect(judgement).toMatchObject({
      reference: 'ACME-1',
      mail: { kind: 'more-information', aboutMessageId: 'attempt-1@x' },
    });
  });

  it.each([
    ['another suffix', '12-3456789A1'],
    ['one digit off', '12-345678800'],
    ['two digits swapped', '12-345687900'],
    ['the letter O for a zero', '12-34567890O'],
  ])('case 32: an approval for a number with %s is a candidate in a new thread', async (_, number) => {
    const judgement = await fromCbpJudged({ body: `The application for importer number ${number} has been approved.` });
    expect(judgement).toMatchObject({ action: 'review', candidates: [{ reference: 'ACME-1' }] });
    expect(judgement.reference).toBeUndefined();
  });

  it.each(['12-3456789A1', '12-345678800', '061234-12345'])(
    'case 32: an approval in the thread of one that names another number (%s) goes to a person',
    async (number) => {
      const judgement = await fromCbpJudged({
        ...ACME,
        body: `The application for importer number ${number} has been approved.`,
      });
      expect(judgement.action).toBe('review');
      expect(judgement.candidates.map(({ reference }) => reference)).toContain('ACME-1');
    },
  );

  it.each(['EIN 55-1234567', 'EIN 551234567', 'IOR 55123456700', 'importer number 12345678800', '47-1122334'])(
    'case 32: so does one that names %s, without hyphen or suffix',
    async (number) => {
      const body = `The application for ${number} has been approved.`;
      const judgement = await fromCbpJudged({ ...ACME, body });
      expect(judgement).toMatchObject({ action: 'review', mail: { kind: 'approved' } });
    },
  );

  it.each(['EIN 12-3456789', 'EIN 123456789', 'IOR 12345678900', 'IOR # 12-345678900'])(
    'case 32: an approval that names its own number, as %s, counts',
    async (number) => {
      const body = `The application for ${number} has been approved.`;
      expect(await fromCbpJudged({ ...ACME, body })).toMatchObject({ action: 'signal', reference: 'ACME-1' });
    },
  );

  it('case 33: what contradicts a decision already taken goes to a person', async () => {
    const { memoryIndex } = await import('../../../../src/mail/judging/correlation/correlation-index.js');
    const index = memoryIndex(SENT.map((entry) => ({ ...entry, stage: 'awaiting-access-grant' })));
    const later = async (body: string) => (await judgedAsKnown(await fromCbp({ ...ACME, body }), { index })).action;
    expect(await later('Your application has been denied.')).toBe('review');
    expect(await later(APPROVED)).toBe('signal');
  });

  it('an email for a closed onboarding goes to a person', async () => {
    const judgement = await fromCbpJudged({ to: 'ace+eeeeeeeeeeeeeeee@broker.example', body: APPROVED });
    expect(judgement).toMatchObject({ action: 'review', reference: 'ZETA-3' });
  });

  it("email to the client's alias can never be a decision from CBP, however genuine", async () => {
    const judgement = await fromCbpJudged({ to: 'ace+bbbbbbbbbbbbbbbb@broker.example', body: APPROVED });
    expect(judgement).toMatchObject({
      action: 'review',
      mail: { alias: 'client', authenticity: { verdict: 'authentic' } },
    });
    const both = await fromCbpJudged({
      to: 'ace+aaaaaaaaaaaaaaaa@broker.example, ace+bbbbbbbbbbbbbbbb@broker.example',
      body: APPROVED,
    });
    expect(both).toMatchObject({ action: 'review', mail: { alias: 'client' } });
  });

  it('an alias that we never gave out is reported', async () => {
    const judgement = await fromCbpJudged({ to: 'ace+zzzzzzzzzzzzzzzz@broker.example', body: APPROVED });
    expect(judgement).toMatchObject({
      action: 'review',
      reasons: expect.arrayContaining([expect.stringMatching(/looks like one of our reply aliases/)]),
    });
  });
});

describe('emails that decide nothing', () => {
  it('a reply to us that names a bulletin in its subject is not a bulletin and is not overlooked', async () => {
    const answer = { ...ACME, subject: 'CSMS # 66900001 and your application' };
    expect(await fromCbpJudged({ ...answer, body: 'Your application has been denied.' })).toMatchObject({
      action: 'signal',
      mail: { kind: 'refused' },
    });
  });

  it.each<[string, MailParts]>([
    [
      'CSMS bulletin',
      {
        from: 'CBP <cbp@service.govdelivery.com>',
        subject: 'CSMS # 66900001 - Applications',
        headers: ['List-Unsubscribe: <https://x.example>', 'Precedence: bulk'],
        body: APPROVED,
      },
    ],
    [
      'marketing mail',
      {
        from: 'Deals <deals@shop.example>',
        subject: 'Congratulations! You are approved',
        headers: ['List-Unsubscribe: <https://x.example>'],
        body: 'Your account has been approved.',
      },
    ],
    [
      'read receipt',
      {
        contentType: 'multipart/report; report-type=disposition-notification; boundary=b1',
        body: '--b1\nContent-Type: text/plain\n\nYour message has been read. Your application has been approved.\n--b1\nContent-Type: message/disposition-notification\n\nDisposition: manual-action; displayed\n\n--b1--',
      },
    ],
    [
      'calendar invitation',
      {
        ...multipart(
          'mixed',
          'Content-Type: text/plain\n\nCall',
          'Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nSUMMARY:approved\nEND:VCALENDAR',
        ),
      },
    ],
    [
      'successful delivery report',
      {
        from: 'postmaster@cbp.dhs.gov',
        contentType: 'multipart/report; report-type=delivery-status; boundary=b1',
        body: '--b1\nContent-Type: text/plain\n\nDelivered.\n--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; x@cbp.dhs.gov\nAction: relayed\nStatus: 2.0.0\n\n--b1--',
      },
    ],
  ])('case 35: a %s is unrelated', async (_, parts) => {
    const judgement = await judged(mail(parts));
    expect(judgement).toMatchObject({ action: 'ignore', mail: { kind: 'unrelated' } });
  });

  it('case 35: a read receipt is recorded on its case, and a deletion without reading goes to a person', async () => {
    const receipt = (disposition: string) => ({
      contentType: 'multipart/report; report-type=disposition-notification; boundary=b1',
      inReplyTo: ACME.inReplyTo,
      body: `--b1\nContent-Type: text/plain\n\nx\n--b1\nContent-Type: message/disposition-notification\n\nDisposition: manual-action; ${disposition}\n\n--b1--`,
    });
    expect(await judged(mail(receipt('displayed')))).toMatchObject({ action: 'signal', mail: { doubts: [] } });
    expect(await judged(mail(receipt('deleted')))).toMatchObject({
      action: 'review',
      mail: { doubts: ['deleted-unread'] },
    });
  });

  it("case 35: email that claims to be from CBP's domain is never ignored", async () => {
    const bulletin = { headers: ['List-Id: <USDHSCBP.govdelivery.com>', 'Precedence: bulk'], body: APPROVED };
    expect(await judged(mail(bulletin))).toMatchObject({ action: 'review' });
  });

  it('case 35: an invitation about one of our cases goes to a person', async () => {
    const judgement = await fromCbpJudged({
      ...ACME,
      ...multipart(
        'mixed',
        'Content-Type: text/plain\n\nCall about your application',
        'Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR',
      ),
    });
    expect(judgement).toMatchObject({ action: 'review', reference: 'ACME-1' });
  });

  it('case 36: the same message is the same email, however it arrived', async () => {
    const message = await fromCbp({ ...ACME, body: APPROVED });
    const trace =
      'Return-Path: <x@y>\r\nDelivered-To: a@b\r\nX-Spam-Score: 0\r\nReceived: from a by b;\r\n\tTue, 3 Mar 2026 15:00:01 -0500\r\n';
    const again = Buffer.concat([Buffer.from(trace), message]);
    const withLineFeeds = Buffer.from(message.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    expect(mailIdentity(again)).toBe(mailIdentity(message));
    expect(mailIdentity(withLineFeeds)).toBe(mailIdentity(message));
    expect((await judged(again)).mail.mailId).toBe((await judged(message)).mail.mailId);
  });

  it('case 36: two messages with the same Message-ID, or none, are two emails if their content differs', () => {
    for (const messageId of [null, '<same@x>']) {
      const one = mail({ messageId, body: 'One.' });
      expect(mailIdentity(one)).not.toBe(mailIdentity(mail({ messageId, body: 'Two.' })));
      expect(mailIdentity(one)).not.toBe(mailIdentity(mail({ messageId, body: 'One.', subject: 'Other' })));
      expect(mailIdentity(one)).toBe(mailIdentity(mail({ messageId, body: 'One.' })));
    }
  });

  it('our own copy signals no one', async () => {
    const copy = {
      from: `Clearit USA <${US}>`,
      to: 'ACE.Applications@cbp.dhs.gov',
      messageId: '<app-acme@broker.example>',
      body: 'Please find the application attached. It has been approved.',
    };
    const judgement = await judged(mail(copy));
    expect(judgement).toMatchObject({
      action: 'ignore',
      reference: 'ACME-1',
      mail: { kind: 'own-copy', aboutMessageId: 'app-acme@broker.example' },
    });
    const stolen = await judged(mail({ ...copy, from: 'ACE.Applications@cbp.dhs.gov' }));
    expect(stolen).toMatchObject({ action: 'review', mail: { kind: 'approved' } });
  });
});

describe('bounces', () => {
  const report = (action: string, status: string, returned: string) => ({
    from: 'Mail Delivery Subsystem <MAILER-DAEMON@mx.example>',
    subject: 'Undelivered Mail Returned to Sender',
    contentType: 'multipart/report; report-type=delivery-status; boundary=b1',
    body: `--b1\nContent-Type: text/plain\n\nIt was rejected. Your application has been approved.\n--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ACE.Applications@cbp.dhs.gov\nAction: ${action}\nStatus: ${status}\n\n--b1\n${returned}\n--b1--`,
  });
  const HEADERS = 'Content-Type: text/rfc822-headers\n\nMessage-ID: <app-acme@broker.example>\nSubject: x\n';

  it.each<[string, string]>([
    [
      'with the whole message',
      'Content-Type: message/rfc822\n\nMessage-ID: <app-acme@broker.example>\nSubject: x\n\nBody',
    ],
    ['with its headers only', HEADERS],
  ])('case 10: a bounce %s shows which of our emails bounced', async (_, returned) => {
    const judgement = await judged(mail(report('failed', '5.1.1', returned)));
    expect(judgement).toMatchObject({
      action: 'signal',
      reference: 'ACME-1',
      mail: { kind: 'bounce', aboutMessageId: 'app-acme@broker.example' },
    });
  });

  it('case 10: a bounce without a report is recognized by its sender and the returned message, in any language', async () => {
    const judgement = await judged(
      mail({
        from: 'MAILER-DAEMON@mx.example',
        subject: 'Unzustellbar',
        body: 'Die Nachricht konnte nicht zugestellt werden\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <app-acme@broker.example>\nSubject: x',
      }),
    );
    expect(judgement).toMatchObject({ action: 'review', reference: 'ACME-1', mail: { kind: 'bounce' } });
  });

  it('case 10: a delay is not a failure: it goes to a person', async () => {
    const judgement = await judged(mail(report('delayed', '4.4.1', HEADERS)));
    expect(judgement).toMatchObject({
      action: 'review',
      reference: 'ACME-1',
      mail: { kind: 'bounce', doubts: ['delayed'] },
    });
  });

  it('case 10: a bounce of an email that was never ours goes to a person', async () => {
    const judgement = await judged(mail(report('failed', '5.1.1', HEADERS.replace('app-acme', 'spam'))));
    expect(judgement).toMatchObject({ action: 'review', candidates: [] });
  });
});

describe('secrets', () => {
  it.each([
    'Your account ID is ABC12345 and your temporary password is Xy7#kk21.',
    'User ID: abc123\nTemporary password: hunter2!',
    'Your shared secret is "BLUE42HORSE". Keep it safe.',
    'To set your password, follow this link: https://ace.example/reset?token=abc',
    'Your verification code is 884213.',
  ])('case 37: credentials are removed and the email is marked: %s', async (body) => {
    const judgement = await fromCbpJudged({ ...ACME, body: `Welcome to ACE.\n\n${body}` });
    expect(judgement.credentials).toBe(true);
    const shown = JSON.stringify({ ...judgement, mail: { ...judgement.mail, documentSha256: '' } });
    for (const secret of ['Xy7#kk21', 'hunter2!', 'BLUE42HORSE', 'token=abc', '884213', 'ABC12345'])
      expect(shown).not.toContain(secret);
    expect(judgement.redactedText).toContain('removed]');
  });

  it.each([
    'Your application has been approved. A second email with a link to a temporary password will follow.',
    'Your shared secret is the one given on the application.',
    'Never share your password with anybody.',
  ])('case 37: an email that only mentions them is not marked: %s', async (body) => {
    expect((await fromCbpJudged({ ...ACME, body })).credentials).toBeUndefined();
  });

  it.each([
    'Please reply with your ACE password so that we can finish the set-up.',
    'To release your refund, confirm your bank account and routing number.',
    'We need your Social Security number to proceed.',
  ])('a request for secrets is fraud, regardless of the sender: %s', async (body) => {
    const judgement = await fromCbpJudged({ ...ACME, body: `${APPROVED} ${body}` });
    expect(judgement).toMatchObject({ fraud: true, action: 'review' });
  });

  it.each([
    'You will need to create a password when you first log in.',
    'To log in, enter your user name and the temporary password sent to you separately.',
    'It was forwarded to the help desk, who will send the log-in information.',
  ])('login instructions are not a request if proven to be from CBP, but are from anyone else: %s', async (body) => {
    const letter = { ...ACME, body: `${APPROVED} ${body}` };
    expect(await fromCbpJudged(letter)).toMatchObject({ action: 'signal', mail: { kind: 'approved' } });
    expect(await judged(mail(letter))).toMatchObject({ action: 'review', fraud: true });
    const asked = { ...ACME, body: `${APPROVED} Log in and send us your password.` };
    expect(await fromCbpJudged(asked)).toMatchObject({ action: 'review', fraud: true });
  });

  it.each([
    'CBP will never ask you to send your password or Social Security number by email.',
    'Do not share your password.',
    'Your bank will be contacted.',
    'Please send your files again, not password protected.',
  ])('a warning about such requests is not a request: %s', async (body) => {
    expect((await fromCbpJudged({ ...ACME, body: `${APPROVED} ${body}` })).fraud).toBeUndefined();
  });
});

describe('clients', () => {
  it("a reply to the client's alias is the client's, whatever it says", async () => {
    for (const body of ['We have granted access now.', 'Our account was approved today!', APPROVED, 'Who are you?']) {
      const judgement = await fromClient({ body });
      expect(judgement).toMatchObject({
        action: 'signal',
        reference: 'ACME-1',
        mail: { kind: 'client-reply', alias: 'client' },
      });
    }
  });

  it.each<[string, MailParts]>([
    ['one whose subject says so', { subject: 'Automatisch antwoord: ACE', body: 'Ik ben er even niet.' }],
    ['one that says so in the old way', { body: 'Olen lomalla.', headers: ['X-Autoreply: yes'] }],
    ['one that speaks of leave', { body: 'I am on leave until Monday.', headers: ['Auto-Submitted: auto-replied'] }],
  ])('an autoresponder does not reply for the client: %s', async (_, parts) => {
    const { mail: received, action } = await fromClient(parts);
    expect({ kind: received.kind, action, doubts: received.doubts }).toEqual({
      kind: 'out-of-office',
      action: 'signal',
      doubts: [],
    });
  });

  it("a message from a client's help desk is a person's reply, although a program sends it", async () => {
    for (const marked of ['auto-generated', 'auto-replied']) {
      const headers = [`Auto-Submitted: ${marked}`, 'Precedence: bulk'];
      const judgement = await fromClient({ body: 'Jane wrote: Yes, the mail came.', headers });
      expect(judgement).toMatchObject({ action: 'signal', reference: 'ACME-1', mail: { kind: 'client-reply' } });
    }
  });

  it("a reply to our email from someone other than CBP is the client's", async () => {
    const judgement = await judged(
      await signed(
        mail({
          from: 'pat@client.example',
          inReplyTo: '<app-acme@broker.example>',
          body: 'We received the approval yesterday.',
        }),
        'client.example',
      ),
    );
    expect(judgement).toMatchObject({ action: 'signal', reference: 'ACME-1', mail: { kind: 'client-reply' } });
  });

  it("a stranger who uses CBP's words only writes about our case", async () => {
    const judgement = await judged(mail({ ...ACME, from: 'x@evil.example', body: APPROVED }));
    expect(judgement).toMatchObject({
      reference: 'ACME-1',
      mail: { kind: 'client-reply', authenticity: { verdict: 'unauthentic' } },
    });
    const inItsName = await judged(mail({ ...ACME, from: 'U.S. Customs <x@evil.example>', body: APPROVED }));
    expect(inItsName).toMatchObject({ action: 'review', mail: { kind: 'approved' } });
    expect(inItsName.mail.doubts).toContain('sender-unproven');
  });
});

it("an acknowledgement above someone else's decision goes to a person", async () => {
  const body = (quoted: string) =>
    `Your request is in process.\n\n-----Original Message-----\nFrom: Supervisor\nSent: Monday\nTo: ACE Applications\nSubject: x\n\n${quoted}`;
  const plain = await fromCbpJudged({ ...ACME, body: body('See you at the meeting on Thursday.') });
  expect(plain).toMatchObject({ action: 'signal', mail: { kind: 'in-process' } });
  const decided = await fromCbpJudged({ ...ACME, body: body('The application of Acme Imports has been denied.') });
  expect(decided).toMatchObject({ action: 'review', mail: { kind: 'in-process', doubts: ['unclear'] } });
});

it('a known letter whose decisive words are only quoted is not that letter', async () => {
  const letter = { ...ACME, body: `Good news.\n\n${APPROVED}` };
  const { letters } = await known(letter);
  expect(await judged(await fromCbp(letter), { letters })).toMatchObject({ action: 'signal' });
  const quoted = await judged(await fromCbp({ ...ACME, body: `Good news.\n\n> ${APPROVED}` }), { letters });
  expect(quoted).toMatchObject({ action: 'review', mail: { unknown: [`> ${APPROVED}`] } });
});
