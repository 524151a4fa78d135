#!/usr/bin/env node
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { version } from './cli/version.js';

const USAGE = `Usage: sipxrest start [--config FILE]   start the container
       sipxrest demo [--once]          place a call in a SIP domain of its own
       sipxrest --help | --version

The configuration is JSON, YAML or a sipxrest-config.xml; environment variables (SIPXREST_…) override it.`;

/** Imported only when they run: to tell how it is used takes no SIP stack. */
const COMMANDS = {
  start: async () => (await import('./cli/start.js')).start,
  demo: async () => (await import('./cli/demo.js')).demo,
} as const;
const OPTIONS: Readonly<Record<keyof typeof COMMANDS, readonly string[]>> = { start: ['config'], demo: ['once'] };

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const [command = 'start', ...rest] = positionals;
  if (values.help) return say(USAGE);
  if (values.version) return say(version());
  if (!isCommand(command) || rest.length > 0) return refuse(`Unknown command: ${positionals.join(' ')}`);
  const foreign = Object.keys(values).find((option) => !OPTIONS[command].includes(option));
  if (foreign !== undefined) return refuse(`--${foreign} is no option of ${command}`);
  const run = await COMMANDS[command]();
  return run(values);
}

function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      config: { type: 'string', short: 'c' },
      once: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
}

function isUsageError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

function isCommand(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name);
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function refuse(text: string): number {
  process.stderr.write(`${text}\n\n${USAGE}\n`);
  return 2;
}

function fail(error: unknown): number {
  process.stderr.write(`sipxrest: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = isUsageError(error) ? refuse(error.message) : fail(error);
}
