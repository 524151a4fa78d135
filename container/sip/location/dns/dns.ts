import type { NaptrRecord, SrvRecord } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { type Answer, AnswerCache } from './answer-cache.js';
import { HostsFile } from './hosts-file.js';

export interface DnsOptions {
  /** DNS servers, `address` or `address:port`. None: those of the system. */
  readonly servers: readonly string[];
  /** Family of the addresses to find. */
  readonly family: 4 | 6;
  readonly hostsFile?: string;
  /** Clock, in milliseconds. */
  readonly now?: () => number;
}

/** c-ares asks each server this many times, and waits twice as long the second time. */
const TRIES = 2;
const FIRST_WAIT_MS = 1_000;
/** A query fails after this time, even if c-ares or the system still wait: both tries have had their time. */
const QUERY_MS = 3_000;

const CACHE_ENTRIES = 1_000;
/** Bounds of a record's time to live, in seconds. */
const MIN_TTL_S = 5;
const MAX_TTL_S = 300;
/** Time to live of records for which Node does not tell it: SRV, NAPTR, and those of the system's resolver. */
const UNKNOWN_TTL_S = 30;
/** How long a missing address is cached. A missing service is usual, and is cached as long as an existing one. */
const NEGATIVE_TTL_S = 5;

/** Error codes of c-ares for a name without such a record, and for one that can have none. */
const NO_SUCH_RECORD = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

/** Names that inet_aton, and so the system, takes for an IPv4 address (`127.1`, `2130706433`, `0x7f.1`). The DNS does not. */
const NUMBER_AT_END = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i;

/** No DNS server has given a usable answer. */
export class DnsFailure extends Error {
  /** @param isSilence whether nothing at all came back */
  constructor(
    message: string,
    readonly isSilence: boolean,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Monotonic clock, in milliseconds. */
export const clockMs = (): number => performance.now();

/** Cached DNS look-ups, each bounded in time. A missing name or record gives an empty list. */
export class Dns {
  readonly #resolver = new Resolver({ timeout: FIRST_WAIT_MS, tries: TRIES });
  readonly #now: () => number;
  readonly #addresses: AnswerCache<readonly string[]>;
  readonly #services: AnswerCache<readonly SrvRecord[]>;
  readonly #pointers: AnswerCache<readonly NaptrRecord[]>;
  readonly #hosts: HostsFile;

  /** @throws Error if `servers` are not addresses */
  constructor(private readonly options: DnsOptions) {
    this.#now = options.now ?? clockMs;
    this.#addresses = new AnswerCache(CACHE_ENTRIES, this.#now);
    this.#services = new AnswerCache(CACHE_ENTRIES, this.#now);
    this.#pointers = new AnswerCache(CACHE_ENTRIES, this.#now);
    this.#hosts = new HostsFile(options.hostsFile ?? '/etc/hosts');
    if (options.servers.length > 0) this.#resolver.setServers(options.servers);
  }

  /** From the hosts file, else A or AAAA records. @throws DnsFailure when no server answers */
  async addresses(name: string): Promise<Answer<readonly string[]>> {
    return await this.#addresses.get(name, () => this.#findAddresses(name));
  }

  /** @throws DnsFailure when no server answers */
  async srv(name: string): Promise<Answer<readonly SrvRecord[]>> {
    return await this.#services.get(name, async () =>
      this.#answer(await found('SRV', name, this.#resolver.resolveSrv(name))),
    );
  }

  /** @throws DnsFailure when no server answers */
  async naptr(name: string): Promise<Answer<readonly NaptrRecord[]>> {
    return await this.#pointers.get(name, async () =>
      this.#answer(await found('NAPTR', name, this.#resolver.resolveNaptr(name))),
    );
  }

  /** Ends queries under way. */
  close(): void {
    this.#resolver.cancel();
  }

  async #findAddresses(name: string): Promise<Answer<readonly string[]>> {
    const { family, servers } = this.options;
    const listed = await this.#hosts.addresses(name, family);
    if (listed.length > 0) return this.#answer(listed);
    const records =
      family === 4
        ? await found('A', name, this.#resolver.resolve4(name, { ttl: true }))
        : await found('AAAA', name, this.#resolver.resolve6(name, { ttl: true }));
    const addresses = records.map(({ address }) => address);
    if (addresses.length > 0) return this.#answer(addresses, Math.min(...records.map(({ ttl }) => ttl)));
    // The system may know more than the DNS: search domains, mDNS.
    const isLeftToDns = servers.length > 0 || NUMBER_AT_END.test(name);
    const others = isLeftToDns ? [] : await found('host', name, lookup(name, { family, all: true }));
    const ttlS = others.length > 0 ? UNKNOWN_TTL_S : NEGATIVE_TTL_S;
    return this.#answer(
      others.map(({ address }) => address),
      ttlS,
    );
  }

  #answer<T>(value: readonly T[], ttlS = UNKNOWN_TTL_S): Answer<readonly T[]> {
    return { value, untilMs: this.#now() + Math.min(Math.max(ttlS, MIN_TTL_S), MAX_TTL_S) * 1_000 };
  }
}

/** "No such record" is an answer; silence is an error. */
async function found<T>(type: string, name: string, query: Promise<T[]>): Promise<T[]> {
  let limit: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    limit = setTimeout(() => reject(new DnsFailure('ETIMEOUT', true, {})), QUERY_MS);
  });
  try {
    return await Promise.race([query, tooLate]);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (NO_SUCH_RECORD.has(code ?? '')) return [];
    const reason = code ?? message;
    const text = `No DNS server answers about the ${type} records of ${name}: ${reason}`;
    throw new DnsFailure(text, reason === 'ETIMEOUT', { cause });
  } finally {
    clearTimeout(limit);
  }
}
