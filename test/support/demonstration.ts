import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll } from 'vitest';
import { CHECKOUT } from './checkout.js';

const running = new Set<ChildProcess>();
/** Of this test file, and removed with what the demonstrations left in it. */
export const demoFolder = mkdtempSync(path.join(tmpdir(), 'ace-demo-'));
afterAll(() => {
  for (const demo of running) demo.kill('SIGTERM');
  rmSync(demoFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
});

/** Starts a demonstration, as `npm start -- <args>` does. */
export function start(
  args: string[],
  {
    data = mkdtempSync(path.join(demoFolder, 'run-')),
    program = 'dist/simulator/demo/demo.js',
    detached = false,
    env = {},
  } = {},
) {
  const child = spawn(process.execPath, [program, '--data', data, ...args], {
    cwd: CHECKOUT,
    detached,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return { process: child, data, ended, text: () => stripVTControlCharacters(output) };
}

/** A demonstration from its start to its end. */
export async function demo(args: string[]) {
  const { ended, text, data } = start(args);
  const code = await ended;
  return { code, data, output: text() };
}
