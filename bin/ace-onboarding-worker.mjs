#!/usr/bin/env node
import { compiled, sayWhyItEnded } from './compiled.mjs';

try {
  const { workerMain } = await compiled('worker.js');
  await workerMain();
} catch (error) {
  sayWhyItEnded(error);
}
