import { createHmac, randomBytes } from 'node:crypto';
import type { Endpoint } from './addresses.js';
import {
  defaultSipPort,
  isLoopback,
  parseUri,
  parseVia,
  responseEndpoint,
  stampVia,
  tagOf,
  uriOf,
} from './addresses.js';
import type { Digest } from './digest.js';
import type { Message, Request, Response } from './message.js';
import { header, headersOf, prepend, removeFirst, replaceFirst } from './message.js';

export interface ProxyOptions {
  readonly self: Endpoint;
  readonly domain: string;
  readonly digest: Digest;
  /** Where the telephone of a user of the domain listens. */
  readonly locate: (user: string) => Endpoint | undefined;
}

/** A message and where it goes. */
export interface Outgoing {
  readonly to: Endpoint;
  readonly message: Message;
}

/** RFC 3261 section 22.1: ACK and CANCEL cannot be challenged. The others belong to a call that was challenged when it began. */
const unchallengedMethods = new Set(['ACK', 'BYE', 'CANCEL', 'NOTIFY', 'OPTIONS', 'PRACK']);
/** An ACK follows its refusal within a round trip; one that is forgotten reaches a telephone, which ignores it. */
const rememberedRefusals = 1000;
const requiredFields = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

/**
 * The proxy of the sandbox's domain: without transactions (RFC 3261 section 16.11), record-routing, challenging. It does no I/O of its own:
 * a message in, the messages that follow from it out. Deviation: it sends 100 Trying to an INVITE, which a stateless proxy does not
 * have to, because a call through a real domain shows one.
 */
export class Proxy {
  private readonly secret = randomBytes(32);
  private readonly sentBy: string;
  /** Branches of the requests that the proxy refused by itself, oldest first. */
  private readonly refused = new Set<string>();

  constructor(private readonly options: ProxyOptions) {
    this.sentBy = `${options.self.address}:${options.self.port}`;
  }

  handle(message: Message, source: Endpoint): Outgoing[] {
    return message.kind === 'response' ? this.handleResponse(message) : this.handleRequest(message, source);
  }

  private handleRequest(request: Request, source: Endpoint): Outgoing[] {
    const viaValue = header(request, 'Via') ?? '';
    const via = parseVia(viaValue);
    if (!via) return [];
    replaceFirst(request, 'Via', stampVia(viaValue, via, source));

    if (this.acknowledgesRefusal(request)) return [];
    const trying = request.method === 'INVITE' ? this.reply(request, 100, 'Trying') : [];
    const refusal = this.refuse(request) ?? this.challenge(request);
    return [...trying, ...(refusal ?? this.forward(request))];
  }

  /** RFC 3261 section 16.3: what no proxy passes on. */
  private refuse(request: Request): Outgoing[] | undefined {
    const missing = requiredFields.find((name) => header(request, name) === undefined);
    if (missing) return this.reply(request, 400, `Missing ${missing}`);
    if (!isSequenceOf(request)) return this.reply(request, 400, 'Bad CSeq');
    const maxForwards = header(request, 'Max-Forwards') ?? '70';
    if (!/^\d{1,3}$/.test(maxForwards)) return this.reply(request, 400, 'Bad Max-Forwards');
    if (Number(maxForwards) === 0) return this.reply(request, 483, 'Too Many Hops');
    if (!parseUri(request.uri)) return this.reply(request, 416, 'Unsupported URI Scheme');
    return undefined;
  }

  /** RFC 3261 section 22.3. `undefined`: the request may pass, and the secret's answer was taken out of it. */
  private challenge(request: Request): Outgoing[] | undefined {
    const { digest } = this.options;
    const answers = headersOf(request, 'Proxy-Authorization').filter(({ value }) => digest.concerns(value));
    request.headers = request.headers.filter((field) => !answers.includes(field));
    if (unchallengedMethods.has(request.method)) return undefined;
    const verdict = answers[0] ? digest.check(answers[0].value, request.method, request.uri) : 'refused';
    if (verdict === 'accepted') return undefined;
    const challenge = digest.challenge(verdict === 'stale');
    return this.reply(request, 407, 'Proxy Authentication Required', ['Proxy-Authenticate', challenge]);
  }

  private forward(request: Request): Outgoing[] {
    while (this.isSelf(header(request, 'Route'))) removeFirst(request, 'Route');
    const to = this.nextHop(request);
    if (!to) return this.reply(request, 404, 'Not Found');
    const maxForwards = Number(header(request, 'Max-Forwards') ?? '71') - 1;
    replaceFirst(request, 'Max-Forwards', String(maxForwards));
    if (request.method === 'INVITE') prepend(request, 'Record-Route', `<sip:${this.sentBy};lr>`);
    prepend(request, 'Via', `SIP/2.0/UDP ${this.sentBy};branch=${this.branchOf(request)}`);
    return [{ to, message: request }];
  }

  /**
   * RFC 3261 section 16.5 and 16.6: the next Route, else the telephone of a user of the domain, whose Contact becomes the Request-URI,
   * else the address that stands in the Request-URI. Only addresses on loopback are ever written to.
   */
  private nextHop(request: Request): Endpoint | undefined {
    const route = header(request, 'Route');
    if (route !== undefined) return literalEndpoint(uriOf(route));
    const target = parseUri(request.uri);
    if (!target || !this.isOwnHost(target.host, target.port)) return literalEndpoint(request.uri);
    const telephone = this.options.locate(target.user);
    if (telephone) request.uri = `sip:${target.user}@${telephone.address}:${telephone.port}`;
    return telephone;
  }

  private handleResponse(response: Response): Outgoing[] {
    const [own, next] = headersOf(response, 'Via').map(({ value }) => parseVia(value));
    if (!own || !next || `${own.host}:${own.port}` !== this.sentBy) return [];
    // 100 is hop by hop (RFC 3261 section 16.7): the one that the proxy sent by itself is enough.
    if (response.status === 100) return [];
    removeFirst(response, 'Via');
    const to = responseEndpoint(next);
    return to ? [{ to, message: response }] : [];
  }

  /** An answer of the proxy's own. An ACK is never answered. */
  private reply(request: Request, status: number, reason: string, ...extra: [string, string][]): Outgoing[] {
    const via = parseVia(header(request, 'Via') ?? '');
    const to = via && responseEndpoint(via);
    if (!to || request.method === 'ACK') return [];
    if (status >= 300) this.rememberRefusal(request);
    const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) => headersOf(request, name));
    const headers = [...copied, ...extra.map(([name, value]) => ({ name, value }))];
    const response: Response = { kind: 'response', status, reason, headers, body: '' };
    const toValue = header(request, 'To');
    const needsTag = status > 100 && toValue !== undefined && tagOf(toValue) === '';
    if (needsTag) replaceFirst(response, 'To', `${toValue};tag=${this.tagFor(request)}`);
    return [{ to, message: response }];
  }

  /** The ACK of a refusal of the proxy's own goes no further. */
  private acknowledgesRefusal(request: Request): boolean {
    return request.method === 'ACK' && this.refused.has(this.branchOf(request));
  }

  private rememberRefusal(request: Request): void {
    this.refused.add(this.branchOf(request));
    const [oldest] = this.refused;
    if (this.refused.size > rememberedRefusals && oldest !== undefined) this.refused.delete(oldest);
  }

  /** The same for every retransmission, for the CANCEL and for the ACK of a refusal, as a proxy without transactions needs it. */
  private branchOf(request: Request): string {
    const via = parseVia(header(request, 'Via') ?? '');
    const [sequence = ''] = (header(request, 'CSeq') ?? '').split(/\s/);
    const callId = header(request, 'Call-ID') ?? '';
    return `z9hG4bK${this.hash('branch', `${via?.host}:${via?.port}`, via?.parameters.get('branch') ?? '', callId, sequence)}`;
  }

  private tagFor(request: Request): string {
    return this.hash('tag', tagOf(header(request, 'From') ?? ''), header(request, 'Call-ID') ?? '');
  }

  private hash(...parts: string[]): string {
    return createHmac('sha256', this.secret).update(JSON.stringify(parts)).digest('hex').slice(0, 24);
  }

  private isSelf(route: string | undefined): boolean {
    const uri = parseUri((route !== undefined && uriOf(route)) || '');
    return uri !== undefined && this.isOwnHost(uri.host, uri.port);
  }

  private isOwnHost(host: string, port: number | undefined): boolean {
    const { domain, self } = this.options;
    const isDomain = host === domain.toLowerCase() && (port === undefined || port === self.port);
    return isDomain || (host === self.address && (port ?? defaultSipPort) === self.port);
  }
}

function literalEndpoint(text: string | undefined): Endpoint | undefined {
  const uri = parseUri(text ?? '');
  return uri && isLoopback(uri.host) ? { address: uri.host, port: uri.port ?? defaultSipPort } : undefined;
}

function isSequenceOf(request: Request): boolean {
  const [, number, method] = /^(\d{1,10})\s+(\S+)$/.exec(header(request, 'CSeq') ?? '') ?? [];
  return method === request.method && Number(number) < 2 ** 31;
}
