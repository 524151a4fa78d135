import type { Sip } from '../../../sdk/index.js';

/** The container as clients see it that has a call: host and SIP port. */
export function nodeName({ host, port }: Pick<Sip, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
