import { HeaderField } from './header-fields.js';
import type { HeaderReader } from './header-reader.js';
import { RequestMessage } from './received-message.js';
import type { ReceivedMessage } from './received-message.js';

/** The media type of a body without Content-Type, by how the body begins. */
const LOOKS_LIKE: readonly (readonly [beginning: RegExp, contentType: string])[] = [
  [/^v=0\r?\n/, 'application/sdp'],
  [/^\s{0,8}SIP\/2\.0[ \t]/i, 'message/sipfrag'],
];

/**
 * Sets the body: as many bytes as Content-Length says, or all that is left (RFC 3261 sections 18.3 and 20.14).
 * @param headEnd position after the blank line in the text of the message, or -1 if there is none
 */
export function readBody(message: ReceivedMessage, reader: HeaderReader, datagram: Buffer, headEnd: number): void {
  if (headEnd === -1) return;
  const bodyStart = bytePosition(message.data, datagram, headEnd);
  const declared = contentLength(reader);
  const length = declared ?? datagram.length - bodyStart;
  if (bodyStart + length > datagram.length) return reader.fail('Content-Length Too Large');
  if (length === 0) return;
  const body = datagram.toString('utf8', bodyStart, bodyStart + length);
  if (nameType(reader, body)) {
    message.body = body;
  } else if (body.trim() !== '' && message instanceof RequestMessage && declared !== undefined) {
    // The type of the body is unknown (RFC 3261 section 20.15). In a response, and in a message without Content-Length, the body is
    // dropped instead.
    reader.fail('Missing Content-Type');
  }
}

/** Makes sure that a body has a usable type. @returns false if the type is unknown */
function nameType({ fields }: HeaderReader, body: string): boolean {
  const field = fields.first('Content-Type');
  // Some phones write a semicolon after the last parameter.
  if (field?.raw.endsWith(';')) field.raw = field.raw.replace(/[;\s]+$/, '');
  if (field !== undefined && field.raw !== '') return true;
  const [, contentType] = LOOKS_LIKE.find(([beginning]) => beginning.test(body)) ?? [];
  if (contentType === undefined) return false;
  if (field === undefined) fields.add(new HeaderField('Content-Type', contentType, undefined));
  else field.raw = contentType;
  return true;
}

/** Each character is one byte, up to the first character beyond ASCII. */
function bytePosition(text: string, datagram: Buffer, headEnd: number): number {
  return text.length === datagram.length ? headEnd : datagram.indexOf('\r\n\r\n') + 4;
}

function contentLength(reader: HeaderReader): number | undefined {
  const length = reader.fields.first('Content-Length')?.parsed;
  const isContradicted = reader.fields.all('Content-Length').some(({ parsed }) => parsed !== length);
  if (isContradicted) reader.fail('Contradictory Content-Length');
  return typeof length === 'number' ? length : undefined;
}
