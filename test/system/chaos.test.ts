import { expect, test } from 'vitest';
import { runChaos } from '../chaos/run-chaos.js';
import { dovecotIsMissing } from '../support/dovecot.js';
import { openSmtpdIsMissing } from '../support/opensmtpd.js';

/** `npm run chaos` runs this file with other figures. */
const {
  CHAOS_SEED: seed = process.env.SEED ?? String(Date.now() % 1_000_000),
  CHAOS_SIZE: size = '30',
  CHAOS_INTERVAL: interval = '4000',
  CHAOS_SECONDS: seconds = '90',
  CHAOS_WORKERS: workers = '2',
  CHAOS_DOTS: dots = '3',
  CHAOS_REST: rest = '150',
  CHAOS_KEEP: keep,
} = process.env;
const say = (line: string) => process.stderr.write(`chaos: ${line}\n`);

test.skipIf(dovecotIsMissing() || openSmtpdIsMissing())(
  `${size} onboardings under ${seconds} seconds of faults: none lost, none twice, none stuck, no document without an owner`,
  async ({ annotate }) => {
    say(`SEED=${seed}`);
    const report = await runChaos({
      seed: Number(seed),
      size: Number(size),
      intervalMs: Number(interval),
      seconds: Number(seconds),
      workers: Number(workers),
      dotFaults: Number(dots),
      restSeconds: Number(rest),
      keep,
      say,
    });
    await annotate(JSON.stringify(report));
    say(JSON.stringify(report, undefined, 1));
    expect(report.violations, `SEED=${seed}; logs, spool and archive: ${report.kept}`).toEqual([]);
  },
  (Number(seconds) + Number(rest) + 180) * 1_000,
);
