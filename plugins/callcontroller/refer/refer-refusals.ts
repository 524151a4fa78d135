import type { SipResponse } from '../../../sdk/index.js';

/** With these the dialog, or the telephone behind it, is gone (RFC 5057 section 5.1), or nothing in the agent's name is let through. */
const NO_OTHER_WAY: ReadonlySet<number> = new Set([
  401, 404, 407, 408, 410, 416, 481, 482, 483, 484, 485, 502, 504, 604,
]);

/**
 * Whether the final response that refuses a REFER says no more than "not this way": the telephone has picked up, and may still be
 * connected by INVITEs. A response of this side's own says that the telephone cannot be reached.
 */
export function leavesAnotherWay({ status, local }: SipResponse): boolean {
  return status >= 300 && !local && !NO_OTHER_WAY.has(status);
}
