import type { DirectoryState } from './accounts/directory.js';
import type { LimitUse } from './load.js';
import type { Phase } from './plugins/lifecycle.js';
import type { PluginState } from './plugins/plugin-host.js';
import type { CertificateState } from './security/certificates.js';
import type { EndpointCounts } from './sip/user-agent/endpoint.js';

/** State of the container, for its operators. */
export interface ContainerState {
  readonly phase: Phase;
  readonly version: string;
  /** Name of the container in `node` of its calls: host and SIP port. */
  readonly node: string;
  readonly plugins: readonly PluginState[];
  /** Limits by name, and how much of each is used. */
  readonly limits: Readonly<Record<string, LimitUse>>;
  readonly users: DirectoryState;
  /** Absent if no listener speaks TLS. */
  readonly certificate?: CertificateState;
}

/** What is alive in the process. After the last call has ended and its record has expired, all counts are as after the start. */
export interface ProcessState {
  readonly uptimeSeconds: number;
  readonly sip: EndpointCounts;
  /** Entries by `plugin.cache`. */
  readonly caches: Readonly<Record<string, number>>;
  /** Timers that keep the process alive. */
  readonly timers: number;
  readonly sockets: { readonly udp: number; readonly tcp: number; readonly listening: number };
  readonly heapUsedBytes: number;
}

export type Diagnostics = ContainerState & ProcessState;

export function diagnoseProcess(sip: EndpointCounts, caches: ReadonlyMap<string, number>): ProcessState {
  const resources = process.getActiveResourcesInfo();
  const count = (type: string): number => resources.filter((name) => name === type).length;
  return {
    uptimeSeconds: Math.round(process.uptime()),
    sip,
    caches: Object.fromEntries(caches),
    timers: count('Timeout'),
    sockets: { udp: count('UDPWrap'), tcp: count('TCPSocketWrap'), listening: count('TCPServerWrap') },
    heapUsedBytes: process.memoryUsage().heapUsed,
  };
}
