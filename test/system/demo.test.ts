import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SCENARIO_NAMES } from '../../simulator/rehearsal/scenarios.js';
import { CHECKOUT } from '../support/checkout.js';
import { demo, start } from '../support/demonstration.js';
import { startHttpProxy } from '../support/http-proxy.js';
import { smallDisk, smallDisksAreMissing } from '../support/small-disk.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/**
 * The demonstration is the whole product with everybody around it simulated; it judges itself by what the outside world
 * saw: how each client ended, and what the simulated CBP received, each message once.
 */

/** One client starts every process and server of a demonstration. */
const oneClient = path.join(temporaryFolder('ace-demo-clients'), 'one-client.csv');
const [header, first] = readFileSync(path.join(CHECKOUT, 'examples/clients.csv'), 'utf8').split('\n');
writeFileSync(oneClient, `${header}\n${first}\n`);
const ONE = ['--speed', '10', '--clients', oneClient];

describe('npm start -- --once', () => {
  it('every client ends as its scenario says, and CBP gets each application exactly once', async () => {
    const { output, code, data } = await demo(['--once', '--patience', '240']);
    for (const name of SCENARIO_NAMES) expect(output, output).toMatch(new RegExp(`✓ \\S+ +\\S+ +\\(${name}\\)`));
    expect(output).toContain(`All ${SCENARIO_NAMES.length} ended as their scenarios say.`);
    expect(code).toBe(0);
    // The worker compared the email that taught its letter once more.
    const waiting = path.join(data, 'archive/records/unknown-letters');
    expect(existsSync(waiting) ? readdirSync(waiting) : []).toEqual([]);
  }, 300_000);
});

describe('npm start', () => {
  it('stops everything it started when it is interrupted, and sends nothing through a proxy set in the environment', async () => {
    const proxy = await startHttpProxy();
    onTestFinished(() => proxy.close());
    const env = { no_proxy: '', no_grpc_proxy: '', http_proxy: proxy.url, https_proxy: proxy.url };
    const { process: started, ended, text } = start(['--speed', '10'], { env });
    await expect.poll(text, { timeout: 60_000, interval: 200 }).toMatch(/awaiting decision/);
    const processes = childrenOf(started.pid ?? 0);
    expect(processes.length).toBeGreaterThanOrEqual(2);
    started.kill('SIGINT');
    await ended;
    expect(processes.filter(isAlive)).toEqual([]);
    expect(proxy.asked).toEqual([]);
  }, 120_000);

  it('stops everything when its whole process group gets a signal, as from supervisors and timeouts', async () => {
    const { process: started, ended, text } = start(ONE, { program: 'scripts/start.mjs', detached: true });
    await expect.poll(text, { timeout: 60_000, interval: 200 }).toMatch(/awaiting decision/);
    const processes = childrenOf(started.pid ?? 0);
    expect(processes.length).toBeGreaterThanOrEqual(3);
    process.kill(-(started.pid ?? 0), 'SIGTERM');
    expect(await ended).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
  }, 120_000);

  it('stops everything quietly when no one reads its output anymore', async () => {
    const { process: started, ended, text } = start(ONE);
    await expect.poll(text, { timeout: 60_000, interval: 200 }).toMatch(/awaiting decision/);
    const processes = childrenOf(started.pid ?? 0);
    started.stdout.destroy();
    expect(await ended).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(text()).not.toMatch(/EPIPE|\n {4}at /);
  }, 120_000);

  it('reports within ten seconds that the Temporal server was killed and where its log is, and exits', async () => {
    const { process: started, ended, text, data } = start(ONE);
    await expect.poll(text, { timeout: 60_000, interval: 200 }).toMatch(/awaiting decision/);
    const children = childrenOf(started.pid ?? 0);
    process.kill(serverOf(started.pid ?? 0), 'SIGKILL');
    const log = path.join(data, 'temporal.log');
    await expect
      .poll(text, { timeout: 10_000, interval: 100 })
      .toContain(`\nThe Temporal server ended (SIGKILL). Start again; its log is ${log}\n`);
    expect(await ended).toBe(1);
    // The worker is ended by force, and what it had started ends when it notices.
    await expect.poll(() => children.filter(isAlive)).toEqual([]);
  }, 120_000);

  it.skipIf(smallDisksAreMissing())(
    'reports a full disk, and exits',
    async () => {
      const { dir: data, fill, remove } = smallDisk(64 * 2 ** 20);
      onTestFinished(remove);
      const { ended, text } = start(ONE, { data });
      await expect.poll(text, { timeout: 60_000, interval: 200 }).toMatch(/awaiting decision/);
      fill();
      expect(await ended).toBe(1);
      expect(text()).toContain(`\nThe disk with ${data} is full. Free some space, and start again.\n`);
    },
    120_000,
  );

  it('reports every problem of a client file, and starts nothing', async () => {
    const { output, code } = await demo(['--once', '--clients', 'examples/clients-with-mistakes.csv']);
    expect(output).toMatch(/examples\/clients-with-mistakes\.csv cannot be used:\n(.*\n){3}/);
    expect(output).not.toContain('Temporal Web UI');
    expect(code).toBe(1);
  }, 60_000);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The Temporal server that a demonstration runs on. */
function serverOf(pid: number): number {
  const server = childrenOf(pid).find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('start-dev'));
  if (!server) throw new Error(`Process ${pid} has no Temporal server.`);
  return server;
}

/** Processes that a process started, and theirs. */
function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    all.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return below(pid);
}
