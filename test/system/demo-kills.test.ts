import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { SCENARIO_NAMES } from '../../simulator/rehearsal/scenarios.js';
import { demo } from '../support/demonstration.js';

const seed = Number(process.env.DEMO_SEED ?? Math.floor(Math.random() * 1_000_000));

it(`npm start -- --once, with the worker killed at 20 moments, every client ends the same, and CBP gets each application exactly once (DEMO_SEED=${seed})`, async () => {
  const { output, code, data } = await demo([
    '--once',
    '--kill-worker',
    '20',
    '--seed',
    String(seed),
    '--speed',
    '2',
    '--patience',
    '500',
  ]);
  const workerLog = readFileSync(path.join(data, 'worker.log'), 'utf8');
  const log = () => `${output}\n${workerLog.slice(-5_000)}`;
  expect(output, log()).toContain('The worker was killed 20 times.');
  expect(output, log()).toContain(`All ${SCENARIO_NAMES.length} ended as their scenarios say.`);
  expect(code).toBe(0);
  // Every history, however the worker died over it, replays as it ran.
  expect(workerLog).not.toContain('TMPRL1100');
}, 540_000);
