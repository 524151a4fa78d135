import { readBody } from './body.js';
import { CR, LF } from './characters.js';
import { fillFields } from './fields.js';
import { NO_MESSAGE, SipParseError } from './error.js';
import { HeaderReader } from './header-reader.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { ParserLimits } from './limits.js';
import { Scanner } from './scanner.js';
import { RequestMessage } from './received-message.js';
import type { ReceivedMessage } from './received-message.js';
import { RefusedRequest } from './refused-request.js';
import { readStartLine } from './start-line.js';

/**
 * Parses one SIP message: a datagram, or one message of a stream. Skips blank lines before it (RFC 3261 section 7.5).
 * @throws SipParseError if the data is not a SIP message, or a broken one. A RefusedRequest can be answered; everything else is dropped
 * (RFC 3261 sections 8.1.3 and 18.3)
 */
export function parseMessage(datagram: Buffer, limits: ParserLimits = DEFAULT_LIMITS): ReceivedMessage {
  if (datagram.length > limits.maxMessageBytes) throw new SipParseError('Message Too Large', 513);
  const start = skipBlankLines(datagram);
  const bytes = start === 0 ? datagram : datagram.subarray(start);
  const text = bytes.toString();
  return readMessage(Scanner.ofBytes(text, bytes), bytes, limits);
}

function readMessage(scanner: Scanner, bytes: Buffer, limits: ParserLimits): ReceivedMessage {
  const { text } = scanner;
  const lineEnd = text.indexOf('\r\n');
  if (lineEnd === -1) throw new SipParseError(NO_MESSAGE);
  const { message, error } = readStartLine(scanner, lineEnd, limits);
  const reader = new HeaderReader(message.fields, limits, error);
  const headEnd = reader.readAll(scanner, lineEnd + 2, text.length);
  fillFields(message, reader);
  readBody(message, reader, bytes, headEnd);
  if (reader.error !== undefined) throw refusal(message, reader, reader.error);
  return message;
}

function skipBlankLines(datagram: Buffer): number {
  let position = 0;
  while (datagram[position] === CR && datagram[position + 1] === LF) position += 2;
  return position;
}

/** A request can be answered if all its Vias could be read. */
function refusal(message: ReceivedMessage, reader: HeaderReader, error: SipParseError): SipParseError {
  if (!(message instanceof RequestMessage)) return new SipParseError(error.reason);
  const isAnswerable = message.parseHeader('Via') !== undefined && !reader.viaIsLost;
  const status = error.status ?? 400;
  return isAnswerable ? new RefusedRequest(error.reason, status, message) : new SipParseError(error.reason, status);
}
