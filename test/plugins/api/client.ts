import type { CallFault, CallInfo } from '../../../sdk/index.js';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../support/ports.js';
import { type Host, startHost } from '../../container/plugins/host.js';

/** An answer, with its body read. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly requestId: string;
  readonly errors?: readonly CallFault[];
}

const users = fileURLToPath(new URL('../../../../test/fixtures/users/sandbox.json', import.meta.url));

/** A container with the sandbox's telephones, and a client of its `/v1`. */
export class ApiHost {
  private constructor(readonly host: Host) {}

  static async start(settings: Readonly<Record<string, unknown>> = {}): Promise<ApiHost> {
    const port = await freePorts();
    return new ApiHost(
      await startHost({
        users,
        ...settings,
        sipProxy: `sip:127.0.0.1:${port};lr`,
        plugins: { sandbox: { port, ringMs: 10, answerMs: 40, talkMs: 5_000 }, ...(settings['plugins'] as object) },
      }),
    );
  }

  async send<T = CallInfo>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.host.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
    };
  }

  /** Places a call and waits until it is connected or over. */
  async place(order: Readonly<Record<string, unknown>>): Promise<Answer<CallInfo>> {
    return await this.send('POST', '/v1/calls', order, { prefer: 'wait=20' });
  }
}
