import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import * as records from '../../../src/archive/records.js';
import { MemoryArchive } from '../../support/memory-archive.js';

const HASH = createHash('sha256').update('what').digest('hex');

/** Where archives that exist have their records: another place would lose them. */
test.each([
  [records.claims.key('what'), 'claims/what'],
  [records.onboardings.key('WHAT'), 'onboardings/what'],
  [records.cases.key('what'), 'cases/what'],
  [records.documentRefs.key('what', 'name'), 'papers/what/name'],
  [records.fills.key('what'), 'fills/what'],
  [records.mailCopies.key('what', 'sha256'), 'mail-copies/what/sha256'],
  [records.mailDocuments.key('what'), 'mail-documents/what'],
  [records.composeDates.key('what'), `compose-dates/${HASH}`],
  [records.aliasIndex.key('WHAT'), `index/alias/${HASH}`],
  [records.messageIndex.key('what'), `index/message/${HASH}`],
  [records.importerIndex.key('what', 'onboarding-acme'), 'index/importer/what/onboarding-acme'],
  [records.outbox.key('what'), `outbox/${HASH}`],
  [records.sends.key('what'), `sends/${HASH}`],
  [records.sendResults.key('what'), `send-results/${HASH}`],
  [records.sendVoids.key('what'), `send-voids/${HASH}`],
  [records.sendsPerDay.key('what', '2026-11-26', 7), `sends-per-day/${HASH.slice(0, 16)}/2026-11-26/7`],
  [records.sendStops.key('what'), `send-stops/${HASH.slice(0, 16)}`],
  [records.sendDelays.key('what'), `send-delays/${HASH.slice(0, 16)}`],
  [records.mails.key('what'), 'mails/what'],
  [records.signatures.key('what'), 'signatures/what'],
  [records.reviews.key('what'), 'review/what'],
  [records.aliasGuesses.key('2026-11-26', 'what'), 'alias-guesses/2026-11-26/what'],
  [records.reviewDecisions.key('what'), 'review-decisions/what'],
  [records.requests.key('who', 'what'), 'requests/who/what'],
  [records.requestOf.key('what'), 'requests-of/what'],
  [records.reminderSlots.key('who', '2026-11-23', 1), 'reminders/who/2026-11-23/1'],
  [records.bundledReminders.key('what', 'grant-reminder', 2), 'reminders-bundled/what/grant-reminder/2'],
  [records.caseMails.key('what', 'what'), `case-mails/what/${HASH}`],
  [records.unknownLetters.key('what'), 'unknown-letters/what'],
  [records.aliasTests.key('what'), 'alias-tests/what'],
  [records.aliasTestMails.key('what'), 'alias-test-mails/what'],
  [records.aliasTestArrivals.key('what'), 'alias-test-arrivals/what'],
  [records.mailboxStatus.key('what'), 'mailboxes/what'],
])('a record stays where it is: %s', (key, place) => {
  expect(key).toBe(place);
});

test('an index entry of an importer number has the company that breaks ties', () => {
  const entry = { workflowId: 'onboarding-acme', reference: 'acme', company: 'Acme Imports LLC' };
  expect(records.importerIndex.schema.parse(entry)).toMatchObject(entry);
  const { company: _, ...without } = entry;
  expect(records.importerIndex.schema.safeParse(without).success).toBe(false);
});

test('a record that this version cannot read is reported as damaged, with its fields and without their values', async () => {
  const archive = new MemoryArchive();
  await archive.createRecord(records.claims.key('KEY'), { reference: 12_3456789, workflowId: 'onboarding-a' });
  const refused = await records.read(archive, records.claims, 'KEY').catch((error) => error);
  expect(refused).toMatchObject({ name: 'ArchiveError', code: 'record-corrupt' });
  expect(refused.message).toMatch(/^Record claims\/KEY in the archive .*: reference, claimedAt\..*restore/);
  expect(refused.message).not.toContain('123456789');
});
