const secretFields: ReadonlySet<string> = new Set([
  'authorization',
  'proxyauthorization',
  'bindpassword',
  'confpin',
  'password',
  'passtoken',
  'pin',
  'pintoken',
  'sippassword',
]);
/** Whether a field is named like a secret, of the names that were asked for lately: the lines of a log have the same ones. */
const known = new Map<string, boolean>();
const mostKnown = 1_000;
const deepest = 6;
const blank = '[not shown]';

/**
 * Copies the fields of a log line without the values of those that are named like a secret (in any case, with or without
 * hyphens) at any depth that is written. What lies more than six levels deep is not written.
 */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return copyOf(fields, 0);
}

function copyOf(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]: [string, unknown]) => [
      key,
      isSecret(key) ? blank : shown(value, depth + 1),
    ]),
  );
}

function isSecret(name: string): boolean {
  const answer = known.get(name);
  if (answer !== undefined) return answer;
  if (known.size === mostKnown) known.clear();
  const isNamedSo = secretFields.has(name.toLowerCase().replaceAll(/[-_]/g, ''));
  known.set(name, isNamedSo);
  return isNamedSo;
}

function shown(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return '[too deep]';
  if (value instanceof Error) return { ...copyOf(value, depth), ...describedError(value, depth) };
  if (value instanceof Date) return value;
  if (value instanceof Map || value instanceof Set) return shown([...value], depth);
  if (Array.isArray(value)) return value.map((item) => shown(item, depth + 1));
  return copyOf(value, depth);
}

/** The properties of an error that are not enumerable. */
function describedError({ name, message, stack, cause }: Error, depth: number): Record<string, unknown> {
  return { name, message, stack, ...(cause !== undefined && { cause: shown(cause, depth + 1) }) };
}
