import { oneLine } from '../config/describe.js';

/**
 * A line of the log as somebody at a terminal reads it: time, level, plugin, message, fields. Stacks follow on lines of their own.
 * Control characters are written as escapes: what comes from the network must not steer the terminal.
 * @param json one JSON object, as pino writes it
 */
export function textLine(json: string): string {
  const { time, level, plugin, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const clock = String(time).slice(11, 23);
  const who = typeof plugin === 'string' ? `${plugin}: ` : '';
  const stacks = Object.values(fields).flatMap(stackOf);
  const shown = Object.entries(fields).map(([name, value]) => ` ${name}=${fieldText(value)}`);
  const line = oneLine(`${clock} ${String(level).toUpperCase().padEnd(5)} ${who}${String(msg)}${shown.join('')}`);
  return [line, ...stacks, ''].join('\n');
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(firstLine(value));
  if (isError(value)) return JSON.stringify(`${value.name}: ${value.message}`);
  return JSON.stringify(value);
}

/** The lines of a stack below the first, which says what the field says. */
function stackOf(value: unknown): string[] {
  const stack = isError(value) ? value.stack : value;
  if (typeof stack !== 'string') return [];
  return stack
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .map((line) => oneLine(line));
}

function firstLine(text: string): string {
  return /\n {4}at /.test(text) ? text.slice(0, text.indexOf('\n    at ')) : text;
}

function isError(value: unknown): value is { readonly name: string; readonly message: string; readonly stack: string } {
  return typeof value === 'object' && value !== null && 'stack' in value && 'message' in value;
}
