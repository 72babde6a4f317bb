import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { onboardingOf, workflowIdOf } from '../../../src/application/reference.js';
import type { OpenedArchive } from '../../../src/archive/open-archive.js';
import { sha256sIn } from '../../../src/archive/orphans.js';
import { forget } from '../../../src/onboardings/forget.js';

/**
 * What stays by design (docs/privacy.md): the claim of the number, the reference, the proof of the submission, who
 * forgot, and the letters that were taught.
 */
const STAYS = /^(claims|onboardings|sends|send-results|send-voids|forgotten|letter-acts)\//;

/**
 * Forgets a closed case, and looks for what is left of it in every record, in the documents that its records named, and in
 * Temporal.
 * @returns what is left, one line each
 */
export async function forgetOne(reference: string, { archive }: OpenedArchive, temporal: Client): Promise<string[]> {
  const traces = await tracesOf(reference, archive);
  await forget(
    { reference, actors: ['operator', 'second operator'], reason: 'chaos' },
    { temporal, archive, retentionYears: 0 },
  );
  const left: string[] = [];
  for await (const key of archive.listRecords('')) {
    const text = textOf(key, await archive.readRecord(key));
    if (!STAYS.test(key) && traces.names.some((name) => text.includes(name)))
      left.push(`record ${key} of ${reference}`);
  }
  for (const sha256 of traces.documents) {
    const found = await archive.getDocument(sha256).then(
      () => true,
      () => false,
    );
    if (found) left.push(`document ${sha256} of ${reference}`);
  }
  // The server deletes in the background.
  for (let looks = 0; (await isListed(reference, temporal)) && looks < DELETED_WITHIN_S; looks++) await delay(1_000);
  if (await isListed(reference, temporal)) left.push(`workflow ${workflowIdOf(reference)}`);
  return left;
}

const textOf = (key: string, record: unknown) => `${key}\n${JSON.stringify(record)}`.toLowerCase();

/** What identifies a case in records: its reference, its workflow and its emails. And the documents that are its alone. */
async function tracesOf(reference: string, archive: OpenedArchive['archive']) {
  const names = [reference.toLowerCase()];
  const records: { key: string; record: unknown; text: string }[] = [];
  for await (const key of archive.listRecords('')) {
    const record = await archive.readRecord(key);
    records.push({ key, record, text: textOf(key, record) });
  }
  for (const { key, text } of records)
    if (key.startsWith('mails/') && text.includes(reference.toLowerCase())) names.push(key.slice('mails/'.length));
  const documents = new Set<string>();
  const others = new Set<string>();
  for (const { record, text } of records) {
    const isIts = names.some((name) => text.includes(name));
    for (const sha256 of sha256sIn(record)) (isIts ? documents : others).add(sha256);
  }
  return { names, documents: [...documents].filter((sha256) => !others.has(sha256)) };
}

const DELETED_WITHIN_S = 30;

async function isListed(reference: string, temporal: Client): Promise<boolean> {
  for await (const execution of temporal.workflow.list())
    if (onboardingOf(execution.workflowId)?.reference.toLowerCase() === reference.toLowerCase()) return true;
  return false;
}
