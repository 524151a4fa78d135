import {
  type Dialog,
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  NameAddrHeader,
} from 'sip.js/lib/core/index.js';
import { type Hop, routeHop, uriHop } from '../location/next-hop.js';

/**
 * Sends the dialog's requests to the Contact of a message that refreshes its target, if there is one (RFC 3261 sections
 * 12.2.1.2 and 12.2.2). sip.js does so for the re-INVITEs of the other side only.
 */
export function refreshTarget(dialog: Dialog, message: IncomingRequestMessage | IncomingResponseMessage): void {
  const contact: unknown = message.parseHeader('Contact');
  if (contact instanceof NameAddrHeader) dialog['dialogState'].remoteTarget = contact.uri;
}

/** Where the requests of a dialog go: the first Route, else the remote target. @throws Error where that is no SIP URI */
export function dialogHop({ routeSet, remoteTarget }: Dialog): Hop {
  const [route] = routeSet;
  return route === undefined ? uriHop(remoteTarget) : routeHop(route);
}

/** A dialog needs one to send requests to (RFC 3261 section 8.1.1.8). */
export function namesSipContact(request: IncomingRequestMessage): boolean {
  const contact: unknown = request.parseHeader('Contact');
  return contact instanceof NameAddrHeader && ['sip', 'sips'].includes(contact.uri.scheme);
}
