import { TOKEN, digits, isAll } from './characters.js';
import { SipParseError } from './error.js';
import type { ParserLimits } from './limits.js';
import { ReceivedRequest, ReceivedResponse } from './received-message.js';
import type { ReceivedMessage } from './received-message.js';
import { parseUri } from './uri.js';

const STATUS_LINE_START = 'SIP/';
const VERSION = 'SIP/2.0';

export interface StartLine {
  readonly message: ReceivedMessage;
  /** What is wrong with a line that is a request's all the same. */
  readonly error?: SipParseError;
}

/**
 * Makes the message object that the start line (RFC 3261 sections 7.1 and 7.2) asks for.
 * @throws SipParseError without a status where the line is neither a SIP request's nor a response's
 */
export function parseStartLine(line: string, limits: ParserLimits): StartLine {
  if (line.slice(0, STATUS_LINE_START.length).toUpperCase() === STATUS_LINE_START) return parseStatusLine(line);
  return parseRequestLine(line, limits);
}

function parseStatusLine(line: string): StartLine {
  const code = digits(line, 8, 11);
  const isStatusLine = line.slice(0, 8).toUpperCase() === `${VERSION} ` && (line.length === 11 || line[11] === ' ');
  if (!isStatusLine || code === undefined || code < 100 || code > 699) throw new SipParseError('Bad Status Line');
  const message = new ReceivedResponse();
  message.statusCode = code;
  message.reasonPhrase = line.slice(12);
  return { message };
}

function parseRequestLine(line: string, limits: ParserLimits): StartLine {
  const methodEnd = line.indexOf(' ');
  const versionStart = line.lastIndexOf(' ') + 1;
  const version = line.slice(versionStart).trimEnd().toUpperCase();
  if (methodEnd < 1 || !isAll(line, 0, methodEnd, TOKEN)) throw new SipParseError('No SIP Message');
  const message = new ReceivedRequest();
  message.method = line.slice(0, methodEnd);
  if (version === VERSION)
    return { message, ...requestUri(message, line.slice(methodEnd + 1, versionStart - 1), limits) };
  if (/^SIP\/[0-9]{1,9}\.[0-9]{1,9}$/.test(version)) {
    return { message, error: new SipParseError('Version Not Supported', 505) };
  }
  // Trailing white space leaves no version behind the last space.
  if (line.trimEnd().toUpperCase().endsWith(` ${VERSION}`)) {
    return { message, error: new SipParseError('Bad Request Line', 400) };
  }
  throw new SipParseError('No SIP Message');
}

function requestUri(message: ReceivedRequest, text: string, limits: ParserLimits): { error?: SipParseError } {
  if (text.length > limits.maxRequestUriLength) return { error: new SipParseError('Request-URI Too Long', 414) };
  try {
    message.ruri = parseUri(text);
    return {};
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return { error: new SipParseError('Bad Request-URI', 400) };
  }
}
