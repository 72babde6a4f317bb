import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../../src/application/application.js';
import { canonical } from '../../../src/application/canonical.js';
import { countryCode } from '../../../src/application/regions.js';
import { type CheckOptions, checkApplication } from '../../../src/application/schema.js';
import { shorterForm } from '../../../src/application/shorter-forms.js';
import { formatIssue } from '../../../src/application/validation-issue.js';
import { sampleApplication } from './sample.js';

const now = new Date('2026-03-02T15:00:00Z');
type Json = Record<string, unknown>;

/** The sample with changes at dotted paths; undefined removes. */
function changed(changes: Record<string, unknown>): Json {
  const application = sampleApplication() as unknown as Json;
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let target = application;
    for (const key of keys) target = target[key] as Json;
    if (value === undefined) delete target[last];
    else target[last] = value;
  }
  return application;
}
function check(changes: Record<string, unknown>, options: CheckOptions = {}) {
  return checkApplication(changed(changes), { now, ...options });
}
function complaintsOf(changes: Record<string, unknown>, options: CheckOptions = {}): string[] {
  const checked = check(changes, options);
  return 'complaints' in checked ? checked.complaints.map(formatIssue) : [];
}
function accepted(changes: Record<string, unknown>, options: CheckOptions = {}) {
  const checked = check(changes, options);
  if ('complaints' in checked) throw new Error(checked.complaints.map(formatIssue).join('\n'));
  return checked;
}

describe('words encoded like an email header', () => {
  it.each([
    'company.legalName',
    'company.address.street',
    'company.address.city',
    'officer.firstName',
    'officer.lastName',
    'accountOwner.firstName',
    'accountOwner.lastName',
    'accountOwner.title',
    'accountOwner.email',
    'acknowledgements.officer.name',
    'submissionSubject',
    'handler',
  ])('are refused in %s', (path) => {
    expect(complaintsOf({ [path]: '=?utf-8?q?Qu=C3=A9bec?=' })).toContain(
      `${path}: is "=?utf-8?q?Qu=C3=A9bec?=", which is encoded like an email header (=?), so mail programs would show something else. Write the letters themselves, such as "Québec".`,
    );
  });

  it('are not quoted if they may contain a tax number', () => {
    const [complaint = ''] = complaintsOf({ 'company.legalName': '=?12-345678900' });
    expect(complaint).toMatch(/^company.legalName: is encoded like an email header/);
  });

  it('are not confused with an equals sign and a question mark', () => {
    accepted({ 'company.legalName': 'Why = ? Inc' });
  });
});

describe('an application without mistakes', () => {
  it('is accepted unchanged, without a warning', () => {
    expect(accepted({})).toEqual({ application: sampleApplication(), warnings: [] });
  });

  it('is cleaned up: spaces, Unicode forms, case of codes, and numbers in the form that CBP writes', () => {
    const { application } = accepted({
      'company.legalName': '  Fonderie  Que\u0301bec\u00a0Inc. ',
      'company.address.country': 'ca',
      'company.address.state': 'qc',
      'company.address.postalCode': 'g1r4p5',
      'company.duns': '12-345-6789',
      'company.website': '  ',
      importerNumber: 'EIN: 12\u20133456789 00',
      furtherImporterNumbers: ['12-3456789-a1'],
    });
    expect(application.company).toMatchObject({
      legalName: 'Fonderie Québec Inc.',
      address: { country: 'CA', state: 'QC', postalCode: 'G1R 4P5' },
      duns: '123456789',
    });
    expect(application.company).not.toHaveProperty('website');
    expect(application.importerNumber).toBe('12-345678900');
    expect(application.furtherImporterNumbers).toEqual(['12-3456789A1']);
  });

  it('does not change when checked again', () => {
    const { application } = accepted({ importerNumber: '12 3456789 00' });
    expect(checkApplication(application, { now })).toEqual({ application, warnings: [] });
  });

  it('can have any route and channel', () => {
    for (const existingAccount of ['none', 'yes', 'unknown'])
      for (const channel of [{ kind: 'email' }, { kind: 'web-form' }])
        accepted({ 'route.existingAccount': existingAccount, 'route.channel': channel });
    accepted({ 'route.channel': { kind: 'already-submitted', at: '2026-02-27', by: 'client' } });
    expect(accepted({ 'route.channel': 'web-form' }).application.route.channel).toEqual({ kind: 'web-form' });
  });

  it('can say what kind of number it has if there is no hyphen', () => {
    const { application } = accepted({ importerNumber: '12345678900', importerNumberKind: 'cbp-assigned' });
    expect(application.importerNumber).toBe('123456-78900');
    expect(application).not.toHaveProperty('importerNumberKind');
  });

  it('can have the same person as officer and account owner', () => {
    accepted({
      'accountOwner.firstName': 'ann',
      'accountOwner.lastName': 'LEE',
      'acknowledgements.accountOwner.name': 'Ann  Lee',
    });
  });

  it('gets warnings about what a person should check', () => {
    const warnings = (changes: Record<string, unknown>) =>
      accepted(changes).warnings.map((w) => `${w.field} ${w.problem}`);
    expect(warnings({ importerNumber: '07-123456700' })[0]).toMatch(/^importerNumber begins with 07/);
    expect(warnings({ furtherImporterNumbers: ['07-123456700'] })[0]).toMatch(/^furtherImporterNumbers.0 begins/);
    expect(warnings({ 'acknowledgements.officer.at': '2024-12-01' })).toEqual([
      'acknowledgements.officer.at is more than a year ago.',
    ]);
    expect(warnings({ refundDeadline: '2026-03-01' })).toEqual(['refundDeadline has passed.']);
    expect(warnings({ refundDeadline: '2000-01-01' })).toEqual(['refundDeadline has passed.']);
    expect(warnings({ refundDeadline: '2046-12-31' })).toEqual([]);
    expect(warnings({ importerNumber: '234-56-7891', submissionSubject: 'ACE application, Maple' })).toHaveLength(1);
  });
});

describe('each mistake is reported with its field and its remedy', () => {
  it.each<[path: string, value: unknown, complaint: RegExp]>([
    ['reference', '', /^reference: is missing\. Enter the back office/],
    ['reference', 'maple imports', /^reference: must be 1 to 40 letters/],
    ['reference', '-maple', /^reference: must be 1 to 40 letters.*start with a letter or a digit/],
    ['reference', 'x'.repeat(41), /^reference: must be 1 to 40/],
    ['reference', '12-3456789', /^reference: looks like an importer number, EIN, or SSN/],
    ['reference', 'c-123-45-6789', /^reference: looks like/],
    ['reference', 7, /^reference: is not text but a number\. Put it in quotes/],
    ['company', undefined, /^company.legalName: is missing\. .*Form 5106/],
    ['company', 'Maple', /^company: is not an object/],
    ['company.legalName', 'Maple 12-3456789', /^company.legalName: contains what looks like a tax number/],
    ['company.legalName', 'Maple\u202eImports', /^company.legalName: contains characters that do not print/],
    ['company.legalName', 'M'.repeat(201), /^company.legalName: has 201 characters/],
    ['company.organization', 'Inc', /^company.organization: is "Inc", which is not one of: corporation/],
    ['company.address.state', undefined, /^company.address.state: is missing/],
    [
      'company.address.state',
      'Maine',
      /^company.address.state: is "MAINE", which is not the two-letter code of a state/,
    ],
    ['company.address.postalCode', '4101', /^company.address.postalCode: .*leading zero/],
    ['company.address.postalCode', 'H2Y 1C6', /^company.address.postalCode: is not a ZIP code/],
    ['company.address.country', '', /^company.address.country: is missing\. Write the country, such as US/],
    ['company.address.country', 'XX', /^company.address.country: is "XX", which is not the code or English name/],
    [
      'company.address.country',
      'Deutschland',
      /^company.address.country: is "Deutschland".*two-letter code, such as US/,
    ],
    ['company.address.country', 'Congo', /^company.address.country: is "Congo".*a single country/],
    ['company.address.country', 'Georgia', /^company.address.country: is "Georgia".*a single country/],
    ['company.phone', '555', /^company.phone: is not a telephone number/],
    ['company.fiscalYearEnd', '12/31', /^company.fiscalYearEnd: is not a day in the form MM-DD/],
    ['company.fiscalYearEnd', '13-31', /^company.fiscalYearEnd: is not a day/],
    ['company.fiscalYearEnd', '31-Dec', /^company.fiscalYearEnd: is not a day/],
    ['company.duns', '1234', /^company.duns: is not a nine-digit DUNS number/],
    ['company.website', 'none yet', /^company.website: is not a web address/],
    ['company.color', 'red', /^company.color: is not a field of an application/],
    ['officer.dateOfBirth', '', /^officer.dateOfBirth: is missing.*Section A/],
    ['officer.dateOfBirth', '04/09/1975', /^officer.dateOfBirth: is not a date in the form YYYY-MM-DD/],
    ['officer.dateOfBirth', '1975-02-30', /^officer.dateOfBirth: is not a date/],
    ['officer.dateOfBirth', '27493', /^officer.dateOfBirth: is a spreadsheet's day number/],
    ['officer.dateOfBirth', '2030-01-01', /^officer.dateOfBirth: is in the future/],
    ['officer.dateOfBirth', '2009-01-01', /^officer.dateOfBirth: makes the officer a minor/],
    ['officer.dateOfBirth', '1890-01-01', /^officer.dateOfBirth: is more than 110 years ago/],
    ['accountOwner.email', 'bo.park', /^accountOwner.email: is not an email address/],
    ['accountOwner.email', 'Bo <bo@maple.example>', /^accountOwner.email: is not an email address/],
    ['accountOwner.email', 'a@b.example, c@d.example', /^accountOwner.email: is more than one email address/],
    ['accountOwner.email', 'bo@clearit.example', /^accountOwner.email: is one of the broker's own addresses/],
    ['accountOwner.email', 'bo@mail.Clearit.example', /^accountOwner.email: is one of the broker's own addresses/],
    ['acknowledgements', undefined, /^acknowledgements.officer: is missing\. A blank never means yes/],
    ['acknowledgements.officer', undefined, /^acknowledgements.officer: is missing\. A blank never means yes/],
    ['acknowledgements.officer', { name: '', at: ' ', evidence: null }, /A blank never means yes/],
    ['acknowledgements.officer', true, /^acknowledgements.officer: is not an object/],
    ['acknowledgements.officer.name', 'Bo Park', /^acknowledgements.officer.name: is not the officer's name/],
    [
      'acknowledgements.accountOwner.name',
      'yes',
      /^acknowledgements.accountOwner.name: is not the account owner's name/,
    ],
    ['acknowledgements.officer.at', '', /^acknowledgements.officer.at: is missing/],
    ['acknowledgements.officer.at', 'yesterday', /^acknowledgements.officer.at: is neither a date nor a time/],
    ['acknowledgements.officer.at', '2026-02-20T10:15:00', /time zone/],
    ['acknowledgements.officer.at', '2026-03-05', /^acknowledgements.officer.at: is in the future/],
    ['acknowledgements.officer.at', '2014-01-01', /^acknowledgements.officer.at: is more than ten years ago/],
    ['acknowledgements.officer.evidence', '', /^acknowledgements.officer.evidence: is missing/],
    [
      'acknowledgements.officer.evidence',
      'Yes',
      /^acknowledgements.officer.evidence: is "Yes", which does not say where/,
    ],
    ['route.existingAccount', '', /^route.existingAccount: is missing.*none, yes, or unknown/],
    ['route.existingAccount', 'maybe', /^route.existingAccount: is "maybe", which is not one of: /],
    ['route.form5106OnFile', false, /^route.form5106OnFile: is false\. .*File the CBP Form 5106 first/],
    ['route.form5106OnFile', 'true', /^route.form5106OnFile: is neither true nor false/],
    ['route.form5106OnFile', undefined, /^route.form5106OnFile: is missing/],
    ['route.channel', undefined, /^route.channel.kind: is not one of: email, web-form, already-submitted/],
    ['route.channel', { kind: 'fax' }, /^route.channel.kind: is not one of: /],
    ['route.channel', { kind: 'already-submitted' }, /^route.channel.at: is missing/],
    ['route.channel', { kind: 'already-submitted', at: '2026-03-09', by: 'x' }, /^route.channel.at: is in the future/],
    ['submissionSubject', 'ACE for 12-3456789', /^submissionSubject: contains what looks like a tax number/],
    ['refundDeadline', 'soon', /^refundDeadline: is not a date/],
    ['refundDeadline', '9999-12-31', /^refundDeadline: is "9999-12-31".*2000 and 2046\. Write the last day/],
    ['refundDeadline', '2047-01-01', /^refundDeadline: .*not between the years 2000 and 2046/],
    ['refundDeadline', '1999-12-31', /^refundDeadline: .*not between the years 2000 and 2046/],
    ['refundDeadline', '0001-01-01', /^refundDeadline: .*not between the years 2000 and 2046/],
    ['handler', 'Jane Doe', /^handler: is not an account name or mailbox/],
    ['importerNumber', undefined, /^importerNumber: is missing/],
    ['importerNumber', 12345678900, /^importerNumber: is not text but a number\. Numbers lose their leading zeros/],
    ['importerNumber', '12-3456789', /^importerNumber: is 12-3456789, the example from the guide/],
    ['importerNumberKind', 'vat', /^importerNumberKind: is not one of: ein, ssn, cbp-assigned/],
    ['furtherImporterNumbers', '13-345678900', /^furtherImporterNumbers: is a string, not a list/],
    ['furtherImporterNumbers', ['13-3456789'], /^furtherImporterNumbers.0: is an EIN that still needs/],
    ['furtherImporterNumbers', ['12-345678900'], /^furtherImporterNumbers.0: appears twice in this application/],
  ])('%s = %j', (path, value, complaint) => {
    const complaints = complaintsOf({ [path]: value }, { brokerDomains: ['clearit.example'] });
    expect(
      complaints.some((c) => complaint.test(c)),
      complaints.join('\n'),
    ).toBe(true);
  });

  it('an application with an SSN needs its own email subject', () => {
    const ssn = { importerNumber: '234-56-7891', 'company.organization': 'sole-proprietorship' };
    expect(complaintsOf(ssn)).toEqual([
      expect.stringMatching(/^submissionSubject: is missing, and the importer number is an SSN/),
    ]);
    expect(complaintsOf({ ...ssn, submissionSubject: 'About 234 56 7891' })).toEqual([
      expect.stringMatching(/^submissionSubject: contains/),
    ]);
    accepted({ ...ssn, submissionSubject: 'ACE application, Ann Lee' });
    accepted({ ...ssn, 'route.channel': 'web-form' });
    accepted({ ...ssn, 'route.existingAccount': 'yes' });
  });

  it('an application for an existing account cannot wait for a decision', () => {
    expect(
      complaintsOf({
        'route.existingAccount': 'yes',
        'route.channel': { kind: 'already-submitted', at: '2026-02-27', by: 'client' },
      }),
    ).toEqual([expect.stringMatching(/^route.channel.kind: is already-submitted, but the importer has an account/)]);
  });
});

describe('problems', () => {
  it('are reported all at once, about single fields and about several together', () => {
    const complaints = complaintsOf(
      {
        importerNumber: '12-3456789',
        'company.phone': '',
        'officer.dateOfBirth': '2030-01-01',
        'accountOwner.email': 'bo@clearit.example',
        'acknowledgements.officer.name': 'Someone Else',
        'route.form5106OnFile': false,
        extra: 1,
      },
      { brokerDomains: ['clearit.example'] },
    );
    expect(complaints.map((c) => c.split(':')[0])).toEqual([
      'importerNumber',
      'company.phone',
      'officer.dateOfBirth',
      'accountOwner.email',
      'acknowledgements.officer.name',
      'route.form5106OnFile',
      'extra',
    ]);
  });

  it('name every required field once for an empty object', () => {
    const checked = checkApplication({}, { now });
    if (!('complaints' in checked)) throw new Error('accepted');
    const fields = checked.complaints.map((c) => c.field);
    expect(new Set(fields).size).toBe(fields.length);
    for (const field of [
      'reference',
      'importerNumber',
      'company.legalName',
      'officer.dateOfBirth',
      'route.channel.kind',
    ])
      expect(fields).toContain(field);
    expect(checked.complaints.every((c) => c.problem !== '' && c.remedy !== '')).toBe(true);
  });

  it.each([null, 7, 'text', [], undefined])('%j is not an application', (input) => {
    expect(checkApplication(input)).toMatchObject({ complaints: [{ field: 'application' }] });
  });

  it('never repeat an importer number, a date of birth, a person’s name, or an email address', () => {
    const told = complaintsOf(
      {
        reference: '98-765432100',
        importerNumber: '98-76543210O',
        'officer.dateOfBirth': '2031-07-19',
        'accountOwner.email': 'zebedee@clearit.example',
        'acknowledgements.officer.name': 'Zebedee Quux',
        submissionSubject: 'for 987654321',
        handler: 'Zebedee Quux',
      },
      { brokerDomains: ['clearit.example'] },
    ).join('\n');
    expect(told).not.toMatch(/9876543|98-76543|2031|zebedee|quux/i);
  });

  it.each(['company.organization', 'company.address.state', 'company.address.country', 'route.existingAccount'])(
    'do not quote a number that strayed into %s',
    (path) => {
      for (const stray of ['412-55-7788', '412557788', '98-765432100', '262345-12345']) {
        const told = complaintsOf({ [path]: stray });
        expect(told).toEqual([
          expect.stringMatching(
            new RegExp(`^${path}: is (not one of:|not the two-letter code|not the code or English name) .+\\. \\w`),
          ),
        ]);
        expect(told.join()).not.toContain(stray);
      }
    },
  );

  it('report a letter that was lost when the text was saved earlier', () => {
    expect(complaintsOf({ 'company.legalName': 'Lumi\ufffdre Qu\ufffdbec Inc.' })).toEqual([
      expect.stringMatching(/^company.legalName: contains a letter that was lost.*UTF-8/),
    ]);
  });

  it('are the answer to any input: nothing is thrown', () => {
    const paths = [
      'company',
      'company.address',
      'officer',
      'route',
      'route.channel',
      'acknowledgements.officer',
      'importerNumber',
      'furtherImporterNumbers',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.anything(), (path, value) => {
        const checked = check({ [path]: value });
        expect('complaints' in checked || 'application' in checked).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the country of an address', () => {
  it.each([
    ['US', ['us', 'USA', 'U.S.', 'U.S.A.', 'United States', 'the united states of america']],
    ['GB', ['GBR', 'UK', 'U.K.', 'United Kingdom', 'Great Britain']],
    ['CA', ['CAN', 'Canada', ' canada ']],
    ['DE', ['DEU', 'Germany']],
    ['CI', ["Cote d'Ivoire", 'CÔTE D’IVOIRE', 'Ivory Coast']],
    ['TR', ['Turkey', 'Türkiye', 'Turkiye']],
    ['TT', ['Trinidad and Tobago', 'Trinidad & Tobago']],
    ['KR', ['South Korea', 'Korea, Republic of', 'Republic of Korea']],
    ['VG', ['Virgin Islands, British', 'British Virgin Islands']],
    ['LA', ["Lao People's Democratic Republic", 'Lao People’s Democratic Republic', 'Laos']],
    ['GE', ['GE', 'GEO']],
  ])('%s can be written %j, and is stored as two letters', (code, ways) => {
    // A state and a postal code that fit the country.
    const fitting = code === 'US' ? ['ME', '04101'] : ['QC', 'G1R 4P5'];
    for (const written of ways) {
      const { application } = accepted({
        'company.address.country': written,
        'company.address.state': fitting[0],
        'company.address.postalCode': fitting[1],
      });
      expect(application.company.address.country).toBe(code);
    }
  });

  it('is one of the 249 countries of ISO 3166-1 or Kosovo, and nothing else', () => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const codes = letters.flatMap((one) => letters.map((other) => one + other));
    expect(codes.filter((code) => countryCode(code) === code)).toHaveLength(250);
    expect(codes.filter((code) => countryCode(code) !== undefined && countryCode(code) !== code)).toEqual(['UK']);
    for (const other of ['EU', 'European Union', 'ZZ', 'unknown region', '840', 'US 1', 'constructor', '__proto__', ''])
      expect(countryCode(other)).toBeUndefined();
  });

  it('has its own rules, however it is written', () => {
    const place = (country: string, state: string, postalCode: string) => ({
      'company.address.country': country,
      'company.address.state': state,
      'company.address.postalCode': postalCode,
    });
    expect(complaintsOf(place('U.S.A.', 'Maine', 'G1R 4P5'))).toEqual([
      expect.stringMatching(/^company.address.state: .*two-letter code of a state/),
      expect.stringMatching(/^company.address.postalCode: is not a ZIP code/),
    ]);
    expect(accepted(place('Canada', 'qc', 'g1r4p5')).application.company.address).toMatchObject({
      country: 'CA',
      state: 'QC',
      postalCode: 'G1R 4P5',
    });
  });
});

describe('the language and the time zone of the client', () => {
  it.each(['en', 'es', 'fr-CA'])('the language can be %s', (language) => {
    expect(accepted({ language }).application.language).toBe(language);
  });

  it.each(['EN', 'spanish', 'fr-ca', '../es'])('the language cannot be "%s"', (language) => {
    expect(complaintsOf({ language })).toEqual([
      `language: is "${language}", which is not the code of a language. Write it like en, es or fr-CA, as the folder with the templates in that language is named.`,
    ]);
  });

  it('the time zone is an IANA name', () => {
    expect(accepted({ timeZone: 'America/Chicago' }).application.timeZone).toBe('America/Chicago');
    expect(complaintsOf({ timeZone: 'Central' })).toEqual([
      'timeZone: is "Central", which is not the IANA name of a time zone. Write it like America/Chicago, or leave it out: it is then taken from the address of the company.',
    ]);
  });

  it('are absent unless given', () => {
    expect(accepted({ language: ' ', timeZone: null }).application).toEqual(sampleApplication());
  });
});

describe('shorter forms', () => {
  const applied = (shorterForms: unknown) => checkApplication({ ...sampleApplication(), shorterForms }, { now });

  it.each([undefined, null, {}, { 'company.legalName': ' ' }])(
    'given as %j are absent, as in older applications',
    (none) => {
      const checked = applied(none);
      if (!('application' in checked)) throw new Error(JSON.stringify(checked.complaints));
      const without = checkApplication(sampleApplication(), { now });
      if (!('application' in without)) throw new Error(JSON.stringify(without.complaints));
      expect(canonical(checked.application)).toEqual(canonical(without.application));
    },
  );

  it.each([
    [{ importerNumber: '1' }, 'shorterForms.importerNumber', /can have a shorter form/],
    ['Maple', 'shorterForms', /not an object/],
    [{ 'company.legalName': 'x'.repeat(100) }, 'shorterForms.company.legalName', /has 100 characters, more than/],
    [{ 'company.legalName': '12-345678900' }, 'shorterForms.company.legalName', /looks like a tax number/],
  ])('given as %j are refused', (given, field, problem) => {
    expect(applied(given)).toMatchObject({ complaints: [{ field, problem: expect.stringMatching(problem) }] });
  });

  it('of names follow from those of their parts', () => {
    const application: Application = {
      ...sampleApplication(),
      shorterForms: { 'officer.firstName': 'A.', 'company.address.street': 'Harbor' },
    };
    const { officer, company } = application;
    expect(shorterForm(application, 'officer.nameReversed')).toBe(`${officer.lastName}, A.`);
    expect(shorterForm(application, 'acknowledgement.officer.name')).toBe(`A. ${officer.lastName}`);
    expect(shorterForm(application, 'company.address')).toMatch(/^Harbor\n/);
    expect(shorterForm(application, 'company.address.city')).toBeUndefined();
    expect(company.address.street).not.toBe('Harbor');
  });
});
