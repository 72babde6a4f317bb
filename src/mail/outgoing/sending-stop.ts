import type { Archive } from '../../archive/archive.js';
import { read, type SendStop, sendDelays, sendStops } from '../../archive/records.js';

/**
 * When the server does not accept us (credentials, certificate, sender), no other email would fare better: sending from
 * the mailbox stops, we raise one alert, and every so often one email tests whether sending works again.
 */
export class SendingStop {
  constructor(
    private readonly archive: Archive,
    private readonly mailbox: string,
    private readonly probeEverySeconds: number,
    /** Called once for each stop, by the process that found it. */
    private readonly alert: (stop: SendStop) => void,
  ) {}

  /** The stop in force. Undefined if the caller may send, including as the one probe. */
  async inForce(now: Date): Promise<SendStop | undefined> {
    const stop = await read(this.archive, sendStops, this.mailbox);
    if (!stop || now.toISOString() < stop.probeAt) return stop;
    // Later callers wait for this probe's result. Two callers at the same instant make two probes, which is harmless.
    await this.archive.replaceRecord(sendStops.key(this.mailbox), { ...stop, probeAt: this.nextProbe(now) });
    return undefined;
  }

  async begin(reason: string, now: Date): Promise<SendStop> {
    const stop: SendStop = { mailbox: this.mailbox, since: now.toISOString(), reason, probeAt: this.nextProbe(now) };
    const { created } = await this.archive.createRecord(sendStops.key(this.mailbox), stop);
    if (created) this.alert(stop);
    return stop;
  }

  /** Records that the server was unreachable or asked us to wait, so that operations hear about it if that lasts. */
  async delayed(reason: string, now: Date): Promise<void> {
    const delay = { mailbox: this.mailbox, since: now.toISOString(), reason };
    await this.archive.createRecord(sendDelays.key(this.mailbox), delay);
  }

  /** The server accepts us again. */
  async end(): Promise<void> {
    for (const kind of [sendStops, sendDelays])
      if (await read(this.archive, kind, this.mailbox)) await this.archive.removeRecord(kind.key(this.mailbox));
  }

  private nextProbe(now: Date): string {
    return new Date(now.getTime() + this.probeEverySeconds * 1_000).toISOString();
  }
}
