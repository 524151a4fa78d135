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
} from '../../../sdk/index.js';
import { LocalCallControl, noSuchCall } from '../control.js';
import { DEFAULT_LIMIT, filter, type Listed } from '../list.js';
import { until } from '../until.js';
import { type ForeignCall, SharedCalls } from './shared-calls.js';

/** How often a call of another node is read again while somebody waits for a change that no event reports. */
const POLL_MS = 500;

/** What a node is asked to do with a call of its own. */
interface Steer {
  readonly id: string;
  readonly target?: string;
}

/** The service that other plugins call, for the calls of all nodes: those of other nodes are looked up, and their nodes are asked to act. */
@injectable()
export class NodesCallControl extends CallControl {
  constructor(
    private readonly sdk: Sdk,
    private readonly own: LocalCallControl,
    private readonly shared: SharedCalls,
  ) {
    super();
    for (const step of ['hangUp', 'hold', 'resume', 'messages'] as const)
      shared.answer(step, async (data) => this.own[step]((data as Steer).id));
    shared.answer('transfer', async (data) => this.own.transfer((data as Steer).id, (data as Steer).target ?? ''));
  }

  async check(order: Partial<CallOrder>): Promise<readonly CallFault[]> {
    return this.own.check(order);
  }

  async place(order: CallOrder): Promise<CallInfo> {
    return this.own.place(order);
  }

  async find(id: string): Promise<CallInfo | undefined> {
    // The call may have moved to this node during the look-up.
    return (await this.own.find(id)) ?? (await this.shared.find(id))?.info ?? this.own.find(id);
  }

  /** Own calls in their present state, others as last written by their nodes. */
  async list(query: CallQuery = {}): Promise<CallPage> {
    const { items } = await this.own.list(query);
    const limit = query.limit ?? DEFAULT_LIMIT;
    const all = [...items, ...(await this.#foreign(query, limit + 1))];
    const newestFirst = all.toSorted((one, other) => (one.id < other.id ? 1 : -1));
    const page = newestFirst.slice(0, limit);
    // The page of own calls may end before the other calls do.
    const hasMore = newestFirst.length > limit || (items.length === limit && (await this.#hasMore(query, page)));
    const next = hasMore ? page.at(-1)?.id : undefined;
    return { items: page, ...(next !== undefined && { next }) };
  }

  async hangUp(id: string): Promise<CallInfo> {
    return this.#steer('hangUp', id, () => this.own.hangUp(id));
  }

  async hold(id: string): Promise<CallInfo> {
    return this.#steer('hold', id, () => this.own.hold(id));
  }

  async resume(id: string): Promise<CallInfo> {
    return this.#steer('resume', id, () => this.own.resume(id));
  }

  async transfer(id: string, target: string): Promise<CallInfo> {
    return this.#steer('transfer', id, () => this.own.transfer(id, target), { target });
  }

  async messages(id: string): Promise<readonly CallMessage[]> {
    const foreign = await this.#foreignCall(id);
    if (!foreign) return this.own.messages(id);
    return (await this.shared.ask(foreign.owner, 'messages', { id }).catch(() => [])) as CallMessage[];
  }

  /** Of the calls of this node. */
  async trace(trace: CallTrace): Promise<void> {
    return this.own.trace(trace);
  }

  async waitFor(id: string, isWanted: (call: CallInfo) => boolean, wait: CallWait): Promise<CallInfo> {
    if (await this.own.find(id)) return this.own.waitFor(id, isWanted, wait);
    const endsAtMs = performance.now() + wait.timeoutMs;
    for (;;) {
      const call = await this.find(id);
      if (!call) throw noSuchCall();
      const remainingMs = endsAtMs - performance.now();
      if (isWanted(call) || remainingMs <= 0 || wait.signal?.aborted) return call;
      await this.#change(id, Math.min(POLL_MS, remainingMs), wait.signal);
    }
  }

  async watch(
    onEvent: (event: CallEvent) => void,
    { withPast = false }: { readonly withPast?: boolean } = {},
  ): Promise<() => void> {
    return this.shared.watch(onEvent, withPast);
  }

  async once<T>(request: IdempotentRequest, work: () => Promise<T>): Promise<IdempotentAnswer<T>> {
    return this.own.once(request, work);
  }

  async #steer(
    step: 'hangUp' | 'hold' | 'resume' | 'transfer',
    id: string,
    act: () => Promise<CallInfo>,
    further: Partial<Steer> = {},
  ): Promise<CallInfo> {
    await this.shared.whenAwake();
    const foreign = await this.#foreignCall(id);
    if (!foreign) return act();
    const { owner, isLive, info } = foreign;
    if (!isLive && step === 'hangUp') return info;
    if (!isLive) throw new CallError(409, 'wrong-state', `The call is ${info.status} with the control none`);
    return (await this.shared.ask(owner, step, { id, ...further })) as CallInfo;
  }

  /** Undefined if no other node has the call: this one has it by now, or none. */
  async #foreignCall(id: string): Promise<ForeignCall | undefined> {
    return (await this.own.find(id)) ? undefined : this.shared.find(id);
  }

  async #foreign(query: CallQuery, most: number): Promise<CallInfo[]> {
    const isWanted = filter(query, { accounts: this.sdk.accounts, domain: this.sdk.sip.domain }, []);
    const found: CallInfo[] = [];
    for await (const { info } of this.shared.before(query.cursor)) {
      if (isWanted(listed(info))) found.push(info);
      if (found.length === most) break;
    }
    return found;
  }

  async #hasMore(query: CallQuery, page: readonly CallInfo[]): Promise<boolean> {
    const cursor = page.at(-1)?.id;
    const { items } = await this.own.list({ ...query, limit: 1, ...(cursor !== undefined && { cursor }) });
    return items.length > 0;
  }

  /** Settles with the next event of the call, and after so many milliseconds at the latest. */
  async #change(id: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const watch = (happened: () => void): (() => void) =>
      this.shared.watch(({ call }) => {
        if (call.id === id) happened();
      }, false);
    await until(watch, timeoutMs, signal);
  }
}

function listed({ isFinal, status, createdAt, agent, caller, callee, tags }: CallInfo): Listed {
  const request = { agent, calling: caller, called: callee, sipMethod: 'Auto', subject: undefined } as const;
  return {
    isFinal,
    status,
    createdAtMs: Date.parse(createdAt),
    request: { ...request, ...(tags && { more: { tags } }) },
  };
}
