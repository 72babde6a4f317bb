import { expect, onTestFinished, test } from 'vitest';
import { makeMutant } from '../chaos/mutant.js';
import { runChaos } from '../chaos/run-chaos.js';
import { readable } from '../chaos/verdict/report.js';
import { dovecotIsMissing } from '../support/dovecot.js';
import { openSmtpdIsMissing } from '../support/opensmtpd.js';

/** `npm run chaos` runs this file with other figures: scripts/chaos.mjs says what they mean. */
const env = process.env;
const seed = Number(env.CHAOS_SEED ?? env.SEED ?? Date.now() % 1_000_000);
const size = Number(env.CHAOS_SIZE ?? 30);
const seconds = Number(env.CHAOS_SECONDS ?? 90);
const restSeconds = Number(env.CHAOS_REST ?? 420);
const say = (line: string) => process.stderr.write(`chaos: ${line}\n`);

test.skipIf(dovecotIsMissing() || openSmtpdIsMissing())(
  `${size} onboardings under ${seconds} seconds of faults: none lost, none twice, none stuck, no document without an owner`,
  async ({ annotate }) => {
    say(`SEED=${seed}`);
    const mutant = env.CHAOS_MUTANT ? await makeMutant(env.CHAOS_MUTANT) : undefined;
    if (mutant) onTestFinished(() => mutant.remove());
    const report = await runChaos({
      seed,
      size,
      seconds,
      restSeconds,
      intervalMs: Number(env.CHAOS_INTERVAL ?? 5_000),
      workers: Number(env.CHAOS_WORKERS ?? 2),
      dotFaults: Number(env.CHAOS_DOTS ?? 3),
      keep: env.CHAOS_KEEP,
      ...(mutant ? { checkout: mutant.checkout } : {}),
      say,
    });
    for (const line of readable(report)) say(line);
    await annotate(JSON.stringify({ ...report, violations: report.violations.length }));
    expect(report.violations, `SEED=${seed}; logs, spool and archive: ${report.kept}`).toEqual([]);
  },
  (seconds + restSeconds + 180) * 1_000,
);
