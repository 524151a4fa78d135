import { randomInt } from 'node:crypto';
import type { SipResponse } from '../../../sdk/index.js';

/** How often a re-INVITE that crosses another one is tried again. */
export const MAX_RETRIES = 4;

/** How long a re-INVITE that was answered with a 1xx waits for more, in milliseconds: as a proxy does (RFC 3261 section 16.6, Timer C). */
export const REINVITE_PATIENCE_MS = 180_000;

/** After how many milliseconds a re-INVITE may be tried again; undefined if its response is final. */
export function retryDelayMs(response: SipResponse): number | undefined {
  // The side that made the Call-ID waits 2.1 to 4 seconds, in units of 10 ms (RFC 3261 section 14.1).
  if (response.status === 491) return randomInt(210, 401) * 10;
  const seconds = /^\s*(\d{1,2})\b/.exec(response.header('retry-after') ?? '')?.[1];
  return response.status === 500 && seconds !== undefined ? Number(seconds) * 1_000 : undefined;
}

/**
 * A request in the dialog that gets 408 or 481, or no answer, tells that the dialog is dead (RFC 3261 section 12.2.1.2). To a
 * NOTIFY, 481 says that the subscription is (RFC 5057 section 5.1).
 */
export function isDialogDead(method: string, { final, local, status }: SipResponse): boolean {
  if (!final) return false;
  return status === 408 || (status === 481 && method !== 'NOTIFY') || (status === 503 && local);
}
