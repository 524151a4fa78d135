import { keyOf, usersOf, usersOfAgent } from './call-key.js';
import type { CallParties } from './http/call-request.js';
import type { KeptCall } from './kept-call.js';

/** Finds calls by their keys: agent, calling and called user. */
export class CallIndex {
  readonly #byKey = new Map<string, KeptCall>();
  /** Keys of the calls between the same two users that an agent other than the calling user has, newest last. */
  readonly #agentsKeys = new Map<string, readonly string[]>();

  /** @param onChange the keys of a call have changed */
  constructor(private readonly onChange: (kept: KeptCall) => void) {}

  get(key: string): KeptCall | undefined {
    return this.#byKey.get(key);
  }

  of(parties: CallParties): KeptCall | undefined {
    return this.#byKey.get(keyOf(parties));
  }

  /** The call of an agent; without one the calling user's own, else the newest between the two. */
  find({ agent, calling, called }: Omit<CallParties, 'agent'> & { agent: string | undefined }): KeptCall | undefined {
    const own = this.of({ agent: agent ?? calling, calling, called });
    if (own || agent !== undefined) return own;
    return this.#byKey.get(this.#agentsKeys.get(usersOf({ calling, called }))?.at(-1) ?? '');
  }

  /** From now on this key finds this call, and no other. */
  add(key: string, kept: KeptCall): void {
    const before = this.#byKey.get(key);
    if (before === kept) return;
    if (before) this.#remove(key, before);
    this.#byKey.set(key, kept);
    kept.keys = followedBy(kept.keys, key);
    this.onChange(kept);
    const users = usersOfAgent(key);
    if (users !== undefined) this.#agentsKeys.set(users, followedBy(this.#othersThan(key, users), key));
  }

  /** No key finds the call any more. */
  removeAll(kept: KeptCall): void {
    for (const key of kept.keys) this.#remove(key, kept);
  }

  /** A call without keys is found by its id only. */
  #remove(key: string, kept: KeptCall): void {
    this.#byKey.delete(key);
    kept.keys = kept.keys.filter((other) => other !== key);
    if (kept.keys.length === 0) kept.call?.forget();
    const users = usersOfAgent(key);
    if (users === undefined) return;
    const others = this.#othersThan(key, users);
    if (others.length > 0) this.#agentsKeys.set(users, others);
    else this.#agentsKeys.delete(users);
  }

  #othersThan(key: string, users: string): string[] {
    return (this.#agentsKeys.get(users) ?? []).filter((other) => other !== key);
  }
}

/** A list with one more item. Arrays made by spreading or pushing reserve room for more. */
function followedBy(list: readonly string[], next: string): readonly string[] {
  return list.toSpliced(list.length, 0, next);
}
