import { readFile } from 'node:fs/promises';
import createError from 'http-errors';
import { BusyError, OperationsError, ResultCodeError, UnavailableError } from 'ldapts';
import type { Log } from '../../sdk/log.js';
import type { Settings } from '../config/settings.js';
import { messageOf } from '../message-of.js';
import { LdapConnection } from './ldap-connection.js';

/** To connect, and for each operation. */
const TIMEOUT_MS = 4_000;
/** Logins under way at the same time. */
const MAX_LOGINS = 100;

export type LdapSettings = NonNullable<Settings['ldap']>;

/** Checks passwords against an LDAP server: it searches the user's entry, and binds as that. */
export class LdapLogin {
  /** The connection that searches, kept open. */
  #searching: Promise<LdapConnection> | undefined;
  #logins = 0;

  /** @param ca file with certificate authorities, unless the LDAP settings name one */
  constructor(
    private readonly settings: LdapSettings,
    private readonly ca: string | undefined,
    private readonly log: Log,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /**
   * Whether it is the user's password. An empty one is not, without asking: servers take a bind with it for an anonymous one
   * (RFC 4513 section 5.1.2).
   * @throws HttpError 503 when the server cannot be asked
   */
  async isPassword(userName: string, password: string): Promise<boolean> {
    if (password === '') return false;
    if (this.#logins >= MAX_LOGINS) throw unavailable();
    this.#logins += 1;
    try {
      const dn = await this.#findEntry(userName);
      // A bind without a DN is an anonymous one, whatever the password.
      return dn !== undefined && dn !== '' && (await this.#isBound(dn, password));
    } catch (error) {
      const reason = messageOf(error);
      this.log.warn('The LDAP server cannot be asked: logins refused', { url: this.settings.url, error: reason });
      throw unavailable();
    } finally {
      this.#logins -= 1;
    }
  }

  /** Asks the server for an entry, whether there is one or not. @throws Error when it cannot be asked */
  async probe(): Promise<void> {
    const { base, attribute } = this.settings;
    await this.#search((connection) => connection.search(base, attribute, 'sipxrest'));
  }

  async close(): Promise<void> {
    const searching = await this.#searching?.catch(() => undefined);
    searching?.close();
  }

  async #findEntry(userName: string): Promise<string | undefined> {
    const { base, attribute } = this.settings;
    const [dn, ...others] = await this.#search((connection) => connection.search(base, attribute, userName));
    if (others.length > 0) this.log.warn('More than one LDAP entry for a user: login refused', { user: userName });
    return others.length === 0 ? dn : undefined;
  }

  /** A connection that was kept may be dead without our knowing: then once more on a new one. */
  async #search<T>(operation: (connection: LdapConnection) => Promise<T>): Promise<T> {
    const kept = this.#searching;
    if (!kept) return operation(await this.#connect());
    const connection = await kept;
    try {
      if (connection.isOpen) return await operation(connection);
    } catch (error) {
      if (error instanceof ResultCodeError) throw error;
      connection.close();
    }
    // Many may find the same connection dead; the first of them opens the next one.
    if (this.#searching === kept) this.#searching = undefined;
    return operation(await (this.#searching ?? this.#connect()));
  }

  /** All that come while it is being opened share it, and its failure. */
  #connect(): Promise<LdapConnection> {
    const opening = this.#openSearching();
    this.#searching = opening;
    opening.catch(() => {
      if (this.#searching === opening) this.#searching = undefined;
    });
    return opening;
  }

  async #openSearching(): Promise<LdapConnection> {
    const { bindDn, bindPassword } = this.settings;
    const connection = await this.#open();
    try {
      if (bindDn !== undefined && bindPassword !== undefined) await connection.bind(bindDn, bindPassword);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #isBound(dn: string, password: string): Promise<boolean> {
    const connection = await this.#open();
    try {
      await connection.bind(dn, password);
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    } finally {
      connection.close();
    }
  }

  async #open(): Promise<LdapConnection> {
    const { url, startTls } = this.settings;
    const file = this.settings.ca ?? this.ca;
    // Read each time: certificate authorities are replaced without a restart.
    const ca = file === undefined ? undefined : await readFile(file, 'utf8');
    return LdapConnection.open({ url, startTls, ca, timeoutMs: this.timeoutMs });
  }
}

/** The server's answer to a bind: wrong password, locked, expired. Not: it has no time for an answer. */
function isRefusal(error: unknown): boolean {
  const isBusy = error instanceof BusyError || error instanceof UnavailableError || error instanceof OperationsError;
  return error instanceof ResultCodeError && !isBusy;
}

function unavailable(): Error {
  return createError(503, 'The directory that knows the passwords cannot be asked at present', { expose: true });
}
