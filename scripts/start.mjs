// npm start: what is missing is set up, then the demonstration runs with the arguments given.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { runScript } from './run-script.mjs';
import { CHECKOUT, setUp } from './setup.mjs';

await runScript(async () => {
  await setUp();
  const demo = spawn(process.execPath, [path.join(CHECKOUT, 'dist/simulator/demo.js'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    // At a terminal an interrupt goes to every process of the group by itself.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : demo.kill(signal)));
  }
  return await new Promise((resolve, reject) => {
    demo.once('error', reject);
    demo.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
});
