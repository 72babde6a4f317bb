/**
 * What a log line may carry: short facts. The engine's own lines at the finer levels carry whole activations and tasks,
 * and by the time they are written those have been decrypted; so nothing that has an inside gets into a line.
 */
export type RedactedFields = Record<string, string | number | boolean | string[]>;

/** Fields of the engine that are texts and yet whole tasks. */
const WHOLE_TASKS = new Set(['task', 'taskEncoded']);
const LONGEST = 2_000;

export function redactForLog(meta: Record<string | symbol, unknown> | undefined): RedactedFields {
  const fields: RedactedFields = {};
  for (const [name, value] of Object.entries(meta ?? {})) {
    if (WHOLE_TASKS.has(name)) continue;
    if (value instanceof Error) Object.assign(fields, errorFields(name, value));
    else if (value instanceof Date) fields[name] = value.toISOString();
    else if (typeof value === 'string') fields[name] = value.slice(0, LONGEST);
    else if (typeof value === 'number' || typeof value === 'boolean') fields[name] = value;
    else if (typeof value === 'bigint') fields[name] = String(value);
    else if (Array.isArray(value) && value.every((one) => typeof one === 'string')) fields[name] = value.slice(0, 50);
  }
  return fields;
}

/** `error`, `errorType` and `errorStack`, with the causes; an error's other properties may hold what it failed on. */
function errorFields(name: string, error: Error): RedactedFields {
  const causes: string[] = [];
  for (let cause: unknown = error; cause instanceof Error && causes.length < 5; cause = cause.cause)
    causes.push(cause.message);
  const type = 'type' in error && typeof error.type === 'string' ? error.type : error.name;
  return {
    [name]: causes.join(' < ').slice(0, LONGEST),
    [`${name}Type`]: type,
    ...(error.stack ? { [`${name}Stack`]: error.stack.slice(error.stack.indexOf('\n    at ') + 1, LONGEST) } : {}),
  };
}
