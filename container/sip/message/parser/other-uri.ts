import type { Uri } from '../uri.js';

/** A URI of another scheme, `tel:+15551234` or `http://example.com/x`. Host is empty: sending to the URI would need a further look-up. */
export class OtherUri implements Uri {
  readonly scheme: string;
  readonly host = '';
  readonly port = undefined;

  /**
   * @param opaque what follows the colon
   * @param user the number of a `tel:` URI
   */
  constructor(
    scheme: string,
    readonly opaque: string,
    readonly user: string | undefined,
  ) {
    this.scheme = scheme.toLowerCase();
  }

  getParam(): undefined {
    return undefined;
  }

  toString(): string {
    return `${this.scheme}:${this.opaque}`;
  }

  toRaw(): string {
    return this.toString();
  }
}
