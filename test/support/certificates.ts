import {
  BasicConstraintsExtension,
  type GeneralNameType,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key and its certificate in PEM, and their files. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
  readonly keyFile: string;
  readonly certFile: string;
}

/** A certificate authority with a temporary folder for its certificates. */
export interface Authority {
  /** The authority's own certificate, a PEM file. */
  readonly caFile: string;
  /** Issues a certificate for host names and addresses. */
  issue(...names: readonly string[]): Promise<KeyPair>;
  /** Issues an expired certificate. */
  issueExpired(...names: readonly string[]): Promise<KeyPair>;
  /** Removes all files. */
  remove(): Promise<void>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const hourMs = 3_600_000;

export async function createAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  const keys = await newKeys();
  const name = 'CN=Test authority';
  const root = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, root.toString('pem'));
  let issued = 0;
  const issue = async (names: readonly string[], expired: boolean) => {
    const own = await newKeys();
    const cert = await X509CertificateGenerator.create({
      ...validity(expired),
      subject: `CN=${names[0]}`,
      issuer: name,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [new SubjectAlternativeNameExtension(names.map(alternativeName))],
    });
    return await write(folder, `${issued++}`, await keyPem(own.privateKey), `${cert.toString('pem')}\n`);
  };
  return {
    caFile,
    issue: (...names) => issue(names, false),
    issueExpired: (...names) => issue(names, true),
    remove: async () => await rm(folder, { recursive: true, force: true }),
  };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function validity(expired = false): { notBefore: Date; notAfter: Date } {
  const hours = expired ? -1 : 24;
  return { notBefore: new Date(Date.now() - 2 * hourMs), notAfter: new Date(Date.now() + hours * hourMs) };
}

function alternativeName(name: string): { type: GeneralNameType; value: string } {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name };
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

async function write(folder: string, name: string, key: string, cert: string): Promise<KeyPair> {
  const keyFile = join(folder, `${name}.key`);
  const certFile = join(folder, `${name}.pem`);
  await writeFile(keyFile, key);
  await writeFile(certFile, cert);
  return { key, cert, keyFile, certFile };
}
