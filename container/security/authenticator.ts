import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import createError from 'http-errors';
import type { Account, Log } from '../../sdk/index.js';
import type { Directory } from '../accounts/directory.js';
import { Attempts, type Outcome } from './attempts.js';
import {
  type BasicCredentials,
  type DigestAlgorithm,
  type DigestCredentials,
  parseAuthorization,
} from './authorization-header.js';
import { type Method, unauthorized } from './challenges.js';
import type { LdapLogin } from './ldap-login.js';
import { Nonces } from './nonces.js';
import { isPin, isPinDigest } from './pin.js';
import type { SharedLogins } from './shared-logins.js';

/** With LDAP a failure is answered no sooner than this, so that it does not show whom the LDAP server was asked about. */
const LDAP_FAILURE_MS = 500;

export interface LoginRequest {
  readonly method: string;
  /** Request target as it stands in the request line. */
  readonly target: string;
  /** All Authorization headers. */
  readonly authorization: readonly string[];
  readonly remoteAddress: string;
}

export interface AuthenticatorOptions {
  readonly directory: Pick<Directory, 'find' | 'pinOf' | 'isLocalOnly' | 'hasClearPins'>;
  readonly realm: string;
  /** Checks the passwords of all users that are not local-only. */
  readonly ldap: Pick<LdapLogin, 'isPassword'> | undefined;
  readonly log: Log;
  readonly nonces?: Nonces;
  /** Undefined if this container is alone. */
  readonly shared?: SharedLogins | undefined;
}

/** Tells who sends a request, or refuses it. */
export class Authenticator {
  readonly #nonces: Nonces;
  readonly #attempts: Attempts;
  /** The same password of a user, sent several times at once, is one question to the LDAP server and one attempt. */
  readonly #underWay = new Map<string, Promise<Account>>();
  readonly #underWayKey = randomBytes(32);

  constructor(private readonly options: AuthenticatorOptions) {
    const { log, shared } = options;
    this.#nonces = options.nonces ?? new Nonces({ shared });
    this.#attempts = new Attempts(log, { shared });
  }

  /**
   * @param methods that the plugin's manifest names
   * @throws HttpError 400 when the credentials cannot be read, 401 with challenges when they are missing, wrong or of another scheme,
   *   429 after too many wrong ones, 503 when the LDAP server cannot be asked
   */
  async authenticate(request: LoginRequest, methods: readonly Method[]): Promise<Account> {
    const [header, ...others] = request.authorization;
    if (header === undefined) throw this.#unauthorized(methods);
    if (others.length > 0) throw createError(400, 'Authorization must be given once');
    const credentials = parseAuthorization(header);
    if (!credentials) throw this.#unauthorized(methods);
    if (credentials.scheme === 'Basic') {
      if (!methods.includes('HTTP-BASIC')) throw this.#unauthorized(methods);
      return this.#basic(credentials, request, methods);
    }
    if (!methods.includes('HTTP-DIGEST')) throw this.#unauthorized(methods);
    return this.#digest(credentials, request, methods);
  }

  async #basic(credentials: BasicCredentials, request: LoginRequest, methods: readonly Method[]): Promise<Account> {
    const { ldap } = this.options;
    if (!ldap) return this.#checkBasic(credentials, request, methods, undefined);

    const key = createHmac('sha256', this.#underWayKey)
      .update(JSON.stringify([credentials, request.remoteAddress, methods]))
      .digest('hex');
    let check = this.#underWay.get(key);
    if (!check) {
      check = this.#checkBasic(credentials, request, methods, ldap).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, check);
    }
    return check;
  }

  async #checkBasic(
    { name, password }: BasicCredentials,
    { remoteAddress }: LoginRequest,
    methods: readonly Method[],
    ldap: AuthenticatorOptions['ldap'],
  ): Promise<Account> {
    const { realm, directory } = this.options;
    const startedAtMs = performance.now();
    const account = this.#find(name);
    const attempt = { userName: account?.userName, name, remoteAddress };
    const outcome = await this.#attempts.count(attempt, async (): Promise<Outcome> => {
      const isRight =
        ldap && account && !directory.isLocalOnly(account)
          ? await ldap.isPassword(account.userName, password)
          : isPin(account && directory.pinOf(account), realm, password);
      return isRight ? 'right' : 'wrong';
    });
    if (account && outcome === 'right') return account;
    if (ldap) await delay(Math.max(0, LDAP_FAILURE_MS - (performance.now() - startedAtMs)), undefined, { ref: false });
    throw this.#unauthorized(methods);
  }

  async #digest(digest: DigestCredentials, request: LoginRequest, methods: readonly Method[]): Promise<Account> {
    if (digest.uri !== request.target) throw createError(400, 'Authorization must have the uri of the request');
    if (digest.realm !== this.options.realm) throw this.#unauthorized(methods);
    const account = this.#find(digest.name);
    const algorithms = this.#algorithmsFor(account);
    // Nothing is learnt about the PIN. The client has another challenge to answer, and may do so without asking its user.
    if (!algorithms.includes(digest.algorithm)) throw this.#unauthorized(methods, { algorithms, isStale: true });

    const attempt = { userName: account?.userName, name: digest.name, remoteAddress: request.remoteAddress };
    const secret = account && this.#digestSecretOf(account);
    const outcome = await this.#attempts.count(attempt, (): Outcome | Promise<Outcome> => {
      if (!isPinDigest(secret, digest, request.method)) return 'wrong';
      return this.#takeNonce(digest);
    });
    if (account && outcome === 'right') return account;
    throw this.#unauthorized(methods, { algorithms, isStale: outcome === 'unknown' });
  }

  /** Each count of a nonce is good for one request, on whichever node. */
  #takeNonce({ nonce, nc }: DigestCredentials): Outcome | Promise<Outcome> {
    const { shared } = this.options;
    const count = Number.parseInt(nc, 16);
    if (!this.#nonces.take(nonce, count)) return 'unknown';
    if (!shared) return 'right';
    return shared.take(nonce, count, this.#nonces.lifetimeMs).then((isFirst) => (isFirst ? 'right' : 'unknown'));
  }

  /** By user name or alias; the directory finds by identity too. */
  #find(name: string): Account | undefined {
    const account = this.options.directory.find(name);
    const isName = account && [account.userName, account.identity, ...account.aliases].includes(name);
    return isName ? account : undefined;
  }

  /** A password that only the LDAP server knows cannot answer a digest. */
  #digestSecretOf(account: Account): ReturnType<Directory['pinOf']> {
    const { directory, ldap } = this.options;
    return ldap && !directory.isLocalOnly(account) ? undefined : directory.pinOf(account);
  }

  /** SHA-256 needs a PIN in clear. For somebody unknown, what most could answer. */
  #algorithmsFor(account: Account | undefined): readonly DigestAlgorithm[] {
    const { directory } = this.options;
    const secret = account && directory.pinOf(account);
    const canSha256 = secret ? secret.pin !== undefined : directory.hasClearPins;
    return canSha256 ? ['SHA-256', 'MD5'] : ['MD5'];
  }

  #unauthorized(
    methods: readonly Method[],
    challenge: { readonly algorithms?: readonly DigestAlgorithm[]; readonly isStale?: boolean } = {},
  ): Error {
    const { algorithms = this.#algorithmsFor(undefined), isStale = false } = challenge;
    return unauthorized({
      realm: this.options.realm,
      methods,
      algorithms,
      isStale,
      nonce: this.#nonces.make(),
    });
  }
}
