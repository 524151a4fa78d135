/** Growing a single map beyond some ten thousand entries takes tenths of a second. */
const SHARDS = 256;

/** Many small maps in place of a large one. */
export class Shards<M> {
  readonly #maps: readonly M[];

  constructor(newMap: () => M) {
    this.#maps = Array.from({ length: SHARDS }, newMap);
  }

  /** The map that has this name, if one has it. */
  of(name: string): M {
    let hash = 0;
    for (let at = 0; at < name.length; at += 1) hash = (hash * 31 + name.charCodeAt(at)) % SHARDS;
    return this.#maps[hash] as M;
  }
}
