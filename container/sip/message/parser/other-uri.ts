import { URI } from 'sip.js/lib/core/index.js';

/**
 * A URI of another scheme, `tel:+15551234` or `http://example.com/x`. sip.js has no such class, and its URI prints two
 * slashes after every other scheme. Host is empty: nothing can be sent to it without a further look-up.
 */
export class OtherUri extends URI {
  /** What follows the colon. */
  readonly opaque: string;

  /** @param user the number of a `tel:` URI */
  constructor(scheme: string, opaque: string, user: string | undefined) {
    // The constructor insists on a host.
    super(scheme, user ?? '', 'invalid');
    if (user === undefined) this.user = undefined;
    this.host = '';
    this.opaque = opaque;
  }

  override toString(): string {
    return `${this.scheme}:${this.opaque}`;
  }

  override toRaw(): string {
    return this.toString();
  }

  override clone(): URI {
    return new OtherUri(this.scheme, this.opaque, this.user);
  }
}
