import type { Scanner } from './scanner.js';

interface Entry<Value> {
  readonly codes: Uint8Array;
  readonly value: Value;
  /** Another one of the same length and first character. */
  readonly next: Entry<Value> | undefined;
}

/**
 * Finds ranges of the text among names that are known, without cutting them out first: what comes in
 * every message costs no memory, and keeps no message alive by being a part of it.
 */
export class NameTable<Value> {
  /** By length and first character. */
  readonly #entries: (Entry<Value> | undefined)[] = [];

  /** @param names each with what is found by it; in ASCII, and never empty */
  constructor(names: Iterable<readonly [name: string, value: Value]>) {
    for (const [name, value] of names) {
      const index = slot(name.length, name.charCodeAt(0));
      this.#entries[index] = { codes: Buffer.from(name), value, next: this.#entries[index] };
    }
    // Without holes, so that a look-up is one read.
    for (let index = 0; index < this.#entries.length; index += 1) this.#entries[index] ??= undefined;
  }

  /** What belongs to the name that the whole range is, or undefined where it is none of the known ones. */
  find(scanner: Scanner, start: number, end: number): Value | undefined {
    const index = slot(end - start, scanner.codeAt(start));
    let entry = index < this.#entries.length ? this.#entries[index] : undefined;
    while (entry !== undefined && !scanner.standsAt(entry.codes, start)) entry = entry.next;
    return entry?.value;
  }
}

/** Names that are found by themselves. */
export class Names extends NameTable<string> {
  constructor(...names: string[]) {
    super(names.map((name) => [name, name]));
  }

  /** The name that the range is, as it is spelt there where it is none of the known ones. */
  cut(scanner: Scanner, start: number, end: number): string {
    return this.find(scanner, start, end) ?? scanner.cut(start, end);
  }
}

/** Characters beyond ASCII share the slots of others, but no name begins with one. */
function slot(length: number, first: number): number {
  return length * 128 + first;
}
