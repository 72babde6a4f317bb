import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLAIMS, type Claim } from '../../../../src/mail/outgoing/compose/claims.js';
import { composeNotice } from '../../../../src/mail/outgoing/compose/compose-notice.js';
import { NoticeRefused } from '../../../../src/mail/outgoing/compose/notice-refused.js';
import { languages, languageWords } from '../../../../src/mail/outgoing/compose/templates.js';
import { CLIENT_TEMPLATES, type Notice } from '../../../../src/workflows/contract/mail-activities.js';
import { sampleApplication } from '../../application/sample.js';
import { ALIASES, aConfig, WORKFLOW } from './outgoing-case.js';

/** What each email says, against what is on record, in every language. */

type Template = keyof typeof CLAIMS;
type Facts = Notice['facts'];

const TEMPLATES = Object.keys(CLAIMS) as Template[];
const LANGUAGES = languages();
const CONFIG = aConfig(25, { BROKER_ACE_SECOND_EMAIL: 'second@broker.example' });

/** Everything that can be on record at once. */
const ALL: Facts = {
  submittedOn: '2026-12-01',
  submittedBy: 'us',
  askedOn: '2026-12-08',
  replaces: 'yes',
  approval: 'cbp-letter',
  approvedOn: '2026-12-09',
  linkExpiresOn: '2026-12-30',
  signedIn: 'client',
  signedInOn: '2026-12-11',
  userAdded: 'client',
  instructedOn: '2026-12-10',
  lookedOn: '2026-12-09',
  seen: ['12-345678900'],
  missing: ['12-3456789A1'],
  role: 'read-only',
  topAccount: 'wrong',
  what: 'What to do.',
  text: 'The written text.',
  ticket: 'INC-1',
  attachForm: 'yes',
  formSha256: 'f'.repeat(64),
  attention: 'link-dies',
  since: '2026-12-23T15:00:00Z',
  dies: '2026-12-30',
  withdrawn: 'client-withdraws',
  siblings: ['C-1043, Maple Exports LLC'],
};
/** Other combinations, so that each wording is said once. */
const VARIANTS: Facts[] = [
  ...['client', 'unknown'].map((submittedBy) => ({ submittedBy })),
  ...['seen-in-ace', 'desk-phoned', 'mail-examined', 'client-stated', 'back-office', 'existing-account'].map(
    (approval) => ({ approval }),
  ),
  { signedIn: 'broker' },
  { signedInOn: '' },
  { signedIn: 'broker', signedInOn: '' },
  { withdrawn: 'power-of-attorney-revoked' },
  { seen: [] },
  { roles: ['12-345678900: full-access', '12-3456789A1: other'] },
];

/** Sentences that say nothing about the case: what to do, and what is true of every case. */
const SAYS_NOTHING = [
  // Courtesy.
  /^Dear /,
  /^Thank you[,.]$/,
  /^Dear ACE Applications Team/,
  /^Questions\?/,
  /^Reply to this email or call us/,
  /^Clearit USA$/,
  /^\+1 555 0100$/,
  /^Our reference:/,
  // What to do, and offers.
  /^(?:Please|Never|Do not|If|Sign in|Say that|Reply|When you are|Set|Under|Open|Choose|Enter|Create|Check|Confirm|Type|Add|Call|You can also|Then reply|Now please|Keep your inbox open|We would be glad|Did it come|Have you signed in|No email from CBP|You find it below|To change this|To tell us)/,
  /^Only you, as the account owner, can (?:do|get)/,
  /^Only you should enter it/,
  /^For anything confidential/,
  /^When ACE asks for them/,
  // The importer numbers of the application.
  /^We need:/,
  /^This matters: a user with another address/,
  // General knowledge. How long CBP takes: its own guide, one to two weeks.
  /^CBP usually takes one to two weeks/,
  /^CBP (?:sends its account email|emails you a code)/,
  /^Your account ID, temporary password and shared secret are for you alone/,
  /^These are for you alone/,
  // CBP pays refunds only electronically, to accounts entered in ACE (90 FR 58174), and CAPE filings are made in the portal.
  /^Why:/,
  /^Refunds are up to CBP/,
  /^ACH for paying duty/,
  // 21 days: CBP's guide for initial account access. 45 days: 73 FR 38464.
  /^The sign-in link in/,
  /^ACE disables/,
  /^ACE users are personal/,
  /^At U\.S\. Customs and Border Protection \(CBP\), the person before you stays/,
  /^This connects your user/,
  /^A pane with our user name appears/,
  /^What Full Access means|^Full Access also lets/,
  /^We never ask|^Our (?:second )?user has exactly this address/,
  // What this product does with such an email: src/activities/receive-mail.ts.
  /^What happens to that email: it stays in our mailbox/,
  /^In our records we keep only a copy/,
  /^No one here will use them/,
  /^Case:|^Run:|^View:/,
  /^(?:Steps|Details)$/,
];

function mail(template: Template, facts: Facts, language = 'en', config = CONFIG, application = sampleApplication()) {
  return composeNotice(
    { workflowId: WORKFLOW, reference: 'C-1042', template, ordinal: 1, applicationSha256: '', facts },
    { ...application, furtherImporterNumbers: ['12-3456789A1'], refundDeadline: '2027-03-01', language },
    ALIASES,
    config,
    'default',
  ).letter;
}

/** Sentences and single lines, without the numbers and addresses on indented lines. */
function sentences(text: string): string[] {
  return text
    .split(/\n{2,}|\n(?= *(?:\d+\.|-) )|\n(?=\S)/)
    .filter((block) => !/^ {4,}\S/.test(block))
    .map((block) => block.replace(/\n +/g, ' ').replace(/^ *(?:\d+\.|-) /, ''))
    .flatMap((block) => block.split(/(?<=[.?!]["”]?)(?<!\bU\.S\.) +(?=["“¿]?[\p{Lu}¿])/u))
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => sentence !== '');
}

const without = (facts: Facts, names: string) =>
  Object.fromEntries(Object.entries(facts).filter(([name]) => !names.split('|').includes(name)));

/** Every combination in which the email goes out: one that says that we saw nothing can't thank for it. */
function factsOf(template: Template): Facts[] {
  const variants = VARIANTS.filter(({ seen }) => seen === undefined || template !== 'access-seen');
  const all = [{}, ...variants].map((variant) => ({ ...ALL, ...variant }));
  return template === 'access-seen' ? all : [...all, without(ALL, 'seen')];
}

const said = (template: Template, facts: Facts, language = 'en') => sentences(mail(template, facts, language).text);

/** The facts under which a claim is made. */
function factsFor(template: Template, claim: Claim): Facts {
  const fitting = factsOf(template)
    .map((facts) => ({ ...facts, ...claim.when }))
    .find((facts) => said(template, facts).some((sentence) => sentence.startsWith(claim.begins)));
  if (!fitting) throw new Error(`No sample of ${template} says: ${claim.begins}`);
  return fitting;
}

const claims = TEMPLATES.flatMap((template) =>
  CLAIMS[template].map((claim) => [template, claim.begins, claim] as const),
);

describe('every email', () => {
  test.each(TEMPLATES)('%s: each sentence has its record, or says nothing about the case', (template) => {
    for (const facts of factsOf(template)) {
      const unexplained = said(template, facts).filter(
        (sentence) =>
          !CLAIMS[template].some(({ begins }) => sentence.startsWith(begins)) &&
          !SAYS_NOTHING.some((pattern) => pattern.test(sentence)) &&
          !/^> |^C-1043/.test(sentence),
      );
      expect(unexplained).toEqual([]);
    }
  });

  test.each(claims)('%s: without its record, "%s" is not said', (template, _begins, claim) => {
    const facts = factsFor(template, claim);
    const staff = template === 'task' || template.startsWith('cbp-');
    for (const names of claim.needs.filter((need) => !['application', 'refundDeadline'].includes(need)))
      for (const language of staff ? ['en'] : LANGUAGES) {
        const at = said(template, facts).findIndex((sentence) => sentence.startsWith(claim.begins));
        const sentence = said(template, facts, language)[at];
        const remaining = () => said(template, without(facts, names), language);
        if (claim.else === 'refuse') expect(remaining).toThrow(NoticeRefused);
        else {
          expect(remaining()).not.toContain(sentence);
          expect(said(template, without(facts, names)).filter((other) => other.startsWith(claim.begins))).toEqual([]);
        }
      }
  });

  test.each(CLIENT_TEMPLATES)('%s: an application that is not there is no one to write to', (template) => {
    const notice = {
      workflowId: WORKFLOW,
      reference: 'C-1042',
      template,
      ordinal: 1,
      applicationSha256: '',
      facts: ALL,
    };
    expect(() => composeNotice(notice, undefined, ALIASES, CONFIG, 'default')).toThrow(NoticeRefused);
  });

  test.each(CLIENT_TEMPLATES)('%s: all languages say the same, sentence by sentence', (template) => {
    for (const facts of factsOf(template)) {
      const counts = LANGUAGES.map((language) => said(template, facts, language).length);
      expect(new Set(counts).size, `${JSON.stringify(facts)}: ${counts}`).toBe(1);
    }
  });

  test.each(CLIENT_TEMPLATES.flatMap((template) => LANGUAGES.map((language) => [template, language] as const)))(
    '%s in %s: under 150 words before the details, signed by the handler, and no URL',
    (template, language) => {
      const config = aConfig(25, { PEOPLE: '{"jo":{"name":"Jo Park","email":"jo@broker.example"}}' });
      for (const facts of factsOf(template)) {
        const recorded = { ...without(facts, 'siblings'), handler: 'jo' };
        const { subject, text } = mail(template, recorded, language, config);
        const [before = ''] = text.split(/^(?:Steps|Details|Pasos|Detalles)$/m);
        const words = before.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
        expect(words).toBeLessThan(150);
        expect(text).toMatch(/\nJo Park\nClearit USA\n\+1 555 0100\n$/);
        expect(`${subject}\n${text}`).not.toMatch(/https?:|www\.|ftp:|undefined|\[object|<%|\uE000/i);
      }
    },
  );

  test('none makes a promise, gives a false proof, or asks for what we never ask', () => {
    const files = ['en', 'es', 'cbp', 'staff'].flatMap((folder) =>
      readdirSync(join('templates', folder)).map((file) => join('templates', folder, file)),
    );
    for (const file of files)
      expect(readFileSync(file, 'utf8').replace(/\s+/g, ' '), file).not.toMatch(
        /we can see|we can't see|we do not see|we applied|have not kept|by telephone|number you gave us|ends in @|termina en @|one step|five minutes|cinco minutos|is open\b|está abierta|has been asked|have asked|Thank you for adding/i,
      );
  });

  test.each(CLIENT_TEMPLATES)('%s: a company whose name ends in a period does not end a sentence', (template) => {
    const inc = {
      ...sampleApplication(),
      company: { ...sampleApplication().company, legalName: 'Maple Imports, Inc.' },
    };
    for (const facts of factsOf(template))
      for (const language of LANGUAGES) expect(mail(template, facts, language, CONFIG, inc).text).not.toContain('..');
  });

  test.each(LANGUAGES)('in %s: the words to reply with are ones that count', (language) => {
    const { yes, no, done } = languageWords(language);
    const asked = { en: ['yes', 'no', 'done'], es: ['sí', 'no', 'listo'] }[language] ?? [];
    const [y, n, d] = asked as [string, string, string];
    expect(yes).toContain(y);
    expect(no).toContain(n);
    expect(done).toContain(d);
    const question = mail('ask-whether-approved', ALL, language).text;
    expect(question).toMatch(new RegExp(`: ${y} (?:or|o) ${n}\\.`));
    expect(mail('grant-instructions', ALL, language).text).toContain(`"${d}"`);
    for (const word of [yes, no, done].flat()) expect(word).toBe(word.toLowerCase().normalize('NFC'));
    expect(new Set([yes, no, done].flat()).size).toBe(yes.length + no.length + done.length);
  });

  test.each(LANGUAGES)('in %s: only a question whose yes counts asks for that word', (language) => {
    const { yes, no } = languageWords(language);
    const asks = CLIENT_TEMPLATES.filter((template) =>
      factsOf(template).some((facts) => {
        const quoted = [...mail(template, facts, language).text.matchAll(/"([^"]+)"/g)];
        return quoted.some(([, word = '']) => [...yes, ...no].includes(word.toLowerCase()));
      }),
    );
    expect(asks).toEqual(['application-submitted']);
  });
});

test('a form that is not on record is not announced', () => {
  expect(mail('cbp-message', ALL).text).toContain('The application form is attached.');
  expect(mail('cbp-message', without(ALL, 'formSha256')).text).not.toContain('attached');
});

test('a value that no template can say is refused, and quoted', () => {
  expect(() => mail('grant-instructions', { ...ALL, approval: 'rumor' })).toThrow(
    /approval is "rumor"\. It must be one of: cbp-letter, /,
  );
  expect(() => mail('grant-partial', { ...ALL, lookedOn: 'soon' })).toThrow(/lookedOn is "soon"\. It must be a day/);
});

test('a partial grant without anything that is wrong is not written about', () => {
  expect(() => mail('grant-partial', without(ALL, 'missing|role|topAccount'))).toThrow(NoticeRefused);
  expect(() => mail('grant-partial', { ...without(ALL, 'missing|topAccount'), role: 'full-access' })).toThrow(
    NoticeRefused,
  );
});

test('with a narrower role that the broker accepts, the client is not asked for Full Access', () => {
  const { text } = mail('grant-partial', { ...ALL, acceptsNarrower: 'yes' });
  expect(text).not.toMatch(/not Full Access|choose Full Access/);
  expect(text).toContain('Role seen in ACE on December 9, 2026: Read-Only.');
});
