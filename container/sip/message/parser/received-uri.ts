import { URI } from 'sip.js/lib/core/index.js';
import { methodsOf } from './methods-of.js';

export type UriParameters = Record<string, string | null>;
export type UriHeaders = Record<string, string[]>;

/** Most URIs have neither parameters nor headers: these stand for both, and are never written to. */
export const NO_PARAMETERS: UriParameters = Object.freeze({});
export const NO_HEADERS: UriHeaders = Object.freeze({});

/**
 * A `sip:` or `sips:` URI that goes back on the wire as it came. A plain sip.js URI decodes the user part and escapes it
 * anew: `+1555;ext=2` becomes `+1555%3Bext%3D2`, which is another URI (RFC 3261 section 19.1.4), and `100%25` makes its
 * toString throw. It also takes three times the memory.
 */
export class ReceivedUri extends methodsOf(URI) {
  override parameters: UriParameters;
  override headers: UriHeaders;
  #scheme: string;
  readonly #userText: string | undefined;
  readonly #decodedUser: string | undefined;
  #user: string | undefined;
  #hostText: string;
  #port: number | undefined;

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
    super();
    this.parameters = parameters;
    this.headers = headers;
    this.#scheme = scheme.toLowerCase();
    this.#userText = userText;
    this.#decodedUser = user;
    this.#user = user;
    this.#hostText = host;
    this.#port = port;
  }

  override get scheme(): string {
    return this.#scheme;
  }

  override set scheme(value: string) {
    this.#scheme = value.toLowerCase();
  }

  override get user(): string | undefined {
    return this.#user;
  }

  override set user(value: string | undefined) {
    this.#user = value;
  }

  override get host(): string {
    return this.#hostText.toLowerCase();
  }

  override set host(value: string) {
    this.#hostText = value.toLowerCase();
  }

  override get port(): number | undefined {
    return this.#port;
  }

  override set port(value: number | undefined) {
    this.#port = value;
  }

  override get aor(): string {
    return `${this.#user}@${this.host}`;
  }

  override setParam(key: string, value: string | number | null | undefined): void {
    if (this.parameters === NO_PARAMETERS) this.parameters = {};
    super.setParam(key, value);
  }

  override setHeader(name: string, value: string[] | string): void {
    if (this.headers === NO_HEADERS) this.headers = {};
    super.setHeader(name, value);
  }

  override toString(): string {
    return this.#print(this.host);
  }

  override toRaw(): string {
    return this.#print(this.#hostText);
  }

  override clone(): URI {
    const parameters = this.parameters === NO_PARAMETERS ? NO_PARAMETERS : { ...this.parameters };
    const userText = this.#currentUserText();
    const { headers } = this;
    const ownHeaders = headers === NO_HEADERS ? NO_HEADERS : copyOf(headers);
    return new ReceivedUri(this.#scheme, userText, this.#user, this.#hostText, this.#port, parameters, ownHeaders);
  }

  #currentUserText(): string | undefined {
    return this.#user === this.#decodedUser || this.#user === undefined
      ? this.#userText
      : encodeURIComponent(this.#user);
  }

  #print(host: string): string {
    const user = this.#user === undefined ? undefined : this.#currentUserText();
    let text = `${this.#scheme}:${user === undefined || user === '' ? '' : `${user}@`}${host}`;
    if (this.#port !== undefined) text += `:${this.#port}`;
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

function copyOf(headers: UriHeaders): UriHeaders {
  const copy: UriHeaders = {};
  for (const [name, values] of Object.entries(headers)) copy[name] = [...values];
  return copy;
}
