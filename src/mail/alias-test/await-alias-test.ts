import type { Archive } from '../../archive/archive.js';
import { aliasTestArrivals, read } from '../../archive/records.js';
import type { ImapSession, ImapSettings } from '../incoming/mailbox/imap-session.js';
import { type AliasTestRecord, arrivalFrom } from './alias-test.js';
import { type AliasTestTrace, aliasTestTrace } from './alias-test-mail.js';

/** Whether a test email arrived. */
export type AliasTestArrival =
  | { arrived: true; mailbox: string; suspected?: true }
  | { arrived: false; reason?: string };

/**
 * Waits until we, or a watcher that was faster, see a test email in the mailbox, and removes it. When the time is up, the
 * result is that it did not arrive.
 */
export async function awaitAliasTest(
  archive: Archive,
  session: ImapSession & { junk?: string | undefined },
  settings: Pick<ImapSettings, 'inbox' | 'processed'>,
  { nonce, mailbox, ownAddress }: { nonce: string; mailbox: string; ownAddress: string },
  atMostMs: number,
): Promise<AliasTestArrival> {
  const until = Date.now() + atMostMs;
  const looked = new Map<string, Set<number>>();
  for (;;) {
    const known = await read(archive, aliasTestArrivals, nonce);
    if (known) return arrivalOf(known);
    // The inbox comes last: it must be open when we wait for mail.
    for (const folder of [...(session.junk ? [session.junk] : []), settings.inbox]) {
      const found = await searchFolder(folder);
      if (!found) continue;
      const arrival = arrivalFrom(found.trace, { mailbox, suspected: folder === session.junk });
      await archive.replaceRecord(aliasTestArrivals.key(nonce), arrival);
      const removed = arrival.what === 'arrived' && (await session.remove?.([found.uid]));
      if (!removed) await session.move([found.uid], settings.processed);
      return arrivalOf(arrival);
    }
    const left = until - Date.now();
    if (left <= 0) return { arrived: false, reason: `It was not there after ${Math.round(atMostMs / 1000)} seconds.` };
    await session.waitForMail(Math.min(left, LOOK_EVERY_MS));
    if (session.ended) throw session.ended;
  }

  /** Checks only the newest messages: a mailbox may have tens of thousands. */
  async function searchFolder(folder: string): Promise<{ uid: number; trace: AliasTestTrace } | undefined> {
    const uidValidity = await tryOpen(folder);
    if (!uidValidity) return undefined;
    const key = `${folder} ${uidValidity}`;
    const before = looked.get(key) ?? new Set();
    looked.set(key, before);
    for (const uid of (await session.uids()).slice(-NEWEST).filter((uid) => !before.has(uid))) {
      const trace = await traceIn(uid);
      if (trace?.nonce === nonce && trace.is !== 'delayed') return { uid, trace };
      before.add(uid);
    }
    return undefined;
  }

  /** Undefined for a junk folder that cannot be opened. Then we look only in the inbox. */
  async function tryOpen(folder: string): Promise<string | undefined> {
    try {
      return (await session.open(folder)).uidValidity;
    } catch (error) {
      if (session.ended || folder === settings.inbox) throw error;
      return undefined;
    }
  }

  /** Reads the header alone, or the whole message if it may be a delivery report. */
  async function traceIn(uid: number): Promise<AliasTestTrace | undefined> {
    const header = await session.header(uid);
    if (!header) return undefined;
    if (!MAY_BE_REPORT.test(header.toString('latin1'))) return aliasTestTrace(header, ownAddress);
    const raw = (await session.sources([uid])).get(uid);
    return raw && aliasTestTrace(raw, ownAddress);
  }
}

const LOOK_EVERY_MS = 1_000;
const NEWEST = 100;
const MAY_BE_REPORT = /multipart\/report|mailer-daemon|postmaster/i;

function arrivalOf({ what, mailbox, suspected, reason }: AliasTestRecord): AliasTestArrival {
  if (what === 'arrived') return { arrived: true, mailbox, ...(suspected ? { suspected: true } : {}) };
  return { arrived: false, reason: `It was returned: ${reason ?? 'no reason given'}` };
}
