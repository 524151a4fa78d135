import type { CallInfo, CallMessage } from '../../../sdk/call-info.js';
import type { CallOrder } from '../../../sdk/call-order.js';
import type { CallPage } from '../../../sdk/calls.js';

/** One fault of a request (RFC 9457, `errors`). */
interface Fault {
  readonly pointer?: string;
  readonly expected?: string;
  readonly found?: string;
}

/** An error of the service, with a text that can be shown. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** What a call is placed with; the rest of `/v1` is for programs. */
export type NewCall = Pick<CallOrder, 'caller' | 'callee' | 'agent'> & { readonly method: string };

export interface User {
  readonly userName: string;
  readonly displayName?: string;
  readonly aliases: readonly string[];
}

export function placeCall(call: NewCall): Promise<CallInfo> {
  return ask<CallInfo>('/v1/calls', { method: 'POST', body: JSON.stringify(call) });
}

export function hangUp({ id }: CallInfo): Promise<void> {
  return ask<void>(callPath(id), { method: 'DELETE' });
}

export function hold({ id }: CallInfo): Promise<void> {
  return ask<void>(`${callPath(id)}/hold`, { method: 'POST' });
}

export function resume({ id }: CallInfo): Promise<void> {
  return ask<void>(`${callPath(id)}/resume`, { method: 'POST' });
}

export function transfer({ id }: CallInfo, target: string): Promise<void> {
  return ask<void>(`${callPath(id)}/transfer`, { method: 'POST', body: JSON.stringify({ target }) });
}

export function callOf(id: string): Promise<CallInfo> {
  return ask<CallInfo>(callPath(id));
}

export async function messagesOf(id: string): Promise<readonly CallMessage[]> {
  return (await ask<{ readonly items: readonly CallMessage[] }>(`${callPath(id)}/messages`)).items;
}

/** Most calls of one page that the service gives. */
const PAGE_SIZE = 500;

/** All calls in a state, newest first, at most this many. */
export async function listCalls(state: 'live' | 'ended', most: number): Promise<readonly CallInfo[]> {
  const calls: CallInfo[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ state, limit: String(PAGE_SIZE), ...(cursor !== undefined && { cursor }) });
    const page = await ask<CallPage>(`/v1/calls?${query}`);
    calls.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && calls.length < most);
  return calls;
}

export function suggestUsers(text: string): Promise<readonly User[]> {
  return ask<readonly User[]>(`/console/users?${new URLSearchParams({ q: text })}`);
}

/** JSON of a path that not every listener has: undefined if this one does not. */
export async function tryAsk<T>(path: string): Promise<T | undefined> {
  const response = await fetch(path, { headers: { Accept: 'application/json' } });
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  return isJson ? ((await response.json()) as T) : undefined;
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
