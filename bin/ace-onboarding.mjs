#!/usr/bin/env node
import { compiled, sayWhyItEnded } from './compiled.mjs';

try {
  const { watchOutput } = await compiled('process/lost-output.js');
  watchOutput();
  const { main, warn } = await compiled('cli/main.js');
  warn();
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  sayWhyItEnded(error);
}
