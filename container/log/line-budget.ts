/** Most lines of a kind in a period, and its length in milliseconds. */
const MAX_LINES = 10;
const PERIOD_MS = 10_000;
/** Most kinds with a budget of their own; further ones share one. */
const MAX_KINDS = 1_000;

interface Kind {
  periodEndsAtMs: number;
  lines: number;
  leftOut: number;
}

/**
 * Bounds the lines that strangers, telephones and a broken proxy can cause: at most so many of a kind in each period. The first line
 * after that says how many were left out. The kind of a line is its message; what differs stands in its fields.
 */
export class LineBudget {
  readonly #kinds = new Map<string, Kind>();

  /** @param maxLines of a kind in each period */
  constructor(
    private readonly nowMs: () => number = () => performance.now(),
    private readonly maxLines = MAX_LINES,
  ) {}

  /** @returns how many lines of this kind were left out before this one; undefined if this one is left out, too */
  take(message: string): number | undefined {
    const kind = this.#kindOf(message);
    const nowMs = this.nowMs();
    if (nowMs >= kind.periodEndsAtMs) {
      kind.periodEndsAtMs = nowMs + PERIOD_MS;
      kind.lines = 0;
    }
    if (kind.lines >= this.maxLines) {
      kind.leftOut += 1;
      return undefined;
    }
    kind.lines += 1;
    const { leftOut } = kind;
    kind.leftOut = 0;
    return leftOut;
  }

  #kindOf(message: string): Kind {
    const name = this.#kinds.has(message) || this.#kinds.size < MAX_KINDS ? message : '';
    const kind = this.#kinds.get(name) ?? { periodEndsAtMs: 0, lines: 0, leftOut: 0 };
    this.#kinds.set(name, kind);
    return kind;
  }
}
