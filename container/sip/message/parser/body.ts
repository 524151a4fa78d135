import type { HeaderReader } from './header-reader.js';
import { ReceivedRequest } from './received-message.js';
import type { ReceivedMessage } from './received-message.js';

/**
 * Sets the body: as many bytes as Content-Length says, or all that is left (RFC 3261 sections 18.3 and 20.14).
 * @param headEnd position after the blank line in the text of the message, or -1 where there is none
 */
export function readBody(message: ReceivedMessage, reader: HeaderReader, datagram: Buffer, headEnd: number): void {
  if (headEnd === -1) return;
  const bodyStart = bytePosition(message.data, datagram, headEnd);
  const declared = contentLength(reader);
  const length = declared ?? datagram.length - bodyStart;
  if (bodyStart + length > datagram.length) return reader.fail('Content-Length Too Large');
  if (length === 0) return;
  if (reader.fields.first('Content-Type') !== undefined) {
    message.body = datagram.toString('utf8', bodyStart, bodyStart + length);
  } else if (message instanceof ReceivedRequest && declared !== undefined) {
    // Of what type it is nobody knows (RFC 3261 section 20.15), and sip.js throws on such a body when it looks at it.
    // In a response, and behind a message without a Content-Length, it is left out instead.
    reader.fail('Missing Content-Type');
  }
}

/** A character of the text is a byte of the datagram until there is one beyond ASCII. */
function bytePosition(text: string, datagram: Buffer, headEnd: number): number {
  return text.length === datagram.length ? headEnd : datagram.indexOf('\r\n\r\n') + 4;
}

function contentLength(reader: HeaderReader): number | undefined {
  const lengths = reader.fields.all('Content-Length');
  const length = lengths[0]?.parsed;
  for (const { parsed } of lengths) {
    if (parsed !== length) reader.fail('Contradictory Content-Length');
  }
  return typeof length === 'number' ? length : undefined;
}
