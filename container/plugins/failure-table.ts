import type { PluginError } from './plugin-error.js';

const COLUMNS = ['plugin', 'code', 'file', 'problem'] as const;

/** The failures as a table for people, a line each under a line of titles; nothing if there are none. */
export function failureTable(failures: readonly PluginError[]): string {
  if (failures.length === 0) return '';
  const titles = Object.fromEntries(COLUMNS.map((column) => [column, column.toUpperCase()]));
  const rows = [titles, ...failures.map(({ summary }) => summary)].map((row) => COLUMNS.map((name) => row[name] ?? ''));
  const widths = COLUMNS.map((_, index) => Math.max(...rows.map((cells) => cells[index]?.length ?? 0)));
  const lines = rows.map((cells) => cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
