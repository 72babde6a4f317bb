import type { Archive } from '../../archive/archive.js';
import { read, sendsPerDay } from '../../archive/records.js';

/**
 * How many mails a mailbox may send on one New York day, over all workers: places 1 to `cap`, each an exclusive create
 * in the archive. Places are taken from the front and never removed, so the first free one is found by bisection.
 */
export class DailyAllowance {
  private date = '';
  /** Places up to here are taken, by whomever. */
  private taken = 0;
  /** Places of ours whose mail did not go out after all. */
  private free: number[] = [];

  constructor(
    private readonly archive: Archive,
    private readonly mailbox: string,
    private readonly cap: number,
  ) {}

  /** Takes a place; undefined when the day's mails are all used up. */
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

  /** For a mail that certainly did not go out. */
  giveBack(place: AllowanceSlot): void {
    if (place.date === this.date) this.free.push(place.number);
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

/** Seconds until the New York day is over; a mail that waits so long finds a new allowance. */
export function secondsUntilTomorrow(now: Date): number {
  const today = newYorkDate(now);
  // New York's midnight is at a full hour of UTC, also on days of 23 and 25 hours.
  let at = (Math.floor(now.getTime() / HOUR_MS) + 1) * HOUR_MS;
  while (newYorkDate(new Date(at)) === today) at += HOUR_MS;
  return Math.ceil((at - now.getTime()) / 1_000);
}
