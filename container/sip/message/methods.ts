import { AllowedMethods } from 'sip.js/lib/core/user-agent-core/allowed-methods.js';

const OUTSIDE_DIALOGS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS'];

/**
 * What sip.js announces in Allow; all else it answers 405. Its own list, which it keeps for the whole process, has methods
 * that it accepts without doing what they ask for.
 */
AllowedMethods.splice(0, AllowedMethods.length, ...OUTSIDE_DIALOGS, 'INFO', 'MESSAGE', 'NOTIFY', 'REFER', 'UPDATE');

/** The Allow header inside a dialog. */
export const ALLOW_IN_DIALOGS = `Allow: ${AllowedMethods.join(', ')}`;

export function isAllowedInDialogs(method: string): boolean {
  return AllowedMethods.includes(method);
}

/** The Allow header of a user agent that takes calls (RFC 3261 section 20.5), and MESSAGEs outside dialogs if it wants them. */
export function allow(takesMessages: boolean): string {
  return `Allow: ${[...OUTSIDE_DIALOGS, ...(takesMessages ? ['MESSAGE'] : [])].join(', ')}`;
}
