import type { Sip } from '../../../sdk/index.js';

/** The node of a call as clients see it: host and SIP port. */
export function nodeName({ host, port }: Pick<Sip, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
