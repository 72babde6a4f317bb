#!/usr/bin/env node
import { compiled, sayWhyItEnded } from './compiled.mjs';

try {
  const { main } = await compiled('cli/main.js');
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  sayWhyItEnded(error);
}
