import type { Log } from '../../../sdk/index.js';

/** Most foreign realms that the log names: more are made up by somebody. */
const MAX_NAMED = 20;

/** The realms whose challenges are answered, and the strength of the algorithm of each. Shared by all calls of a stack. */
export class Realms {
  readonly #own: ReadonlySet<string>;
  readonly #strengths = new Map<string, number>();
  readonly #named = new Set<string>();

  /** @param own the realms of the domain's proxies; letter case does not matter, as in the domain names that most of them are */
  constructor(
    own: readonly string[],
    private readonly log: Log,
  ) {
    this.#own = new Set(own.map((realm) => realm.toLowerCase()));
  }

  /** An empty realm is accepted: servers that leave it empty mean their own. */
  includes(realm: string): boolean {
    if (realm === '' || this.#own.has(realm.toLowerCase())) return true;
    this.#name(realm);
    return false;
  }

  strengthOf(realm: string): number {
    return this.#strengths.get(realm) ?? 0;
  }

  /** Notes the strength of an algorithm that the realm's own server used. */
  show(realm: string, strength: number): void {
    this.#strengths.set(realm, Math.max(strength, this.strengthOf(realm)));
  }

  #name(realm: string): void {
    if (this.#named.has(realm) || this.#named.size >= MAX_NAMED) return;
    this.#named.add(realm);
    this.log.warn('SIP challenge not answered: its realm is neither realm nor in sipRealms', { realm });
  }
}
