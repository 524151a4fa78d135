/** A user of the SIP domain, as the user directory knows it. Secrets stay in the container. */
export interface Account {
  /** Login name and SIP digest user name, for example `user1`. */
  readonly userName: string;
  /** Address of record without a scheme, for example `user1@example.com`. */
  readonly identity: string;
  readonly displayName: string;
  /** Other user parts under which the same user is reached, for example an extension number. */
  readonly aliases: readonly string[];
  /** Numbers and names that the user may show to those that are called on its behalf. */
  readonly callerIds?: readonly string[];
  /** Whether the directory holds a secret with which this user can answer a SIP challenge. */
  readonly hasSipCredentials: boolean;
}

/** The user directory. It is re-read when its file changes, so look an account up each time it is needed. */
export interface Accounts {
  /** Finds an account by its user name, by an alias or by its identity (`user@host`). */
  find(name: string): Account | undefined;
}
