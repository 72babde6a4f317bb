// npm start: what is missing is set up, then the demonstration runs with the arguments given.
import path from 'node:path';
import { runInForeground } from './foreground.mjs';
import { CHECKOUT, runScript } from './run-script.mjs';
import { setUp } from './setup.mjs';

await runScript(async () => {
  await setUp();
  return await runInForeground([path.join(CHECKOUT, 'dist/simulator/demo/demo.js'), ...process.argv.slice(2)]);
});
