import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { messageOf } from '../message-of.js';
import { type Command, UsageError } from './command.js';
import { COMMANDS } from './commands.js';
import { usage, usageOf } from './usage.js';
import { oneLine } from '../config/describe.js';
import { nearest } from '../config/nearest.js';
import { version } from '../version.js';

const COMMON_OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const [first = ''] = args;
  if (first === '--help' || first === '-h') return say(usage());
  if (first === '--version' || first === '-v') return say(version());
  if (first === 'help') return explain(args[1]);
  if (first === '' && !isConfigured())
    return refuse('Nothing says what to do, and there is no configuration.', usage());
  const [name, rest] = first === '' || first.startsWith('-') ? ['start', args] : [first, args.slice(1)];
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) return refuse(`Unknown command: ${oneLine(name)}${hint(name)}`, usage());
  try {
    return await runCommand(name, command, rest);
  } catch (error) {
    if (isUsageError(error)) return refuse(error.message, usageOf(name, command));
    throw error;
  }
}

function explain(name = ''): number {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return say(command ? usageOf(name, command) : usage());
}

/** Without a command the container starts, where it finds its settings in the environment. */
function isConfigured(): boolean {
  return Object.keys(process.env).some((name) => name.startsWith('SIPXREST_'));
}

function hint(name: string): string {
  const near = nearest(name, Object.keys(COMMANDS));
  return near === undefined ? '' : `, perhaps ${near}`;
}

async function runCommand(name: string, command: Command, args: readonly string[]): Promise<number> {
  const options = { ...command.options, ...COMMON_OPTIONS };
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
  const { help, version: isVersionAsked, ...given } = values;
  if (help) return say(usageOf(name, command));
  if (isVersionAsked) return say(version());
  if (positionals.length !== command.operands.length) throw new UsageError(wrongOperands(command, positionals));
  // Closing the terminal ends other commands; the container goes on.
  if (name !== 'start') process.removeAllListeners('SIGHUP');
  return command.run(given, ...positionals);
}

function wrongOperands({ operands }: Command, found: readonly string[]): string {
  const expected = operands.length === 0 ? 'nothing but options' : operands.join(' ');
  return `Expected ${expected}, found ${found.length === 0 ? 'nothing' : found.join(' ')}`;
}

function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function refuse(complaint: string, text: string): number {
  process.stderr.write(`${complaint}\n\n${text}\n`);
  return 2;
}

function fail(error: unknown): number {
  process.stderr.write(`sipxrest: ${messageOf(error)}\n`);
  return 1;
}

// Calls must not depend on whether somebody reads the output, or a disk has room for it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = fail(error);
}
