import type { NaptrRecord } from 'node:dns';
import type { Protocol } from '../../transport/transport.js';

/** A service that a domain offers, by the name of its SRV records. */
export interface Service {
  readonly transport: Protocol;
  readonly name: string;
}

const TRANSPORTS: ReadonlyMap<string, Protocol> = new Map([
  ['SIP+D2U', 'UDP'],
  ['SIP+D2T', 'TCP'],
  ['SIPS+D2T', 'TLS'],
]);

/** The services of NAPTR records over these transports, the domain's preferred one first (RFC 3263 section 4.1). */
export function servicesOf(records: readonly NaptrRecord[], transports: readonly Protocol[]): Service[] {
  return records
    .toSorted((a, b) => a.order - b.order || a.preference - b.preference)
    .flatMap(({ flags, service, regexp, replacement }) => {
      const transport = TRANSPORTS.get(service.toUpperCase());
      const isUsable = flags.toLowerCase() === 's' && regexp === '' && replacement !== '';
      return isUsable && transport && transports.includes(transport) ? [{ transport, name: replacement }] : [];
    });
}

/** The service of a domain over a transport, if no NAPTR record names one. */
export function serviceOf(domain: string, transport: Protocol): Service {
  const prefix = { UDP: '_sip._udp', TCP: '_sip._tcp', TLS: '_sips._tcp' }[transport];
  return { transport, name: `${prefix}.${domain}` };
}
