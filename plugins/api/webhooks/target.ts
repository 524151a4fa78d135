import { createHmac } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import type { LoggedEvent } from '../events/event-log.js';
import { secretBytes } from './forms.js';

const TIMEOUT_MS = 15_000;
/** Requests to one target at a time; more wait for their turn. */
const CONNECTIONS = 16;
/** How much of an answer is read, so that its connection can be used again. */
const MAX_ANSWER_BYTES = 16_384;
const MAX_RETRY_AFTER_MS = 7_200_000;

export interface TargetOptions {
  readonly url: string;
  readonly secret: string;
  /** The address that its host was resolved to, where that must not change. */
  readonly address?: LookupAddress | undefined;
  /** PEM file of authorities, see `Sdk`. */
  readonly caFile?: string | undefined;
  /** How long a connection, and then the answer, may take, in milliseconds; 15 s by default. */
  readonly timeoutMs?: number;
}

/** What became of one attempt; `gone`: the target wants nothing more. */
export type Outcome = 'delivered' | 'gone' | { readonly failure: string; readonly retryAfterMs: number };

/** Who learns of events: a URL, its secret and its connections. Requests are signed as Standard Webhooks 1.0 say. */
export class Target {
  readonly #url: string;
  readonly #key: Buffer;
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor({ url, secret, address, caFile, timeoutMs = TIMEOUT_MS }: TargetOptions) {
    this.#url = url;
    this.#key = secretBytes(secret);
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({
      connections: CONNECTIONS,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: {
        timeout: timeoutMs,
        ...(caFile !== undefined && { ca: readFileSync(caFile) }),
        ...(address && { lookup: (_host, { all }, done) => answerLookup(address, all ?? false, done) }),
      },
    });
  }

  /** Sends one event once. Redirections are failures. */
  async send({ id, json }: Pick<LoggedEvent, 'id' | 'json'>): Promise<Outcome> {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signature = createHmac('sha256', this.#key).update(`${id}.${timestamp}.${json}`).digest('base64');
    try {
      const { statusCode, headers, body } = await request(this.#url, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${signature}`,
        },
        body: json,
      });
      body.dump({ limit: MAX_ANSWER_BYTES, signal: AbortSignal.timeout(this.#timeoutMs) }).catch(() => undefined);
      if (statusCode >= 200 && statusCode < 300) return 'delivered';
      if (statusCode === 410) return 'gone';
      return { failure: `HTTP ${statusCode}`, retryAfterMs: retryAfterMs(headers['retry-after']) };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { failure: code ?? message, retryAfterMs: 0 };
    }
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

type LookupDone = (error: null, address: string | LookupAddress[], family?: number) => void;

function answerLookup(address: LookupAddress, all: boolean, done: LookupDone): void {
  if (all) done(null, [address]);
  else done(null, address.address, address.family);
}

/** Seconds or a date (RFC 9110 section 10.2.3), in milliseconds from now; 0 if there is none. */
function retryAfterMs(header: string | string[] | undefined): number {
  const text = String(header ?? '');
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : 0;
}
