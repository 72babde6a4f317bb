// npm run chaos: whole onboardings on real servers while workers, servers, connections and the disk fail, and then a look
// from outside at what the product promises. CONTRIBUTING.md says what the figures mean.
//
//   npm run chaos -- --seed 7                     repeat a run (default: a random seed)
//   npm run chaos -- --size 200 --seconds 600     number of onboardings, and how long there are faults
//   npm run chaos -- --interval 4000              mean milliseconds between two faults by the clock
//   npm run chaos -- --workers 3                  worker processes
//   npm run chaos -- --dots 20                    how often each fault at SMTP's final dot has to happen
//   npm run chaos -- --rest 900                   seconds at most to come to rest afterwards
//   npm run chaos -- --keep DIR                   keep logs, spool and archive there even if all is well
//   npm run chaos -- --mutant no-claim            take a guard out of a copy of the product: the run has to fail
//
// Needs Dovecot, OpenSMTPD and a user who may mount. Exits with 1 on a violation; the evidence is then kept.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runInForeground } from './foreground.mjs';
import { CHECKOUT, runScript, SetupFailed } from './run-script.mjs';
import { setUp } from './setup.mjs';

const text = /** @type {const} */ ({ type: 'string' });

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      seed: { ...text, default: String(Date.now() % 1_000_000) },
      size: { ...text, default: '200' },
      seconds: { ...text, default: '600' },
      interval: { ...text, default: '4000' },
      workers: { ...text, default: '3' },
      dots: { ...text, default: '20' },
      rest: { ...text, default: '900' },
      keep: text,
      mutant: text,
    },
  });
  const { keep, mutant, ...numbers } = values;
  for (const [name, value] of Object.entries(numbers)) {
    if (!/^\d+$/.test(value)) throw new SetupFailed(`--${name} ${value} must be a whole number.`);
    process.env[`CHAOS_${name.toUpperCase()}`] = value;
  }
  if (keep) process.env.CHAOS_KEEP = path.resolve(keep);
  if (mutant) process.env.CHAOS_MUTANT = mutant;
  await setUp();
  const vitest = path.join(CHECKOUT, 'node_modules/vitest/vitest.mjs');
  const files = ['test/system/chaos.test.ts'];
  return await runInForeground([vitest, 'run', '--project', 'system', '--no-file-parallelism', ...files]);
});
