import { isHttpError } from 'http-errors';
import {
  type Account,
  CallError,
  type CallFault,
  type CallHeaders,
  type CallMethod,
  type CallOrder,
  type Header,
} from '../../sdk/index.js';
import { parseAddressee, type Addressee, quoted } from './http/address.js';
import type { CallRequest, MoreOfCall, Names, SipMethod } from './http/call-request.js';

const METHODS: Readonly<Record<CallMethod, SipMethod>> = { auto: 'Auto', refer: 'Refer', invite: 'Invite' };
const DEFAULT_SECONDS = 180;

const HEADER_NAME = /^[A-Za-z0-9\-.!%*_+`'~]{1,64}$/;
/** Headers between sipXecs' proxies, which nobody else may set. */
const RESERVED = /^x-sipx/i;
const ONE_LINE = /^\P{Cc}*$/u;
const MAX_HEADERS = 16;
const MAX_HEADER_LENGTH = 256;
/** Placeholder for a missing or unusable address. */
const NOBODY: Addressee = { address: '', account: undefined };

/** What an order is checked against. */
export interface OrderRules extends Names {
  /** Header fields that may be set beside those with `X-`, in small letters. */
  readonly headers: ReadonlySet<string>;
}

/** The parts of an order, before its agent is checked. */
interface OrderParts {
  readonly caller: Addressee;
  readonly callee: Addressee;
  readonly agent: Addressee;
  readonly callingHeaders: readonly Header[];
  readonly calledHeaders: readonly Header[];
}

/** All faults of an order, or of a part of one. */
export function faultsOf(order: Partial<CallOrder>, rules: OrderRules): readonly CallFault[] {
  return readParts(order, rules).faults;
}

/**
 * Reads the order of a call.
 * @throws CallError 400 with all that is wrong with it, 403 when the agent has no SIP credentials or shows a number that is not its own
 */
export function readOrder(order: CallOrder, rules: OrderRules): CallRequest {
  const { caller, callee, agent, callingHeaders, calledHeaders, faults } = readParts(order, rules);
  const { method = 'auto', maxDurationSeconds, callerId } = order;
  if (faults.length > 0)
    throw new CallError(400, 'bad-request', 'The order of the call is not as it should be', faults);
  const agentAccount = checkAgent(agent, callerId);
  const staysInPath = maxDurationSeconds !== undefined || callerId !== undefined;
  const more: MoreOfCall = {
    ...(maxDurationSeconds !== undefined && { maxDurationMs: maxDurationSeconds * 1_000 }),
    ...(callerId !== undefined && { callerId }),
    ...(order.tags && { tags: order.tags }),
    ...(order.sink && { sink: order.sink }),
    ...(callingHeaders.length > 0 && { callingHeaders }),
    ...(calledHeaders.length > 0 && { calledHeaders }),
  };
  return {
    action: 'Call',
    sipMethod: method === 'auto' && staysInPath ? 'Invite' : METHODS[method],
    calling: caller.address,
    called: callee.address,
    agent: agent.address,
    agentAccount,
    target: undefined,
    timeoutMs: (order.timeoutSeconds ?? DEFAULT_SECONDS) * 1_000,
    resultCacheTimeMs: (order.keepSeconds ?? DEFAULT_SECONDS) * 1_000,
    subject: order.subject,
    isForwardingAllowed: order.isForwardingAllowed ?? false,
    autoAnswer: order.autoAnswer ?? false,
    confpin: order.conferencePin,
    ...(Object.keys(more).length > 0 && { more }),
  };
}

function readParts(
  { caller: callerName, callee: calleeName, agent: agentName, ...order }: Partial<CallOrder>,
  rules: OrderRules,
): OrderParts & { readonly faults: readonly CallFault[] } {
  const faults: CallFault[] = [];
  const addressee = (pointer: string, text: string | undefined): Addressee =>
    text === undefined ? NOBODY : readAddressee(pointer, text, rules, faults);
  const caller = addressee('/caller', callerName);
  const callee = addressee('/callee', calleeName);
  const agent = agentName === undefined ? caller : addressee('/agent', agentName);
  const { method, maxDurationSeconds, callerId } = order;
  if (method === 'refer') faults.push(...needsPath({ maxDurationSeconds, callerId }));
  const callingHeaders = readHeaders('/headers/caller', order.headers?.caller, rules, faults);
  const calledHeaders = readHeaders('/headers/callee', order.headers?.callee, rules, faults);
  return { caller, callee, agent, callingHeaders, calledHeaders, faults };
}

/** @throws CallError 400 when it cannot stand in a SIP URI */
export function readTarget(text: string, names: Names): string {
  const faults: CallFault[] = [];
  const { address } = readAddressee('/target', text, names, faults);
  if (faults.length > 0) throw new CallError(400, 'bad-request', 'The target cannot be called', faults);
  return address;
}

function readAddressee(pointer: string, text: string, { accounts, domain }: Names, faults: CallFault[]): Addressee {
  try {
    return parseAddressee(pointer, text, accounts, domain);
  } catch (error) {
    if (!isHttpError(error)) throw error;
    faults.push({ pointer, expected: 'a user name, a telephone number or user@host', found: quoted(text) });
    return NOBODY;
  }
}

function needsPath(values: Readonly<Record<string, unknown>>): CallFault[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({
      pointer: `/${name}`,
      expected: 'nothing, since with the method refer the controller leaves the call',
      found: JSON.stringify(value),
    }));
}

function readHeaders(
  pointer: string,
  headers: CallHeaders | undefined,
  { headers: allowed }: OrderRules,
  faults: CallFault[],
): Header[] {
  const all = Object.entries(headers ?? {});
  if (all.length > MAX_HEADERS)
    faults.push({ pointer, expected: `${MAX_HEADERS} header fields at the most`, found: String(all.length) });
  for (const [name, value] of all.slice(0, MAX_HEADERS)) {
    const own = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const isAllowed = /^x-/i.test(name) ? !RESERVED.test(name) : allowed.has(name.toLowerCase());
    if (!HEADER_NAME.test(name) || !isAllowed)
      faults.push({ pointer: own, expected: 'a header field with X-, or one that is configured', found: quoted(name) });
    if (!ONE_LINE.test(value) || value.length > MAX_HEADER_LENGTH)
      faults.push({
        pointer: own,
        expected: `${MAX_HEADER_LENGTH} characters at the most, in one line`,
        found: quoted(value),
      });
  }
  return all;
}

function checkAgent({ account, address }: Addressee, callerId: string | undefined): Account {
  if (!account?.hasSipCredentials)
    throw new CallError(403, 'no-credentials', `There are no SIP credentials for agent ${quoted(address)}`);
  if (callerId === undefined || account.callerIds?.includes(callerId)) return account;
  const fault = {
    pointer: '/callerId',
    expected: 'one of the agent’s callerIds in the user directory',
    found: quoted(callerId),
  };
  throw new CallError(403, 'caller-id-not-allowed', 'The agent may not show this callerId', [fault]);
}
