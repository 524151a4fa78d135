import type { Uri } from '../uri.js';

export type UriParameters = Record<string, string | null>;
export type UriHeaders = Record<string, string[]>;

/** Shared by all URIs without parameters or headers, which are most; never written to. */
export const NO_PARAMETERS: UriParameters = Object.freeze({});
export const NO_HEADERS: UriHeaders = Object.freeze({});

/**
 * A `sip:` or `sips:` URI that goes back on the wire unchanged: decoded and escaped again, `+1555;ext=2` would become `+1555%3Bext%3D2`,
 * which is another URI (RFC 3261 section 19.1.4).
 */
export class ReceivedUri implements Uri {
  readonly #hostText: string;

  /** @param userText user part as received, escapes included; `user` is the decoded one */
  constructor(
    readonly scheme: string,
    private readonly userText: string | undefined,
    readonly user: string | undefined,
    host: string,
    readonly port: number | undefined,
    readonly parameters: UriParameters,
    readonly headers: UriHeaders,
  ) {
    this.#hostText = host;
  }

  get host(): string {
    return this.#hostText.toLowerCase();
  }

  getParam(name: string): string | null | undefined {
    const key = name.toLowerCase();
    return Object.hasOwn(this.parameters, key) ? this.parameters[key] : undefined;
  }

  toString(): string {
    return this.#print(this.host);
  }

  toRaw(): string {
    return this.#print(this.#hostText);
  }

  #print(host: string): string {
    const { userText } = this;
    let text = `${this.scheme}:${userText === undefined || userText === '' ? '' : `${userText}@`}${host}`;
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
