import { EventEmitter } from 'node:events';
import type { Account, Accounts } from '../../sdk/accounts.js';
import type { Log } from '../../sdk/log.js';
import { FileWatch, isPassing, type Seen, signatureOf } from '../file-watch.js';
import { messageOf } from '../message-of.js';
import { readUsers } from './read-users.js';
import type { Home } from './entries.js';
import { SecretKeeper } from './secret-keeper.js';
import { Snapshot } from './snapshot.js';
import type { PinSecret, SipSecret } from './users.js';

export interface DirectoryOptions extends Home {
  readonly log: Log;
  /** How often the file is checked for changes, in milliseconds. */
  readonly pollIntervalMs?: number;
}

interface DirectoryEvents {
  /** The file changed and its new version is in use. */
  reloaded: [];
  /** The file changed, and its new version cannot be used: the old one stays. */
  rejected: [reason: string];
}

/** State of the user directory's file. */
export interface DirectoryState {
  readonly file: string;
  readonly users: number;
  /** When the version in use was read: RFC 3339 in UTC. */
  readonly readAt: string;
  /** Why the newest version of the file is not in use; absent if it is. */
  readonly problem?: string;
}

/** The user directory; follows the changes of its file until closed. */
export class Directory extends EventEmitter<DirectoryEvents> implements Accounts {
  private readonly watch: FileWatch;
  readonly #secrets: SecretKeeper;
  readonly #closing = new AbortController();
  #reading: Promise<Seen> = Promise.resolve('done');
  #rejection: string | undefined;
  #readAt = new Date();

  private constructor(
    private readonly file: string,
    private readonly options: DirectoryOptions,
    secrets: SecretKeeper,
    private snapshot: Snapshot,
    signature: string,
  ) {
    super();
    this.#secrets = secrets;
    this.watch = new FileWatch(file, signature, () => this.reload(), options.pollIntervalMs ?? 1000);
  }

  /**
   * Reads the user directory: a JSON file, or a sipXecs `validusers.xml`.
   * @throws ConfigurationError with one line when it cannot be used
   */
  static async open(file: string, options: DirectoryOptions): Promise<Directory> {
    const secrets = new SecretKeeper();
    const signature = await signatureOf(file);
    const { signal } = new AbortController();
    const snapshot = await Snapshot.of(readUsers(file, options, signal), secrets, file);
    options.log.info('user directory read', { file, users: snapshot.size });
    return new Directory(file, options, secrets, snapshot, signature);
  }

  find(name: string): Account | undefined {
    return this.snapshot.find(name);
  }

  search(text: string, limit: number): readonly Account[] {
    return this.snapshot.search(text, limit);
  }

  /** The secret that answers SIP challenges: the password, or an HA1, which is valid for MD5 in our own realm only. */
  secretOf(account: Account): SipSecret | undefined {
    return this.#secrets.get(account)?.sip;
  }

  /** What the user's PIN is checked against. Undefined if the user has no PIN and cannot log in. */
  pinOf(account: Account): PinSecret | undefined {
    return this.#secrets.get(account)?.pin;
  }

  /** Whether any user can answer a SHA-256 challenge: hashed PINs are valid for MD5 only. */
  get hasClearPins(): boolean {
    return this.snapshot.hasClearPins;
  }

  /** Whether the PIN counts also where an LDAP directory checks the passwords of the others. */
  isLocalOnly(account: Account): boolean {
    return this.#secrets.get(account)?.localOnly ?? false;
  }

  /** Why the newest version of the file is not in use; undefined if it is. */
  get rejection(): string | undefined {
    return this.#rejection;
  }

  get state(): DirectoryState {
    const { file, snapshot } = this;
    const problem = this.#rejection;
    return {
      file,
      users: snapshot.size,
      readAt: this.#readAt.toISOString(),
      ...(problem !== undefined && { problem }),
    };
  }

  /** Stops watching the file, and reading it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.watch.close(), this.#reading]);
  }

  /** Reads the file again. An unusable version is logged, and changes nothing. */
  async reload(): Promise<Seen> {
    // One after the other: an older version that takes longer must not replace a newer one.
    this.#reading = this.#reading.then(() => this.#read());
    return await this.#reading;
  }

  async #read(): Promise<Seen> {
    const { file, options } = this;
    const { signal } = this.#closing;
    if (signal.aborted) return 'done';
    try {
      this.snapshot = await Snapshot.of(readUsers(file, options, signal), this.#secrets, file);
    } catch (error) {
      if (signal.aborted) return 'done';
      // Whatever is wrong with the file, the users known so far can still place calls.
      const reason = messageOf(error);
      if (isPassing(error)) {
        options.log.warn('user directory cannot be read at present, it is tried again', { reason });
        return 'tryAgain';
      }
      this.#rejection = reason;
      options.log.error('user directory kept as it was, its new version cannot be used', { reason });
      this.emit('rejected', reason);
      return 'done';
    }
    this.#rejection = undefined;
    this.#readAt = new Date();
    options.log.info('user directory read again', { file, users: this.snapshot.size });
    this.emit('reloaded');
    return 'done';
  }
}
