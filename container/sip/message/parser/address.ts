import type { Uri } from '../uri.js';
import { flat } from './flat.js';
import { scan } from './scanner.js';
import type { UriParameters } from './received-uri.js';
import { cutUri } from './uri.js';

/**
 * An address (RFC 3261 section 20.10). Its URI was checked, and is made on first use: for most addresses in a dialog only the tag is ever
 * needed.
 */
export class Address {
  readonly #uriText: string;
  #uri: Uri | undefined;

  constructor(
    readonly displayName: string,
    uriText: string,
    readonly parameters: UriParameters,
  ) {
    this.#uriText = uriText;
  }

  get uri(): Uri {
    return (this.#uri ??= scan(flat(this.#uriText), cutUri));
  }

  getParam(name: string): string | null | undefined {
    const key = name.toLowerCase();
    return Object.hasOwn(this.parameters, key) ? this.parameters[key] : undefined;
  }

  hasParam(name: string): boolean {
    return this.getParam(name) !== undefined;
  }

  toString(): string {
    let text = this.displayName === '' ? '' : `"${this.displayName}" `;
    text += `<${this.uri.toString()}>`;
    for (const [name, value] of Object.entries(this.parameters))
      text += value === null ? `;${name}` : `;${name}=${value}`;
    return text;
  }
}
