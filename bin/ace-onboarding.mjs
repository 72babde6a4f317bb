#!/usr/bin/env node
import { existsSync } from 'node:fs';

const commandLine = new URL('../dist/src/cli/main.js', import.meta.url);

try {
  // What the environment says already wins over the file.
  if (existsSync('.env')) process.loadEnvFile('.env');
  if (!existsSync(commandLine)) {
    const { installAndBuild } = await import('../scripts/setup.mjs');
    installAndBuild();
  }
  const { main } = await import(commandLine.href);
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(
    process.env.LOG_LEVEL === 'debug'
      ? `${stack}\n`
      : `${message}\nWith LOG_LEVEL=debug this shows where it happened.\n`,
  );
  process.exitCode = 1;
}
