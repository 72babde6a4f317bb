import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applicationSubject,
  attachmentName,
  noticeSubject,
  SubjectRefused,
} from '../../../../src/mail/outgoing/compose/subject.js';
import { anApplication } from './outgoing-case.js';

const company = (legalName: string) => anApplication({ company: { ...anApplication().company, legalName } });

test('the application is named by company and full importer number with its suffix, or as the form button does', () => {
  expect(applicationSubject(anApplication(), 'importer-number')).toBe(
    'ACE Portal Account Application - Maple & Söhne Trading, Inc. - IOR 07-123456700',
  );
  expect(applicationSubject(anApplication(), 'ein')).toBe(
    'ACE Portal Account Application - Maple & Söhne Trading, Inc. - EIN 07-1234567',
  );
  const assigned = anApplication({ importerNumber: '190101-12345' });
  expect(applicationSubject(assigned, 'ein')).toContain('IOR 190101-12345');
});

describe('a Social Security number never gets into a subject', () => {
  const soleProprietor = anApplication({ importerNumber: '219-99-9998', furtherImporterNumbers: [] });

  test('no one wrote it: refused', () => {
    expect(() => applicationSubject(soleProprietor, 'importer-number')).toThrow(SubjectRefused);
    expect(() => applicationSubject(soleProprietor, 'ein')).toThrow(SubjectRefused);
  });

  test('a person wrote it without the number: unchanged', () => {
    const worded = { ...soleProprietor, submissionSubject: 'ACE application of Ada Example, sole proprietor' };
    expect(applicationSubject(worded, 'importer-number')).toBe('ACE application of Ada Example, sole proprietor');
  });

  test.each(['219-99-9998', '219999998', '219 99 9998', '219.99.9998'])(
    'a person worded it with %s: refused',
    (number) => {
      const worded = { ...soleProprietor, submissionSubject: `Application ${number}` };
      expect(() => applicationSubject(worded, 'importer-number')).toThrow(SubjectRefused);
    },
  );

  test('the error does not repeat the number', () => {
    const worded = { ...soleProprietor, submissionSubject: 'Application 219-99-9998' };
    expect(() => applicationSubject(worded, 'importer-number')).toThrow(/^(?!.*219)/);
  });
});

test('no importer number gets into the subject of a notice', () => {
  expect(noticeSubject('Reminder (C-1042)', anApplication())).toBe('Reminder (C-1042)');
  expect(() => noticeSubject('Reminder for 07-123456700', anApplication())).toThrow(SubjectRefused);
  expect(() => noticeSubject('Reminder for 07 1234567 A1', anApplication())).toThrow(SubjectRefused);
});

test('no company name can end the subject line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const subject = applicationSubject(company(name), 'importer-number');
      expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(subject).toMatch(/IOR 07-123456700$/);
    }),
  );
});

test('a long company name is shortened before the importer number is', () => {
  expect(applicationSubject(company('X'.repeat(400)), 'importer-number')).toMatch(/X… - IOR 07-123456700$/);
});

test('the attachment carries the reference only', () => {
  expect(attachmentName('C-1042')).toBe('ace-application-C-1042.pdf');
});
