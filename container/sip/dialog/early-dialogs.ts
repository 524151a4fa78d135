import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import type { ResponseOptions } from '../message/response.js';
import { randomInt } from 'node:crypto';
import { MAX_FORKS } from './forks.js';
import { ALLOWED_IN_DIALOGS } from '../message/methods.js';

/** Requests for dialogs and subscriptions that do not exist yet get 481. */
const NEVER_EARLY = new Set(['BYE', 'CANCEL', 'NOTIFY']);

/**
 * The early dialogs of an INVITE of ours (RFC 3261 section 12.1): answers the requests of a ringing telephone. Nothing changes, since
 * this side sends nothing in an early dialog.
 */
export class EarlyDialogs {
  /** The highest CSeq of each dialog, by the other side's tag. */
  readonly #cseqs = new Map<string, number>();

  /**
   * @param contact our Contact, for responses that may refresh the target (RFC 3311 section 5.2)
   * @param hasOffer whether the INVITE carries an offer, which no provisional response can answer, since none is reliable
   */
  constructor(
    private readonly contact: string,
    private readonly hasOffer: boolean,
  ) {}

  /** A provisional response with a To tag makes an early dialog. */
  hear({ statusCode, toTag }: ResponseMessage): void {
    if (statusCode === 100 || !toTag || this.#cseqs.has(toTag) || this.#cseqs.size >= MAX_FORKS) return;
    this.#cseqs.set(toTag, 0);
  }

  /** The answer to a request in an early dialog; undefined if the request belongs to none. Copies get the same answer. */
  answer({ method, cseq, fromTag, body }: RequestMessage): ResponseOptions | undefined {
    const lastCseq = this.#cseqs.get(fromTag);
    if (lastCseq === undefined || NEVER_EARLY.has(method)) return undefined;
    if (cseq < lastCseq) return { statusCode: 500 }; // out of order: RFC 3261 section 12.2.2
    this.#cseqs.set(fromTag, cseq);
    if (method === 'INVITE') return { statusCode: 491 }; // RFC 3261 section 14.2
    if (method === 'OPTIONS')
      return { statusCode: 200, extraHeaders: [`Allow: ${ALLOWED_IN_DIALOGS}`, 'Accept: application/sdp'] };
    if (method === 'INFO') return { statusCode: 200 };
    if (method !== 'UPDATE') return notYet();
    if (body === '') return { statusCode: 200, extraHeaders: [`Contact: ${this.contact}`] };
    return this.hasOffer ? { statusCode: 491 } : notYet(); // RFC 3311 section 5.2
  }
}

function notYet(): ResponseOptions {
  return { statusCode: 500, extraHeaders: [`Retry-After: ${randomInt(0, 11)}`] };
}
