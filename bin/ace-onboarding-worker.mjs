#!/usr/bin/env node
import { compiled, sayWhyItEnded } from './compiled.mjs';

try {
  const { main } = await compiled('worker.js');
  await main();
} catch (error) {
  sayWhyItEnded(error);
}
