import type { SipResponse } from '../../../sdk/index.js';
import { MAX_RETRIES, retryDelayMs } from '../invite/responses.js';

/** Longest Retry-After that is waited for. */
const MAX_RETRY_AFTER_SECONDS = 32;

/**
 * When a refused REFER is sent again: after 491 as RFC 3261 section 14.1 says of a re-INVITE, because telephones change the
 * session right after they pick up; after 500 and 503 when Retry-After says, once.
 */
export class ReferRetries {
  #crossings = 0;
  #hasWaited = false;

  /** In milliseconds; undefined if the refusal is final. */
  delayMs(response: SipResponse): number | undefined {
    if (response.status === 491) {
      this.#crossings += 1;
      return this.#crossings > MAX_RETRIES ? undefined : retryDelayMs(response);
    }
    const seconds = /^\s*(\d{1,4})\b/.exec(response.header('retry-after') ?? '')?.[1];
    const mayWait = !this.#hasWaited && (response.status === 500 || response.status === 503);
    if (!mayWait || seconds === undefined || Number(seconds) > MAX_RETRY_AFTER_SECONDS) return undefined;
    this.#hasWaited = true;
    return Number(seconds) * 1_000;
  }
}
