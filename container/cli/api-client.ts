import type { IncomingHttpHeaders } from 'node:http';
import { createParser } from 'eventsource-parser';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { cut, oneLine } from '../config/describe.js';
import { messageOf } from '../message-of.js';
import { type CallEvent, eventSchema } from './call-schemas.js';

const REQUEST_TIMEOUT_MS = 30_000;
/** The stream has a comment every 15 s. */
const STREAM_TIMEOUT_MS = 40_000;
/** More than a page of 500 calls needs. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_EVENT_LENGTH = 1024 * 1024;
const MAX_ERROR_LENGTH = 300;

/** The part of a `/v1` error that is used. */
const problemSchema = z.object({
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), expected: z.string(), found: z.string() })).default([]),
});
const messageSchema = z.object({ type: z.string(), cursor: z.string().optional() });

/** Who logs in. */
export interface Login {
  readonly user: string;
  readonly pin: string;
}

/** An item of the stream: an event of a call, `opened`, or `reset`: some events before this point are missing. */
export type StreamItem =
  | { readonly kind: 'event'; readonly id: string; readonly event: CallEvent }
  | { readonly kind: 'opened' | 'reset'; readonly id: string };

/** A client of `/v1`. By undici's `request`: `fetch` refuses the default of `httpPort`, as browsers do. */
export class ApiClient {
  readonly #authorization: IncomingHttpHeaders;

  /** @param base the container, with a slash at the end */
  constructor(
    private readonly base: URL,
    login?: Login,
  ) {
    const credentials = login && Buffer.from(`${login.user}:${login.pin}`).toString('base64');
    this.#authorization = credentials === undefined ? {} : { authorization: `Basic ${credentials}` };
  }

  /**
   * Sends a request and reads its answer.
   * @param path below `/v1/`
   * @throws Error with the address of the container when it does not answer, or refuses
   */
  async send<S extends z.ZodType>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: z.output<S> }> {
    return this.#named(async () => {
      const answer = await this.#open(path, { method, body, timeoutMs: REQUEST_TIMEOUT_MS });
      return { status: answer.statusCode, body: schema.parse(JSON.parse(await textOf(answer.body))) };
    });
  }

  /**
   * Follows the events until the stream ends.
   * @param query of `/v1/events`
   * @throws Error as `send`
   */
  async *events(query: Readonly<Record<string, string>>): AsyncGenerator<StreamItem> {
    const path = `events?${new URLSearchParams(query).toString()}`;
    const { body } = await this.#named(() => this.#open(path, { method: 'GET', timeoutMs: STREAM_TIMEOUT_MS }));
    const arrived: StreamItem[] = [];
    const parser = createParser({
      onEvent: ({ id = '', data }) => {
        const item = itemOf(id, data);
        if (item) arrived.push(item);
      },
      maxBufferSize: MAX_EVENT_LENGTH,
    });
    body.setEncoding('utf8');
    for await (const chunk of body) {
      parser.feed(String(chunk));
      yield* arrived.splice(0);
    }
  }

  async #open(
    path: string,
    { method, body, timeoutMs }: { method: 'GET' | 'POST' | 'DELETE'; body?: unknown; timeoutMs: number },
  ): Promise<Dispatcher.ResponseData> {
    const answer = await request(new URL(`v1/${path}`, this.base), {
      method,
      headers: { ...this.#authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    if (answer.statusCode >= 300) throw new Error(`${answer.statusCode} ${errorText(await textOf(answer.body))}`);
    return answer;
  }

  async #named<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw new Error(`${this.base.origin}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

function itemOf(id: string, data: string): StreamItem | undefined {
  const { type, cursor = id } = messageSchema.parse(JSON.parse(data));
  if (type.startsWith('call.')) return { kind: 'event', id, event: eventSchema.parse(JSON.parse(data)) };
  if (type === 'stream.open') return { kind: 'opened', id: cursor };
  return type === 'stream.reset' ? { kind: 'reset', id: cursor } : undefined;
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`The answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function errorText(body: string): string {
  try {
    const { detail, errors } = problemSchema.parse(JSON.parse(body));
    const all = errors.map(({ pointer, expected, found }) => `${pointer}: expected ${expected}, found ${found}`);
    return cut(oneLine([detail, ...all].join('; ')), MAX_ERROR_LENGTH * (all.length + 1));
  } catch {
    return 'and no reason given';
  }
}

/** If a host has several addresses, the error only wraps the errors of all of them. */
function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) return 'The answer is none of /v1';
  if (error instanceof AggregateError && error.message === '') return String(error.errors[0]);
  return messageOf(error);
}
