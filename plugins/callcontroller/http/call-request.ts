import createError from 'http-errors';
import { type Account, type Accounts, callAgent, type CallSink, type Header } from '../../../sdk/index.js';
import { parseAddressee, quoted } from './address.js';
import type { Parameters } from './parameters.js';

/** Most seconds of `timeout`. */
const MAX_TIMEOUT = 3_600;
/** Most seconds of `resultCacheTime`. */
const MAX_RESULT_CACHE_TIME = 86_400;
const DEFAULT_SECONDS = 180;

/** Who is called, and on whose behalf: the key of a call. */
export interface CallParties {
  /** Identity of the agent, `user@host`. */
  readonly agent: string;
  /** Addresses of the two users, `user@host`, aliases resolved. */
  readonly calling: string;
  readonly called: string;
}

const ACTIONS = ['Call', 'Transfer', 'Hangup', 'Hold', 'Resume'] as const;
export type Action = (typeof ACTIONS)[number];

const SIP_METHODS = ['Refer', 'Invite', 'Auto'] as const;
export type SipMethod = (typeof SIP_METHODS)[number];

/** The parameters of a POST. */
const NAMES = [
  'action',
  'agent',
  'autoAnswer',
  'confpin',
  'isForwardingAllowed',
  'resultCacheTime',
  'sipMethod',
  'subject',
  'target',
  'timeout',
] as const;

/** A checked POST. */
export interface CallRequest extends CallParties {
  readonly action: Action;
  readonly sipMethod: SipMethod;
  /** Address of the transfer's target. */
  readonly target: string | undefined;
  readonly agentAccount: Account;
  readonly timeoutMs: number;
  readonly resultCacheTimeMs: number;
  readonly subject: string | undefined;
  readonly isForwardingAllowed: boolean;
  readonly confpin: string | undefined;
  /** Whether the calling telephone is asked to pick up by itself. */
  readonly autoAnswer: boolean;
  /** Options that the URLs of the service description do not have. */
  readonly more?: MoreOfCall;
}

/** Further options of a call. */
export interface MoreOfCall {
  readonly maxDurationMs?: number | undefined;
  /** User part of the From that the called party is shown. */
  readonly callerId?: string | undefined;
  readonly callingHeaders?: readonly Header[];
  readonly calledHeaders?: readonly Header[];
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly sink?: CallSink | undefined;
}

/** The two users of the path, as the router has decoded them. */
export interface CallPath {
  readonly calling: string;
  readonly called: string;
}

/** User directory and SIP domain, against which names are resolved. */
export interface Names {
  readonly accounts: Pick<Accounts, 'find'>;
  readonly domain: string;
}

/**
 * Reads a POST.
 * @throws HttpError 400 on a bad value, 403 when nobody can answer SIP challenges for the agent, 406 on an unknown `sipMethod`
 */
export function parseCallRequest(path: CallPath, parameters: Parameters, names: Names): CallRequest {
  parameters.refuseMisspelt(NAMES);
  const { calling, called } = parseUsers(path, names);
  const action = parameters.choice('action', ACTIONS, 'Call');
  const targetName = parameters.text('target');
  const target =
    targetName === undefined ? undefined : parseAddressee('target', targetName, names.accounts, names.domain).address;
  if (action === 'Transfer' && target === undefined) throw createError(400, 'target is needed for action=Transfer');
  const timeoutMs = parameters.integer('timeout', MAX_TIMEOUT, DEFAULT_SECONDS) * 1_000;
  const resultCacheTimeMs = parameters.integer('resultCacheTime', MAX_RESULT_CACHE_TIME, DEFAULT_SECONDS) * 1_000;
  const subject = parameters.matching(
    'subject',
    /^\P{Cc}{0,256}$/u,
    'a text of 256 characters at the most, in one line',
  );
  const isForwardingAllowed = parameters.choice('isForwardingAllowed', ['True', 'False'], 'False') === 'True';
  const autoAnswer = parameters.choice('autoAnswer', ['True', 'False'], 'False') === 'True';
  const confpin = parameters.secret('confpin', /^[A-Za-z0-9*#]{1,32}$/, '1 to 32 letters, digits, * and #');
  const sipMethod = parseSipMethod(parameters.text('sipMethod'));
  const agent = parseAddressee('agent', callAgent(path.calling, parameters), names.accounts, names.domain);
  if (!agent.account?.hasSipCredentials)
    throw createError(403, `There are no SIP credentials for agent ${quoted(agent.address)}`);
  return {
    calling,
    called,
    action,
    target,
    timeoutMs,
    resultCacheTimeMs,
    subject,
    isForwardingAllowed,
    autoAnswer,
    confpin,
    sipMethod,
    agent: agent.address,
    agentAccount: agent.account,
  };
}

/**
 * Reads a GET: all parameters but `agent` are ignored.
 * @throws HttpError 400 when a name cannot stand in a SIP URI
 */
export function parseCallQuery(
  path: CallPath,
  parameters: Parameters,
  names: Names,
): Omit<CallParties, 'agent'> & { agent: string | undefined } {
  const { accounts, domain } = names;
  const agent = parameters.text('agent');
  const { calling, called } = parseUsers(path, names);
  return {
    agent: agent === undefined ? undefined : parseAddressee('agent', agent, accounts, domain).address,
    calling,
    called,
  };
}

function parseUsers(path: CallPath, { accounts, domain }: Names): CallPath {
  return {
    calling: parseAddressee('callingUser', path.calling, accounts, domain).address,
    called: parseAddressee('calledUser', path.called, accounts, domain).address,
  };
}

function parseSipMethod(text = 'Refer'): SipMethod {
  const method = SIP_METHODS.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (method) return method;
  throw createError(406, `Call Setup Method ${quotedWord(text)} not supported`);
}

/** A word as it was sent; anything else in quotes. */
function quotedWord(text: string): string {
  return /^\w{1,60}$/.test(text) ? text : quoted(text);
}
