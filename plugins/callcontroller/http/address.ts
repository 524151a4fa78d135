import { isIPv6 } from 'node:net';
import createError from 'http-errors';
import type { Account, Accounts } from '../../../sdk/index.js';

/** Somebody who can be called: an address of record, and the user behind it where the directory knows one. */
export interface Party {
  /** `user@host`, without a scheme. */
  readonly address: string;
  readonly account: Account | undefined;
}

/** `user` of RFC 3261 section 25.1, less escapes: what is percent-encoded in a URL is decoded before, and only once. */
const USER = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]{1,128}$/;
const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/;

/**
 * Reads a user name, an alias, a telephone number or `user@host`, and resolves aliases.
 * @param what the parameter's name, for the error
 * @throws HttpError 400 when it cannot stand in a SIP URI
 */
export function parseParty(what: string, text: string, accounts: Pick<Accounts, 'find'>, domain: string): Party {
  const at = text.indexOf('@');
  const user = at === -1 ? text : text.slice(0, at);
  const host = at === -1 ? undefined : text.slice(at + 1);
  if (!USER.test(user) || (host !== undefined && !isHost(host))) {
    throw createError(400, `${what} must be a user name, a telephone number or user@host, got ${quoted(text)}`);
  }
  const name = host === undefined ? user : `${user}@${host.toLowerCase()}`;
  const account = accounts.find(name);
  return { account, address: account?.identity ?? (host === undefined ? `${user}@${domain}` : name) };
}

/** A text from the network in an error message: in quotes, without control characters, cut short. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function isHost(text: string): boolean {
  const reference = /^\[([^\]]*)\]$/.exec(text)?.[1];
  return reference === undefined
    ? HOST_NAME.test(text) && !text.includes('..')
    : isIPv6(reference) && !reference.includes('%');
}
