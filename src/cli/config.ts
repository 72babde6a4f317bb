import { Command } from 'commander';
import { ConfigurationError } from '../config/configuration-error.js';
import { readConfig } from '../config/read-config.js';
import { TEMPORAL_VARIABLES } from '../config/temporal-variables.js';
import { defaultOf, withoutPassword } from '../config/variable.js';
import { VARIABLES } from '../config/variables.js';
import { configurationWarnings } from '../config/warnings.js';
import { CommandFailure, EXIT, printResult } from '../process/output.js';
import { itemized, lines, type Plain, plain } from '../process/plain-text-output.js';

/** `config show`: the configuration as a worker started here would have it. */
export function configCommand(): Command {
  return new Command('config').summary('the configuration').addCommand(showCommand());
}

export interface ShownVariable {
  name: string;
  /** Secrets are never shown: `(set)`, where the file is, or that a command prints it. */
  value: string | undefined;
  from: 'environment' | 'file' | 'command' | 'default' | 'not set';
}

interface Described {
  about: string;
  default?: string;
  comesWithProduct?: true;
  secret?: true;
}

/** Every variable that the product reads, with what it would be. Values of secrets are left out. */
export function shownConfiguration(env: Record<string, string | undefined>): ShownVariable[] {
  const all = Object.entries<Described>({ ...VARIABLES, ...TEMPORAL_VARIABLES });
  return all.map(([name, about]): ShownVariable => {
    const { secret } = about;
    const usual = defaultOf(about);
    const given = env[name]?.trim();
    if (given) return { name, value: secret ? '(set)' : withoutPassword(given), from: 'environment' };
    // Temporal's own library reads what is its, and knows no files or commands for it.
    const elsewhere = secret && name in VARIABLES;
    const file = elsewhere ? env[`${name}_FILE`]?.trim() : undefined;
    if (file) return { name, value: `(set, in ${file})`, from: 'file' };
    // The command may hold a credential of its own.
    if (elsewhere && env[`${name}_COMMAND`]?.trim()) return { name, value: '(set, by a command)', from: 'command' };
    return { name, value: usual, from: usual === undefined ? 'not set' : 'default' };
  });
}

function showCommand(): Command {
  return new Command('show')
    .summary('every variable, where its value comes from, and all that is wrong; secrets are not shown')
    .description(`Ends with ${EXIT.invalid} when a worker would not start with this configuration.`)
    .option('--set', 'only what is set')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExamples:\n  $ ace-onboarding config show\n  $ ace-onboarding config show --set --json')
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
    const { loadStartupFiles: openAtStart } = await import('../worker/load-startup-files.js');
    await openAtStart(config);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}
