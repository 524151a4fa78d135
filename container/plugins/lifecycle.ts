/** What the container is doing: `loading` imports the plugins and builds their classes, `starting` calls their `start()`, `draining` lets finish what goes on. */
export type Phase = 'stopped' | 'loading' | 'starting' | 'ready' | 'draining' | 'stopping';

const NEXT: Readonly<Record<Phase, readonly Phase[]>> = {
  stopped: ['loading'],
  loading: ['starting', 'stopping'],
  starting: ['ready', 'stopping'],
  ready: ['draining', 'stopping'],
  draining: ['stopping'],
  stopping: ['stopped'],
};

/** The one phase that the container and all its plugins are in. */
export class Lifecycle {
  #phase: Phase = 'stopped';

  get phase(): Phase {
    return this.#phase;
  }

  /** @throws Error when that phase does not follow the present one */
  enter(phase: Phase): void {
    if (!NEXT[this.#phase].includes(phase)) throw new Error(`${phase} cannot follow ${this.#phase}`);
    this.#phase = phase;
  }
}
