import type { Archive } from '../../../archive/archive.js';
import type { ImporterKeys } from '../../../archive/importer-key.js';
import { type OpenRequest, read, recordsBelow, requestOf, requests } from '../../../archive/records.js';
import { type Notice, type NoticeTemplate, REMINDERS } from '../../../workflows/contract/mail-activities.js';
import type { OnboardingStage, WaitingOn } from '../../../workflows/contract/stages.js';

/**
 * What our cases ask of one person, so that a reminder can list all of it. One person may be the account owner of many
 * clients. Each case has one open request at most: the next one replaces it.
 */

/** Names a person in record keys without revealing the address, which a plain hash would: anyone could try addresses. */
export function personKey(keys: ImporterKeys, address: string): string {
  return keys.keyOf(`mailto:${address.trim().toLowerCase()}`);
}

/** Where an open case stands, as Temporal shows it. Undefined if it has ended. */
export type StandingOf = (workflowId: string) => Promise<Standing | undefined>;
export interface Standing {
  stage: OnboardingStage | undefined;
  waitingOn: WaitingOn | undefined;
}

export function isReminder(template: NoticeTemplate): boolean {
  return (REMINDERS as readonly NoticeTemplate[]).includes(template);
}

/** The stage in which the case waits for what this notice asks for. Undefined if it asks for nothing. */
export function stageAsking({ template, starts }: Notice): OpenRequest['stage'] | undefined {
  if (template === 'ask-whether-approved') return 'awaiting-decision';
  if (template === 'correction-reminder' || starts?.wait === 'client-correction') return 'awaiting-correction';
  if (isReminder(template) || starts?.wait === 'sign-in' || starts?.wait === 'grant') return 'awaiting-access-grant';
  return undefined;
}

/** Replaces the case's earlier request, even if that was to someone else. */
export async function noteRequest(archive: Archive, person: string, request: OpenRequest): Promise<void> {
  const { workflowId } = request;
  const earlier = await read(archive, requestOf, workflowId);
  if (earlier && earlier.person !== person) await archive.removeRecord(requests.key(earlier.person, workflowId));
  // Before the request itself, so that after a crash it still leads to it.
  await archive.replaceRecord(requestOf.key(workflowId), { workflowId, person });
  await archive.replaceRecord(requests.key(person, workflowId), request);
}

/** For a case that has what it asked for. */
export async function removeRequest(archive: Archive, workflowId: string): Promise<void> {
  const asked = await read(archive, requestOf, workflowId);
  if (!asked) return;
  await archive.removeRecord(requests.key(asked.person, workflowId));
  await archive.removeRecord(requestOf.key(workflowId));
}

/**
 * What the person's other cases still ask for, by reference. Requests of cases that have ended are removed.
 * @param standingOf without it, every request on record counts
 */
export async function requestsOfOthers(
  archive: Archive,
  person: string,
  workflowId: string,
  standingOf?: StandingOf,
): Promise<OpenRequest[]> {
  const found: OpenRequest[] = [];
  for await (const { key, record } of recordsBelow(archive, `requests/${person}/`, requests)) {
    if (record.workflowId === workflowId) continue;
    const standing = standingOf && (await standingOf(record.workflowId));
    if (standingOf && !standing) await archive.removeRecord(key);
    else if (!standing || stillAsks(record, standing)) found.push(record);
  }
  return found.sort((one, other) => (one.reference < other.reference ? -1 : 1));
}

/** Not while it is the broker's turn: the client has answered, or cannot go on. */
export function stillAsks({ stage }: OpenRequest, now: Standing): boolean {
  const same = now.stage === stage || (stage === 'awaiting-decision' && now.stage === 'awaiting-acknowledgement');
  return same && now.waitingOn !== 'broker';
}
