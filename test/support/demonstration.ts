import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';
import { CHECKOUT } from './checkout.js';
import { temporaryFolder } from './temporary-folder.js';

/** Starts a demonstration, as `npm start -- <args>` does. */
export function start(
  args: string[],
  { data = temporaryFolder('ace-demo'), program = 'dist/simulator/demo/demo.js', detached = false, env = {} } = {},
) {
  const child = spawn(process.execPath, [program, '--data', data, ...args], {
    cwd: CHECKOUT,
    detached,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return { process: child, data, ended, text: () => stripVTControlCharacters(output) };
}

/** A demonstration from its start to its end. */
export async function demo(args: string[]) {
  const { ended, text, data } = start(args);
  const code = await ended;
  return { code, data, output: text() };
}
