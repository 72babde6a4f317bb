import { exposures } from './exposed-files.js';
import { meantVariable } from './misspelled.js';
import { LIBRARY_VARIABLES, TEMPORAL_VARIABLES } from './temporal-variables.js';
import { VARIABLES } from './variables.js';

/**
 * Problems that do not stop anything: variables that look like ours but that nothing reads, and secrets that an
 * orchestrator mounted open to others. One sentence each, without values.
 */
export function configurationWarnings(env: Record<string, string | undefined> = process.env): string[] {
  const set = Object.keys(env).filter((name) => env[name]?.trim());
  const unread = set.flatMap((name) => {
    const remedy = remedyFor(name);
    return remedy ? [`${name} is set, but nothing reads it: ${remedy}`] : [];
  });
  return [...unread, ...exposures(env).flatMap(({ message, refused }) => (refused ? [] : [message]))];
}

const OURS = Object.entries(VARIABLES).flatMap(([name, about]) =>
  'secret' in about ? [name, `${name}_FILE`, `${name}_COMMAND`] : [name],
);
const READ = [...OURS, ...Object.keys(TEMPORAL_VARIABLES), ...LIBRARY_VARIABLES];
const ALSO_CALLED = new Map(
  Object.entries(TEMPORAL_VARIABLES).flatMap(([name, { alsoCalled = [] }]) =>
    alsoCalled.map((other) => [other, name] as const),
  ),
);

function remedyFor(name: string): string | undefined {
  if (READ.includes(name)) return undefined;
  const plain = name.replace(/_(FILE|COMMAND)$/, '');
  if (READ.includes(plain)) return `set ${plain} itself, which cannot come from a file or a command.`;
  const meant = ALSO_CALLED.get(name) ?? meantVariable(name, READ);
  return meant && `did you mean ${meant}?`;
}
