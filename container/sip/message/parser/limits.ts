import { LONGEST_TEXT } from './scanner.js';

/** How much of a datagram the parser is willing to look at. Every limit is checked before the work that it bounds. */
export interface ParserLimits {
  /** Whole message with its body, bytes, at most the default. A longer one: 513. */
  readonly maxMessageBytes: number;
  /** Request-URI, characters. A longer one: 414. */
  readonly maxRequestUriLength: number;
  /** Header fields in a message, lines that continue one not counted. More: 400. */
  readonly maxHeaders: number;
  /** One header field with its continuation lines, characters. A longer one: 400. */
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
