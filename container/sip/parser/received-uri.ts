import { URI } from 'sip.js/lib/core/index.js';

type UriParameters = Record<string, string | null>;
type UriHeaders = Record<string, string[]>;

/**
 * A `sip:` or `sips:` URI that goes back on the wire as it came. A plain sip.js URI decodes the user part and escapes it
 * anew: `+1555;ext=2` becomes `+1555%3Bext%3D2`, which is another URI (RFC 3261 section 19.1.4), and `100%25` makes its
 * toString throw.
 */
export class ReceivedUri extends URI {
  readonly #userText: string | undefined;
  readonly #decodedUser: string | undefined;
  readonly #hostText: string;

  /** @param userText user part as it stands in the message, escapes included; `user` is the decoded one */
  constructor(
    scheme: string,
    userText: string | undefined,
    user: string | undefined,
    host: string,
    port: number | undefined,
    parameters: UriParameters,
    headers: UriHeaders,
  ) {
    // The constructor declares `user` a string, and the property string or undefined.
    super(scheme, user ?? '', host, port);
    if (user === undefined) this.user = undefined;
    this.parameters = parameters;
    this.headers = headers;
    this.#userText = userText;
    this.#decodedUser = user;
    this.#hostText = host;
  }

  override toString(): string {
    return this.#print(this.host);
  }

  override toRaw(): string {
    return this.#print(this.host === this.#hostText.toLowerCase() ? this.#hostText : this.host);
  }

  override clone(): URI {
    const headers: UriHeaders = {};
    for (const [name, values] of Object.entries(this.headers)) headers[name] = [...values];
    const userText = this.#currentUserText();
    const host = this.host === this.#hostText.toLowerCase() ? this.#hostText : this.host;
    return new ReceivedUri(this.scheme, userText, this.user, host, this.port, { ...this.parameters }, headers);
  }

  #currentUserText(): string | undefined {
    return this.user === this.#decodedUser || this.user === undefined ? this.#userText : encodeURIComponent(this.user);
  }

  #print(host: string): string {
    const user = this.user === undefined ? undefined : this.#currentUserText();
    let text = `${this.scheme}:${user === undefined || user === '' ? '' : `${user}@`}${host}`;
    if (this.port !== undefined) text += `:${this.port}`;
    for (const name in this.parameters) {
      const value = this.parameters[name];
      text += value === null || value === undefined ? `;${name}` : `;${name}=${value}`;
    }
    let separator = '?';
    for (const name in this.headers) {
      for (const value of this.headers[name] ?? []) {
        text += `${separator}${name}=${value}`;
        separator = '&';
      }
    }
    return text;
  }
}

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
