import { SipParseError } from './error.js';
import { canonicalName } from './header-names.js';
import { headerRule } from './header-values.js';
import type { HeaderValue } from './header-values.js';
import { scan } from './scanner.js';

/** One value of a header field, as text, and read. */
export class HeaderField {
  /** Canonical name. */
  readonly name: string;
  raw: string;
  parsed: HeaderValue;

  constructor(name: string, raw: string, parsed: HeaderValue) {
    this.name = name;
    this.raw = raw;
    this.parsed = parsed;
  }
}

/**
 * The header fields of a message, in the order received. There are so few that a linear search is faster than a hash, and takes a
 * fraction of the memory.
 */
export class HeaderFields {
  #fields: HeaderField[] = [];

  add(field: HeaderField): void {
    this.#fields.push(field);
  }

  /** @param name canonical, as in the next two */
  first(name: string): HeaderField | undefined {
    for (const field of this.#fields) {
      if (field.name === name) return field;
    }
    return undefined;
  }

  count(name: string): number {
    let count = 0;
    for (const field of this.#fields) {
      if (field.name === name) count += 1;
    }
    return count;
  }

  all(name: string): HeaderField[] {
    const first = this.first(name);
    if (first === undefined) return [];
    // An array that grows reserves room for sixteen more.
    return this.count(name) === 1 ? [first] : this.#fields.filter((field) => field.name === name);
  }

  /** @param name in any spelling, as in those below */
  text(name: string): string | undefined {
    return this.first(canonicalName(name))?.raw;
  }

  texts(name: string): string[] {
    return this.all(canonicalName(name)).map((field) => field.raw);
  }

  /** A value that cannot be read stays in the message as text. The first Contact is the first that can be read. */
  typed(name: string, index: number): HeaderValue {
    const canonical = canonicalName(name);
    const field = index === 0 ? this.first(canonical) : this.all(canonical)[index];
    const value = valueOf(field);
    if (value !== undefined || canonical !== 'Contact' || index > 0 || this.count(canonical) < 2) return value;
    return this.all(canonical)
      .map(valueOf)
      .find((other) => other !== undefined);
  }

  /** Replaces all values by this one. */
  set(name: string, raw: string): void {
    const canonical = canonicalName(name);
    this.#fields = this.#fields.filter((field) => field.name !== canonical);
    this.#fields.push(new HeaderField(canonical, raw, undefined));
  }

  /** Canonical, each once. */
  names(): string[] {
    return [...new Set(this.#fields.map(({ name }) => name))];
  }
}

function valueOf(field: HeaderField | undefined): HeaderValue {
  if (field === undefined || field.parsed !== undefined) return field?.parsed;
  try {
    const rule = headerRule(field.name);
    if (rule !== undefined) field.parsed = scan(field.raw, rule.read);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
  return field.parsed;
}
