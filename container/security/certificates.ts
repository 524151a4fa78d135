import { X509Certificate } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Log } from '../../sdk/log.js';
import { FileWatch, isPassing, type Seen, signatureOf } from '../file-watch.js';
import { ConfigurationError } from '../config/errors.js';
import { messageOf } from '../message-of.js';
import type { KeyPair } from './key-pair.js';
import { selfSigned } from './self-signed.js';

export interface CertificateOptions {
  /** Two files, or none: then a self-signed certificate is made. */
  readonly files: { readonly key: string; readonly cert: string } | undefined;
  /** Stands in the self-signed certificate. */
  readonly ipAddress: string;
  readonly log: Log;
  /** How often the files are checked for changes, in milliseconds. */
  readonly pollIntervalMs?: number;
}

interface CertificateEvents {
  /** The files changed and their new content is in use. */
  changed: [pair: KeyPair];
  /** The files changed, and their new content cannot be used: the old one stays. */
  rejected: [reason: string];
}

/** What is known of the certificate that is in use. */
export interface CertificateState {
  /** Distinguished names as OpenSSL writes them, attributes apart by commas. */
  readonly subject: string;
  readonly issuer: string;
  /** Until when it is good: RFC 3339 in UTC. */
  readonly validTo: string;
  /** Nobody else vouches for it. */
  readonly isSelfSigned: boolean;
  /** Why the newest files are not in use; absent if they are. */
  readonly problem?: string;
}

/** The certificate of the TLS listeners, kept in step with its files until it is closed. */
export class Certificates extends EventEmitter<CertificateEvents> {
  readonly #watches: FileWatch[] = [];
  readonly #files: CertificateOptions['files'];
  /** A private field, so that no inspection of the object shows the key. */
  #current: KeyPair;
  #rejection: string | undefined;

  private constructor(
    current: KeyPair,
    private readonly log: Log,
    files?: CertificateOptions['files'],
  ) {
    super();
    this.#files = files;
    this.#current = current;
  }

  /** @throws ConfigurationError when the files cannot be used */
  static async open({ files, ipAddress, log, pollIntervalMs = 1000 }: CertificateOptions): Promise<Certificates> {
    if (!files) {
      log.warn('No tls.key and tls.cert: the certificate of this run is self-signed, clients cannot check it');
      return new Certificates(await selfSigned(ipAddress), log);
    }
    const watched = [files.key, files.cert];
    const signatures = await Promise.all(watched.map(signatureOf));
    const certificates = new Certificates(await readKeyPair(files), log, files);
    for (const [index, file] of watched.entries()) {
      const reload = () => certificates.reload();
      certificates.#watches.push(new FileWatch(file, signatures[index] ?? '', reload, pollIntervalMs));
    }
    return certificates;
  }

  get current(): KeyPair {
    return this.#current;
  }

  /** Why the newest files are not in use; undefined if they are. */
  get rejection(): string | undefined {
    return this.#rejection;
  }

  get state(): CertificateState {
    const { subject, issuer, validTo } = new X509Certificate(this.#current.cert);
    const problem = this.#rejection;
    return {
      subject: onOneLine(subject),
      issuer: onOneLine(issuer),
      validTo: new Date(validTo).toISOString(),
      isSelfSigned: subject === issuer,
      ...(problem !== undefined && { problem }),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.close()));
  }

  /** Reads the files again, where there are some. An unusable version is logged, and changes nothing. */
  async reload(): Promise<Seen> {
    const files = this.#files;
    if (!files) return 'done';
    try {
      this.#current = await readKeyPair(files);
    } catch (error) {
      // Between the change of one file and that of the other they do not belong together.
      const reason = messageOf(error);
      if (isPassing(error)) {
        this.log.warn('Certificate cannot be read at present, it is tried again', { reason });
        return 'tryAgain';
      }
      this.#rejection = reason;
      this.log.warn('Certificate kept as it was, the new files cannot be used', { reason });
      this.emit('rejected', reason);
      return 'done';
    }
    this.#rejection = undefined;
    this.log.info('Certificate read again', files);
    this.emit('changed', this.#current);
    return 'done';
  }
}

/** Node writes each attribute of a name on a line of its own. */
function onOneLine(name: string | undefined): string {
  return (name ?? '').trim().replaceAll('\n', ', ');
}

/** @throws ConfigurationError when the files cannot be used */
export async function readKeyPair(files: { readonly key: string; readonly cert: string }): Promise<KeyPair> {
  try {
    const [key, cert] = await Promise.all([readFile(files.key, 'utf8'), readFile(files.cert, 'utf8')]);
    createSecureContext({ key, cert });
    return { key, cert };
  } catch (error) {
    throw new ConfigurationError(
      {
        key: 'tls.key, tls.cert',
        source: `${files.key}, ${files.cert}`,
        expected: 'a private key without a password and its certificate, in PEM',
        found: error instanceof Error ? `an error (${error.message})` : 'an error',
      },
      { cause: error },
    );
  }
}
