import type { RequestMessage } from '../message/parser/received-message.js';
import { Address } from '../message/parser/address.js';

/** Whether there is a SIP Contact, which a dialog needs as its remote target (RFC 3261 section 8.1.1.8). */
export function namesSipContact(request: RequestMessage): boolean {
  const contact = request.parseHeader('Contact');
  return contact instanceof Address && ['sip', 'sips'].includes(contact.uri.scheme);
}
