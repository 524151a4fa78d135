import type { Sip } from '../../sdk/index.js';

/** In the phase `loading` handlers may be registered, and that is all. */
export function silentSip(): Sip & { close(): Promise<void> } {
  const known = { host: '127.0.0.1', port: 0, domain: 'example.com', transactionTimeoutMs: 32_000 };
  return standIn(known) as Sip & { close(): Promise<void> };
}

/** Takes every call, and does nothing. */
export function standIn(known: object = {}): object {
  return new Proxy(known, { get: (target, key) => Reflect.get(target, key) ?? nothing });
}

async function nothing(): Promise<void> {
  // takes the place of whatever needs a socket
}
