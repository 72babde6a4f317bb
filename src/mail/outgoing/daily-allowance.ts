import type { Archive } from '../../archive/archive.js';
import { read, sendsPerDay } from '../../archive/records.js';

/**
 * How many emails a mailbox may send in one New York day, across all workers: slots 1 to `cap`, each an exclusive create
 * in the archive. Slots are taken in order and never removed, so a binary search finds the first free one.
 */
export class DailyAllowance {
  private date = '';
  /** Slots up to here are taken, by any worker. */
  private taken = 0;
  /** Our own slots whose email did not go out after all. */
  private free: number[] = [];

  constructor(
    private readonly archive: Archive,
    private readonly mailbox: string,
    private readonly cap: number,
  ) {}

  /** Takes a slot. Undefined when the day's allowance is used up. */
  async take(now: Date): Promise<AllowanceSlot | undefined> {
    const date = newYorkDate(now);
    if (date !== this.date) await this.startDay(date);
    const returned = this.free.pop();
    if (returned !== undefined) return { date, number: returned };
    while (this.taken < this.cap) {
      const number = this.taken + 1;
      const { created } = await this.archive.createRecord(sendsPerDay.key(this.mailbox, date, number), {
        at: now.toISOString(),
      });
      if (date !== this.date) return this.take(now);
      this.taken = Math.max(this.taken, number);
      if (created) return { date, number };
    }
    return undefined;
  }

  /** For an email that certainly did not go out. */
  giveBack(slot: AllowanceSlot): void {
    if (slot.date === this.date) this.free.push(slot.number);
  }

  private async startDay(date: string): Promise<void> {
    let low = 0;
    let high = this.cap + 1;
    while (high - low > 1) {
      const middle = low === 0 ? Math.min(1, high - 1) : Math.min(low * 2, Math.floor((low + high) / 2));
      if ((await read(this.archive, sendsPerDay, this.mailbox, date, middle)) === undefined) high = middle;
      else low = middle;
    }
    this.date = date;
    this.taken = low;
    this.free = [];
  }
}

export interface AllowanceSlot {
  date: string;
  number: number;
}

const HOUR_MS = 3_600_000;
const DATE = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', dateStyle: 'short' });

/** `YYYY-MM-DD` */
export function newYorkDate(at: Date): string {
  return DATE.format(at);
}

/** Seconds until the New York day ends; then there is a new allowance. */
export function secondsUntilTomorrow(now: Date): number {
  const today = newYorkDate(now);
  // Midnight in New York is on a full hour of UTC, even around days of 23 and 25 hours.
  let at = (Math.floor(now.getTime() / HOUR_MS) + 1) * HOUR_MS;
  while (newYorkDate(new Date(at)) === today) at += HOUR_MS;
  return Math.ceil((at - now.getTime()) / 1_000);
}
