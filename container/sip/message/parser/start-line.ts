import { SPACE, TOKEN } from './characters.js';
import { NO_MESSAGE, SipParseError } from './error.js';
import type { ParserLimits } from './limits.js';
import { METHODS } from './methods.js';
import { Names } from './name-table.js';
import type { Scanner } from './scanner.js';
import { RequestMessage, ResponseMessage } from './received-message.js';
import type { ReceivedMessage } from './received-message.js';
import { readUri } from './uri.js';

/** Letter case does not matter, as the grammar allows. */
const PROTOCOL = 'SIP/';
const VERSION = 'SIP/2.0';
const SPELLINGS = new Names(PROTOCOL, VERSION);
const CODE_START = VERSION.length + 1;
const CODE_END = CODE_START + 3;

/** The reason phrases that records of calls keep for long. */
const REASONS = new Names(
  'Accepted',
  'Busy Here',
  'Decline',
  'Not Found',
  'OK',
  'Proxy Authentication Required',
  'Request Terminated',
  'Ringing',
  'Session Progress',
  'Temporarily Unavailable',
  'Trying',
  'Unauthorized',
);

export interface StartLine {
  readonly message: ReceivedMessage;
  /** What is wrong with a request line that can still be answered. */
  readonly error?: SipParseError;
}

/**
 * Makes the message object that the start line (RFC 3261 sections 7.1 and 7.2) asks for.
 * @param scanner of the message; the line ends at `lineEnd`
 * @throws SipParseError without a status where the line is neither a SIP request's nor a response's
 */
export function readStartLine(scanner: Scanner, lineEnd: number, limits: ParserLimits): StartLine {
  return isStatusLine(scanner, lineEnd) ? readStatusLine(scanner, lineEnd) : readRequestLine(scanner, lineEnd, limits);
}

function isStatusLine(scanner: Scanner, lineEnd: number): boolean {
  return lineEnd >= PROTOCOL.length && isSpelt(scanner, PROTOCOL, 0, PROTOCOL.length);
}

function readStatusLine(scanner: Scanner, lineEnd: number): StartLine {
  const code = scanner.digits(CODE_START, CODE_END);
  const isEnded = lineEnd === CODE_END || (lineEnd > CODE_END && scanner.codeAt(CODE_END) === SPACE);
  const isGood = isEnded && isSpelt(scanner, VERSION, 0, VERSION.length) && scanner.codeAt(VERSION.length) === SPACE;
  if (!isGood || code === undefined || code < 100 || code > 699) throw new SipParseError('Bad Status Line');
  return {
    message: new ResponseMessage(scanner.text, code, REASONS.cut(scanner, Math.min(CODE_END + 1, lineEnd), lineEnd)),
  };
}

function readRequestLine(scanner: Scanner, lineEnd: number, limits: ParserLimits): StartLine {
  const methodEnd = scanner.find(' ', 0, lineEnd);
  const versionStart = scanner.text.lastIndexOf(' ', lineEnd) + 1;
  if (methodEnd < 1 || !scanner.isAll(0, methodEnd, TOKEN)) throw new SipParseError(NO_MESSAGE);
  const message = new RequestMessage(scanner.text, METHODS.cut(scanner, 0, methodEnd));
  const version =
    SPELLINGS.find(scanner, versionStart, lineEnd) ?? scanner.cut(versionStart, lineEnd).trimEnd().toUpperCase();
  if (version === VERSION) {
    const error = readRequestUri(scanner, message, methodEnd + 1, versionStart - 1, limits);
    return error === undefined ? { message } : { message, error };
  }
  if (/^SIP\/[0-9]{1,9}\.[0-9]{1,9}$/.test(version)) {
    return { message, error: new SipParseError('Version Not Supported', 505) };
  }
  // With trailing white space there is no version after the last space.
  if (scanner.cut(0, lineEnd).trimEnd().toUpperCase().endsWith(` ${VERSION}`)) {
    return { message, error: new SipParseError('Bad Request Line', 400) };
  }
  throw new SipParseError(NO_MESSAGE);
}

function isSpelt(scanner: Scanner, name: string, start: number, end: number): boolean {
  return SPELLINGS.find(scanner, start, end) === name || scanner.cut(start, end).toUpperCase() === name;
}

function readRequestUri(
  scanner: Scanner,
  message: RequestMessage,
  start: number,
  end: number,
  limits: ParserLimits,
): SipParseError | undefined {
  if (end - start > limits.maxRequestUriLength) return new SipParseError('Request-URI Too Long', 414);
  try {
    message.ruri = readUri(scanner, start, end);
    return undefined;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return new SipParseError('Bad Request-URI', 400);
  }
}
