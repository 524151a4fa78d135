import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import createError from 'http-errors';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import type { Log } from '../../sdk/index.js';

/** Most requests that are under way at the node at a time; more wait for their turn. */
const CONNECTIONS = 64;

export interface NodeOptions {
  /** Base URL of its listener inside the cluster. */
  readonly base: URL;
  /** What its certificate is checked against; asked for each connection, so that files may change. */
  readonly trust: () => ConnectionOptions;
  /** Until its answer begins, and between two parts of it. */
  readonly timeoutMs: number;
  readonly log: Log;
}

export type NodeRequest = Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'headers' | 'body'>;
export type NodeAnswer = Dispatcher.ResponseData;

/** The container that runs the call controller, over connections that are used again. It follows no redirects. */
export class Node {
  readonly #pool: Pool;
  readonly #basePath: string;

  constructor(private readonly options: NodeOptions) {
    const { base, timeoutMs } = options;
    this.#basePath = base.pathname.replace(/\/+$/, '');
    this.#pool = new Pool(base.origin, {
      connections: CONNECTIONS,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: (target, callback) => this.#connect(target, callback),
    });
  }

  /**
   * Sends a request and returns the answer as soon as its head has come. The body has to be read or destroyed.
   * @throws HttpError 502 when the node cannot be reached or does not answer in HTTP, 504 when it does not answer in time
   */
  async send(request: NodeRequest): Promise<NodeAnswer> {
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error('no answer in time'));
        late.abort();
      }, this.options.timeoutMs);
    });
    const answer = this.#pool.request({ ...request, path: this.#basePath + request.path, signal: late.signal });
    try {
      return await Promise.race([answer, timeout]);
    } catch (error) {
      throw this.#failure(error, late.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #connect(target: buildConnector.Options, callback: buildConnector.Callback): void {
    let connect: buildConnector.connector;
    try {
      connect = buildConnector({ ...this.options.trust(), timeout: this.options.timeoutMs });
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    connect(target, callback);
  }

  #failure(error: unknown, isLate: boolean): Error {
    const { base, log } = this.options;
    const { code, message } = error as NodeJS.ErrnoException;
    const inTime = !isLate && code !== 'UND_ERR_CONNECT_TIMEOUT' && code !== 'UND_ERR_HEADERS_TIMEOUT';
    log.warn('The call controller did not answer', { node: base.origin, code, error: message });
    return inTime
      ? createError(502, 'The call controller cannot be reached', { expose: true })
      : createError(504, 'The call controller did not answer in time', { expose: true });
  }
}

/** Trust in whom a PEM file names, or whom Node trusts. */
export function trustFile(file: string | undefined): () => ConnectionOptions {
  return () => (file === undefined ? {} : { ca: readFileSync(file) });
}

/**
 * Trust in one certificate and nobody else: this container's own, which is known already, whatever name it is made out to.
 * Those that follow it in its file are left out, since they could vouch for others.
 */
export function trustOnly(certificate: string): ConnectionOptions {
  const own = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(certificate)?.[0];
  return { ca: own, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}
