import { existsSync } from 'node:fs';

/**
 * Loads a module of the compiled product, with `.env` of the current folder in the environment: what that says already
 * wins over the file. A checkout that is not built yet is; a package comes built.
 *
 * @param {string} module below `dist/src`
 */
export async function compiled(module) {
  const settings = existsSync('.env') ? '.env' : undefined;
  if (settings) process.loadEnvFile(settings);
  const file = new URL(`../dist/src/${module}`, import.meta.url);
  if (!existsSync(file)) {
    const setup = new URL('../scripts/setup.mjs', import.meta.url);
    if (!existsSync(setup))
      throw new Error(`dist/src/${module} is missing from the package ace-onboarding. Install the package again.`);
    const { installAndBuild } = await import(setup.href);
    installAndBuild();
  }
  const { environmentCameFrom } = await import(new URL('../dist/src/config/exposed-files.js', import.meta.url).href);
  environmentCameFrom(settings);
  return await import(file.href);
}

/** @param {unknown} error that ends a program before it could say so itself */
export function sayWhyItEnded(error) {
  // Without the compiled product, which has the printer. What set-up says may quote other programs.
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const said =
    process.env.LOG_LEVEL === 'debug' ? stack : `${message}\nWith LOG_LEVEL=debug this shows where it happened.`;
  process.stderr.write(`${String(said).replace(/[^\P{C}\n\t]|\p{Default_Ignorable_Code_Point}/gu, '')}\n`);
  process.exitCode = 1;
}
