const OUTSIDE_DIALOGS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS'];
const IN_DIALOGS = [...OUTSIDE_DIALOGS, 'INFO', 'MESSAGE', 'NOTIFY', 'REFER', 'UPDATE'];

/** The methods that a call announces in Allow (RFC 3261 section 20.5); any other is answered 405. */
export const ALLOWED_IN_DIALOGS = IN_DIALOGS.join(',');

export function isAllowedInDialogs(method: string): boolean {
  return IN_DIALOGS.includes(method);
}

/** The Allow header of a user agent that takes calls (RFC 3261 section 20.5), and MESSAGEs outside dialogs if `takesMessages`. */
export function allow(takesMessages: boolean): string {
  return `Allow: ${[...OUTSIDE_DIALOGS, ...(takesMessages ? ['MESSAGE'] : [])].join(', ')}`;
}
