import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { describe, oneLine } from '../config/describe.js';
import { loadInsideSettings } from '../config/load.js';
import { hostPort } from '../sip/message/host-port.js';
import { readError, readProgress } from './call-progress.js';
import { UsageError } from './command.js';

export interface CallOptions {
  readonly config?: string;
  readonly url?: string;
  readonly method?: string;
  readonly agent?: string;
  readonly timeout?: string;
}

const EXAMPLE_URL = 'http://127.0.0.1:6667';
const REQUEST_TIMEOUT_MS = 30_000;
const POLL_MS = 200;
/** A little over 64*T1 (RFC 3261 section 17): by then a request that was sent has an answer in the record, if only a 408. */
const ANSWER_TIMEOUT_MS = 35_000;
/** More than a record of the call controller takes. */
const MAX_DOCUMENT_BYTES = 1024 * 1024;

/**
 * Places a call on a running container, over its listener inside the cluster, and prints what happens until the two users are
 * connected or the call has failed.
 *
 * @returns the exit code: 0 when they are connected, else 1
 * @throws UsageError when the call cannot be asked for; Error when the container cannot be reached or refuses it
 */
export async function call(from: string, to: string, options: CallOptions): Promise<number> {
  const { placing, following } = requestUrls(from, to, options);
  try {
    await ask('POST', placing);
    const isConnected = await follow(following);
    say(isConnected ? `${oneLine(from)} and ${oneLine(to)} are connected.` : 'The call failed.');
    return isConnected ? 0 : 1;
  } catch (error) {
    throw new Error(`${placing.origin}: ${reasonOf(error)}`, { cause: error });
  }
}

function requestUrls(from: string, to: string, { config, url, method, agent, timeout }: CallOptions) {
  // What a URL takes for a step in its path is no name.
  if ([from, to].some((name) => /^\.{0,2}$/.test(name))) throw new UsageError('FROM and TO must be users');
  const base = baseUrl(url ?? configuredUrl(config));
  const at = (query: Readonly<Record<string, string | undefined>>): URL => {
    const target = new URL(`callcontroller/${encodeURIComponent(from)}/${encodeURIComponent(to)}`, base);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, value);
    return target;
  };
  return { placing: at({ sipMethod: method, agent, timeout }), following: at({ agent }) };
}

function configuredUrl(configFile: string | undefined): string {
  const { ipAddress, httpPort, insideTls } = loadInsideSettings({ configFile, env: process.env });
  if (httpPort === 0) throw new UsageError('The configuration leaves the port open (httpPort is 0): --url is needed');
  return `${insideTls ? 'https' : 'http'}://${hostPort(ipAddress, httpPort)}`;
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new UsageError(`--url must be a URL such as ${EXAMPLE_URL}, found ${describe(text)}`);
  return new URL(`${url.pathname.replace(/\/*$/, '')}/`, url.origin);
}

/** Asks for the call's record until it tells the end. @returns whether the users were connected */
async function follow(url: URL): Promise<boolean> {
  let shown: readonly string[] = [];
  let lastNewsMs = performance.now();
  for (;;) {
    const { lines, outcome } = readProgress(await ask('GET', url));
    if (lines.length < shown.length) return false; // It expired, or another call took its place.
    const news = lines.filter((line, index) => line !== shown[index]);
    for (const line of news) say(line);
    if (news.length > 0) lastNewsMs = performance.now();
    shown = lines;
    if (outcome === 'connected' || outcome === 'failed') return outcome === 'connected';
    if (outcome === 'answer due' && performance.now() - lastNewsMs > ANSWER_TIMEOUT_MS) return false;
    await delay(POLL_MS);
  }
}

/**
 * By undici's `request`: `fetch` refuses the default of `httpPort`, as browsers do.
 * @returns the answer's body
 * @throws Error when there is none, or it is an error
 */
async function ask(method: 'GET' | 'POST', url: URL): Promise<string> {
  const { statusCode, body } = await request(url, { method, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  const text = await textOf(body);
  if (statusCode < 200 || statusCode > 299) throw new Error(`${statusCode} ${errorText(text)}`);
  return text;
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_DOCUMENT_BYTES) throw new Error(`The answer is longer than ${MAX_DOCUMENT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function errorText(body: string): string {
  try {
    return readError(body);
  } catch {
    return 'and no reason given';
  }
}

/** Where a host has several addresses, the error is one of them all, and says nothing itself. */
function reasonOf(error: unknown): string {
  const { message } =
    error instanceof AggregateError && error.message === '' ? new Error(String(error.errors[0])) : asError(error);
  return message;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
