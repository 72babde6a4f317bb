#!/usr/bin/env node
import { compiled, sayWhyItEnded } from './compiled.mjs';

try {
  const { run } = await compiled('cli/main.js');
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  sayWhyItEnded(error);
}
