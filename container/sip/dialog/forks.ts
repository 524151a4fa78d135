/** Each To tag of a response makes a dialog (RFC 3261 section 13.2.2.4): more than a proxy forks to are not believed. */
export const MAX_FORKS = 16;
