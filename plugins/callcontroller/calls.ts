import createError from 'http-errors';
import { Lifecycle, scoped } from 'tsyringe';
import { type Cache, Sdk } from '../../sdk/index.js';
import type { AnsweredLeg, Call } from './call.js';
import type { CallParties, CallRequest } from './http/call-request.js';
import { InviteCall } from './invite/invite-call.js';
import { ReferCall } from './refer/refer-call.js';
import { type Settings, settingsSchema } from './settings.js';

/** How long the record of a call that outlived its `resultCacheTime` is kept after the end, so that a poller sees it. */
const GRACE_MS = 5_000;
/** How long the service waits at its stop for telephones to answer BYE and CANCEL. */
const STOP_TIMEOUT_MS = 3_000;

/** The calls of this service: by key, for those who ask, and all that are not over, for the day it stops. */
@scoped(Lifecycle.ContainerScoped)
export class Calls {
  readonly #settings: Settings;
  readonly #records: Cache<Call>;
  /** Keys of the records between the same two users, newest last. */
  readonly #keysByUsers = new Map<string, string[]>();
  /** The keys under which each call is found: one more with each transfer. */
  readonly #keysByCall = new Map<Call, Set<string>>();
  /** Calls that are not over, and who waits for their end. */
  readonly #live = new Map<Call, () => void>();

  constructor(private readonly sdk: Sdk) {
    this.#settings = sdk.config(settingsSchema);
    this.#records = sdk.cache('calls', { ttlMs: Infinity, onRemove: (call, key) => this.#forget(call, key) });
  }

  /**
   * Places a call. A Refer call with the same key is torn down, and its record replaced.
   * @throws HttpError 406 when an Invite call with the same key is to be replaced by another
   * @throws Error when nothing could be sent
   */
  async place(request: CallRequest): Promise<void> {
    const key = keyOf(request);
    if (request.sipMethod === 'Invite' && this.#isInProgress(key)) throw createError(406, 'Call in progress');
    this.#records.get(key)?.abandon();
    const expiresAtMs = Date.now() + request.resultCacheTimeMs;
    const call =
      request.sipMethod === 'Invite' ? this.#invite(request, expiresAtMs) : this.#refer(request, expiresAtMs);
    this.#keep(key, call);
    await call.placed;
  }

  /** The call of an agent; without one the calling user's own, else the newest between the two. */
  find({ agent, calling, called }: Omit<CallParties, 'agent'> & { agent: string | undefined }): Call | undefined {
    const own = this.#records.get(keyOf({ agent: agent ?? calling, calling, called }));
    if (own || agent !== undefined) return own;
    return this.#records.get(this.#keysByUsers.get(usersOf({ calling, called }))?.at(-1) ?? '');
  }

  /** Ends the call, whichever way it was placed. @throws HttpError 406 when there is none */
  hangUp(parties: CallParties): void {
    const call = this.#records.get(keyOf(parties));
    if (!call || call.hasEnded) throw createError(406, 'Call not found');
    call.abandon();
  }

  /**
   * Puts the target in the calling party's place. From then on the call is found under its key too.
   * @throws HttpError 406 when there is no Invite call, or its parties are not connected, or the target has another such call
   */
  transfer(parties: CallParties, target: string): void {
    const call = this.#connected(parties);
    const key = keyOf({ ...parties, calling: target });
    // Its own key is that of a call that comes back to a user.
    const isTaken = (): boolean => this.#records.get(key) !== call && this.#isInProgress(key);
    if (isTaken()) throw createError(406, 'Call in progress');
    call.transfer(target, () => {
      if (!isTaken()) this.#keep(key, call);
    });
  }

  /** @throws HttpError 406 when there is no Invite call, or its parties are not connected */
  hold(parties: CallParties): void {
    this.#connected(parties).hold();
  }

  /** @throws HttpError 406 when there is no Invite call, or its parties are not connected */
  resume(parties: CallParties): void {
    this.#connected(parties).resume();
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

  #refer(request: CallRequest, expiresAtMs: number): Call {
    const handOver = (answered: AnsweredLeg): void => this.#replace(call, this.#invite(request, expiresAtMs, answered));
    const isAuto = request.sipMethod === 'Auto';
    const call = new ReferCall(
      request,
      this.sdk.sip,
      this.#settings,
      this.#ending(expiresAtMs),
      isAuto ? handOver : undefined,
    );
    this.#live.set(call, () => undefined);
    return call;
  }

  #invite(request: CallRequest, expiresAtMs: number, answered?: AnsweredLeg): Call {
    const call = new InviteCall(request, this.sdk.sip, this.#settings, this.#ending(expiresAtMs), answered);
    this.#live.set(call, () => undefined);
    return call;
  }

  #connected(parties: CallParties): InviteCall {
    const call = this.#records.get(keyOf(parties));
    if (!(call instanceof InviteCall) || call.hasEnded) throw createError(406, 'Call not found');
    if (!call.isConnected) throw createError(406, 'Call not connected');
    return call;
  }

  /** Whether there is an Invite call with this key that has not come to its end. */
  #isInProgress(key: string): boolean {
    const call = this.#records.get(key);
    return call instanceof InviteCall && !call.hasEnded;
  }

  #keep(key: string, call: Call): void {
    this.#records.set(key, call);
    this.#keysByCall.set(call, (this.#keysByCall.get(call) ?? new Set()).add(key));
    const users = usersOfKey(key);
    const others = (this.#keysByUsers.get(users) ?? []).filter((other) => other !== key);
    this.#keysByUsers.set(users, [...others, key]);
  }

  /** The Invite call goes on where the Refer call ends. */
  #replace(earlier: Call, call: Call): void {
    this.#live.delete(earlier);
    const key = keyOf(call.request);
    if (this.#records.get(key) === earlier) this.#keep(key, call);
  }

  /** What is done at the end of a call that is placed now. */
  #ending(expiresAtMs: number): (call: Call) => void {
    return (call) => {
      this.#live.get(call)?.();
      this.#live.delete(call);
      const remainingMs = expiresAtMs - Date.now();
      for (const key of this.#keysByCall.get(call) ?? [])
        this.#records.touch(key, remainingMs > 0 ? remainingMs : GRACE_MS);
    };
  }

  #forget(call: Call, key: string): void {
    const users = usersOfKey(key);
    const others = (this.#keysByUsers.get(users) ?? []).filter((other) => other !== key);
    if (others.length > 0) this.#keysByUsers.set(users, others);
    else this.#keysByUsers.delete(users);
    const keys = this.#keysByCall.get(call);
    keys?.delete(key);
    if (keys && keys.size > 0) return;
    this.#keysByCall.delete(call);
    call.forget();
  }
}

function keyOf({ agent, calling, called }: CallParties): string {
  return `${agent} ${calling} ${called}`;
}

function usersOf({ calling, called }: Pick<CallParties, 'calling' | 'called'>): string {
  return `${calling} ${called}`;
}

function usersOfKey(key: string): string {
  return key.slice(key.indexOf(' ') + 1);
}
