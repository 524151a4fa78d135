import { isIP } from 'node:net';
import type { Settings } from './settings.js';
import { isLdaps, isUnspecified } from './values.js';

/** A setting that conflicts with another one. */
export interface Conflict {
  readonly path: readonly string[];
  /** What was expected. */
  readonly message: string;
}

const TCP_PORTS = ['httpPort', 'webPort', 'publicHttpPort', 'sipPort', 'sipTlsPort'] as const;

/** Settings that are each valid by itself, but not together. */
export function conflictsOf(settings: Settings): Conflict[] {
  const conflicts: Conflict[] = [];
  const expect = (path: string[], message: string) => conflicts.push({ path, message });
  const { key, cert } = settings.tls;
  if (key !== undefined && cert === undefined) expect(['tls', 'cert'], 'the path of a PEM file to go with tls.key');
  if (cert !== undefined && key === undefined) expect(['tls', 'key'], 'the path of a PEM file to go with tls.cert');

  const { ipAddress, advertisedAddress } = settings;
  if (isUnspecified(advertisedAddress))
    expect(['ipAddress'], 'an IP address that others can reach, or advertisedAddress beside it');
  else if (isIP(ipAddress) !== isIP(advertisedAddress))
    expect(['advertisedAddress'], `an IPv${isIP(ipAddress)} address, as ipAddress is`);

  for (const [index, port] of TCP_PORTS.entries()) {
    const other = TCP_PORTS.slice(0, index).find((candidate) => settings[candidate] === settings[port]);
    // 0 is not a port.
    if (other !== undefined && settings[port]) expect([port], `another port than that of ${other}`);
  }

  const { sipProxy = '', sipTlsPort } = settings;
  if (sipTlsPort === 0 && /^sips:|;transport=tls(?:[;?]|$)/i.test(sipProxy))
    expect(['sipTlsPort'], 'a port other than 0, because sipProxy is reached over TLS');

  const { bindDn, bindPassword, startTls, url = '' } = settings.ldap ?? {};
  if (bindDn !== undefined && bindPassword === undefined) expect(['ldap', 'bindPassword'], 'the password of bindDn');
  if (bindPassword !== undefined && bindDn === undefined) expect(['ldap', 'bindDn'], 'the DN of bindPassword');
  if (startTls === true && isLdaps(url)) expect(['ldap', 'startTls'], 'false, since ldaps:// is encrypted already');
  return conflicts;
}
