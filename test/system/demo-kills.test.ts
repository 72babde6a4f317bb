import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { CHECKOUT } from '../support/checkout.js';
import { demo } from '../support/demonstration.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const seed = Number(process.env.DEMO_SEED ?? Math.floor(Math.random() * 1_000_000));

/** Chaos kills more, and with real mail servers: here the rehearsal has to be the same in spite of kills. */
const KILLS = 6;
const CLIENTS = 5;
const [header, ...lines] = readFileSync(path.join(CHECKOUT, 'examples/clients.csv'), 'utf8').split('\n');

it(`npm start -- --once, with the worker killed at ${KILLS} moments, every client ends the same, and CBP gets each application exactly once (DEMO_SEED=${seed})`, async () => {
  const clients = path.join(temporaryFolder('ace-demo-clients'), 'clients.csv');
  writeFileSync(clients, `${[header, ...lines.slice(0, CLIENTS)].join('\n')}\n`);
  const { output, code, data } = await demo([
    '--once',
    '--kill-worker',
    String(KILLS),
    '--clients',
    clients,
    '--seed',
    String(seed),
    '--speed',
    '2',
    '--patience',
    '500',
  ]);
  const workerLog = readFileSync(path.join(data, 'worker.log'), 'utf8');
  const log = () => `${output}\n${workerLog.slice(-5_000)}`;
  expect(output, log()).toContain(`The worker was killed ${KILLS} times.`);
  expect(output, log()).toContain(`All ${CLIENTS} ended as their scenarios say.`);
  expect(code).toBe(0);
  // Every history, however the worker died over it, replays as it ran.
  expect(workerLog).not.toContain('TMPRL1100');
}, 540_000);
