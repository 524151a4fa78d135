import { type NameAddrHeader, OutgoingRequestMessage, type URI } from 'sip.js/lib/core/index.js';
import type { Journey } from './journey.js';
import { type Hop, routeHop, uriHop } from './next-hop.js';
import { methodsOf } from './parser/methods-of.js';
import { NO_TAG, type Party } from './party.js';

/** The names of the headers that requests of ours carry, as sip.js writes them. */
const CANONICAL_NAMES: Readonly<Record<string, string>> = {
  route: 'Route',
  via: 'Via',
  to: 'To',
  from: 'From',
  cseq: 'CSeq',
  'call-id': 'Call-ID',
  'max-forwards': 'Max-Forwards',
  authorization: 'Authorization',
  'proxy-authorization': 'Proxy-Authorization',
  reason: 'Reason',
};

/** What the requests of one call have in common. */
export interface Wire {
  /** What their branches end with. */
  readonly branchSalt: string;
  /** Host and port of their Via. */
  readonly viaHost: string;
  /** A request was printed and is about to be sent: sip.js hands over its text alone. */
  onPrint(request: OutgoingRequest): void;
}

/** What a request is made of. Nobody changes its parties and its URI, so they are not copied. */
export interface RequestParts {
  readonly method: string;
  readonly requestUri: URI;
  readonly from: Party;
  readonly to: Party;
  readonly callId: string;
  readonly cseq: number;
  readonly routeSet: string[];
  readonly extraHeaders: string[];
  readonly body: { readonly contentType: string; readonly content: string } | undefined;
}

const NO_LINES: string[] = [];
const MAX_FORWARDS = ['70'];

/** A tag as the SDK shows it: empty where there is none. */
export function shownTag(tag: string | undefined): string {
  return tag === undefined || tag === NO_TAG ? '' : tag;
}

/**
 * A request as sip.js makes it, with a branch that is unique in the whole process (RFC 3261 section 8.1.1.7). sip.js
 * matches responses by its own short branch, so that one stays in `branch` and the salt goes on the wire only.
 */
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
  override readonly headers: Record<string, string[]>;
  override extraHeaders: string[];
  /** The way on which the next attempt at it is a step. */
  journey: Journey | undefined;
  readonly #wire: Wire;

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
    this.headers = {
      Route: parts.routeSet,
      Via: [],
      To: to.values,
      From: from.values,
      CSeq: [`${cseq} ${method}`],
      'Call-ID': [callId],
      'Max-Forwards': MAX_FORWARDS,
    };
  }

  /** It was sent, and is not made anew: only what its CANCEL, its ACK and its dialog are made of is still needed. */
  dropLines(): void {
    this.extraHeaders = NO_LINES;
  }

  /** The branch on the wire of the transaction that it has now. */
  get wireBranch(): string {
    return `${this.branch}${this.#wire.branchSalt}`;
  }

  /** The first Route, else the Request-URI (RFC 3261 section 8.1.2, loose routing). @throws Error where that is no SIP URI */
  hop(): Hop {
    const route = this.headers['Route']?.[0];
    return route === undefined ? uriHop(this.ruri) : routeHop(route);
  }

  /** As sip.js does, without taking the name apart each time. */
  override setHeader(name: string, value: string | string[]): void {
    this.headers[canonicalName(name)] = Array.isArray(value) ? value : [value];
  }

  override setViaHeader(branch: string, transport: string): void {
    this.branch = branch;
    this.setHeader('via', `SIP/2.0/${transport} ${this.#wire.viaHost};branch=${this.wireBranch};rport`);
  }

  /** The ACK that sip.js makes of a refused INVITE asks for one Route, and must have all of them (RFC 3261 section 17.1.1.3). */
  override getHeader(name: string): string | undefined {
    return name === 'route' ? this.getHeaders(name).join(', ') : super.getHeader(name);
  }

  /** As sip.js prints it, less the empty Supported and User-Agent lines. */
  override toString(): string {
    this.#wire.onPrint(this);
    const lines = [`${this.method} ${this.ruri.toRaw()} SIP/2.0`];
    for (const name in this.headers) {
      for (const value of this.headers[name] ?? []) lines.push(`${name}: ${value}`);
    }
    for (const line of this.extraHeaders) lines.push(line);
    const { contentType = '', body = '' } = this.body ?? {};
    if (body) lines.push(`Content-Type: ${contentType}`);
    lines.push(`Content-Length: ${Buffer.byteLength(body)}`, '', body);
    return lines.join('\r\n');
  }
}

/** Header lines with the credentials of a request. */
export function credentialLines({ headers }: OutgoingRequestMessage): string[] {
  return ['Authorization', 'Proxy-Authorization'].flatMap((name) =>
    (headers[name] ?? []).map((value) => `${name}: ${value}`),
  );
}

function canonicalName(name: string): string {
  const canonical = CANONICAL_NAMES[name] ?? CANONICAL_NAMES[name.toLowerCase()];
  if (canonical === undefined) throw new TypeError(`Header ${name} is written in the extra headers of a request`);
  return canonical;
}
