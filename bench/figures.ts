import { median } from './statistics.js';

/** Bytes in a KiB. */
export const KIB = 1024;

/** Target of a figure: for the ratio of ours to the other's, or for ours alone. */
export interface Target {
  readonly of: 'ratio' | 'ours';
  readonly least?: number;
  readonly most?: number;
}

/** One line of the table. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  /** Name of the other side; undefined if nobody does the same work. */
  readonly other?: { readonly name: string; readonly value: number };
  /** Ratio of ours to the other's: the median of the rounds' ratios, since adjacent rounds have the same noise. */
  readonly ratio?: number;
  readonly target?: Target;
  /** Every round. */
  readonly rounds: { readonly ours: readonly number[]; readonly other: readonly number[] };
}

export type FigureText = Pick<Figure, 'what' | 'unit' | 'target'>;

/** Medians of alternating rounds of ours and the other's. */
export function comparison(text: FigureText, name: string, ours: readonly number[], other: readonly number[]): Figure {
  const ratio = median(ours.map((value, round) => value / (other[round] ?? Number.NaN)));
  return {
    ...text,
    ours: median(ours),
    other: { name, value: median(other) },
    ratio,
    rounds: { ours, other },
  };
}

export function oursAlone(text: FigureText, ours: readonly number[]): Figure {
  return { ...text, ours: median(ours), rounds: { ours, other: [] } };
}

/** Undefined if the figure has no target. */
export function isMet({ target, ours, ratio }: Figure): boolean | undefined {
  if (!target) return undefined;
  const value = target.of === 'ratio' ? (ratio ?? Number.NaN) : ours;
  return value >= (target.least ?? -Infinity) && value <= (target.most ?? Infinity);
}

/** Takes rounds in turn: ours, the other's, ours, the other's … */
export async function inTurn<T>(
  rounds: number,
  ours: () => Promise<T>,
  other: () => Promise<T>,
): Promise<{ readonly ours: readonly T[]; readonly other: readonly T[] }> {
  const taken = { ours: [] as T[], other: [] as T[] };
  for (let round = 0; round < rounds; round++) {
    taken.ours.push(await ours());
    taken.other.push(await other());
  }
  return taken;
}
