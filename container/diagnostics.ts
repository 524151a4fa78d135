import type { Phase } from './plugins/lifecycle.js';
import type { EndpointCounts } from './sip/user-agent/endpoint.js';

/** What is alive in the process. After the last call has ended and its record has expired, all counts are as after the start. */
export interface Diagnostics {
  readonly phase: Phase;
  readonly uptimeSeconds: number;
  readonly sip: EndpointCounts;
  /** Entries by `plugin.cache`. */
  readonly caches: Readonly<Record<string, number>>;
  /** Timers that keep the process alive. */
  readonly timers: number;
  readonly sockets: { readonly udp: number; readonly tcp: number; readonly listening: number };
  readonly heapUsedBytes: number;
}

export function diagnose(phase: Phase, sip: EndpointCounts, caches: ReadonlyMap<string, number>): Diagnostics {
  const resources = process.getActiveResourcesInfo();
  const count = (type: string): number => resources.filter((name) => name === type).length;
  return {
    phase,
    uptimeSeconds: Math.round(process.uptime()),
    sip,
    caches: Object.fromEntries(caches),
    timers: count('Timeout'),
    sockets: { udp: count('UDPWrap'), tcp: count('TCPSocketWrap'), listening: count('TCPServerWrap') },
    heapUsedBytes: process.memoryUsage().heapUsed,
  };
}
