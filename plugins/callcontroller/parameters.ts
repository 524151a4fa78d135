import createError from 'http-errors';
import { quoted } from './address.js';

/** The parameters of a request as they were sent: percent-decoded once, and none of them twice. */
export class Parameters {
  readonly #values: URLSearchParams;

  /** @throws HttpError 400 when the query is not properly percent-encoded */
  constructor(querystring: string) {
    try {
      decodeURIComponent(querystring);
    } catch {
      throw createError(400, 'The query is not properly percent-encoded');
    }
    this.#values = new URLSearchParams(querystring);
  }

  /** @throws HttpError 400 when the parameter is repeated */
  text(name: string): string | undefined {
    const values = this.#values.getAll(name);
    if (values.length > 1) throw createError(400, `${name} must be given once, got it ${values.length} times`);
    return values[0];
  }

  /** One of several words, in any case. @throws HttpError 400 */
  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const choice = choices.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
    if (choice) return choice;
    throw createError(400, `${name} must be ${choices.join(' or ')}, got ${quoted(value)}`);
  }

  /** @throws HttpError 400 when it is not an integer from 0 to `most` */
  integer(name: string, most: number, fallback: number): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    if (/^\d{1,10}$/.test(value) && Number(value) <= most) return Number(value);
    throw createError(400, `${name} must be an integer from 0 to ${most}, got ${quoted(value)}`);
  }

  /** @param expected what the pattern stands for, in words. @throws HttpError 400 when it does not match */
  matching(name: string, pattern: RegExp, expected: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || pattern.test(value)) return value;
    throw createError(400, `${name} must be ${expected}, got ${quoted(value)}`);
  }
}
