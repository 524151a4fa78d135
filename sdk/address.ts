import type { Account, Accounts } from './accounts.js';

/**
 * The visual separators of numbers (RFC 3966 section 5.1.1), and what address books write for them: spaces and dashes of any width, the
 * slash of German numbers, and the invisible marks of the direction of writing.
 */
const SEPARATORS = /[\p{Zs}\p{Pd}\p{Cf}()./]/gu;
const NUMBER = /^(?=.*\d)[\p{Zs}\p{Cf}]*\+?[\d*#\p{Zs}\p{Pd}\p{Cf}()./]+$/u;
const SPACES_AROUND = /^[\p{Zs}\p{Cf}]+|[\p{Zs}\p{Cf}]+$/gu;
/** What stays as it is: nearly all there are. */
const PLAIN = /^(?:\d+|[a-z][\w.-]*)(?:@[\w.-]+)?$/i;
/** What names and telephone numbers have, and the SIP grammar has no place for in a user part. */
const ESCAPED = /#|(?!\p{ASCII})[\p{L}\p{M}\p{N}]+/gu;

/**
 * An address as people and their programs write it, in the way in which SIP has it: without spaces around it and `sip:`, `sips:` or
 * `tel:` in front, a number without its visual separators, and escaped as {@link escapedUser} does. Whatever else is wrong with it
 * stays: the caller has to check it.
 */
export function plainAddress(text: string): string {
  if (PLAIN.test(text)) return text;
  const bare = text
    .replaceAll(SPACES_AROUND, '')
    .replace(/^(?:sips?|tel):/i, '')
    .replaceAll(SPACES_AROUND, '');
  const [user = ''] = bare.split('@', 1);
  const written = NUMBER.test(user) ? user.replaceAll(SEPARATORS, '') : user;
  return `${escapedUser(written)}${bare.slice(user.length)}`;
}

/** A user part with `#` and letters beyond ASCII escaped (RFC 3261 section 25.1), each letter in one spelling only (Unicode NFC). */
export function escapedUser(text: string): string {
  return text.normalize('NFC').replaceAll(ESCAPED, encodeURIComponent);
}

/** The user that an address stands for, whether it is written as in the directory or in another way. */
export function findAccount(accounts: Pick<Accounts, 'find'>, address: string): Account | undefined {
  return accounts.find(address) ?? accounts.find(plainAddress(address));
}
