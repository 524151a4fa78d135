import type { Call, Message } from './call.js';

/** One fault of a request (RFC 9457, `errors`). */
interface Fault {
  readonly pointer?: string;
  readonly expected?: string;
  readonly found?: string;
}

/** What the service refused, in words that can be shown. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** What a call is placed with; the rest of `/v1` is for programs. */
export interface NewCall {
  readonly caller: string;
  readonly callee: string;
  readonly method: string;
  readonly agent?: string;
}

export interface Page {
  readonly items: readonly Call[];
  /** Cursor of the page after this one. */
  readonly next?: string | null;
}

export interface User {
  readonly userName: string;
  readonly displayName?: string;
  readonly aliases: readonly string[];
}

export function placeCall(call: NewCall): Promise<Call> {
  return ask<Call>('/v1/calls', { method: 'POST', body: JSON.stringify(call) });
}

export function hangUp({ id }: Call): Promise<void> {
  return ask<void>(callPath(id), { method: 'DELETE' });
}

export function hold({ id }: Call): Promise<void> {
  return ask<void>(`${callPath(id)}/hold`, { method: 'POST' });
}

export function resume({ id }: Call): Promise<void> {
  return ask<void>(`${callPath(id)}/resume`, { method: 'POST' });
}

export function transfer({ id }: Call, target: string): Promise<void> {
  return ask<void>(`${callPath(id)}/transfer`, { method: 'POST', body: JSON.stringify({ target }) });
}

export function callOf(id: string): Promise<Call> {
  return ask<Call>(callPath(id));
}

export async function messagesOf(id: string): Promise<readonly Message[]> {
  const answer = await ask<readonly Message[] | { readonly items: readonly Message[] }>(`${callPath(id)}/messages`);
  return 'items' in answer ? answer.items : answer;
}

/** All calls in a state, newest first, at most this many. */
export async function listCalls(state: 'live' | 'ended', most: number): Promise<readonly Call[]> {
  const calls: Call[] = [];
  let cursor: string | null | undefined;
  do {
    const query = new URLSearchParams({ state, limit: '100', ...(cursor != null && { cursor }) });
    const page = await ask<Page>(`/v1/calls?${query}`);
    calls.push(...page.items);
    cursor = page.next;
  } while (cursor != null && calls.length < most);
  return calls;
}

export function suggestUsers(text: string): Promise<readonly User[]> {
  return ask<readonly User[]>(`/console/users?${new URLSearchParams({ q: text })}`);
}

/** JSON of a path that not every listener has: undefined where this one does not. */
export async function tryAsk(path: string): Promise<unknown> {
  const response = await fetch(path, { headers: { Accept: 'application/json' } });
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  return isJson ? await response.json() : undefined;
}

function callPath(id: string): string {
  return `/v1/calls/${encodeURIComponent(id)}`;
}

/** @throws Refusal with the service's own words, or that it cannot be reached */
async function ask<T>(path: string, { method = 'GET', body }: { method?: string; body?: string } = {}): Promise<T> {
  const headers = { Accept: 'application/json', ...(body !== undefined && { 'Content-Type': 'application/json' }) };
  let response: Response;
  try {
    response = await fetch(path, { method, headers, ...(body !== undefined && { body }) });
  } catch {
    throw new Refusal('The service cannot be reached at the moment.');
  }
  const text = await response.text();
  if (!response.ok) throw new Refusal(refusalText(response, text));
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function refusalText(response: Response, text: string): string {
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string; errors?: readonly Fault[] };
    const faults = (problem.errors ?? []).map(faultText);
    const words = faults.length > 0 ? faults.join('; ') : (problem.detail ?? problem.title);
    if (words !== undefined) return words;
  } catch {
    // Not a problem document: the status has to do.
  }
  return `The service answered ${response.status} ${response.statusText}`.trim();
}

function faultText({ pointer = '', expected, found }: Fault): string {
  const name = pointer.replace(/^[#/]+/, '');
  const but = found === undefined ? '' : `, not ${found}`;
  return `${name}: ${expected === undefined ? 'not accepted' : `expected ${expected}`}${but}`;
}
