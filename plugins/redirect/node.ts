import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import createError from 'http-errors';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import type { Log } from '../../sdk/index.js';

/** Most requests that are under way at the node at a time; more wait for their turn. */
const CONNECTIONS = 64;
/** Most streams that are open at a time. */
const STREAMS = 1_024;
/** How long a stream may be silent: the node writes a comment each 15 s. */
const STREAM_SILENCE_MS = 60_000;

/** Codes of errors before there is a connection. */
const UNSENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

export interface NodeOptions {
  /** Base URL of its listener inside the cluster. */
  readonly base: URL;
  /** What its certificate is checked against; asked for each connection, so that files may change. */
  readonly trust: () => ConnectionOptions;
  /** Until a connection is open. */
  readonly timeoutMs: number;
  readonly log: Log;
}

export interface NodeRequest extends Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'headers' | 'body'> {
  /** Until the answer begins, and between two parts of it. */
  readonly timeoutMs: number;
  /** Whether the answer is a stream, which stays open: it gets a connection of its own. */
  readonly isStream: boolean;
}
export type NodeAnswer = Dispatcher.ResponseData;

/** The container that runs the call controller, over connections that are used again. It follows no redirects. */
export class Node {
  readonly #pool: Pool;
  readonly #streams: Pool;
  readonly #basePath: string;

  constructor(private readonly options: NodeOptions) {
    const { base } = options;
    this.#basePath = base.pathname.replace(/\/+$/, '');
    const connect: buildConnector.connector = (target, callback) => this.#connect(target, callback);
    this.#pool = new Pool(base.origin, { connections: CONNECTIONS, connect });
    this.#streams = new Pool(base.origin, { connections: STREAMS, connect });
  }

  /**
   * Sends a request and returns the answer as soon as its head has come. The body has to be read or destroyed.
   * @throws HttpError 502 when the node cannot be reached or does not answer in HTTP, 504 when it does not answer in time
   */
  async send({ timeoutMs, isStream, ...request }: NodeRequest): Promise<NodeAnswer> {
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error('no answer in time'));
        late.abort();
      }, timeoutMs);
    });
    const pool = isStream ? this.#streams : this.#pool;
    const answer = pool.request({
      ...request,
      path: this.#basePath + request.path,
      headersTimeout: timeoutMs,
      bodyTimeout: isStream ? STREAM_SILENCE_MS : timeoutMs,
      signal: late.signal,
    });
    try {
      return await Promise.race([answer, timeout]);
    } catch (error) {
      throw this.#failure(error, late.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.destroy(), this.#streams.destroy()]);
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
    const isUnsent = UNSENT.has(code ?? '');
    return inTime
      ? createError(502, 'The call controller cannot be reached', { expose: true, isUnsent })
      : createError(504, 'The call controller did not answer in time', { expose: true, isUnsent });
  }
}

/** Trusts the authorities of a PEM file, or those of Node. */
export function trustFile(file: string | undefined): () => ConnectionOptions {
  return () => (file === undefined ? {} : { ca: readFileSync(file) });
}

/**
 * Trusts one certificate and nobody else: this container's own, whatever its name. Further certificates of the file are left out, since
 * they could vouch for others.
 */
export function trustOnly(certificate: string): ConnectionOptions {
  const own = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(certificate)?.[0];
  return { ca: own, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}
