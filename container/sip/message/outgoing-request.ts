import { type NameAddrHeader, OutgoingRequestMessage, type URI } from 'sip.js/lib/core/index.js';
import { methodsOf } from './parser/methods-of.js';
import { NO_TAG, type Party } from './party.js';

/** The names of the headers that a request of ours is given after it was made. */
const CANONICAL_NAMES: Readonly<Record<string, string>> = {
  authorization: 'Authorization',
  'proxy-authorization': 'Proxy-Authorization',
  reason: 'Reason',
};
const LATER_NAMES = Object.values(CANONICAL_NAMES);

/** What the requests of one call have in common. */
export interface Wire {
  /** The transport of their Via, before the transport layer chooses. */
  readonly protocol: string;
  /** Host and port of their Via. */
  readonly viaHost: string;
}

/** What a request is made of. Nobody changes its parties and its URI, so they are not copied. */
export interface RequestParts {
  readonly method: string;
  readonly requestUri: URI;
  readonly from: Party;
  readonly to: Party;
  readonly callId: string;
  readonly cseq: number;
  readonly routeSet: readonly string[];
  readonly extraHeaders: string[];
  readonly body: { readonly contentType: string; readonly content: string } | undefined;
}

const NO_LINES: string[] = [];

/** A tag as the SDK shows it: empty where there is none. */
export function shownTag(tag: string | undefined): string {
  return tag === undefined || tag === NO_TAG ? '' : tag;
}

/** A request of ours. Its transaction gives it a branch and prints it. */
export class OutgoingRequest extends methodsOf(OutgoingRequestMessage) {
  override readonly method: string;
  override readonly ruri: URI;
  override readonly from: NameAddrHeader;
  override readonly fromTag: string;
  override readonly fromURI: URI;
  override readonly to: NameAddrHeader;
  override readonly toTag: string | undefined;
  override readonly toURI: URI;
  override readonly callId: string;
  /** Those that not every request has. */
  override readonly headers: Record<string, string[]>;
  override extraHeaders: string[];
  readonly #wire: Wire;
  readonly #toText: string;
  readonly #fromText: string;

  constructor(wire: Wire, parts: RequestParts) {
    super();
    const { method, from, to, callId, cseq, body } = parts;
    this.#wire = wire;
    this.method = method;
    this.ruri = parts.requestUri;
    this.fromTag = from.tag ?? '';
    this.fromURI = from.uri;
    this.from = from.header;
    this.toTag = to.tag;
    this.toURI = to.uri;
    this.to = to.header;
    this.callId = callId;
    this.cseq = cseq;
    this.extraHeaders = parts.extraHeaders;
    this.body = body && { contentType: body.contentType, body: body.content };
    this.#toText = to.text;
    this.#fromText = from.text;
    this.headers = { Route: [...parts.routeSet] };
  }

  /** It was sent, and is not made anew: only what its CANCEL, its ACK and its dialog are made of is still needed. */
  dropLines(): void {
    this.extraHeaders = NO_LINES;
  }

  /** The first Route. */
  get route(): string | undefined {
    return this.headers['Route']?.[0];
  }

  /** As sip.js does, without taking the name apart each time. */
  override setHeader(name: string, value: string | string[]): void {
    this.headers[canonicalName(name)] = Array.isArray(value) ? value : [value];
  }

  /** The text of the request, with a Via of this branch. */
  print(branch: string): string {
    const { method, headers } = this;
    let text = `${method} ${this.ruri.toRaw()} SIP/2.0\r\n`;
    for (const route of headers['Route'] ?? NO_LINES) text += `Route: ${route}\r\n`;
    text += `${this.#via(branch)}To: ${this.#toText}\r\nFrom: ${this.#fromText}\r\nCSeq: ${this.cseq} ${method}\r\n`;
    text += `Call-ID: ${this.callId}\r\nMax-Forwards: 70\r\n`;
    for (const name of LATER_NAMES) {
      for (const value of headers[name] ?? NO_LINES) text += `${name}: ${value}\r\n`;
    }
    for (const line of this.extraHeaders) text += `${line}\r\n`;
    const body = this.body?.body;
    if (!body) return `${text}Content-Length: 0\r\n\r\n`;
    return `${text}Content-Type: ${this.body?.contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  }

  /**
   * The text of the ACK to a refusal: same Via, Route and From, the To of the response (RFC 3261 section 17.1.1.3).
   * @param to value of the To header field of the response
   */
  printRefusalAck(branch: string, to: string): string {
    let text = `ACK ${this.ruri.toRaw()} SIP/2.0\r\n`;
    for (const route of this.headers['Route'] ?? NO_LINES) text += `Route: ${route}\r\n`;
    text += `${this.#via(branch)}To: ${to}\r\nFrom: ${this.#fromText}\r\nCall-ID: ${this.callId}\r\n`;
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
