// npm start: sets up what is missing, then runs the demonstration with the given arguments.
import path from 'node:path';
import { runInForeground } from './foreground.mjs';
import { CHECKOUT, runScript } from './run-script.mjs';
import { setUp } from './setup.mjs';

await runScript(async () => {
  await setUp();
  return await runInForeground([path.join(CHECKOUT, 'dist/simulator/demo/demo.js'), ...process.argv.slice(2)]);
});
