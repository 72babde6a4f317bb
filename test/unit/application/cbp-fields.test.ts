import { describe, expect, it } from 'vitest';
import type { Application } from '../../../src/application/application.js';
import { changedFields, concernsCbp } from '../../../src/application/cbp-fields.js';
import { sampleApplication } from './sample.js';

describe('changed fields', () => {
  it('are named by their paths with both values, a list as one field', () => {
    const one = sampleApplication();
    const other: Application = {
      ...one,
      furtherImporterNumbers: ['13-345678900'],
      language: 'es',
      officer: { ...one.officer, lastName: 'Lea' },
      route: { ...one.route, channel: { kind: 'already-submitted', at: '2026-02-27', by: 'client' } },
      shorterForms: { 'officer.title': 'CEO' },
    };
    expect(changedFields(one, other)).toEqual([
      { field: 'furtherImporterNumbers', before: one.furtherImporterNumbers, after: ['13-345678900'] },
      { field: 'language', before: undefined, after: 'es' },
      { field: 'officer.lastName', before: one.officer.lastName, after: 'Lea' },
      { field: 'route.channel.at', before: undefined, after: '2026-02-27' },
      { field: 'route.channel.by', before: undefined, after: 'client' },
      { field: 'route.channel.kind', before: 'email', after: 'already-submitted' },
      { field: 'shorterForms', before: undefined, after: { 'officer.title': 'CEO' } },
    ]);
    expect(changedFields(one, sampleApplication())).toEqual([]);
  });

  it('do not depend on the order of keys', () => {
    const reversed = Object.fromEntries(Object.entries(sampleApplication()).reverse()) as unknown as Application;
    expect(changedFields(sampleApplication(), reversed)).toEqual([]);
  });
});

it.each([
  'company.address.city',
  'importerNumber',
  'furtherImporterNumbers',
  'officer.dateOfBirth',
  'accountOwner.email',
  'acknowledgements.officer.at',
  'route.channel.kind',
  'submissionSubject',
  'shorterForms.officer.title',
  'a field of a later release',
])('%s concerns CBP', (field) => {
  expect(concernsCbp(field)).toBe(true);
});

it.each(['handler', 'refundDeadline', 'language', 'timeZone'])('%s does not concern CBP', (field) => {
  expect(concernsCbp(field)).toBe(false);
});
