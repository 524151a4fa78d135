import createError from 'http-errors';
import { Lifecycle, scoped } from 'tsyringe';
import { type Cache, type Drain, type Leg, Sdk } from '../../sdk/index.js';
import type { AnsweredLeg, Call } from './call.js';
import type { CallParties, CallRequest } from './http/call-request.js';
import { InviteCall } from './invite/invite-call.js';
import type { DialogId } from './invite/replaces.js';
import { KeptCall } from './kept-call.js';
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
  readonly #records: Cache<KeptCall>;
  /** Keys of the records between the same two users that an agent other than the calling user has, newest last. */
  readonly #agentsKeys = new Map<string, readonly string[]>();
  /** Calls that are not over, and who waits for their end. */
  readonly #live = new Map<KeptCall, () => void>();
  /** When the container goes on to stop; undefined: it takes calls. */
  #drainEndsAtMs: number | undefined;

  constructor(private readonly sdk: Sdk) {
    this.#settings = sdk.config(settingsSchema);
    this.#records = sdk.cache('calls', { ttlMs: Infinity, onRemove: (kept, key) => this.#forget(kept, key) });
  }

  /**
   * Places a call. A Refer call with the same key is torn down, and its record replaced.
   * @throws HttpError 406 when an Invite call with the same key is to be replaced by another
   * @throws Error when nothing could be sent
   */
  async place(request: CallRequest): Promise<void> {
    this.#refuseWhileDraining();
    const key = keyOf(request);
    if (request.sipMethod === 'Invite' && this.#isInProgress(key)) throw createError(406, 'Call in progress');
    this.#records.get(key)?.call?.abandon();
    const kept = new KeptCall();
    const call = request.sipMethod === 'Invite' ? this.#invite(request, kept) : this.#refer(request, kept);
    kept.begin(call);
    this.#live.set(kept, () => undefined);
    this.#keep(key, kept);
    await call.placed;
  }

  /** The call of an agent; without one the calling user's own, else the newest between the two. */
  find({ agent, calling, called }: Omit<CallParties, 'agent'> & { agent: string | undefined }): KeptCall | undefined {
    const own = this.#records.get(keyOf({ agent: agent ?? calling, calling, called }));
    if (own || agent !== undefined) return own;
    return this.#records.get(this.#agentsKeys.get(usersOf({ calling, called }))?.at(-1) ?? '');
  }

  /** Ends the call, whichever way it was placed. @throws HttpError 406 when there is none */
  hangUp(parties: CallParties): void {
    const call = this.#records.get(keyOf(parties))?.call;
    if (!call || call.hasEnded) throw createError(406, 'Call not found');
    call.abandon();
  }

  /**
   * Puts the target in the calling party's place. From then on the call is found under its key too.
   * @throws HttpError 406 when there is no Invite call, or its parties are not connected, or the target has another such call
   */
  transfer(parties: CallParties, target: string): void {
    const { kept, call } = this.#connected(parties);
    const key = keyOf({ ...parties, calling: target });
    // Its own key is that of a call that comes back to a user.
    const isTaken = (): boolean => this.#records.get(key) !== kept && this.#isInProgress(key);
    if (isTaken()) throw createError(406, 'Call in progress');
    call.transfer(target, () => {
      if (!isTaken()) this.#keep(key, kept);
    });
  }

  /** @throws HttpError 406 when there is no Invite call, or its parties are not connected */
  hold(parties: CallParties): void {
    this.#connected(parties).call.hold();
  }

  /** @throws HttpError 406 when there is no Invite call, or its parties are not connected */
  resume(parties: CallParties): void {
    this.#connected(parties).call.resume();
  }

  /**
   * Takes no new calls. Refer calls that are being set up may finish; Invite calls end, unless the drain keeps them.
   * @returns when none is left that may finish
   */
  async drain({ seconds, keepsCalls }: Drain): Promise<void> {
    this.#drainEndsAtMs = performance.now() + seconds * 1000;
    const ends: Promise<void>[] = [];
    for (const kept of this.#live.keys()) {
      if (keepsCalls || kept.call instanceof ReferCall) ends.push(this.#endOf(kept));
      else kept.call?.abandon();
    }
    await Promise.all(ends);
  }

  /** Tears down every call that is not over, and waits until the telephones have confirmed it, or a while has passed. */
  async stop(): Promise<void> {
    const ends = [...this.#live.keys()].map((kept) => {
      const end = this.#endOf(kept);
      kept.call?.abandon();
      return end;
    });
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_TIMEOUT_MS);
    });
    await Promise.race([Promise.all(ends), timeout]);
    clearTimeout(timer);
  }

  #endOf(kept: KeptCall): Promise<void> {
    return new Promise((resolve) => void this.#live.set(kept, resolve));
  }

  /** @throws HttpError 503 when no new calls are taken any more */
  #refuseWhileDraining(): void {
    if (this.#drainEndsAtMs === undefined) return;
    const seconds = Math.max(1, Math.ceil((this.#drainEndsAtMs - performance.now()) / 1000));
    const headers = { 'Retry-After': String(seconds) };
    throw createError(503, 'The container is being stopped and takes no new calls', { expose: true, headers });
  }

  #refer(request: CallRequest, kept: KeptCall): Call {
    const onHandOver = (answered: AnsweredLeg): void => kept.begin(this.#invite(request, kept, answered));
    return new ReferCall(request, this.sdk.sip, this.#settings, {
      onEnd: this.#ending(request, kept),
      onSettled: (record) => kept.settle(record),
      ...(request.sipMethod === 'Auto' && { onHandOver }),
    });
  }

  #invite(request: CallRequest, kept: KeptCall, answered?: AnsweredLeg): Call {
    const end = this.#ending(request, kept);
    const onEnd = (call: Call): void => {
      end();
      kept.settle(call.document());
    };
    const legBehind = (dialog: DialogId): Leg | undefined => this.#legBehind(dialog);
    return new InviteCall(request, this.sdk.sip, this.#settings, { onEnd, legBehind }, answered);
  }

  /** Attended transfers are rare: no index is kept for them. */
  #legBehind(dialog: DialogId): Leg | undefined {
    for (const { call } of this.#live.keys()) {
      const leg = call instanceof InviteCall ? call.legBehind(dialog) : undefined;
      if (leg) return leg;
    }
    return undefined;
  }

  #connected(parties: CallParties): { kept: KeptCall; call: InviteCall } {
    const kept = this.#records.get(keyOf(parties));
    const call = kept?.call;
    if (!kept || !(call instanceof InviteCall) || call.hasEnded) throw createError(406, 'Call not found');
    if (!call.isConnected) throw createError(406, 'Call not connected');
    return { kept, call };
  }

  /** Whether there is an Invite call with this key that has not come to its end. */
  #isInProgress(key: string): boolean {
    const call = this.#records.get(key)?.call;
    return call instanceof InviteCall && !call.hasEnded;
  }

  #keep(key: string, kept: KeptCall): void {
    this.#records.set(key, kept);
    kept.keys = followedBy(kept.keys, key);
    const users = usersOfAgent(key);
    if (users !== undefined) this.#agentsKeys.set(users, followedBy(this.#othersThan(key, users), key));
  }

  /** What is done at the end of a call that is placed now. */
  #ending({ resultCacheTimeMs }: CallRequest, kept: KeptCall): () => void {
    const expiresAtMs = Date.now() + resultCacheTimeMs;
    return () => {
      this.#live.get(kept)?.();
      this.#live.delete(kept);
      const remainingMs = expiresAtMs - Date.now();
      for (const key of kept.keys) this.#records.touch(key, remainingMs > 0 ? remainingMs : GRACE_MS);
    };
  }

  #forget(kept: KeptCall, key: string): void {
    kept.keys = kept.keys.filter((other) => other !== key);
    if (kept.keys.length === 0) kept.call?.forget();
    const users = usersOfAgent(key);
    if (users === undefined) return;
    const others = this.#othersThan(key, users);
    if (others.length > 0) this.#agentsKeys.set(users, others);
    else this.#agentsKeys.delete(users);
  }

  #othersThan(key: string, users: string): string[] {
    return (this.#agentsKeys.get(users) ?? []).filter((other) => other !== key);
  }
}

/** A list and one more. Arrays that are spread into, or pushed to, keep room for others. */
function followedBy(list: readonly string[], next: string): readonly string[] {
  return list.toSpliced(list.length, 0, next);
}

function keyOf({ agent, calling, called }: CallParties): string {
  return `${agent} ${calling} ${called}`;
}

function usersOf({ calling, called }: Pick<CallParties, 'calling' | 'called'>): string {
  return `${calling} ${called}`;
}

/** The two users of a key; undefined where the calling user is the agent. */
function usersOfAgent(key: string): string | undefined {
  const users = key.slice(key.indexOf(' ') + 1);
  return key.startsWith(users.slice(0, users.indexOf(' ') + 1)) ? undefined : users;
}
