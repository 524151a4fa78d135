import type { Command, Option } from './command.js';
import { COMMANDS } from './commands.js';

/** How `sipxrest` is used. */
export function usage(): string {
  const lines = Object.entries(COMMANDS).map(([name, command]) => [synopsis(name, command), command.summary] as const);
  return `Usage: sipxrest COMMAND [options]

${columns(lines)}

sipxrest help COMMAND tells more. With SIPXREST_… variables and without a command: start.
sipxrest --help | --version`;
}

/** How one of its commands is used. */
export function usageOf(name: string, command: Command): string {
  const options = Object.entries(command.options).map(([key, option]) => [written(key, option), option.help] as const);
  const all = [...options, ['-h, --help', 'show this'] as const, ['-v, --version', 'show the version'] as const];
  const notes = command.notes === undefined ? '' : `\n\n${command.notes}`;
  return `Usage: sipxrest ${synopsis(name, command)} [options]

${columns(all)}${notes}`;
}

function synopsis(name: string, { operands }: Command): string {
  return [name, ...operands].join(' ');
}

function written(key: string, { short, value }: Option): string {
  return `${short === undefined ? '' : `-${short}, `}--${key}${value === undefined ? '' : ` ${value}`}`;
}

function columns(lines: readonly (readonly [left: string, right: string])[]): string {
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
