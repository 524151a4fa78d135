import { SPACE, TOKEN, digits, isAll } from './characters.js';
import { SipParseError } from './error.js';
import type { ParserLimits } from './limits.js';
import { METHODS } from './methods.js';
import { namesOf } from './name-table.js';
import { ReceivedRequest, ReceivedResponse } from './received-message.js';
import type { ReceivedMessage } from './received-message.js';
import { parseUri } from './uri.js';

const STATUS_LINE_START = 'SIP/';
const VERSION = 'SIP/2.0';
const CODE_START = VERSION.length + 1;
const CODE_END = CODE_START + 3;

/** What is recorded of a call for longest. */
const REASONS = namesOf(
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
 * @param text the message, of which the line goes to `lineEnd`
 * @throws SipParseError without a status where the line is neither a SIP request's nor a response's
 */
export function parseStartLine(text: string, lineEnd: number, limits: ParserLimits): StartLine {
  const line = text.slice(0, lineEnd);
  const isStatusLine = line.slice(0, STATUS_LINE_START.length).toUpperCase() === STATUS_LINE_START;
  return isStatusLine ? parseStatusLine(text, line) : parseRequestLine(text, line, limits);
}

function parseStatusLine(text: string, line: string): StartLine {
  const code = digits(line, CODE_START, CODE_END);
  const isEnded = line.length === CODE_END || line.charCodeAt(CODE_END) === SPACE;
  const isStatusLine = line.slice(0, CODE_START).toUpperCase() === `${VERSION} ` && isEnded;
  if (!isStatusLine || code === undefined || code < 100 || code > 699) throw new SipParseError('Bad Status Line');
  return { message: new ReceivedResponse(text, code, REASONS.cut(line, CODE_END + 1, line.length)) };
}

function parseRequestLine(text: string, line: string, limits: ParserLimits): StartLine {
  const methodEnd = line.indexOf(' ');
  const versionStart = line.lastIndexOf(' ') + 1;
  const version = line.slice(versionStart).trimEnd().toUpperCase();
  if (methodEnd < 1 || !isAll(line, 0, methodEnd, TOKEN)) throw new SipParseError('No SIP Message');
  const message = new ReceivedRequest(text, METHODS.cut(line, 0, methodEnd));
  if (version === VERSION) {
    const error = readRequestUri(message, line.slice(methodEnd + 1, versionStart - 1), limits);
    return error === undefined ? { message } : { message, error };
  }
  if (/^SIP\/[0-9]{1,9}\.[0-9]{1,9}$/.test(version)) {
    return { message, error: new SipParseError('Version Not Supported', 505) };
  }
  // Trailing white space leaves no version behind the last space.
  if (line.trimEnd().toUpperCase().endsWith(` ${VERSION}`)) {
    return { message, error: new SipParseError('Bad Request Line', 400) };
  }
  throw new SipParseError('No SIP Message');
}

function readRequestUri(message: ReceivedRequest, text: string, limits: ParserLimits): SipParseError | undefined {
  if (text.length > limits.maxRequestUriLength) return new SipParseError('Request-URI Too Long', 414);
  try {
    message.ruri = parseUri(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return new SipParseError('Bad Request-URI', 400);
  }
}
