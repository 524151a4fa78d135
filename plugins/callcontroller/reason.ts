import type { Header } from '../../sdk/index.js';
import type { Cause } from './model/reasons.js';

/** A Reason header of the protocol SIP (RFC 3326): why a call is ended. */
export function reason(status: number, text: string): string {
  return `SIP ;cause=${status} ;text="${text.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&')}"`;
}

/** The headers of the BYE or CANCEL of a call that the controller ends: the reason, where the telephone cannot know it. */
export function endHeaders(cause: Cause): readonly Header[] {
  return cause === 'shutdown' ? [['Reason', reason(503, 'Service Unavailable')]] : [];
}
