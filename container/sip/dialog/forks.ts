/** Each To tag of a response makes a dialog (RFC 3261 section 13.2.2.4). No proxy forks to more telephones than this. */
export const MAX_FORKS = 16;
