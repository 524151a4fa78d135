import { randomBytes } from 'node:crypto';

/** Random text of `bytes` bytes of entropy, in hexadecimal: safe in tags, branches and Call-IDs (RFC 3261 section 19.3). */
function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

export function newTag(): string {
  return randomHex(8);
}

export function newCallId(host: string): string {
  return `${randomHex(16)}@${host}`;
}

/** What sip.js's own branch numbers (10^7 values) are extended with, so that no two live transactions share a branch. */
export function newBranchSalt(): string {
  return `.${randomHex(8)}`;
}
