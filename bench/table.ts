import { type Figure, isMet, type Target } from './figures.js';

const HEAD = ['what', 'sipxrest', 'beside it', 'ratio', 'target', ''];

/** The figures as a Markdown table. */
export function table(figures: readonly Figure[]): string {
  const rows = [HEAD, HEAD.map(() => '---'), ...figures.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  return rows
    .map((cells) => `| ${cells.map((cell, column) => padded(cell, widths[column] ?? 0)).join(' | ')} |\n`)
    .join('');
}

function row(figure: Figure): string[] {
  const { what, unit, ours, other, ratio, target } = figure;
  return [
    what,
    `${number(ours)} ${unit}`,
    other ? `${other.name}: ${number(other.value)} ${unit}` : '',
    ratio === undefined ? '' : number(ratio),
    target ? targetText(target, unit) : '',
    { true: 'met', false: 'missed', undefined: '' }[`${isMet(figure)}`],
  ];
}

function targetText({ of, least, most }: Target, unit: string): string {
  const bound = least === undefined ? `at most ${number(most ?? Number.NaN)}` : `at least ${number(least)}`;
  return of === 'ratio' ? `ratio ${bound}` : `${bound} ${unit}`;
}

/** A number of things. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** Three significant digits. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Math.abs(value) >= 100 ? count(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function padded(cell: string, width: number): string {
  return cell === '---' ? '-'.repeat(width) : cell.padEnd(width);
}
