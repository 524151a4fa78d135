import createError from 'http-errors';
import { Query } from '../../../sdk/index.js';
import { quoted } from './address.js';
import { isMisspelt } from './misspelt.js';

/** The parameters of a request, and what each of them may be. */
export class Parameters extends Query {
  /**
   * Refuses a parameter that is probably a misspelt known one, since ignoring it would place a different call. Other unknown parameters
   * are ignored.
   * @throws HttpError 400 that names the known one
   */
  refuseMisspelt(known: readonly string[]): void {
    for (const name of this.names()) {
      if (known.includes(name)) continue;
      const meant = known.find((candidate) => isMisspelt(name, candidate));
      if (meant !== undefined)
        throw createError(400, `The parameter ${quoted(name)} is unknown: ${meant} is spelt in this way`);
    }
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

  /** As `matching`, for a value that no answer and no log may show. @throws HttpError 400 when it does not match */
  secret(name: string, pattern: RegExp, expected: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || pattern.test(value)) return value;
    throw createError(400, `${name} must be ${expected}`);
  }
}
