import { Command } from 'commander';
import { ConfigurationError } from '../config/configuration-error.js';
import { readConfig } from '../config/read-config.js';
import { TEMPORAL_VARIABLES } from '../config/temporal-variables.js';
import { defaultOf, withoutPassword } from '../config/variable.js';
import { VARIABLES } from '../config/variables.js';
import { configurationWarnings } from '../config/warnings.js';
import { CommandFailure, EXIT, printResult } from '../process/output.js';
import { itemized, lines, type Plain, plain } from '../process/plain-text-output.js';
import { examples } from './command-help.js';

/** `config show`: the configuration that a worker started here would have. */
export function configCommand(): Command {
  return new Command('config').summary('show the configuration').addCommand(showCommand());
}

export interface ShownVariable {
  name: string;
  /** A secret's value is never shown: only that it is set, in which file, or by a command. */
  value: string | undefined;
  from: 'environment' | 'file' | 'command' | 'default' | 'not set';
}

interface Described {
  about: string;
  default?: string;
  comesWithProduct?: true;
  secret?: true;
}

/** Every variable that the product reads, with the value that it would have. Secrets are left out. */
export function shownConfiguration(env: Record<string, string | undefined>): ShownVariable[] {
  const all = Object.entries<Described>({ ...VARIABLES, ...TEMPORAL_VARIABLES });
  return all.map(([name, about]): ShownVariable => {
    const { secret } = about;
    const usual = defaultOf(about);
    const given = env[name]?.trim();
    if (given) return { name, value: secret ? '(set)' : withoutPassword(given), from: 'environment' };
    // Temporal's library reads its own variables, and does not support files or commands for them.
    const elsewhere = secret && name in VARIABLES;
    const file = elsewhere ? env[`${name}_FILE`]?.trim() : undefined;
    if (file) return { name, value: `(set, in ${file})`, from: 'file' };
    // The command may contain a credential itself.
    if (elsewhere && env[`${name}_COMMAND`]?.trim()) return { name, value: '(set, by a command)', from: 'command' };
    return { name, value: usual, from: usual === undefined ? 'not set' : 'default' };
  });
}

function showCommand(): Command {
  return new Command('show')
    .summary('show every variable and every problem; secrets are masked')
    .description(
      `Shows every variable with its value and where the value comes from, and every problem. Secrets are masked. Exits with ${EXIT.invalid} when a worker would not start with this configuration.`,
    )
    .configureHelp(examples('config show', 'config show --set --json'))
    .option('--set', 'only variables that are set')
    .option('--json', 'print the result as JSON')
    .action(async ({ set, json }: { set?: true; json?: true }) => {
      const all = shownConfiguration(process.env);
      const variables = set ? all.filter(({ from }) => from !== 'default' && from !== 'not set') : all;
      const problems = await problemsOf(process.env);
      printResult(json, { variables, problems, warnings: configurationWarnings() }, () => lines(variables.map(line)));
      if (problems.length > 0)
        throw new CommandFailure(EXIT.invalid, itemized(plain`A worker would not start:`, problems));
    });
}

function line({ name, value, from }: ShownVariable): Plain {
  return from === 'not set'
    ? plain`# ${name} is not set`
    : plain`${name}=${value}${from === 'default' ? '  # default' : ''}`;
}

async function problemsOf(env: Record<string, string | undefined>): Promise<string[]> {
  try {
    const config = readConfig(env);
    const { loadStartupFiles } = await import('../worker/load-startup-files.js');
    await loadStartupFiles(config);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}
