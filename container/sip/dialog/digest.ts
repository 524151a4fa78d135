import type { ResponseMessage } from '../message/parser/received-message.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import { randomBytes } from 'node:crypto';
import type { ChallengeSnapshot } from '../../../sdk/index.js';
import {
  canAnswer,
  credentialsFor,
  type DigestChallenge,
  type DigestSecret,
  type NonceUse,
  strengthOf,
} from './digest-value.js';
import type { Failover } from '../location/failover.js';
import { oneLine } from '../message/messages.js';
import type { Challenge } from '../message/parser/index.js';
import type { Realms } from './realms.js';

/*
 * The called telephone can challenge just as the proxy can, with a nonce that it has fetched from that proxy: with the answer it could
 * place calls in the agent's name. Nothing in a response says who made it. So a challenge is answered only if, as far as this side can
 * see, it cannot be the telephone's:
 *
 * - The request went to the domain's own proxy, and the realm is one of that proxy's.
 * - The request first left without credentials. If the proxy challenges, the telephone sees only requests that the proxy has let pass.
 *   Whoever challenges such a request again is not the proxy, or does not accept the password. Credentials are never sent unasked: a
 *   proxy that does not check them passes them on to the telephone.
 * - Nobody has been alerted: a telephone that rings is past the proxy.
 * - The challenge resembles the leg's first one from that realm: the same header field, and no other provisional responses before it. A
 *   proxy that forwards a request sends a 100 of its own first.
 * - Its algorithm is as strong as those that the realm has used before.
 */

const HEADERS = ['authorization', 'proxy-authorization'] as const;
type HeaderName = ChallengeSnapshot['header'];

/** How often a request is sent with credentials at most, even if its nonces are called stale. */
const MAX_ROUNDS = 4;

const NOBODY: ReadonlySet<string> = new Set();
const NO_LINES: readonly string[] = [];
const NO_REALMS: readonly KnownRealm[] = [];
const NOTHING_GIVEN: readonly Given[] = [];

/** How a server challenges. */
type Manner = Pick<ChallengeSnapshot, 'header' | 'provisionals'>;

/** The credentials of a request for one realm. */
interface Given {
  readonly challenge: DigestChallenge;
  readonly header: HeaderName;
}

/** The last nonce of a realm. Its count continues when the nonce comes again (RFC 7616 section 3.4). */
interface NonceRecord extends NonceUse {
  readonly nonce: string;
}

/** What a leg knows of a realm. */
interface KnownRealm {
  readonly realm: string;
  /** How the realm first challenged the current request outside a dialog; later challenges must resemble it. */
  manner: Manner | undefined;
  strength: number;
  nonce: NonceRecord | undefined;
}

/** The request that was challenged. */
export interface ChallengedRequest {
  readonly failover: Failover;
  /** Whether the other side has named its Request-URI and its route. */
  readonly isInDialog: boolean;
}

/** Who answers challenges, and in which realms. */
export interface DigestIdentity {
  readonly secret: DigestSecret;
  readonly realms: Realms;
}

/** A challenge to answer, and the strength of the best one that its realm offers beside it. */
interface Found {
  readonly challenge: DigestChallenge;
  readonly strength: number;
}

/** Digest authentication as a client (RFC 3261 section 22, RFC 7616, RFC 8760) for the requests of one leg. */
export class DigestClient {
  /** Seldom more than one, and often none. */
  #known: readonly KnownRealm[] = NO_REALMS;
  /** The targets of the leg's requests outside its dialog: the domain's own proxy. */
  #toProxy: Failover | undefined;

  /**
   * @param identity undefined: no challenge is answered
   * @throws TypeError if the user name cannot stand in a header field
   */
  constructor(
    readonly identity: DigestIdentity | undefined,
    private readonly newCnonce: () => string = randomCnonce,
  ) {
    if (identity) oneLine(identity.secret.userName, 'the SIP user name');
  }

  /** Begins a request, which leaves without credentials. */
  begin(request: ChallengedRequest): Authorization {
    if (!request.isInDialog) {
      this.#toProxy = request.failover;
      for (const known of this.#known) known.manner = undefined;
    }
    return new Authorization(this, request);
  }

  /** Whether a request goes to the domain's own proxy. */
  goesToProxy({ failover, isInDialog }: ChallengedRequest): boolean {
    return !isInDialog || (this.#toProxy !== undefined && failover.sharesServerWith(this.#toProxy));
  }

  /** How each realm has challenged so far. */
  snapshot(): ChallengeSnapshot[] {
    return this.#known.flatMap(({ realm, manner, strength }) => (manner ? [{ realm, ...manner, strength }] : []));
  }

  /**
   * Continues a leg of another process.
   * @param toProxy the targets of the domain's own proxy
   */
  restore(toProxy: Failover, challenges: readonly ChallengeSnapshot[]): void {
    this.#toProxy = toProxy;
    for (const { realm, strength, ...manner } of challenges) this.learn(realm, manner, strength);
  }

  mannerOf(realm: string): Manner | undefined {
    return this.#find(realm)?.manner;
  }

  /** Notes how the realm's server challenges, and the strength of its algorithm. */
  learn(realm: string, manner: Manner, strength: number): void {
    const known = this.#find(realm) ?? this.#add(realm);
    known.manner ??= manner;
    known.strength = strength;
  }

  /** The least strength that is accepted from the realm. */
  strengthOf(realm: string): number {
    return Math.max(this.#find(realm)?.strength ?? 0, this.identity?.realms.strengthOf(realm) ?? 0);
  }

  use({ realm, nonce }: DigestChallenge): NonceUse {
    const known = this.#find(realm) ?? this.#add(realm);
    const last = known.nonce;
    known.nonce =
      last?.nonce === nonce ? { ...last, count: last.count + 1 } : { nonce, count: 1, cnonce: this.newCnonce() };
    return known.nonce;
  }

  #find(realm: string): KnownRealm | undefined {
    return this.#known.find((known) => known.realm === realm);
  }

  #add(realm: string): KnownRealm {
    const known: KnownRealm = { realm, manner: undefined, strength: 0, nonce: undefined };
    this.#known = this.#known.concat(known);
    return known;
  }
}

/** The challenges of one request, over all its attempts. */
export class Authorization {
  /** One for each realm. */
  #given = NOTHING_GIVEN;
  /** Realms whose current nonce the last attempt used for the first time. */
  #justGiven = NOBODY;
  #provisionals = NO_LINES;
  #isAlerted = false;
  #rounds = 0;

  constructor(
    private readonly client: DigestClient,
    private readonly request: ChallengedRequest,
  ) {}

  /** A provisional response to the current attempt has come. From the first above 100 on, no challenge is answered. */
  hear({ statusCode, reasonPhrase }: ResponseMessage): void {
    if (statusCode > 100) this.#isAlerted = true;
    this.#provisionals = this.#isAlerted ? NO_LINES : this.#provisionals.concat(`${statusCode} ${reasonPhrase}`);
  }

  /**
   * Takes the challenges of a 401 or 407 for the next attempt.
   * @returns false if the challenge must not be answered, or rejects the credentials just sent; then the response is final
   */
  accept(response: ResponseMessage): boolean {
    const manner: Manner = {
      header: response.statusCode === 401 ? 'authorization' : 'proxy-authorization',
      provisionals: this.#provisionals,
    };
    const isAlerted = this.#isAlerted;
    const refused = this.#justGiven;
    this.#provisionals = NO_LINES;
    this.#isAlerted = false;
    this.#rounds += 1;
    if (isAlerted || this.#rounds > MAX_ROUNDS || !this.client.goesToProxy(this.request)) return false;
    const found = this.#answerable(response);
    const mayTake = ({ challenge }: Found): boolean =>
      this.#isOfProxy(challenge, manner) && (!refused.has(challenge.realm) || this.#isStale(challenge));
    if (found.length === 0 || !found.every(mayTake)) return false;
    for (const each of found) this.#take(each, manner);
    this.#justGiven = new Set(found.map(({ challenge }) => challenge.realm));
    return true;
  }

  /** Adds the credentials that the last challenges ask for. */
  authorize(request: OutgoingRequest): void {
    if (this.#given.length === 0) return;
    for (const header of HEADERS) {
      const values = this.#values(header, request.method, request.ruri.toRaw(), request.body?.content ?? '');
      if (values.length > 0) request.setHeader(header, values);
    }
  }

  #values(header: HeaderName, method: string, uri: string, body: string): string[] {
    const { client } = this;
    const secret = client.identity?.secret;
    if (!secret) return [];
    const given = this.#given.filter((each) => each.header === header);
    return given.map(({ challenge }) =>
      credentialsFor(challenge, secret, { method, uri, body }, client.use(challenge)),
    );
  }

  /** For each of our realms, the strongest challenge that the secret can answer, unless the realm now offers less than before. */
  #answerable(response: ResponseMessage): Found[] {
    const { identity } = this.client;
    if (!identity) return [];
    const challenges = challengesIn(response);
    const realms = new Set(challenges.map(({ realm }) => realm));
    return [...realms].flatMap((realm) => {
      if (realm === undefined || !identity.realms.includes(realm)) return [];
      const ofRealm = challenges.filter((each) => each.realm === realm);
      const strength = Math.max(...ofRealm.map((each) => strengthOf(each)));
      const possible = ofRealm.filter((each) => canAnswer(each, identity.secret));
      const [challenge] = possible.toSorted((one, other) => strengthOf(other) - strengthOf(one));
      return challenge && strength >= this.client.strengthOf(realm) ? [{ challenge, strength }] : [];
    });
  }

  /** A proxy that has never challenged the leg does not begin after a 100 inside the dialog. */
  #isOfProxy({ realm }: DigestChallenge, { header, provisionals }: Manner): boolean {
    const known = this.client.mannerOf(realm);
    if (!known) return !this.request.isInDialog || provisionals.length === 0;
    return known.header === header && provisionals.every((line) => known.provisionals.includes(line));
  }

  #isStale({ realm, nonce, stale }: DigestChallenge): boolean {
    return (
      stale === true && !this.#given.some(({ challenge }) => challenge.realm === realm && challenge.nonce === nonce)
    );
  }

  #take({ challenge, strength }: Found, manner: Manner): void {
    const { client, request } = this;
    const { realm } = challenge;
    const ofOthers = this.#given.filter((each) => each.challenge.realm !== realm);
    this.#given = [...ofOthers, { challenge, header: manner.header }];
    // A challenge before any other response is certainly the proxy's, so its strength counts for all calls.
    if (!request.isInDialog && manner.provisionals.length === 0) client.identity?.realms.show(realm, strength);
    client.learn(realm, manner, strength);
  }
}

function challengesIn(response: ResponseMessage): Challenge[] {
  const name = response.statusCode === 401 ? 'www-authenticate' : 'proxy-authenticate';
  const challenges = response.getHeaders(name).map((_value, index): unknown => response.parseHeader(name, index));
  return challenges.filter((challenge): challenge is Challenge => challenge !== undefined);
}

function randomCnonce(): string {
  return randomBytes(8).toString('hex');
}
