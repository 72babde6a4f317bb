import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConfirmAccessGranted } from '../../../../src/workflows/contract/messages.js';
import {
  accessFacts,
  accessWait,
  approvedAccess,
  isComplete,
  lookFacts,
  seenIn,
} from '../../../../src/workflows/record/access-policy.js';
import { sampleApplication } from '../../application/sample.js';
import { BY, record } from '../onboarding/records.js';

const [OWN, OTHER, THIRD] = ['12-345678900', '98-7654321A1', '261234-56789'] as const;
const NUMBERS = [OWN, OTHER, THIRD];
const application = { ...sampleApplication(), importerNumber: OWN, furtherImporterNumbers: [OTHER, THIRD] };
const look = (more: Partial<ConfirmAccessGranted> = {}, overrides = {}) =>
  seenIn(record({ application, ...overrides }), { ...BY, importerNumbers: NUMBERS, role: 'full-access', ...more });

describe('a look into ACE', () => {
  test('shows exactly the numbers that the broker sees, in any notation, and the others are missing', () => {
    fc.assert(
      fc.property(fc.subarray([...NUMBERS]), fc.boolean(), (seen, lower) => {
        const importerNumbers = seen.map((one) => (lower ? one.replaceAll('-', '').toLowerCase() : one));
        const { numbers, missing, narrower } = look({ importerNumbers });
        expect({ numbers, missing, narrower }).toEqual({
          numbers: NUMBERS.filter((one) => seen.includes(one)),
          missing: NUMBERS.filter((one) => !seen.includes(one)),
          narrower: [],
        });
      }),
    );
  });

  test('is complete only with every number, Full Access and the right top account', () => {
    expect(isComplete(look())).toBe(true);
    expect(isComplete(look({ topAccount: 'right' }))).toBe(true);
    expect(isComplete(look({ topAccount: 'wrong' }))).toBe(false);
    expect(isComplete(look({ importerNumbers: [OWN, OTHER] }))).toBe(false);
    expect(isComplete(look({ importerNumbers: [] }))).toBe(false);
    for (const role of ['read-only', 'other'] as const) expect(isComplete(look({ role }))).toBe(false);
    expect(isComplete(look({ roles: { [THIRD]: 'read-only' } }))).toBe(false);
  });

  test('is complete with a narrower role if the broker accepts it, for this client or always', () => {
    const narrow = { role: 'read-only', roles: { [THIRD]: 'other' } } as const;
    expect(isComplete(look({ ...narrow, acceptRole: true }))).toBe(true);
    expect(isComplete(look(narrow, { acceptsNarrowerRole: true }))).toBe(true);
    expect(isComplete(look({ ...narrow, acceptRole: true, importerNumbers: [OWN] }))).toBe(false);
    expect(isComplete(look({ ...narrow, acceptRole: true, topAccount: 'wrong' }))).toBe(false);
  });

  test('tells the client the one role that is wrong, or that of each number', () => {
    expect(lookFacts(look())).toEqual({ seen: NUMBERS });
    expect(lookFacts(look({ role: 'read-only', importerNumbers: [OWN] }))).toEqual({
      seen: [OWN],
      missing: [OTHER, THIRD],
      role: 'read-only',
    });
    expect(lookFacts(look({ roles: { [OTHER.replaceAll('-', '')]: 'read-only' } }))).toEqual({
      seen: NUMBERS,
      roles: [`${OTHER}: read-only`],
    });
    expect(lookFacts(look({ topAccount: 'wrong' }))).toEqual({ seen: NUMBERS, topAccount: 'wrong' });
  });
});

describe('what is known about the access', () => {
  const ON = '2026-12-03';

  test('says who told us of the approval, and the day of CBP’s email only if someone said it', () => {
    const by = (approval: string, more = {}) => approvedAccess(record({ approval, ...more }), '2026-12-04').approved;
    expect(by('cbp-letter')).toEqual({ on: '2026-12-04', by: 'cbp' });
    expect(by('client-stated', { accountEmailOn: ON })).toEqual({ on: ON, by: 'client' });
    expect(by('back-office').by).toBe('back-office');
    for (const approval of ['seen-in-ace', 'desk-phoned', 'mail-examined', 'existing-account'])
      expect(by(approval).by).toBe('broker');
  });

  test('leaves out of the emails whatever is not on record', () => {
    const access = approvedAccess(record(), ON);
    expect(accessFacts(record({ approval: 'cbp-letter' }))).toEqual({});
    expect(accessFacts(record({ approval: 'cbp-letter', access }))).toEqual({ approval: 'cbp-letter' });
    expect(accessFacts(record({ approval: 'cbp-letter', access, accountEmailOn: ON }))).toEqual({
      approval: 'cbp-letter',
      approvedOn: ON,
      linkExpiresOn: '2026-12-24',
    });
    const looked = { at: '2026-12-07T15:00:00.000Z', by: 'jo' };
    const missing = { importerNumbersMissing: [OTHER] };
    expect(accessFacts(record({ approval: 'seen-in-ace', access, ...missing }))).not.toHaveProperty('missing');
    const all = {
      ...access,
      looked,
      signedIn: { on: ON, by: 'back-office' as const },
      userAdded: { on: ON, by: 'client' as const },
    };
    expect(accessFacts(record({ approval: 'seen-in-ace', access: all, ...missing }))).toEqual({
      ...{ approval: 'seen-in-ace', signedIn: 'broker', signedInOn: ON, userAdded: 'client' },
      ...{ lookedOn: looked.at, missing: [OTHER] },
    });
  });

  test('decides what the client is reminded of: to sign in, then to add our user', () => {
    const access = approvedAccess(record(), ON);
    expect(accessWait(record({ access }))).toBe('sign-in');
    expect(accessWait(record({ access: { ...access, signedIn: { on: ON, by: 'client' } } }))).toBe('grant');
  });

  test('counts on no sign-in link where the account existed before, unless its day is known', () => {
    const existed = { access: approvedAccess(record(), ON), accountExisted: true };
    expect(accessWait(record(existed))).toBe('grant');
    expect(accessWait(record({ ...existed, accountEmailOn: ON }))).toBe('sign-in');
    expect(accessWait(record({ ...existed, accountExisted: false }))).toBe('sign-in');
  });
});
