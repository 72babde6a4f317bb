import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { printableJson } from '../application/plain-text.js';
import { ConfigurationError } from './configuration-error.js';
import { exposures, secretFile } from './exposed-files.js';
import { defaultOf, type Variable, withoutPassword } from './variable.js';
import { VARIABLES, type Values } from './variables.js';

/**
 * Reads variables from an environment, secrets also from the file or command that is named instead.
 * @throws ConfigurationError with every variable that is missing or wrong, and every private file that others can open
 */
export function readVariables<Name extends keyof Values>(
  env: Record<string, string | undefined>,
  names: readonly Name[],
): Pick<Values, Name> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, about] of Object.entries<Variable>(VARIABLES)) {
    if (!(names as readonly string[]).includes(name)) continue;
    const given = givenFor(name, about, env, problems) ?? defaultOf(about);
    if (given === undefined) {
      if (about.required) problems.push(`${name} is not set. ${about.about}`);
      continue;
    }
    const parsed = about.schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push(
        `${name} ${about.secret ? '' : `is ${quoted(given)}: `}${parsed.error.issues.map(inWords).join('; ')}. ${about.about}`,
      );
  }
  for (const { message, refused } of exposures(env, names)) if (refused) problems.push(message);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return values as Pick<Values, Name>;
}

function givenFor(
  name: string,
  about: Variable,
  env: Record<string, string | undefined>,
  problems: string[],
): string | undefined {
  const direct = env[name]?.trim();
  if (direct) return direct;
  const file = about.secret ? secretFile(name, env) : undefined;
  const command = about.secret ? env[`${name}_COMMAND`]?.trim() : undefined;
  try {
    if (file) return readFileSync(file, 'utf8').trim();
  } catch (error) {
    problems.push(`${name}_FILE names ${file}, which cannot be read: ${(error as Error).message}.`);
  }
  return command && !file ? printedBy(name, command, problems) : undefined;
}

const SECRET_COMMAND_MS = 30_000;

/** Runs a command that prints a secret. Its stderr is for the operator and is passed through. */
function printedBy(name: string, command: string, problems: string[]): string | undefined {
  const { stdout, status, error, signal } = spawnSync(command, {
    shell: true,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: SECRET_COMMAND_MS,
  });
  const printed = stdout?.trim();
  if (status === 0 && printed) return printed;
  const why = error?.message ?? (status === 0 ? 'it printed nothing' : `it ended with ${status ?? signal}`);
  problems.push(`${name}_COMMAND did not give a secret: ${why}. Try the command in a shell as the worker's user.`);
  return undefined;
}

/** The refused value, with invisible characters escaped. */
const quoted = (value: string) => printableJson(JSON.stringify(withoutPassword(value)));

/** A problem in words for people who do not know the schema. A problem inside a JSON value begins with its place. */
function inWords(issue: z.core.$ZodIssue): string {
  const where = issue.path.filter((key) => typeof key === 'string').join('.');
  return `${where} ${problemOf(issue)}`.trim();
}

function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `must be one of: ${issue.values.join(', ')}`;
    case 'invalid_type':
      return issue.message.endsWith('undefined') ? 'is missing' : `must be of type ${issue.expected}`;
    case 'too_small':
      return issue.minimum === 1 ? 'is empty' : issue.message;
    case 'unrecognized_keys':
      return `has ${issue.keys.join(', ')}, which nothing reads`;
    case 'invalid_key':
      return issue.issues.map(problemOf).join('; ');
    default:
      return issue.message.replace(/^Invalid ISO datetime$/, 'must be a date and time such as 2026-11-25T15:00:00Z');
  }
}
