import { SPACE, TOKEN } from './characters.js';
import { NO_MESSAGE, SipParseError } from './error.js';
import type { ParserLimits } from './limits.js';
import { METHODS } from './methods.js';
import { Names } from './name-table.js';
import { codeAt, cut, digits, find, isAll } from './reading.js';
import { RequestMessage, ResponseMessage } from './received-message.js';
import type { ReceivedMessage } from './received-message.js';
import { readUri } from './uri.js';

/** Either in any case: nobody spells it otherwise, but the grammar allows it. */
const PROTOCOL = 'SIP/';
const VERSION = 'SIP/2.0';
const SPELLINGS = new Names(PROTOCOL, VERSION);
const CODE_START = VERSION.length + 1;
const CODE_END = CODE_START + 3;

/** What is recorded of a call for longest. */
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
  /** What is wrong with a line that is a request's all the same. */
  readonly error?: SipParseError;
}

/**
 * Makes the message object that the start line (RFC 3261 sections 7.1 and 7.2) asks for.
 * @param text the message that is being read, of which the line goes to `lineEnd`
 * @throws SipParseError without a status where the line is neither a SIP request's nor a response's
 */
export function readStartLine(text: string, lineEnd: number, limits: ParserLimits): StartLine {
  return isStatusLine(lineEnd) ? readStatusLine(text, lineEnd) : readRequestLine(text, lineEnd, limits);
}

function isStatusLine(lineEnd: number): boolean {
  return lineEnd >= PROTOCOL.length && isSpelt(PROTOCOL, 0, PROTOCOL.length);
}

function readStatusLine(text: string, lineEnd: number): StartLine {
  const code = digits(CODE_START, CODE_END);
  const isEnded = lineEnd === CODE_END || (lineEnd > CODE_END && codeAt(CODE_END) === SPACE);
  const isGood = isEnded && isSpelt(VERSION, 0, VERSION.length) && codeAt(VERSION.length) === SPACE;
  if (!isGood || code === undefined || code < 100 || code > 699) throw new SipParseError('Bad Status Line');
  return { message: new ResponseMessage(text, code, REASONS.cut(Math.min(CODE_END + 1, lineEnd), lineEnd)) };
}

function readRequestLine(text: string, lineEnd: number, limits: ParserLimits): StartLine {
  const methodEnd = find(' ', 0, lineEnd);
  const versionStart = text.lastIndexOf(' ', lineEnd) + 1;
  if (methodEnd < 1 || !isAll(0, methodEnd, TOKEN)) throw new SipParseError(NO_MESSAGE);
  const message = new RequestMessage(text, METHODS.cut(0, methodEnd));
  const version = SPELLINGS.find(versionStart, lineEnd) ?? cut(versionStart, lineEnd).trimEnd().toUpperCase();
  if (version === VERSION) {
    const error = readRequestUri(message, methodEnd + 1, versionStart - 1, limits);
    return error === undefined ? { message } : { message, error };
  }
  if (/^SIP\/[0-9]{1,9}\.[0-9]{1,9}$/.test(version)) {
    return { message, error: new SipParseError('Version Not Supported', 505) };
  }
  // Trailing white space leaves no version behind the last space.
  if (cut(0, lineEnd).trimEnd().toUpperCase().endsWith(` ${VERSION}`)) {
    return { message, error: new SipParseError('Bad Request Line', 400) };
  }
  throw new SipParseError(NO_MESSAGE);
}

function isSpelt(name: string, start: number, end: number): boolean {
  return SPELLINGS.find(start, end) === name || cut(start, end).toUpperCase() === name;
}

function readRequestUri(
  message: RequestMessage,
  start: number,
  end: number,
  limits: ParserLimits,
): SipParseError | undefined {
  if (end - start > limits.maxRequestUriLength) return new SipParseError('Request-URI Too Long', 414);
  try {
    message.ruri = readUri(start, end);
    return undefined;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return new SipParseError('Bad Request-URI', 400);
  }
}
