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
 * A telephone that is called may challenge as well as the proxy before it can, with a nonce that it has fetched from that proxy: with
 * the answer it could place calls in the agent's name. Nothing in a response says who made it, so an answer is given only where the
 * challenge cannot be the telephone's, as far as that can be seen:
 *
 * - The request went to the domain's own proxy, and the realm is one of that proxy's.
 * - A request leaves without credentials first. Where the proxy challenges, the telephone sees only requests that the proxy has let
 *   pass, and whoever challenges such a request anew is not the proxy, or does not accept the password. Credentials are never sent
 *   unasked: a proxy that does not check them passes them on to the telephone.
 * - Nobody has been alerted: a telephone that rings is past the proxy.
 * - It comes in the manner of the leg's first challenge of that realm: with the same header, and after no other provisional responses.
 *   A proxy that passes a request on says so with a 100 of its own.
 * - Its algorithm is as strong as those that the realm has shown.
 */

const HEADERS = ['authorization', 'proxy-authorization'] as const;
type HeaderName = ChallengeSnapshot['header'];

/** A request is not sent with credentials more often than this, whatever is said of its nonces. */
const MAX_ROUNDS = 4;

const NOBODY: ReadonlySet<string> = new Set();
const NO_LINES: readonly string[] = [];
const NO_REALMS: readonly KnownRealm[] = [];
const NOTHING_GIVEN: readonly Given[] = [];

/** How a proxy challenges. */
type Manner = Pick<ChallengeSnapshot, 'header' | 'provisionals'>;

/** What a request carries for one realm. */
interface Given {
  readonly challenge: DigestChallenge;
  readonly header: HeaderName;
}

/** The last nonce of a realm. Its count goes on when the nonce comes again (RFC 7616 section 3.4). */
interface NonceRecord extends NonceUse {
  readonly nonce: string;
}

/** What a leg knows of a realm. */
interface KnownRealm {
  readonly realm: string;
  /** Of the first challenge to the current request outside a dialog, and all that follow on it. */
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

/** A challenge that is taken, and the strength of the best one that its realm has offered beside it. */
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
   * @throws TypeError where the user name cannot stand in a header
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

  /** The realm's server challenges in this manner, and offers an algorithm of this strength. */
  learn(realm: string, manner: Manner, strength: number): void {
    const known = this.#find(realm) ?? this.#add(realm);
    known.manner ??= manner;
    known.strength = strength;
  }

  /** How strong an algorithm the realm has to offer. */
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
    this.#known = [...this.#known, known];
    return known;
  }
}

/** The challenges of one request, through all attempts at it. */
export class Authorization {
  /** One for each realm. */
  #given = NOTHING_GIVEN;
  /** Realms whose nonce the last attempt was the first to carry. */
  #justGiven = NOBODY;
  #provisionals = NO_LINES;
  #isAlerted = false;
  #rounds = 0;

  constructor(
    private readonly client: DigestClient,
    private readonly request: ChallengedRequest,
  ) {}

  /** A provisional response to the current attempt has come. */
  hear({ statusCode, reasonPhrase }: ResponseMessage): void {
    if (statusCode > 100) this.#isAlerted = true;
    this.#provisionals = [...this.#provisionals, `${statusCode} ${reasonPhrase}`];
  }

  /**
   * Takes the challenges of a 401 or 407 for the next attempt.
   * @returns false where the challenge is not to be answered, or refuses what was just given: the response is final
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

  /** Adds what the last challenges ask for. */
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

  /** The strongest challenge of each own realm that the secret can answer, where the realm offers no less than before. */
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

  /** A proxy that has never challenged the leg does not begin with that behind a 100 inside the dialog. */
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
    // What comes before anything else is surely the proxy's, and counts for all calls.
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
