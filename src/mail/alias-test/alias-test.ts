import type { z } from 'zod';
import type { Archive } from '../../archive/archive.js';
import { aliasTestArrivals, aliasTestMails, aliasTests, read, recordsBelow } from '../../archive/records.js';
import { dateAndTimeInWords } from '../../calendar/format.js';
import type { Config } from '../../config/config.js';
import { DailyAllowance } from '../outgoing/daily-allowance.js';
import { outcomeOf } from '../outgoing/send-outcome.js';
import { SendingStop } from '../outgoing/sending-stop.js';
import { type Timeouts, transmit } from '../outgoing/smtp-session.js';
import type { TokenProvider } from '../outgoing/token-provider.js';
import { type AliasTestTrace, composeAliasTest } from './alias-test-mail.js';

/** Whether a test went out. */
export type AliasTestSent =
  | { nonce: string; address: string; outcome: 'sent' }
  /** The mail server accepts no mail for such an address. */
  | { nonce: string; address: string; outcome: 'refused'; reason: string }
  /** No email at all could be sent, so this tells nothing about the address. */
  | { nonce: string; address: string; outcome: 'unsent'; reason: string };

export interface AliasTestDependencies {
  archive: Archive;
  config: Pick<Config, 'smtp' | 'live' | 'mail' | 'broker'>;
  logins: Pick<TokenProvider, 'smtp'>;
  now?: () => Date;
  timeouts?: Timeouts;
}

/** Records each test before its email goes out, because the email may arrive before the mail server replies to us. */
export interface AliasTester {
  /** Sends one email within the day's allowance. Throws only if the archive does, or if the server is not allowed. */
  send(mailbox: string, signal?: AbortSignal): Promise<AliasTestSent>;
}

export function createAliasTester(dependencies: AliasTestDependencies): AliasTester {
  const { archive, config, logins } = dependencies;
  const now = dependencies.now ?? (() => new Date());
  const allowance = new DailyAllowance(archive, config.mail.from, config.smtp.dailyCap);
  const stop = new SendingStop(archive, config.mail.from, PROBE_SECONDS, () => undefined);

  return {
    async send(mailbox, signal) {
      await forgetOldMails(archive, now());
      const from = { name: config.broker.name, address: config.mail.from };
      const mail = await composeAliasTest(config.mail.replyAlias, from, now());
      const { nonce, address } = mail;
      const startedAt = now().toISOString();
      await archive.createRecord(aliasTestMails.key(nonce), { nonce, mailbox, startedAt });
      const test = { mailbox, nonce, address, startedAt };
      await archive.replaceRecord(aliasTests.key(mailbox), test);
      const sent = await transmitTest(mail, signal);
      await archive.replaceRecord(aliasTests.key(mailbox), { ...test, ...sent });
      return { nonce, address, ...sent };
    },
  };

  async function transmitTest(
    { address, bytes }: { address: string; bytes: Buffer },
    signal?: AbortSignal,
  ): Promise<{ outcome: 'sent' } | { outcome: 'refused' | 'unsent'; reason: string }> {
    const stopped = await stop.inForce(now());
    if (stopped) return { outcome: 'unsent', reason: `Sending stopped at ${stopped.since}: ${stopped.reason}` };
    const place = await allowance.take(now());
    if (!place) return { outcome: 'unsent', reason: 'The mailbox has reached MAIL_DAILY_CAP for today.' };
    const dialogue = await transmit(
      { ...config.smtp, live: config.live },
      logins.smtp(),
      {
        envelope: { from: config.mail.from, to: [address] },
        recipient: address,
        bytes,
        beforeBody: async () => 'go',
        beforeEnd: async () => 'go',
        ...(signal ? { signal } : {}),
      },
      dependencies.timeouts,
    ).catch((error: unknown) => {
      allowance.giveBack(place);
      throw error;
    });
    const outcome = outcomeOf(dialogue);
    if (outcome.kind !== 'accepted' && outcome.kind !== 'unknown') allowance.giveBack(place);
    switch (outcome.kind) {
      case 'accepted':
        await stop.end();
        return { outcome: 'sent' };
      // The server may have accepted it: its arrival will tell.
      case 'unknown':
        return { outcome: 'sent' };
      case 'refused':
        return { outcome: 'refused', reason: outcome.reason };
      case 'misconfigured':
        await stop.begin(outcome.reason, now());
        return { outcome: 'unsent', reason: outcome.reason };
      case 'retry':
        return { outcome: 'unsent', reason: outcome.reason };
    }
  }
}

const PROBE_SECONDS = 300;
const DAY_MS = 86_400_000;
/** An email that arrives later than this is no longer recognized as a test. */
const KNOWN_FOR_MS = 30 * DAY_MS;

async function forgetOldMails(archive: Archive, now: Date): Promise<void> {
  for await (const { key, record } of recordsBelow(archive, aliasTestMails.key(''), aliasTestMails)) {
    if (now.getTime() - Date.parse(record.startedAt) < KNOWN_FOR_MS) continue;
    await archive.removeRecord(aliasTestArrivals.key(record.nonce));
    await archive.removeRecord(key);
  }
}

/** The last test of a mailbox and its result. */
export interface AliasTestState {
  startedAt: string;
  /** When its email was seen, ISO instant. */
  arrivedAt?: string | undefined;
  /** Why it did not arrive, if a mail server said so. */
  reason?: string | undefined;
  /** The email went out, or may have. */
  sent: boolean;
}

export async function lastAliasTest(archive: Archive, mailbox: string): Promise<AliasTestState | undefined> {
  const test = await read(archive, aliasTests, mailbox);
  if (!test) return undefined;
  const arrival = await read(archive, aliasTestArrivals, test.nonce);
  return {
    startedAt: test.startedAt,
    sent: test.outcome === 'sent' || test.outcome === 'refused',
    ...(arrival?.what === 'arrived' ? { arrivedAt: arrival.at } : {}),
    ...(arrival?.what === 'returned' ? { reason: arrival.reason } : {}),
    ...(test.outcome === 'refused' ? { reason: test.reason } : {}),
  };
}

/** How long a working mail host may take, including greylisting. */
const ARRIVES_WITHIN_MS = 15 * 60_000;
const AFTER_FAILURE_MS = 3_600_000;

/** A test is due once a day, or every hour while the last one has not arrived. Pure. */
export function aliasTestIsDue(last: AliasTestState | undefined, now: Date): boolean {
  if (!last) return true;
  return now.getTime() - Date.parse(last.startedAt) >= (last.arrivedAt ? DAY_MS : AFTER_FAILURE_MS);
}

/** Why reply addresses do not work, according to the last test. Undefined unless that test failed. Pure. */
export function aliasTestFailure(last: AliasTestState | undefined, now: Date): string | undefined {
  if (!last?.sent || last.arrivedAt) return undefined;
  if (last.reason) return last.reason;
  const waited = now.getTime() - Date.parse(last.startedAt);
  return waited < ARRIVES_WITHIN_MS
    ? undefined
    : `It was sent ${dateAndTimeInWords(new Date(last.startedAt))} and has not arrived.`;
}

/** The stored result of a test email. */
export type AliasTestRecord = z.infer<typeof aliasTestArrivals.schema>;

/** The result that a trace proves, as a record. */
export function arrivalFrom(
  trace: AliasTestTrace,
  { mailbox, suspected = false }: { mailbox: string; suspected?: boolean | undefined },
  now: Date = new Date(),
): AliasTestRecord {
  const arrival = { nonce: trace.nonce, mailbox, at: now.toISOString() };
  if (trace.is !== 'itself') return { ...arrival, what: 'returned', reason: trace.reason };
  return { ...arrival, what: 'arrived', ...(suspected ? { suspected } : {}) };
}
