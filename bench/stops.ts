/** Stops what was started, in reverse order. */
export class Stops {
  readonly #stops: (() => Promise<void>)[] = [];

  async add<T extends { stop(): Promise<void> }>(starting: T | Promise<T>): Promise<T> {
    const started = await starting;
    this.#stops.push(() => started.stop());
    return started;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).toReversed()) await stop();
  }
}
