import { type IncomingRequestMessage, NameAddrHeader } from 'sip.js/lib/core/index.js';

/** A dialog needs one to send requests to (RFC 3261 section 8.1.1.8). */
export function namesSipContact(request: IncomingRequestMessage): boolean {
  const contact: unknown = request.parseHeader('Contact');
  return contact instanceof NameAddrHeader && ['sip', 'sips'].includes(contact.uri.scheme);
}
