import { Lifecycle, scoped } from 'tsyringe';
import { type Cache, Sdk } from '../../sdk/index.js';
import type { CallParties, CallRequest } from './http/call-request.js';
import { ReferCall } from './refer/refer-call.js';

/** How long the record of a call that outlived its `resultCacheTime` is kept after the end, so that a poller sees it. */
const GRACE_MS = 5_000;
/** How long the service waits at its stop for telephones to answer BYE and CANCEL. */
const STOP_TIMEOUT_MS = 3_000;

/** The calls of this service: by key, for those who ask, and all that are not over, for the day it stops. */
@scoped(Lifecycle.ContainerScoped)
export class Calls {
  readonly #records: Cache<ReferCall>;
  /** Records between the same two users, newest last. */
  readonly #byUsers = new Map<string, ReferCall[]>();
  readonly #live = new Map<ReferCall, () => void>();

  constructor(private readonly sdk: Sdk) {
    this.#records = sdk.cache('calls', { ttlMs: Infinity, onRemove: (call) => this.#forget(call) });
  }

  /** Places a call. One with the same key is torn down, and its record replaced. @throws Error when nothing could be sent */
  async place(request: CallRequest): Promise<void> {
    const key = keyOf(request);
    this.#records.get(key)?.abandon();
    const expiresAtMs = Date.now() + request.resultCacheTimeMs;
    const call = new ReferCall(request, this.sdk.sip, (ended) => this.#onEnd(ended, expiresAtMs));
    this.#live.set(call, () => undefined);
    this.#records.set(key, call);
    const users = usersOf(request);
    this.#byUsers.set(users, [...(this.#byUsers.get(users) ?? []), call]);
    await call.placed;
  }

  /** The call of an agent; without one the calling user's own, else the newest between the two. */
  find({ agent, calling, called }: Omit<CallParties, 'agent'> & { agent: string | undefined }): ReferCall | undefined {
    const own = this.#records.get(keyOf({ agent: agent ?? calling, calling, called }));
    return own ?? (agent === undefined ? this.#byUsers.get(usersOf({ calling, called }))?.at(-1) : undefined);
  }

  /** Tears down every call that is not over, and waits until the telephones have confirmed it, or a while has passed. */
  async stop(): Promise<void> {
    const ends = [...this.#live.keys()].map(
      (call) =>
        new Promise<void>((resolve) => {
          this.#live.set(call, resolve);
          call.abandon();
        }),
    );
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_TIMEOUT_MS);
    });
    await Promise.race([Promise.all(ends), timeout]);
    clearTimeout(timer);
  }

  #onEnd(call: ReferCall, expiresAtMs: number): void {
    this.#live.get(call)?.();
    this.#live.delete(call);
    const remainingMs = expiresAtMs - Date.now();
    const key = keyOf(call.request);
    if (this.#records.get(key) === call) this.#records.touch(key, remainingMs > 0 ? remainingMs : GRACE_MS);
  }

  #forget(call: ReferCall): void {
    const users = usersOf(call.request);
    const others = (this.#byUsers.get(users) ?? []).filter((other) => other !== call);
    if (others.length > 0) this.#byUsers.set(users, others);
    else this.#byUsers.delete(users);
    call.forget();
  }
}

function keyOf({ agent, calling, called }: CallParties): string {
  return `${agent} ${calling} ${called}`;
}

function usersOf({ calling, called }: Pick<CallParties, 'calling' | 'called'>): string {
  return `${calling} ${called}`;
}
