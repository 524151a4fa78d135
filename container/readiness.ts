import type { Phase } from './plugins/lifecycle.js';

export type HealthStatus = 'pass' | 'warn' | 'fail';

export interface HealthCheck {
  readonly status: HealthStatus;
  /** What is the matter, in one line. */
  readonly output?: string;
}

export interface ReadinessReport {
  /** The worst status of the checks. `fail`: no new requests should come. */
  readonly status: HealthStatus;
  readonly checks: Readonly<Record<string, HealthCheck>>;
}

/** Answers whether the container is ready for requests, and what is wrong. */
export class Readiness {
  readonly #checks = new Map<string, () => HealthCheck>();

  /** @param check asked for each report; it must not wait for anything */
  add(name: string, check: () => HealthCheck): void {
    this.#checks.set(name, check);
  }

  report(): ReadinessReport {
    const checks = Object.fromEntries([...this.#checks].map(([name, check]) => [name, check()] as const));
    const found = new Set(Object.values(checks).map(({ status }) => status));
    const status = (['fail', 'warn'] as const).find((each) => found.has(each)) ?? 'pass';
    return { status, checks };
  }
}

/** New requests are welcome in the phase `ready` only. */
export function checkPhase(phase: Phase): HealthCheck {
  return phase === 'ready' ? { status: 'pass' } : { status: 'fail', output: phase };
}
