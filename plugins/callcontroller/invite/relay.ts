import type { Body, Header, IncomingRequest, ReplyOptions, SipMessage, SipResponse } from '../../../sdk/index.js';
import { descriptionIn } from '../session-description.js';
import { endToEndHeaders } from './end-to-end.js';
import type { Party } from './party.js';
import { ReferIds } from './refer-ids.js';
import { referHeaders, type ReferRules } from './replaces.js';
import { SESSION_REQUESTS } from './session-timer.js';

/** Carries requests in the dialogs from one party to the other, and the responses back. */
export class Relay {
  /** Parties that asked for an offer, and whose offer they got: the answer comes in the ACK. */
  readonly #awaitingAck = new Map<Party, Party>();
  /** Parties with an unanswered re-INVITE, and how to cancel it. */
  readonly #cancels = new Map<Party, () => void>();
  readonly #referIds = new ReferIds();

  /** @param rulesOf what of a party's messages reaches the other one */
  constructor(private readonly rulesOf: (from: Party) => ReferRules) {}

  request(from: Party, other: Party, request: IncomingRequest): void {
    if (request.method === 'INVITE') return this.#reinvite(from, other, request);
    const headers = this.#headers(request, from, other);
    if (!headers) return from.reply(request, 403);
    const { body } = carried(request, other);
    const onEnd = request.method === 'REFER' ? this.#referIds.add(from, request.cseq) : undefined;
    other.send(request.method, { headers, ...(body && { body }) }, (response) => {
      if (!response.final) return;
      onEnd?.(response);
      const isRefresh = request.method === 'UPDATE' && !request.body;
      if (isRefresh && isUnknownMethod(response)) from.reply(request, 200);
      else from.reply(request, statusOf(response), this.#replyOf(response, other, from));
    });
  }

  ack(from: Party, body: Body | undefined): void {
    const other = this.#awaitingAck.get(from);
    this.#awaitingAck.delete(from);
    const answer = descriptionIn(body);
    if (answer !== undefined) other?.answer(other.session.carry(answer));
    else other?.acknowledge();
  }

  /** The party cancels its re-INVITE; it gets the other party's response to the CANCEL. */
  cancel(from: Party): void {
    this.#cancels.get(from)?.();
  }

  /** Undefined if the party may not ask for that. */
  #headers(request: IncomingRequest, from: Party, to: Party): Header[] | undefined {
    const rules = this.rulesOf(from);
    const headers = endToEndHeaders(request, rules);
    if (request.method === 'REFER') return referHeaders(headers, rules);
    return request.method === 'NOTIFY' ? this.#referIds.notifyHeaders(to, headers) : headers;
  }

  #reinvite(from: Party, other: Party, request: IncomingRequest): void {
    from.reply(request, 100);
    const { body } = carried(request, other);
    const cancel = other.reinviteOnce(body, endToEndHeaders(request, this.rulesOf(from)), (response) => {
      const isProgress = response.status > 100 && response.status < 200;
      if (!response.final && !isProgress) return;
      if (response.final) this.#cancels.delete(from);
      const isOffer = !request.body && response.body !== undefined;
      if (isOffer && response.status >= 200 && response.status < 300) this.#awaitingAck.set(from, other);
      from.reply(request, statusOf(response), this.#replyOf(response, other, from));
    });
    this.#cancels.set(from, cancel);
  }

  #replyOf(response: SipResponse, from: Party, to: Party): ReplyOptions {
    const reason = statusOf(response) === response.status ? { reason: response.reason } : {};
    return { ...reason, headers: endToEndHeaders(response, this.rulesOf(from)), ...carried(response, to) };
  }
}

/**
 * Answers a request while there is no other party to ask. A silenced party may change its session as it likes; otherwise a change has to
 * wait until two parties are joined (RFC 3261 section 14.2).
 */
export function answerAlone(party: Party, request: IncomingRequest, isSilent: boolean): void {
  if (!SESSION_REQUESTS.has(request.method)) return party.reply(request, 480);
  if (request.method === 'UPDATE' && !request.body) return party.reply(request, 200);
  if (!isSilent) return party.reply(request, 491);
  const { session } = party;
  return party.reply(request, 200, { body: session.respond(descriptionIn(request.body)) });
}

/**
 * A challenge was meant for the controller, which has no other credentials, and a redirection for the other leg: neither makes sense on
 * this leg.
 */
function statusOf({ status }: SipResponse): number {
  if (status === 401 || status === 407) return 403;
  return status >= 300 && status < 400 ? 480 : status;
}

/** A party that does not know UPDATE says nothing about the session of the one that refreshes its own leg (RFC 4028 section 9). */
function isUnknownMethod({ status }: SipResponse): boolean {
  return status === 405 || status === 501;
}

/** A body as the other leg sends it: SDP, also out of a multipart body, with that leg's origin; anything else as received. */
function carried({ body }: SipMessage, to: Party): { body?: Body } {
  if (!body) return {};
  const description = descriptionIn(body);
  return { body: description === undefined ? body : to.session.carry(description) };
}
