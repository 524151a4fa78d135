import { CR, DELETE, LF, SPACE, TAB } from './characters.js';

/**
 * Whether the head of a message has neither folded fields nor control characters other than tabs, as that of nearly every
 * message. Bytes are looked at in half the time of characters.
 * @param start where the message starts in the datagram
 */
export function isPlainHead(datagram: Buffer, start: number): boolean {
  const { length } = datagram;
  for (let position = start; position < length; position += 1) {
    const byte = datagram[position] ?? 0;
    if ((byte >= SPACE && byte !== DELETE) || byte === TAB) continue;
    if (byte !== CR || datagram[position + 1] !== LF) return false;
    const next = datagram[position + 2];
    if (next === CR) return datagram[position + 3] === LF;
    if (next === SPACE || next === TAB) return false;
    position += 1;
  }
  return false;
}
