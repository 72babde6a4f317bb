import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { CHECKOUT } from '../../support/checkout.js';

/** A program that runs another one, as `npm start` runs the demonstration. */
function run(inner: string) {
  const program = `
    const { runInForeground } = await import('${pathToFileURL(CHECKOUT)}/scripts/foreground.mjs');
    process.exitCode = await runInForeground(['-e', ${JSON.stringify(inner)}]);`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] });
}

test('the exit code of the program is passed on', async () => {
  expect(await once(run('process.exit(7)'), 'exit')).toEqual([7, null]);
});

test('a crash of the program is a failure', async () => {
  expect(await once(run("process.kill(process.pid, 'SIGKILL')"), 'exit')).toEqual([137, null]);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s reaches the program, which ends when it is ready',
  async (signal) => {
    const outer = run(`
    process.once('${signal}', () => setTimeout(() => { console.log('cleaned up'); process.exit(3); }, 50));
    setInterval(() => {}, 1000);
    console.log('running');`);
    let said = '';
    outer.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await expect.poll(() => said).toContain('running');
    outer.kill(signal);
    expect(await once(outer, 'close')).toEqual([3, null]);
    expect(said).toContain('cleaned up');
  },
);
