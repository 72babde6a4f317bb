#!/usr/bin/env node
import { compiled, sayWhyItEnded } from './compiled.mjs';

try {
  const { configurationWarnings } = await compiled('config/warnings.js');
  for (const warning of configurationWarnings()) process.stderr.write(`${warning}\n`);
  const { main } = await compiled('cli/main.js');
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  sayWhyItEnded(error);
}
