import { setTimeout as delay } from 'node:timers/promises';
import type { Moment, Moments } from './moments.js';
import { between, type Random, randomStream } from './random.js';
import type { World } from './world/world.js';

/** One kind of fault. Its moments come from a stream of its own, so that another kind does not shift them. */
interface FaultKind {
  name: string;
  /** Mean pause by the clock, in intervals. */
  pause: number;
  /** Also when this happens, on average each `every`-th time. */
  at?: { moment: Moment; every: number };
  /** Ends when what was broken works again. False: there was nothing to break. */
  strike(random: Random): Promise<boolean>;
}

export interface FaultRunner {
  /** How often each kind struck. */
  readonly counts: Readonly<Record<string, number>>;
  /** Workers killed by the clock or at a moment, not at a dot. */
  kills(): number;
  /** No more faults. Resolves when everything works again. */
  stop(): Promise<void>;
}

/** Longer than the heartbeat timeout of the watcher and of the preparation, 15 s. */
const FROZEN_MS = [16_000, 20_000] as const;

export function startFaults(
  world: World,
  { seed, intervalMs, moments }: { seed: number; intervalMs: number; moments: Moments },
): FaultRunner {
  const stopped = new AbortController();
  const { signal } = stopped;
  const counts: Record<string, number> = {};
  const running = new Set<Promise<void>>();
  let kills = 0;
  /** Interrupted at the end of the faults. */
  const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined);
  const oneOf = <T>(random: Random, things: readonly T[]): T => things[Math.floor(random() * things.length)] as T;
  const killOne = (random: Random) => {
    const killed = oneOf(random, world.workers).kill();
    if (killed) kills += 1;
    return killed;
  };

  const kinds: FaultKind[] = [
    {
      name: 'worker killed',
      pause: 4,
      at: { moment: 'move', every: 12 },
      async strike(random) {
        const killed = killOne(random);
        if (random() < 0.4) {
          await pause(between(random, 500, 2_500));
          killOne(random);
        }
        return killed;
      },
    },
    {
      name: 'worker frozen',
      pause: 10,
      at: { moment: 'body', every: 25 },
      async strike(random) {
        const worker = oneOf(random, world.workers);
        worker.freeze();
        await pause(between(random, ...FROZEN_MS));
        worker.thaw();
        return true;
      },
    },
    {
      name: 'worker stopped',
      pause: 10,
      async strike(random) {
        await oneOf(random, world.workers).restart(between(random, 1_000, 15_000));
        return true;
      },
    },
    {
      name: 'Temporal killed',
      pause: 10,
      at: { moment: 'submitting', every: 15 },
      async strike(random) {
        await world.temporal.kill();
        await pause(between(random, 200, 3_000));
        await world.temporal.start();
        return true;
      },
    },
    {
      name: 'Dovecot killed',
      pause: 9,
      at: { moment: 'move', every: 30 },
      async strike(random) {
        await world.dovecot.kill();
        if (random() < 0.4) await world.dovecot.changeUidValidity('INBOX').catch(() => undefined); // Not there yet.
        await pause(between(random, 200, 3_000));
        await world.dovecot.start();
        await world.smtpd.flush().catch(() => undefined); // It may be down itself.
        return true;
      },
    },
    {
      name: 'OpenSMTPD killed',
      pause: 9,
      at: { moment: 'body', every: 20 },
      async strike(random) {
        await world.smtpd.kill();
        await pause(between(random, 200, 2_000));
        await world.smtpd.start();
        return true;
      },
    },
    {
      name: 'connections cut',
      pause: 5,
      at: { moment: 'dot', every: 15 },
      async strike() {
        for (const { smtp, imap } of world.links) {
          smtp.cut();
          imap.cut();
        }
        return true;
      },
    },
    {
      name: 'answer to a move lost',
      pause: 12,
      at: { moment: 'decision', every: 8 },
      async strike(random) {
        for (const { loseNextMove } of world.links) loseNextMove();
        await pause(between(random, 1_000, 3_000));
        return true;
      },
    },
    {
      name: 'disk full',
      pause: 10,
      at: { moment: 'started', every: 20 },
      async strike(random) {
        if (!world.disk) return false;
        world.disk.fill();
        await pause(between(random, 2_000, 6_000));
        world.disk.empty();
        return true;
      },
    },
  ];

  for (const kind of kinds) {
    const random = randomStream(seed, kind.name);
    const drawn = randomStream(seed, `${kind.name}, when`);
    let striking = false;
    const strike = async () => {
      if (striking || signal.aborted) return;
      striking = true;
      const struck = kind.strike(random).then((done) => {
        if (done) counts[kind.name] = (counts[kind.name] ?? 0) + 1;
        striking = false;
      });
      running.add(struck);
      await struck.finally(() => running.delete(struck));
    };
    const byTheClock = (async () => {
      while (!signal.aborted) {
        await pause(between(drawn, 0.4, 1.6) * kind.pause * intervalMs);
        await strike();
      }
    })();
    running.add(byTheClock);
    if (!kind.at) continue;
    const { moment, every } = kind.at;
    const atMoment = randomStream(seed, `${kind.name}, at ${moment}`);
    const next = () => 1 + Math.floor(atMoment() * (2 * every - 1));
    let left = next();
    moments.on(moment, () => {
      left -= 1;
      if (left > 0) return;
      left = next();
      void strike();
    });
  }

  return {
    counts,
    kills: () => kills,
    async stop() {
      stopped.abort();
      await Promise.all(running);
      for (const worker of world.workers) worker.thaw();
    },
  };
}
