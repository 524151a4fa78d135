import type { Body, Header, IncomingRequest, ReplyOptions, SipMessage, SipResponse } from '../../../sdk/index.js';
import type { Party } from './party.js';
import { parseSessionExpires } from './session-timer.js';

/** Headers that belong to one hop or one dialog, or that the SIP stack writes itself; everything else passes. */
const HOP_BY_HOP = new Set(
  [
    'Via, From, To, Call-ID, CSeq, Max-Forwards, Contact, Route, Record-Route, Path, Content-Length, Content-Type',
    'Authorization, Proxy-Authorization, WWW-Authenticate, Proxy-Authenticate, Authentication-Info, Proxy-Require',
    'Require, Supported, Unsupported, Allow, Session-Expires, Min-SE, Timestamp, RSeq, RAck, Server, User-Agent',
  ]
    .join(', ')
    .toLowerCase()
    .split(', '),
);

/** Carries requests in the dialogs from one party to the other, and the responses back. */
export class Relay {
  /** Who asked for an offer, and whose it got: the answer comes in the ACK. */
  readonly #awaitingAck = new Map<Party, Party>();

  request(from: Party, other: Party, request: IncomingRequest): void {
    const onResponse = (response: SipResponse): void => {
      if (!response.final) return;
      if (request.method === 'INVITE' && !request.body && response.status < 300) this.#awaitingAck.set(from, other);
      request.reply(response.status, reply(response, request, from));
    };
    const headers = passing(request);
    const { body } = carried(request, other);
    if (request.method === 'INVITE') other.reinviteOnce(body, headers, onResponse);
    else other.send(request.method, { headers, ...(body && { body }) }, onResponse);
  }

  ack(from: Party, body: Body | undefined): void {
    const other = this.#awaitingAck.get(from);
    this.#awaitingAck.delete(from);
    if (body) other?.answer(other.session.carry(body.content));
    else other?.acknowledge();
  }
}

/** The session timer runs on each leg by itself: whoever asks for an interval gets it, and refreshes (RFC 4028 section 9). */
function reply(response: SipResponse, request: IncomingRequest, to: Party): ReplyOptions {
  const expires = response.status < 300 ? parseSessionExpires(request) : undefined;
  const timer: Header[] = expires
    ? [
        ['Require', 'timer'],
        ['Session-Expires', `${expires.seconds};refresher=${expires.refresher ?? 'uac'}`],
      ]
    : [];
  return { reason: response.reason, headers: [...passing(response), ...timer], ...carried(response, to) };
}

function passing(message: SipMessage): Header[] {
  return message.headerNames
    .filter((name) => !HOP_BY_HOP.has(name.toLowerCase()))
    .flatMap((name) => message.headers(name).map((value): Header => [name, value]));
}

/** A body as the other leg sends it: SDP with that leg's origin, anything else as it came. */
function carried({ body }: SipMessage, to: Party): { body?: Body } {
  if (!body) return {};
  return { body: /^application\/sdp\b/i.test(body.contentType) ? to.session.carry(body.content) : body };
}
