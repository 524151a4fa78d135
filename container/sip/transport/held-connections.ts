import type { Connection } from './transport.js';

/** The connections that a call needs, kept alive until the call is over. */
export class HeldConnections {
  /** Undefined as long as the call uses UDP only. */
  #releases: Map<Connection, () => void> | undefined;

  hold(connection: Connection | undefined): void {
    if (!connection?.isOpen || this.#releases?.has(connection)) return;
    const release = connection.hold();
    const forget = connection.whenLost(() => this.#releases?.delete(connection));
    this.#releases ??= new Map();
    this.#releases.set(connection, () => {
      forget();
      release();
    });
  }

  releaseAll(): void {
    for (const release of this.#releases?.values() ?? []) release();
    this.#releases = undefined;
  }
}
