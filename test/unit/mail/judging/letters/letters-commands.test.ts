import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Archive } from '../../../../../src/archive/archive.js';
import { makeArchive } from '../../../../../src/archive/open-archive.js';
import { type MailRecord, mails, onboardings } from '../../../../../src/archive/records.js';
import { letterOffer } from '../../../../../src/cli/letters/letter-offer.js';
import { main } from '../../../../../src/cli/main.js';
import { mailIdentity } from '../../../../../src/mail/incoming/mail-identity.js';
import { readLetterExport } from '../../../../../src/mail/judging/letters/letter-export.js';
import { noteUnknownLetter } from '../../../../../src/mail/judging/letters/waiting-letters.js';
import { noteCaseMail } from '../../../../../src/mail/judging/text/case-facts.js';
import { EXIT } from '../../../../../src/process/output.js';
import type { MailKind } from '../../../../../src/workflows/contract/received-mail.js';
import { temporaryFolder } from '../../../../support/temporary-folder.js';
import { sampleApplication } from '../../../application/sample.js';
import { hear } from '../../../cli/heard.js';
import { dnsRecords, fromCbp, type MailParts, mail } from '../corpus.js';

const heard = hear();

let folder: string;
let archive: Archive;
const inFolder = (name: string) => path.join(folder, name);

beforeEach(async () => {
  folder = temporaryFolder('letters');
  vi.stubEnv('ARCHIVE_DIR', inFolder('archive'));
  vi.stubEnv('IMPORTER_KEY_FILE', inFolder('importer-key'));
  vi.stubEnv('DNS_RECORDS_FILE', inFolder('dns.json'));
  await writeFile(inFolder('dns.json'), JSON.stringify(dnsRecords()));
  ({ archive } = await makeArchive({ archiveDir: inFolder('archive'), importerKeyFile: inFolder('importer-key') }));
  for (const [reference, company, importerNumber] of [
    ['maple', 'Maple Imports LLC', '12-345678900'],
    ['birch', 'Birch & Sons Inc.', '36-123456700'],
  ] as const) {
    const application = { ...sampleApplication(), reference, importerNumber };
    application.company = { ...application.company, legalName: company };
    const { sha256 } = await archive.putDocument(Buffer.from(JSON.stringify(application)));
    await archive.createRecord(onboardings.key(reference), {
      reference,
      workflowId: `onboarding-${reference}`,
      round: 1,
      applicationSha256: sha256,
      state: 'started',
      startedAt: new Date().toISOString(),
    });
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Runs a command and returns the JSON it printed. */
async function json(...args: string[]) {
  Object.assign(heard, { out: '', err: '' });
  const code = await main([...args, '--json']);
  expect([code, heard.err]).toEqual([EXIT.ok, '']);
  return JSON.parse(heard.out);
}

async function said(code: number, ...args: string[]): Promise<string> {
  heard.said = '';
  expect([await main(args), heard.said]).toEqual([code, expect.anything()]);
  return heard.said;
}

async function file(name: string, parts: MailParts): Promise<string> {
  await writeFile(inFolder(name), await fromCbp(parts));
  return inFolder(name);
}

/** A decision in the archive. */
async function archived(reference: string, parts: MailParts, more: Partial<MailRecord['mail']> = {}): Promise<string> {
  const raw = await fromCbp(parts);
  const { sha256 } = await archive.putDocument(raw);
  const mailId = mailIdentity(raw);
  const receivedAt = new Date().toISOString();
  const record: MailRecord = {
    mailId,
    mailbox: 'main',
    receivedAt,
    firstSeenAt: receivedAt,
    state: 'signalled',
    workflowId: `onboarding-${reference}`,
    reference,
    candidates: [],
    reasons: [],
    mail: {
      mailId,
      receivedAt,
      mailbox: 'main',
      kind: 'unclear' as MailKind,
      confidence: 0.3,
      evidence: [],
      doubts: ['unknown-letter'],
      authenticity: { verdict: 'authentic', reasons: [] },
      alias: 'cbp',
      from: 'ace.applications@cbp.dhs.gov',
      subject: parts.subject ?? '',
      excerpt: parts.body ?? '',
      documentSha256: sha256,
      signedBy: 'cbp.dhs.gov',
      ...more,
    },
  };
  await archive.replaceRecord(mails.key(mailId), record);
  await noteCaseMail(archive, `onboarding-${reference}`, record.mail);
  return mailId;
}

const approval = (company: string, number: string): MailParts => ({
  subject: `Re: ACE application ${number}`,
  body: `Dear Applicant,\n\nThe application of ${company} has been approved on March 3, 2026.\n\nYou may sign in now.\n\nOffice hours are Monday to Friday.`,
});
const MAPLE = approval('Maple Imports LLC', '12-345678900');
const BIRCH = approval('Birch & Sons Inc.', '36-123456700');
const add = (source: string, ...more: string[]) => [
  'letters',
  'add',
  source,
  '--as',
  'approved',
  '--reference',
  'maple',
  ...more,
];

describe('letters add', () => {
  test('shows each masked paragraph, which one decides, what is filler or new, and who has to agree', async () => {
    const shown = await said(EXIT.ok, ...add(await file('a.eml', MAPLE), '--filler', '3', '--actor', 'jo'));
    expect(shown).toMatch(
      /^letter-[0-9a-f]{12}: approved, signed by cbp\.dhs\.gov, from ace\.applications@cbp\.dhs\.gov\n/,
    );
    expect(shown).toContain('  0  subject new  ACE application {importer number}\n');
    expect(shown).toContain('  1  DECIDES new  The application of {company} has been approved on {date}.\n');
    expect(shown).toContain('  2          new  You may sign in now.\n');
    expect(shown).toContain('  3  filler  new  Office hours are Monday to Friday.\n');
    expect(shown).toMatch(/It counts once a second person has checked it and agreed: .* confirm letter-/);
  });

  test('makes a letter count if a second person adds it from another email, and adds nothing by the same person', async () => {
    const learned = await json(...add(await file('a.eml', MAPLE), '--filler', '3', '--actor', 'jo'));
    expect(learned).toMatchObject({ changed: true, state: 'needs-second-person', decisive: 1, warnings: [] });
    expect(await json(...add(inFolder('a.eml'), '--filler', '3', '--actor', ' JO'))).toMatchObject({
      changed: false,
      why: expect.stringContaining('jo already agreed'),
      agreed: [{ by: 'jo', mailId: expect.any(String) }],
    });
    const birch = ['letters', 'add', await file('b.eml', BIRCH), '--as', 'approved', '--reference', 'birch'];
    expect(await json(...birch, '--actor', 'kim')).toMatchObject({ id: learned.id, changed: true, state: 'known' });
  });

  test('uses the name that the user is signed in with', async () => {
    const { agreed } = await json(...add(await file('a.eml', MAPLE)));
    expect(agreed).toMatchObject([{ by: os.userInfo().username }]);
  });

  test('counts with only a manager', async () => {
    vi.stubEnv('LETTER_MANAGERS', 'pat, Lee');
    expect(await json(...add(await file('a.eml', MAPLE), '--actor', 'lee'))).toMatchObject({ state: 'known' });
  });

  test('with --dry-run records nothing', async () => {
    expect(await json(...add(await file('a.eml', MAPLE), '--dry-run'))).toMatchObject({ dryRun: true, decisive: 1 });
    expect(await json('letters', 'list')).toEqual({ letters: [], fillers: [] });
  });

  test('refuses if it is not clear which paragraph decides, and lists them all', async () => {
    const parts = { subject: 'ACE', body: 'It has been approved.\n\nYour request has been approved.' };
    const shown = await said(EXIT.invalid, ...add(await file('a.eml', parts)));
    expect(shown).toContain('  1               It has been approved.\n');
    expect(shown).toContain('It is not clear which paragraph says "approved". Choose it with --decisive N.');
    expect(await json(...add(inFolder('a.eml'), '--decisive', '2'))).toMatchObject({ decisive: 2 });
  });

  test('warns about literal numbers, about words that do not fit the kind, and about an email that names nothing from the case', async () => {
    const parts = { subject: 'ACE', body: 'We deny application 77 of 1999.' };
    const { warnings } = await json(...add(await file('a.eml', parts), '--decisive', '1', '--dry-run'));
    expect(warnings).toEqual([
      'Paragraph 1 decides and contains a number. Numbers there must match exactly, so a letter with a different number will not match.',
      'Paragraph 1 does not read like approved.',
      'It names neither the company nor an importer number of this case. Make sure that it belongs to this case.',
    ]);
  });

  test('warns about filler that reads like a decision', async () => {
    const parts = { ...MAPLE, body: `${MAPLE.body}\n\nYour application was denied.` };
    const { warnings } = await json(
      ...add(await file('a.eml', parts), '--filler', '4', '--decisive', '1', '--dry-run'),
    );
    expect(warnings).toEqual([expect.stringMatching(/^Paragraph 4 would be filler.* reads like refused\./)]);
  });

  test('accepts another address for a known letter from one person', async () => {
    const refusal = { ...MAPLE, body: 'The application of Maple Imports LLC was denied.' };
    const wish = ['--as', 'refused', '--reference', 'maple', '--actor', 'jo'];
    const { id } = await json('letters', 'add', await file('a.eml', refusal), ...wish);
    const other = { ...refusal, from: 'ACE Help <ACE.Help@cbp.dhs.gov>' };
    wish.splice(-1, 1, 'kim');
    expect(await json('letters', 'add', await file('b.eml', other), ...wish)).toMatchObject({
      id,
      changed: true,
      // Accepting an address does not mean agreeing to the content.
      agreed: [{ by: 'jo' }],
      addresses: ['ace.applications@cbp.dhs.gov', 'ace.help@cbp.dhs.gov'],
    });
  });
});

describe('a quote that the case never said', () => {
  const BANNER = 'CAUTION: This email is from outside of the agency.';
  const quoting = (body: string, quoted: string) => ({ ...MAPLE, body: `${body}\n\n> ${quoted}` });

  test('is shown with a quote prefix, can be filler, and is then not part of the letter', async () => {
    const a = await file('a.eml', quoting(MAPLE.body ?? '', BANNER));
    const learned = await json(...add(a, '--filler', '4', '--actor', 'jo'));
    expect(learned.paragraphs[4]).toMatchObject({ masked: `> ${BANNER}`, role: 'filler' });
    const plain = await json(...add(await file('b.eml', MAPLE), '--dry-run'));
    expect(learned.id).toBe(plain.id);
    expect(await said(EXIT.ok, ...add(a, '--dry-run'))).not.toContain('is quoted, and no archived mail');
  });

  test('never decides, whether a person chooses it or it is the only likely one', async () => {
    const a = await file('a.eml', quoting('See below.', 'The application of Maple Imports LLC has been approved.'));
    expect(await said(EXIT.invalid, ...add(a))).toContain('is not clear');
    expect(await said(EXIT.invalid, ...add(a, '--decisive', '2'))).toContain('it cannot decide');
  });
});

describe('only authentic email teaches', () => {
  test.each([
    [
      'unsigned',
      () => mail(MAPLE),
      'Letters can be learned only from email that was authentic on arrival. This email was unauthentic',
    ],
    [
      'with sign-in data',
      () => fromCbp({ ...MAPLE, body: `${MAPLE.body}\n\nYour temporary password: hunter22x` }),
      'sign-in data',
    ],
    [
      'that asks for secrets',
      () => fromCbp({ ...MAPLE, body: `${MAPLE.body}\n\nPlease reply with your social security number.` }),
      'asks for passwords, bank data or a Social Security number',
    ],
  ])('a file %s does not', async (_, message, why) => {
    await writeFile(inFolder('a.eml'), await message());
    expect(await said(EXIT.invalid, ...add(inFolder('a.eml'), '--decisive', '1'))).toContain(why);
  });

  test('a quote of an earlier email of the case is fine', async () => {
    await archived('maple', { subject: 'ACE', body: 'We got it. It is closed. Thank you.' });
    const parts = { ...MAPLE, body: `${MAPLE.body}\n\n> It is closed.` };
    expect(await json(...add(await file('a.eml', parts)))).toMatchObject({ changed: true });
  });

  test('an archived email teaches by its verdict on arrival, whatever DNS says now', async () => {
    await writeFile(inFolder('dns.json'), '{}');
    const good = await archived('maple', MAPLE);
    const doubtful = await archived('maple', BIRCH, { authenticity: { verdict: 'undetermined', reasons: ['no DNS'] } });
    expect(await json(...add(good))).toMatchObject({ changed: true, agreed: [{ mailId: good }] });
    expect(await said(EXIT.invalid, ...add(doubtful))).toContain('This email was undetermined: no DNS');
    expect(await said(EXIT.notFound, ...add('0'.repeat(64)))).toContain('There is no email');
  });
});

describe("a client's data stays out of letters", () => {
  test('an email teaches only with the facts of its own case', async () => {
    const id = await archived('birch', BIRCH);
    const refused = await said(EXIT.conflict, ...add(id));
    expect(refused).toContain('The email belongs to birch, not to maple.');
    expect(refused).toContain('--reference birch');
    expect(await json('letters', 'list')).toEqual({ letters: [], fillers: [] });
    await json('letters', 'add', id, '--as', 'approved', '--reference', 'BIRCH');
  });

  test.each(['36-123456700', '36-1234567', '123-45-6789', '061234-12345'])(
    'a tax number from outside the case is refused and not repeated: %s',
    async (number) => {
      const parts = { ...MAPLE, body: `${MAPLE.body}\n\nSee also ${number}.` };
      const refused = await said(EXIT.invalid, ...add(await file('a.eml', parts)));
      expect(refused).toContain('Paragraph 4 contains an importer number, an EIN or a Social Security number');
      expect(refused).not.toContain(number);
    },
  );
});

describe('without an archive', () => {
  beforeEach(async () => {
    vi.stubEnv('ARCHIVE_DIR', inFolder('nowhere'));
    const maple = { reference: 'maple', company: 'Maple Imports LLC', importerNumber: '12-345678900' };
    await writeFile(
      inFolder('sent.json'),
      JSON.stringify([{ ...maple, mails: ['Dear desk. Please find our application.'] }]),
    );
  });
  const there = () => ['--sent', inFolder('sent.json'), '--letters', inFolder('letters.json')];

  test('letters are taught, confirmed and revoked in a file', async () => {
    const quoting = { ...MAPLE, body: `${MAPLE.body}\n\n> Please find our application.` };
    const { id } = await json(...add(await file('a.eml', quoting), '--actor', 'jo', ...there()));
    expect((await readLetterExport(inFolder('letters.json'))).letters).toEqual([]);
    await json('letters', 'confirm', id, '--actor', 'kim', '--letters', inFolder('letters.json'));
    expect((await readLetterExport(inFolder('letters.json'))).letters).toMatchObject([{ id, kind: 'approved' }]);
    expect(await said(EXIT.ok, 'letters', 'list', '--letters', inFolder('letters.json'))).toMatch(/known +approved/);
    await json('letters', 'revoke', id, '--reason', 'x', '--letters', inFolder('letters.json'));
    expect((await readLetterExport(inFolder('letters.json'))).letters).toEqual([]);
  });

  test('a case missing from the list, or a wrong field, is named', async () => {
    const a = await file('a.eml', MAPLE);
    const birch = ['letters', 'add', a, '--as', 'approved', '--reference', 'birch', ...there()];
    expect(await said(EXIT.notFound, ...birch)).toContain('has no onboarding birch');
    await writeFile(inFolder('sent.json'), JSON.stringify([{ reference: 'maple', owner: { firstName: 'Bo' } }]));
    expect(await said(EXIT.invalid, ...add(a, ...there()))).toContain('0.owner.lastName');
  });
});

describe('a letter', () => {
  let id: string;
  beforeEach(async () => {
    ({ id } = await json(...add(await file('a.eml', MAPLE), '--filler', '3', '--actor', 'jo')));
  });

  test('is shown in full to the person who will confirm it', async () => {
    await json('letters', 'confirm', id, '--actor', 'kim');
    const shown = await said(EXIT.ok, 'letters', 'show', id);
    expect(shown).toContain(`${id}: approved, known\nSigned by:   cbp.dhs.gov\n`);
    expect(shown).toMatch(/Agreed: {6}\S+Z by jo \(as stated\), from email [0-9a-f]{64}\n/);
    expect(shown).toMatch(/Agreed: {6}\S+Z by kim \(as stated\)\n/);
    expect(shown).toContain('  1  DECIDES      The application of {company} has been approved on {date}.\n');
    expect(shown).toContain('filler   Office hours are Monday to Friday.');
    expect(await json('letters', 'show', id)).toMatchObject({ id, fillers: ['Office hours are Monday to Friday.'] });
    const { fillers } = await json('letters', 'list');
    expect(await said(EXIT.ok, 'letters', 'show', fillers[0].id)).toContain('Office hours are Monday to Friday.');
    expect(await said(EXIT.notFound, 'letters', 'show', 'letter-0')).toContain('There is no letter');
  });

  test('moves to another archive by export and import, and counts there when it is confirmed there', async () => {
    await json('letters', 'confirm', id, '--actor', 'kim');
    await said(EXIT.ok, 'letters', 'export', inFolder('letters.json'));
    expect(JSON.parse(await readFile(inFolder('letters.json'), 'utf8'))).toEqual(await json('letters', 'export'));
    expect(await readFile(inFolder('letters.json'), 'utf8')).not.toMatch(/Maple|345678/);
    vi.stubEnv('ARCHIVE_DIR', inFolder('other'));
    vi.stubEnv('IMPORTER_KEY_FILE', inFolder('other-key'));
    await makeArchive({ archiveDir: inFolder('other'), importerKeyFile: inFolder('other-key') });
    const { imported } = await json('letters', 'import', inFolder('letters.json'), '--actor', 'lee');
    expect(imported).toEqual([id, expect.stringMatching(/^filler-/)]);
    expect(await json('letters', 'show', id)).toMatchObject({ state: 'needs-confirmation', agreed: [] });
    await json('letters', 'confirm', id, '--actor', 'lee');
    expect(await json('letters', 'confirm', id, '--actor', 'max')).toMatchObject({ state: 'known' });
    expect((await json('letters', 'import', inFolder('letters.json'))).imported).toEqual([]);
  });

  test('that is not a letter is refused, and the wrong field is named', async () => {
    await writeFile(inFolder('letters.json'), JSON.stringify({ version: 1, letters: [{}], fillers: [] }));
    expect(await said(EXIT.invalid, 'letters', 'import', inFolder('letters.json'))).toContain('  - letters.0.kind: ');
  });

  test('is revoked with a reason, which is shown, and no one can confirm it any more', async () => {
    await json('letters', 'revoke', id, '--actor', 'kim', '--reason', 'it is about CTPAT');
    expect(await said(EXIT.ok, 'letters', 'show', id)).toMatch(/Revoked: .* by kim \(as stated\): it is about CTPAT/);
    expect(await said(EXIT.conflict, 'letters', 'confirm', id, '--actor', 'lee')).toContain('was revoked by kim');
  });
});

describe('what is not known yet', () => {
  const REFUSAL = { subject: 'ACE', body: 'The application of Maple Imports LLC was denied.' };

  test('waits in groups of the same letter, the largest first, each with the command that teaches it', async () => {
    const waiting = async (reference: string, parts: MailParts, group: string, since: string) => {
      const mailId = await archived(reference, parts);
      const workflowId = `onboarding-${reference}`;
      await noteUnknownLetter(archive, { mailId, workflowId, reference, group, domain: 'cbp.dhs.gov', since });
      return mailId;
    };
    await waiting('maple', REFUSAL, 'r', '2026-03-01T00:00:00Z');
    await waiting('birch', BIRCH, 'a', '2026-03-03T00:00:00Z');
    const oldest = await waiting('maple', MAPLE, 'a', '2026-03-02T00:00:00Z');
    const groups = await json('letters', 'list', '--waiting');
    expect(groups).toMatchObject([
      {
        group: 'a',
        mails: 2,
        suggested: 'approved',
        example: { mailId: oldest, reference: 'maple' },
        teach: `ace-onboarding letters add ${oldest} --as approved --reference maple`,
      },
      { group: 'r', mails: 1, suggested: 'refused' },
    ]);
    // The beginning of an ID works, too.
    expect(await json(...add(oldest.slice(0, 12)))).toMatchObject({ changed: true });
  });

  test('is measured by coverage: by kind, with the groups worth teaching first', async () => {
    await archived('maple', MAPLE, { kind: 'approved' });
    await archived('birch', BIRCH);
    const refusal = await archived('maple', REFUSAL);
    await archived('maple', { body: 'Not signed.' }, { authenticity: { verdict: 'unauthentic', reasons: [] } });
    await archived('maple', { body: 'We got it.' }, { kind: 'acknowledgement' });
    await archived('maple', { body: 'Long ago.' }).then(async (mailId) => {
      const record = mails.schema.parse(await archive.readRecord(mails.key(mailId)));
      await archive.replaceRecord(mails.key(mailId), { ...record, receivedAt: '2020-01-01T00:00:00.000Z' });
    });
    expect(await json('letters', 'coverage')).toMatchObject({
      days: 90,
      decisions: 3,
      byItself: 0,
      share: 0,
      unknown: [{ mails: 2, suggested: 'approved' }, { mails: 1 }],
    });
    vi.stubEnv('LETTER_MANAGERS', 'jo');
    await json(...add(await file('a.eml', MAPLE), '--actor', 'jo'));
    await json('letters', 'add', refusal, '--as', 'refused', '--reference', 'maple', '--actor', 'jo');
    expect(await json('letters', 'coverage')).toMatchObject({
      decisions: 3,
      known: 3,
      byItself: 2,
      kinds: [
        { kind: 'approved', decisions: 2, known: 2, byItself: 2 },
        { kind: 'refused', decisions: 1, known: 1, byItself: 0 },
      ],
      unknown: [],
    });
    expect(await said(EXIT.ok, 'letters', 'coverage')).toContain(
      '2 of 3 decisions in the last 90 days (66%) would act without a person.',
    );
  });

  test('coverage counts no mail as known that quotes words of unknown origin', async () => {
    vi.stubEnv('LETTER_MANAGERS', 'jo');
    await json(...add(await file('a.eml', MAPLE), '--actor', 'jo'));
    await archived('maple', { ...MAPLE, body: `${MAPLE.body}\n\n> It is closed.` });
    expect(await json('letters', 'coverage')).toMatchObject({ decisions: 1, known: 0 });
  });

  test('coverage without a decision says so', async () => {
    expect(await said(EXIT.ok, 'letters', 'coverage', '--days', '7')).toContain('No authentic decision');
  });
});

describe('a person who decides on an email', () => {
  const decides = { reference: 'maple', decision: 'approved', actor: 'jo' } as const;
  test('is shown the letter that it would teach, with the command that does; nothing is learned by that alone', async () => {
    const mailId = await archived('maple', MAPLE);
    const { say, offer } = await letterOffer({ ...decides, mail: mailId });
    expect(say.text).toMatch(/DECIDES new +The application of \{company\} has been approved on \{date\}\./);
    expect(offer).toMatchObject({ teach: expect.stringContaining('--as approved --reference maple') });
    expect(await json('letters', 'list')).toEqual({ letters: [], fillers: [] });
  });

  test('can teach it at once, which takes the second person all the same', async () => {
    const mailId = await archived('maple', MAPLE);
    const { offer } = await letterOffer({ ...decides, mail: mailId, teach: true, filler: [3] });
    expect(offer).toMatchObject({ state: 'needs-second-person' });
  });

  test("learns why an email can't teach a letter, and what to provide", async () => {
    const { say } = await letterOffer({
      ...decides,
      mail: await archived('maple', { ...MAPLE, body: 'The weather.' }),
    });
    expect(say.text).toContain('--decisive N');
    const doubtful = await archived('maple', MAPLE, { authenticity: { verdict: 'unauthentic', reasons: [] } });
    expect((await letterOffer({ ...decides, mail: doubtful })).say.text).toContain('authentic');
  });
});
