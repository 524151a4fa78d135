import type { Scanner } from './scanner.js';

interface Entry<Value> {
  readonly codes: Uint8Array;
  readonly value: Value;
  /** The next entry with the same length and first character. */
  readonly next: Entry<Value> | undefined;
}

/**
 * Looks up ranges of the text among known names without making a string first: frequent names cost no memory, and keep no message in
 * memory as a slice would.
 */
export class NameTable<Value> {
  /** By length and first character. */
  readonly #entries: (Entry<Value> | undefined)[] = [];

  /** @param names with their values; names are ASCII and not empty */
  constructor(names: Iterable<readonly [name: string, value: Value]>) {
    for (const [name, value] of names) {
      const index = slot(name.length, name.charCodeAt(0));
      this.#entries[index] = { codes: Buffer.from(name), value, next: this.#entries[index] };
    }
    // Without holes, so that a look-up is one read.
    for (let index = 0; index < this.#entries.length; index += 1) this.#entries[index] ??= undefined;
  }

  /** The value of the name that the range spells; undefined if the name is unknown. */
  find(scanner: Scanner, start: number, end: number): Value | undefined {
    const index = slot(end - start, scanner.codeAt(start));
    let entry = index < this.#entries.length ? this.#entries[index] : undefined;
    while (entry !== undefined && !scanner.standsAt(entry.codes, start)) entry = entry.next;
    return entry?.value;
  }
}

/** Names that stand for themselves. */
export class Names extends NameTable<string> {
  constructor(...names: string[]) {
    super(names.map((name) => [name, name]));
  }

  /** The name that the range spells: the known string if there is one, else a new one. */
  cut(scanner: Scanner, start: number, end: number): string {
    return this.find(scanner, start, end) ?? scanner.cut(start, end);
  }
}

/** Characters beyond ASCII share the slots of others, but no name begins with one. */
function slot(length: number, first: number): number {
  return length * 128 + first;
}
