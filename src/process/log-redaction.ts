/**
 * The fields that a log line may have: short facts. At the debug and trace levels, the engine's own lines have whole
 * activations and tasks, already decrypted. So objects stay out of the log.
 */
export type RedactedFields = Record<string, string | number | boolean | string[]>;

/** Fields of the engine that are strings but contain whole tasks. */
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

/** `error` with its causes, `errorType` and `errorStack`. Other properties of an error may contain the data it failed on. */
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
