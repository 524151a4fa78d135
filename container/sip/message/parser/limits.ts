import { LONGEST_TEXT } from './scanner.js';

/** Limits of what the parser accepts. Each limit is checked before the work that it bounds. */
export interface ParserLimits {
  /** Whole message with its body, bytes, at most the default. Longer: 513. */
  readonly maxMessageBytes: number;
  /** Request-URI, characters. Longer: 414. */
  readonly maxRequestUriLength: number;
  /** Header fields in a message, not counting continuation lines. More: 400. */
  readonly maxHeaders: number;
  /** One header field with its continuation lines, characters. Longer: 400. */
  readonly maxHeaderLength: number;
  /** Values of Via in a message. More: 400. */
  readonly maxVias: number;
  /** Values of each of Route, Record-Route and Contact in a message. More: 400. */
  readonly maxAddresses: number;
}

export const DEFAULT_LIMITS: ParserLimits = {
  maxMessageBytes: LONGEST_TEXT,
  maxRequestUriLength: 2048,
  maxHeaders: 100,
  maxHeaderLength: 8 * 1024,
  maxVias: 70,
  maxAddresses: 70,
};
