import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Log } from '../../sdk/log.js';
import { ConfigurationError } from '../config/errors.js';
import type { Settings } from '../config/settings.js';
import type { TlsIdentity } from '../sip/transport/tls-transport.js';
import { Certificates } from './certificates.js';
import type { KeyPair } from './key-pair.js';

/** The certificate of all TLS listeners; undefined if no setting switches one on. @throws ConfigurationError when it cannot be used */
export async function openCertificates(settings: Settings, log: Log): Promise<Certificates | undefined> {
  const { insideTls, publicHttpPort, sipTlsPort, advertisedAddress, tls } = settings;
  if (!insideTls && publicHttpPort === 0 && sipTlsPort === 0) return undefined;
  const files = tls.key !== undefined && tls.cert !== undefined ? { key: tls.key, cert: tls.cert } : undefined;
  return Certificates.open({ files, ipAddress: advertisedAddress, log });
}

/**
 * What SIP over TLS shows and trusts: makes it anew for each key pair.
 * @param caFile authorities that other servers are checked against; undefined: those that Node.js knows
 * @throws ConfigurationError when the file has no certificate
 */
export async function sipIdentity(caFile: string | undefined): Promise<(pair: KeyPair) => TlsIdentity> {
  const ca = caFile === undefined ? undefined : await readAuthorities(caFile);
  return ({ key, cert }) => ({ key, cert, ca });
}

/** OpenSSL passes over what it cannot read, and trusts nobody then. */
async function readAuthorities(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  try {
    new X509Certificate(text);
    return text;
  } catch {
    throw new ConfigurationError({
      key: 'tls.ca',
      source: file,
      expected: 'certificates in PEM',
      found: 'something else',
    });
  }
}
