import { isIPv4, isIPv6 } from 'node:net';
import createError from 'http-errors';
import { type Account, type Accounts, findAccount, plainAddress } from '../../../sdk/index.js';

/** An address of record that can be called, and the user behind it if the directory knows one. */
export interface Addressee {
  /** `user@host`, without a scheme. */
  readonly address: string;
  readonly account: Account | undefined;
}

/** `user` of RFC 3261 section 25.1, of escapes only those that were made here: a URL is percent-decoded before, and only once. */
const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-F]{2}){1,128}$/;
const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/;
/** A host that ends so must be an IPv4 address: many programs take `2130706433` and `0x7f.1` for one. */
const NUMBER_AT_END = /(?:^|\.)(?:\d+|0x[\da-f]*)$/i;
/** Only the directory knows how such a name is written in SIP. */
const LETTER_BEYOND_ASCII = /(?!\p{ASCII})[\p{L}\p{M}\p{N}]/u;

/**
 * Reads a user name, an alias, a telephone number or `user@host`, with `sip:` or `tel:` in front or without, and resolves aliases.
 * @param what the parameter's name, for the error
 * @throws HttpError 400 when it cannot stand in a SIP URI
 */
export function parseAddressee(
  what: string,
  text: string,
  accounts: Pick<Accounts, 'find'>,
  domain: string,
): Addressee {
  const plain = plainAddress(text);
  const at = plain.indexOf('@');
  const user = at === -1 ? plain : plain.slice(0, at);
  const host = at === -1 ? undefined : plain.slice(at + 1);
  const account = findAccount(accounts, host === undefined ? text : `${user}@${host.toLowerCase()}`);
  const isNameOfNobody = !account && LETTER_BEYOND_ASCII.test(text);
  if (text.includes('%') || isNameOfNobody || !USER.test(user) || (host !== undefined && !isHost(host))) {
    throw createError(400, `${what} must be a user name, a telephone number or user@host, got ${quoted(text)}`);
  }
  return { account, address: account?.identity ?? `${user}@${host?.toLowerCase() ?? domain}` };
}

/** A text from the network in an error message: in quotes, without control characters, cut short. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function isHost(text: string): boolean {
  const reference = /^\[([^\]]*)\]$/.exec(text)?.[1];
  if (reference !== undefined) return isIPv6(reference) && !reference.includes('%');
  if (NUMBER_AT_END.test(text)) return isIPv4(text);
  return HOST_NAME.test(text) && !text.includes('..');
}
