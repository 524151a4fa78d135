import type { SharedLogins } from '../security/shared-logins.js';
import { COUNT_GUESS, TAKE_NONCE } from './scripts.js';
import { keys, type Store } from './store.js';

/** Wrong PINs and used nonces of all nodes, in Redis. */
export class ClusterLogins implements SharedLogins {
  constructor(
    private readonly store: Store,
    private readonly shared: { readonly secret: () => string | undefined; readonly nowMs: () => number },
  ) {}

  get secret(): string | undefined {
    return this.shared.secret();
  }

  get nowMs(): number {
    return this.shared.nowMs();
  }

  count(key: string, most: number, periodMs: number, waitMs: number): void {
    void this.store.lookUp(() => this.store.run(COUNT_GUESS, [keys.guess(key)], [most, periodMs, waitMs]));
  }

  async wrong(key: string): Promise<{ readonly wrong: number; readonly forMs: number } | undefined> {
    const name = keys.guess(key);
    const found = await this.store.lookUp(async () =>
      Promise.all([this.store.send('GET', name), this.store.send('PTTL', name)]),
    );
    return typeof found?.[0] === 'string' ? { wrong: Number(found[0]), forMs: Number(found[1]) } : undefined;
  }

  async take(nonce: string, count: number, keptMs: number): Promise<boolean> {
    const taken = await this.store.lookUp(() => this.store.run(TAKE_NONCE, [keys.nonce(nonce)], [count, keptMs]));
    return taken !== 0;
  }
}
