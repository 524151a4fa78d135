import { type HttpError, isHttpError } from 'http-errors';
import { injectable } from 'tsyringe';
import {
  CallControl,
  CallError,
  type CallEvent,
  type CallFault,
  type CallInfo,
  type CallMessage,
  type CallOrder,
  type CallPage,
  type CallQuery,
  type CallTrace,
  type CallWait,
  type IdempotentAnswer,
  type IdempotentRequest,
  Sdk,
} from '../../sdk/index.js';
import { Calls } from './calls.js';
import { Idempotency } from './idempotency.js';
import type { KeptCall } from './kept-call.js';
import { listCalls } from './list.js';
import { callInfo, controlOf } from './model/call-info.js';
import { nodeName } from './model/node-name.js';
import { Traces } from './model/traces.js';
import { Watchers } from './model/watchers.js';
import { faultsOf, type OrderRules, readOrder, readTarget } from './order.js';
import { checkPermission } from './permissions.js';
import { type Settings, settingsSchema } from './settings.js';
import { until } from './until.js';

/** The service that other plugins call. */
@injectable()
export class LocalCallControl extends CallControl {
  readonly #rules: OrderRules;
  readonly #agentsMayCall: Settings['agentsMayCall'];

  constructor(
    private readonly sdk: Sdk,
    private readonly calls: Calls,
    private readonly watchers: Watchers,
    private readonly traces: Traces,
    private readonly idempotency: Idempotency,
  ) {
    super();
    const { headers, agentsMayCall } = sdk.config(settingsSchema);
    this.#agentsMayCall = agentsMayCall;
    this.#rules = {
      accounts: sdk.accounts,
      domain: sdk.sip.domain,
      headers: new Set(headers.map((name) => name.toLowerCase())),
    };
  }

  async check(order: Partial<CallOrder>): Promise<readonly CallFault[]> {
    return faultsOf(order, this.#rules);
  }

  async place(order: CallOrder): Promise<CallInfo> {
    const request = readOrder(order, this.#rules);
    try {
      if (order.isFromOutside) checkPermission(request, this.sdk.accounts, this.#agentsMayCall);
      return this.#info(await this.calls.place(request, order));
    } catch (error) {
      throw asCallError(error, 'call-in-progress');
    }
  }

  async find(id: string): Promise<CallInfo | undefined> {
    const kept = this.calls.byId(id);
    return kept && this.#info(kept.record);
  }

  async list(query: CallQuery = {}): Promise<CallPage> {
    const { items, next } = listCalls(query, this.calls, this.#rules);
    return { items: items.map((record) => this.#info(record)), ...(next !== undefined && { next }) };
  }

  async hangUp(id: string): Promise<CallInfo> {
    const { record, call } = this.#kept(id);
    if (!record.isFinal) {
      if (record.isReleased)
        throw new CallError(
          409,
          'handed-over',
          'The phones have the call: only a call with the control setup or full can be ended',
        );
      call?.abandon('hangUp');
    }
    return this.#info(record);
  }

  async hold(id: string): Promise<CallInfo> {
    return this.#steer(id, 'held', (kept) => this.calls.hold(kept));
  }

  async resume(id: string): Promise<CallInfo> {
    return this.#steer(id, 'resumed', (kept) => this.calls.resume(kept));
  }

  async transfer(id: string, target: string): Promise<CallInfo> {
    const address = readTarget(target, this.#rules);
    return this.#steer(id, 'transferred', (kept) => this.calls.transfer(kept, address));
  }

  async messages(id: string): Promise<readonly CallMessage[]> {
    return this.watchers.messagesOf(this.#kept(id).record);
  }

  async trace({ user, call, seconds }: CallTrace): Promise<void> {
    const subjects = [
      ...(call === undefined ? [] : [this.#kept(call).record.id]),
      ...(user === undefined ? [] : [readTarget(user, this.#rules)]),
    ];
    for (const subject of subjects) this.traces.start(subject, seconds);
    this.sdk.log.info('SIP messages are logged for a while', { user, id: call, seconds });
  }

  async waitFor(id: string, isWanted: (call: CallInfo) => boolean, { timeoutMs, signal }: CallWait): Promise<CallInfo> {
    const { record } = this.#kept(id);
    const watch = (happened: () => void): (() => void) =>
      this.watchers.watchCall(record, () => {
        if (isWanted(this.#info(record))) happened();
      });
    if (!isWanted(this.#info(record)) && !signal?.aborted) await until(watch, timeoutMs, signal);
    return this.#info(record);
  }

  async watch(onEvent: (event: CallEvent) => void): Promise<() => void> {
    return this.watchers.watch(onEvent);
  }

  once<T>(request: IdempotentRequest, work: () => Promise<T>): Promise<IdempotentAnswer<T>> {
    return this.idempotency.once(request, work);
  }

  #steer(id: string, done: string, act: (kept: KeptCall) => void): CallInfo {
    const kept = this.#kept(id);
    const { record } = kept;
    if (controlOf(record) !== 'full') {
      const needed = 'only a connected call with the control full (method invite, or auto that stayed in the path)';
      throw new CallError(
        409,
        'wrong-state',
        `The call is ${record.status} with the control ${controlOf(record)}: ${needed} can be ${done}`,
      );
    }
    try {
      act(kept);
    } catch (error) {
      throw asCallError(error, 'wrong-state');
    }
    return this.#info(record);
  }

  #kept(id: string): KeptCall {
    const kept = this.calls.byId(id);
    if (!kept) throw noSuchCall();
    return kept;
  }

  #info(record: KeptCall['record']): CallInfo {
    return callInfo(record, nodeName(this.sdk.sip));
  }
}

export function noSuchCall(): CallError {
  return new CallError(404, 'no-such-call', 'There is no such call');
}

/** The URLs of the service description answer 406 for a wrong state. A call that was not sent is the proxy's fault. */
function asCallError(error: unknown, conflict: string): CallError {
  if (error instanceof CallError) return error;
  if (!isHttpError(error))
    return new CallError(503, 'not-sent', 'The INVITE could not be sent to the proxy of the domain');
  if (error.status === 406) return new CallError(409, conflict, error.message);
  return new CallError(error.status, codeOf(error), error.message, [], error.headers);
}

function codeOf(error: HttpError): string {
  if (error['isDraining'] === true) return 'draining';
  return error['limit'] ? 'limit-reached' : 'refused';
}
