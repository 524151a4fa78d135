import createError from 'http-errors';
import { Agent, request } from 'undici';
import { CallError, type CallFault, type Log } from '../../sdk/index.js';
import { messageOf } from '../message-of.js';
import type { NodeAddress } from './membership.js';
import { sign } from './signature.js';

/** Path for requests between nodes, on the inside listener. */
export const ASK_PATH = '/cluster/ask';

const ASK_TIMEOUT_MS = 5_000;
const PING_TIMEOUT_MS = 1_000;
const MAX_CONNECTIONS = 64;

/** An error thrown by the asked node, in transport form. */
export interface Thrown {
  readonly status: number;
  readonly message: string;
  readonly code?: string | undefined;
  readonly faults?: readonly CallFault[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Body of the answer. */
export interface Answer {
  readonly value?: unknown;
  readonly thrown?: Thrown;
}

export interface AsksOptions {
  /** Name of this node. */
  readonly self: string;
  /** Shared by all nodes; undefined as long as Redis was never there. */
  readonly secret: () => string | undefined;
  /** The clock that all nodes share, in milliseconds. */
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Asks other nodes, over their listeners inside the cluster. */
export class Asks {
  /** By certificate: nodes without TLS share one. */
  readonly #agents = new Map<string, Agent>();

  constructor(private readonly options: AsksOptions) {}

  /** @throws what the other node throws, or an HttpError 503 if it cannot be asked */
  async ask(node: NodeAddress, question: string, data: unknown): Promise<unknown> {
    const { value, thrown } = await this.#send(node, question, data, ASK_TIMEOUT_MS).catch((error: unknown) => {
      this.options.log.warn('A node did not answer', { node: node.name, question, problem: messageOf(error) });
      throw createError(503, `The node of the call, ${node.name}, does not answer`, {
        expose: true,
        headers: { 'Retry-After': '5' },
      });
    });
    if (thrown) throw rethrown(thrown);
    return value;
  }

  /** Whether a node answers, and within a second. */
  async isAnswering(node: NodeAddress): Promise<boolean> {
    try {
      await this.#send(node, 'ping', undefined, PING_TIMEOUT_MS);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map(async (agent) => agent.destroy()));
  }

  async #send(node: NodeAddress, question: string, data: unknown, timeoutMs: number): Promise<Answer> {
    const { self, nowMs } = this.options;
    const secret = this.options.secret();
    if (secret === undefined) throw new Error('the secret of the nodes is not known yet');
    const body = JSON.stringify({ question, data });
    const response = await request(`${node.url}${ASK_PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...sign(secret, self, node.name, body, nowMs()) },
      body,
      signal: AbortSignal.timeout(timeoutMs),
      dispatcher: this.#agentFor(node.certificate),
    });
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new Error(`status ${response.statusCode}`);
    }
    return (await response.body.json()) as Answer;
  }

  #agentFor(certificate: string): Agent {
    const known = this.#agents.get(certificate);
    if (known) return known;
    // The node's own certificate, known from Redis, is trusted whatever its name.
    const trust = { ca: certificate, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
    const connect = { timeout: PING_TIMEOUT_MS, ...(certificate !== '' && trust) };
    const agent = new Agent({ connections: MAX_CONNECTIONS, connect });
    this.#agents.set(certificate, agent);
    return agent;
  }
}

/** An error in transport form, for the asking node. */
export function thrownOf(error: unknown): Thrown {
  const { status, message, code, faults, headers, expose } = error as Partial<CallError>;
  if (typeof status !== 'number' || !expose) return { status: 500, message: 'Internal Server Error' };
  return { status, message: message ?? '', code: error instanceof CallError ? code : undefined, faults, headers };
}

function rethrown({ status, message, code, faults, headers }: Thrown): Error {
  if (code !== undefined) return new CallError(status, code, message, faults, headers);
  return createError(status, message, { expose: true, headers });
}
