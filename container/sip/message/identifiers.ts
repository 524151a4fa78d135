import { randomFillSync } from 'node:crypto';

/** Bytes drawn from the system at a time: a system call for each tag would cost more than the rest of the tag. */
const pool = Buffer.alloc(4_096);
let unused = 0;

/** Random text of `bytes` bytes of entropy, in hexadecimal: safe in tags, branches and Call-IDs (RFC 3261 section 19.3). */
export function randomHex(bytes: number): string {
  if (unused < bytes) {
    randomFillSync(pool);
    unused = pool.length;
  }
  unused -= bytes;
  return pool.toString('hex', unused, unused + bytes);
}

export function newTag(): string {
  return randomHex(8);
}

export function newCallId(host: string): string {
  return [randomHex(16), '@', host].join(''); // in one piece, as a key is looked up faster
}

/** Suffix of all branches of one call, so that no two transactions share a branch. */
export function newBranchSalt(): string {
  return `.${randomHex(8)}`;
}
