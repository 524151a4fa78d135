import { OutgoingRequestMessage } from 'sip.js/lib/core/index.js';

type Parameters = ConstructorParameters<typeof OutgoingRequestMessage>;

/**
 * A request as sip.js makes it, with a branch that is unique in the whole process (RFC 3261 section 8.1.1.7). sip.js
 * matches responses by its own short branch, so that one stays in `branch` and the salt goes on the wire only.
 */
export class OutgoingRequest extends OutgoingRequestMessage {
  readonly #branchSalt: string;
  readonly #viaHost: string;

  constructor(branchSalt: string, viaHost: string, ...parameters: Parameters) {
    super(...parameters);
    this.#branchSalt = branchSalt;
    this.#viaHost = viaHost;
  }

  override setViaHeader(branch: string, transport: string): void {
    this.branch = branch;
    this.setHeader('via', `SIP/2.0/${transport} ${this.#viaHost};branch=${branch}${this.#branchSalt};rport`);
  }

  /** As sip.js prints it, less the empty Supported and User-Agent lines. */
  override toString(): string {
    let text = `${this.method} ${this.ruri.toRaw()} SIP/2.0\r\n`;
    for (const [name, values] of Object.entries(this.headers)) {
      for (const value of values ?? []) text += `${name}: ${value}\r\n`;
    }
    for (const line of this.extraHeaders) text += `${line}\r\n`;
    if (!this.body?.body) return `${text}Content-Length: 0\r\n\r\n`;
    const length = Buffer.byteLength(this.body.body);
    return `${text}Content-Type: ${this.body.contentType}\r\nContent-Length: ${length}\r\n\r\n${this.body.body}`;
  }
}
