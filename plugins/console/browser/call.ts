import type { CallInfo } from '../../../sdk/call-info.js';

/** The user part of an address, which is how people in the same domain call each other. */
export function nameOf(address: string): string {
  const user = address.replace(/^sips?:/i, '').split('@')[0] ?? address;
  return user === '' ? address : user;
}

/** Whether people may talk in this call: ending it needs a confirmation. */
export function isTalking(call: CallInfo): boolean {
  return !call.isFinal && call.connectedAt !== undefined;
}
