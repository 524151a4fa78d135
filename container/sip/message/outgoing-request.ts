import type { TaggedAddress } from './tagged-address.js';
import type { MessageBody } from './response.js';
import type { Uri } from './uri.js';

/** The header fields that a request may be given after it was made. */
const CANONICAL_NAMES: Readonly<Record<string, string>> = {
  authorization: 'Authorization',
  'proxy-authorization': 'Proxy-Authorization',
  reason: 'Reason',
};

/** What the requests of one call have in common. */
export interface Wire {
  /** Transport in their Via, until the transport layer chooses one. */
  readonly protocol: string;
  /** Host and port of their Via. */
  readonly viaHost: string;
}

/** The parts of a request. From, To and Request-URI never change, so they are not copied. */
export interface RequestParts {
  readonly method: string;
  readonly requestUri: Uri;
  readonly from: TaggedAddress;
  readonly to: TaggedAddress;
  readonly callId: string;
  readonly cseq: number;
  readonly routeSet: readonly string[];
  readonly extraHeaders: readonly string[];
  readonly body: MessageBody | undefined;
}

const NO_LINES: readonly string[] = [];

/** An outgoing request. Its transaction gives it a branch and prints it. */
export class OutgoingRequest {
  readonly method: string;
  readonly ruri: Uri;
  readonly callId: string;
  readonly routeSet: readonly string[];
  readonly body: MessageBody | undefined;
  cseq: number;
  readonly #wire: Wire;
  readonly #from: TaggedAddress;
  readonly #to: TaggedAddress;
  #extraHeaders: readonly string[];
  /** Header fields that not every request has. */
  #later: Record<string, readonly string[]> | undefined;

  constructor(wire: Wire, parts: RequestParts) {
    this.#wire = wire;
    this.method = parts.method;
    this.ruri = parts.requestUri;
    this.callId = parts.callId;
    this.routeSet = parts.routeSet;
    this.body = parts.body;
    this.cseq = parts.cseq;
    this.#from = parts.from;
    this.#to = parts.to;
    this.#extraHeaders = parts.extraHeaders;
  }

  get fromUri(): Uri {
    return this.#from.uri;
  }

  get fromTag(): string {
    return this.#from.tag ?? '';
  }

  get toUri(): Uri {
    return this.#to.uri;
  }

  /** Undefined outside dialogs; empty if the other side of the dialog has no tag. */
  get toTag(): string | undefined {
    return this.#to.tag;
  }

  /**
   * Drops what only printing needs: the request was sent and will not be printed again. Keeps what its CANCEL, ACK and dialog are made
   * of.
   */
  dropLines(): void {
    this.#extraHeaders = NO_LINES;
  }

  /** The first Route. */
  get route(): string | undefined {
    return this.routeSet[0];
  }

  /** @throws TypeError if the header field belongs in the extra headers of a request */
  setHeader(name: string, values: readonly string[]): void {
    this.#later = { ...this.#later, [canonicalName(name)]: values };
  }

  /** The text of the request, with a Via of this branch. */
  print(branch: string): string {
    const { method } = this;
    let text = `${method} ${this.ruri.toRaw()} SIP/2.0\r\n`;
    for (const route of this.routeSet) text += `Route: ${route}\r\n`;
    text += `${this.#via(branch)}To: ${this.#to.text}\r\nFrom: ${this.#from.text}\r\nCSeq: ${this.cseq} ${method}\r\n`;
    text += `Call-ID: ${this.callId}\r\nMax-Forwards: 70\r\n`;
    for (const name in this.#later) {
      for (const value of this.#later[name] ?? NO_LINES) text += `${name}: ${value}\r\n`;
    }
    for (const line of this.#extraHeaders) text += `${line}\r\n`;
    const { contentType = '', content = '' } = this.body ?? {};
    if (content === '') return `${text}Content-Length: 0\r\n\r\n`;
    return `${text}Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(content)}\r\n\r\n${content}`;
  }

  /**
   * The text of the ACK to a refusal: same Via, Route and From, the To of the response (RFC 3261 section 17.1.1.3).
   * @param to value of the To header field of the response
   */
  printRefusalAck(branch: string, to: string): string {
    let text = `ACK ${this.ruri.toRaw()} SIP/2.0\r\n`;
    for (const route of this.routeSet) text += `Route: ${route}\r\n`;
    text += `${this.#via(branch)}To: ${to}\r\nFrom: ${this.#from.text}\r\nCall-ID: ${this.callId}\r\n`;
    return `${text}CSeq: ${this.cseq} ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n`;
  }

  #via(branch: string): string {
    const { protocol, viaHost } = this.#wire;
    return `Via: SIP/2.0/${protocol} ${viaHost};branch=${branch};rport\r\n`;
  }
}

function canonicalName(name: string): string {
  const canonical = CANONICAL_NAMES[name] ?? CANONICAL_NAMES[name.toLowerCase()];
  if (canonical === undefined) throw new TypeError(`Header ${name} is written in the extra headers of a request`);
  return canonical;
}
