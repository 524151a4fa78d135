import createError from 'http-errors';
import type { Context } from 'koa';
import type { z } from 'zod';
import { CallError, type CallFault } from '../../../sdk/index.js';

/**
 * Checks what a client sent.
 * @throws CallError 400 with all that is wrong with it
 */
export function check<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new CallError(400, 'bad-request', `The ${what} is not as it should be`, faultsOf(parsed.error, input));
}

/** All that a schema found wrong with what a client sent. */
export function faultsOf({ issues }: z.ZodError, input: unknown): CallFault[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'invalid_key') {
      const found = shown(issue.path.at(-1));
      return issue.issues.map(({ message }) => ({ pointer: pointerTo(issue.path), expected: message, found }));
    }
    if (issue.code !== 'unrecognized_keys') return [fault(issue.path, issue.message, input)];
    return issue.keys.map((key) => fault([...issue.path, key], 'nothing: the name is unknown', input));
  });
}

/**
 * The JSON of a request's body.
 * @throws HttpError 415 when it is none
 */
export function jsonBody({ request }: Context): unknown {
  if (request.type.toLowerCase() !== 'application/json')
    throw createError(415, 'The body must be JSON, with the Content-Type application/json');
  return request.body;
}

/** JSON pointer (RFC 6901) to a value. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function fault(path: readonly PropertyKey[], expected: string, input: unknown): CallFault {
  return { pointer: pointerTo(path), expected, found: shown(valueAt(input, path)) };
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined,
    input,
  );
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : printed(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Handles a value that is nested too deeply to be printed. */
function printed(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return Array.isArray(value) ? 'a deeply nested array' : 'a deeply nested object';
  }
}
