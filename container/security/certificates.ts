import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Log } from '../../sdk/log.js';
import { FileWatch, signatureOf } from '../file-watch.js';
import { ConfigurationError } from '../config/errors.js';
import type { KeyPair } from './key-pair.js';
import { selfSigned } from './self-signed.js';

export interface CertificateOptions {
  /** Two files, or none: then a self-signed certificate is made. */
  readonly files: { readonly key: string; readonly cert: string } | undefined;
  /** Stands in the self-signed certificate. */
  readonly ipAddress: string;
  readonly log: Log;
  /** How often the files are looked at, in milliseconds. */
  readonly pollIntervalMs?: number;
}

interface CertificateEvents {
  /** The files changed and their new content is in use. */
  changed: [pair: KeyPair];
  /** The files changed, and their new content cannot be used: the old one stays. */
  rejected: [reason: string];
}

/** The certificate of the TLS listeners, kept in step with its files until it is closed. */
export class Certificates extends EventEmitter<CertificateEvents> {
  readonly #watches: FileWatch[] = [];
  /** Private to the language as well, so that no inspection of the object shows the key. */
  #current: KeyPair;

  private constructor(
    current: KeyPair,
    private readonly log: Log,
  ) {
    super();
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
    const certificates = new Certificates(await read(files), log);
    for (const [index, file] of watched.entries()) {
      const reload = () => certificates.#reload(files);
      certificates.#watches.push(new FileWatch(file, signatures[index] ?? '', reload, pollIntervalMs));
    }
    return certificates;
  }

  get current(): KeyPair {
    return this.#current;
  }

  async close(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.close()));
  }

  async #reload(files: { readonly key: string; readonly cert: string }): Promise<void> {
    try {
      this.#current = await read(files);
    } catch (error) {
      // Between the change of one file and that of the other they do not belong together.
      const reason = error instanceof Error ? error.message : String(error);
      this.log.warn('Certificate kept as it was, the new files cannot be used', { reason });
      this.emit('rejected', reason);
      return;
    }
    this.log.info('Certificate read again', files);
    this.emit('changed', this.#current);
  }
}

async function read(files: { readonly key: string; readonly cert: string }): Promise<KeyPair> {
  try {
    const [key, cert] = await Promise.all([readFile(files.key, 'utf8'), readFile(files.cert, 'utf8')]);
    createSecureContext({ key, cert });
    return { key, cert };
  } catch (error) {
    throw new ConfigurationError({
      key: 'tls.key, tls.cert',
      source: `${files.key}, ${files.cert}`,
      expected: 'a private key without a password and its certificate, in PEM',
      found: error instanceof Error ? `an error (${error.message})` : 'an error',
    });
  }
}
