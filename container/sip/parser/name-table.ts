interface Entry {
  readonly spelling: string;
  readonly name: string;
}

/**
 * Finds ranges of a text among names that are known, without cutting them out first: what comes in every message costs no
 * memory, and keeps no message alive by being a part of it.
 */
export class NameTable {
  /** By length and first character. */
  readonly #entries: (Entry[] | undefined)[] = [];

  /** @param names each with the spelling under which it is found, both in ASCII */
  constructor(names: Iterable<readonly [spelling: string, name: string]>) {
    for (const [spelling, name] of names) {
      (this.#entries[slot(spelling.length, spelling.charCodeAt(0))] ??= []).push({ spelling, name });
    }
    // Without holes, so that a look-up is one read.
    for (let index = 0; index < this.#entries.length; index += 1) this.#entries[index] ??= undefined;
  }

  /** The name of the whole range, or undefined where it is none of the known ones. */
  find(text: string, start: number, end: number): string | undefined {
    const index = slot(end - start, text.charCodeAt(start));
    const entries = index < this.#entries.length ? this.#entries[index] : undefined;
    if (entries === undefined) return undefined;
    for (const { spelling, name } of entries) {
      if (text.startsWith(spelling, start)) return name;
    }
    return undefined;
  }

  /** The name of the whole range, as it is spelt where it is none of the known ones. */
  cut(text: string, start: number, end: number): string {
    return this.find(text, start, end) ?? text.slice(start, end);
  }
}

/** A table of names that are found by themselves only. */
export function namesOf(...names: string[]): NameTable {
  return new NameTable(names.map((name) => [name, name]));
}

/** Characters beyond ASCII share the slots of others, but no name begins with one. */
function slot(length: number, first: number): number {
  return length * 128 + first;
}
