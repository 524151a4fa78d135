import { isIP } from 'node:net';
import { type Answer, AnswerCache } from './dns/answer-cache.js';
import { clockMs, Dns, DnsFailure } from './dns/dns.js';
import { type Service, serviceOf, servicesOf } from './dns/naptr.js';
import { Silences } from './dns/silences.js';
import { inOrderOfTrial } from './dns/srv.js';
import { defaultPort } from '../message/host-port.js';
import type { Hop } from './next-hop.js';
import { RestingTargets } from './resting.js';
import type { Protocol, Target } from '../transport/transport.js';

export interface LocatorOptions {
  /** Transports with a socket, the preferred one first. */
  readonly transports: readonly Protocol[];
  /** Address family of the sockets. */
  readonly family: 4 | 6;
  /** DNS servers, `address` or `address:port`. None: those of the system. */
  readonly resolvers: readonly string[];
  /** In milliseconds, monotonic. */
  readonly now?: () => number;
}

/** A server of a service, with its addresses. */
interface Server {
  readonly transport: Protocol;
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly addresses: readonly string[];
}

type Found<T> = Answer<readonly T[]>;

/** The result of a query. */
interface Asked<T> extends Answer<T> {
  /** The name, if its query got no answer. */
  readonly silent?: string;
}

/** What the DNS says about a hop: services in order of preference, each with its servers. */
type Plan = readonly (readonly Server[])[];

/** Targets that one request is tried at. Of ten servers, one among the first eight works. */
const MAX_TARGETS = 8;
/** SRV records of a service that are used. */
const MAX_SERVERS = 32;
const CACHE_ENTRIES = 1_000;
/** How long a plan is used that is incomplete because the DNS did not answer. */
const UNANSWERED_MS = 5_000;

/**
 * Finds the servers of a hop (RFC 3263 section 4): an address as it is, a name with a port by A or AAAA, a name without a port by NAPTR,
 * SRV, then A or AAAA. A server that failed comes last for a while.
 */
export class Locator {
  readonly resting: RestingTargets;
  readonly #now: () => number;
  readonly #dns: Dns;
  readonly #plans: AnswerCache<Plan>;
  readonly #silences: Silences;
  /** The last hop that was an address: nearly always the next one is the same. */
  #literal: { readonly hop: Hop; readonly targets: readonly Target[] } | undefined;

  constructor(private readonly options: LocatorOptions) {
    const { resolvers, family, now = clockMs } = options;
    this.#now = now;
    this.resting = new RestingTargets(now);
    this.#plans = new AnswerCache(CACHE_ENTRIES, now);
    this.#silences = new Silences(now);
    this.#dns = new Dns({ servers: resolvers, family, now });
  }

  /**
   * The targets, at least one, in the order to try them. Answers at once if no look-up is needed. All who wait for the same name are
   * answered together, so that messages keep their order.
   *
   * @throws Error if there is no target, no DNS server answers, or there is no such transport
   */
  locate(hop: Hop): readonly Target[] | Promise<readonly Target[]> {
    const literal = this.#literal;
    if (literal && isSame(literal.hop, hop)) return literal.targets;
    if (isIP(hop.host)) {
      const transport = this.#transportOf(hop);
      const targets = [{ transport, address: hop.host, port: hop.port ?? defaultPort(transport), host: hop.host }];
      this.#literal = { hop, targets };
      return targets;
    }
    const { host, port = '', transport = '', isSecure } = hop;
    const key = [host, port, transport, isSecure].join(' ').toLowerCase();
    const plan = this.#plans.get(key, () => this.#plan(hop));
    return plan instanceof Promise
      ? plan.then(({ value }) => this.#targets(hop, value))
      : this.#targets(hop, plan.value);
  }

  /** Ends look-ups under way. */
  close(): void {
    this.#dns.close();
  }

  #targets({ host }: Hop, plan: Plan): readonly Target[] {
    if (plan.length === 0) throw new Error(`The DNS knows no SIP server of ${host}`);
    const targets = plan
      .flatMap((servers) => inOrderOfTrial(servers))
      .flatMap(({ transport, addresses, port }) => addresses.map((address) => ({ transport, address, port, host })));
    return this.resting.last(targets).slice(0, MAX_TARGETS);
  }

  /** The services that the domain names, else the usual ones, else the domain's own address. */
  async #plan(hop: Hop): Promise<Answer<Plan>> {
    if (hop.port !== undefined) return await this.#planByAddress(hop);
    const transports = this.#possible(hop);
    // Asked together with NAPTR, so that silence about all takes no longer than silence about one.
    const usual = Promise.all(transports.map((each) => this.#servers(serviceOf(hop.host, each))));
    const named = await this.#named(hop, transports);
    const ofNamed = await Promise.all(named.value.map((service) => this.#servers(service)));
    // NAPTR records that lead to no SRV record count for nothing.
    const found = ofNamed.some(({ exists }) => exists) ? ofNamed : await usual;
    const isServed = found.some(({ exists }) => exists);
    const other = isServed ? undefined : await this.#planByAddress(hop);
    // Another query was answered, so the network is up and the silence concerns these names.
    for (const { silent } of [named, ...ofNamed, ...found]) if (silent !== undefined) this.#silences.add(silent);
    const plan = other?.value ?? found.map(({ value }) => value).filter((servers) => servers.length > 0);
    const untilMs = [named, ...found, ...(other ? [other] : [])].map((each) => each.untilMs);
    return { value: plan, untilMs: Math.min(...untilMs) };
  }

  async #planByAddress(hop: Hop): Promise<Answer<Plan>> {
    const transport = this.#transportOf(hop);
    const { value: addresses, untilMs } = await this.#dns.addresses(hop.host);
    const server = { transport, priority: 0, weight: 0, port: hop.port ?? defaultPort(transport), addresses };
    return { value: addresses.length > 0 ? [[server]] : [], untilMs };
  }

  /** By NAPTR, unless the URI names the transport. */
  async #named(hop: Hop, transports: readonly Protocol[]): Promise<Asked<readonly Service[]>> {
    if (hop.transport !== undefined) return { value: [], untilMs: Infinity };
    const pointers = await this.#ask(hop.host, (name) => this.#dns.naptr(name));
    return { ...pointers, value: servicesOf(pointers.value, transports) };
  }

  /**
   * The servers of a service that have an address; none if the look-up fails. A lone "." means that there is no such service (RFC 2782).
   */
  async #servers({ transport, name }: Service): Promise<Asked<readonly Server[]> & { readonly exists: boolean }> {
    const records = await this.#ask(name, (asked) => this.#dns.srv(asked));
    const best = records.value.toSorted((a, b) => a.priority - b.priority).slice(0, MAX_SERVERS);
    const found = await Promise.all(
      best.map(async ({ name: host, ...record }) => {
        const { value: addresses, untilMs } = await this.#orNothing(this.#dns.addresses(host));
        return { server: { ...record, transport, addresses }, untilMs };
      }),
    );
    const value = found.map(({ server }) => server).filter(({ addresses }) => addresses.length > 0);
    const untilMs = Math.min(records.untilMs, ...found.map((each) => each.untilMs));
    return { ...records, value, untilMs, exists: records.value.length > 0 };
  }

  /** Queries the records of a name, unless such a query recently got no answer. */
  async #ask<T>(name: string, query: (name: string) => Promise<Found<T>>): Promise<Asked<readonly T[]>> {
    if (this.#silences.has(name)) return { value: [], untilMs: Infinity };
    const answer = await this.#orNothing(query(name));
    return answer.isSilence ? { ...answer, silent: name } : answer;
  }

  /** For optional records: a failure counts as none, and is cached only briefly. */
  async #orNothing<T>(query: Promise<Found<T>>): Promise<Found<T> & { readonly isSilence: boolean }> {
    try {
      return { ...(await query), isSilence: false };
    } catch (error) {
      const isSilence = error instanceof DnsFailure && error.isSilence;
      return { value: [], untilMs: this.#now() + UNANSWERED_MS, isSilence };
    }
  }

  /** The transports that a URI without a port allows. */
  #possible(hop: Hop): readonly Protocol[] {
    if (hop.transport !== undefined || hop.isSecure) return [this.#transportOf(hop)];
    return this.options.transports;
  }

  /** The transport of a URI with a port or an address (RFC 3263 section 4.1). */
  #transportOf({ host, transport, isSecure }: Hop): Protocol {
    const named = transport?.toUpperCase();
    const isTls = isSecure && (named === undefined || named === 'TCP');
    const wanted = isTls ? 'TLS' : (named ?? 'UDP');
    const found = this.options.transports.find((each) => each === wanted);
    if (!found || (isSecure && found !== 'TLS'))
      throw new Error(`${host} wants SIP over ${wanted}, which there is not`);
    return found;
  }
}

function isSame(one: Hop, other: Hop): boolean {
  const isSamePlace = one.host === other.host && one.port === other.port;
  return isSamePlace && one.transport === other.transport && one.isSecure === other.isSecure;
}
