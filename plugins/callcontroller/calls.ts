import createError from 'http-errors';
import { Lifecycle, scoped } from 'tsyringe';
import {
  type Cache,
  type CallEventType,
  type CallOrder,
  type Drain,
  type Leg,
  type LegRole,
  Sdk,
  type WireMessage,
} from '../../sdk/index.js';
import { CallLimits } from './call-limits.js';
import type { AnsweredLeg, Call } from './call.js';
import type { CallParties, CallRequest } from './http/call-request.js';
import { InviteCall } from './invite/invite-call.js';
import type { DialogId } from './invite/replaces.js';
import { KeptCall } from './kept-call.js';
import { newCallRecordId } from './model/call-id.js';
import { CallRecord, type RecordedRequest, type RecordListener } from './model/call-record.js';
import { Watchers } from './model/watchers.js';
import type { ProgressRecord } from './refer/progress-record.js';
import { ReferCall } from './refer/refer-call.js';
import { type Settings, settingsSchema } from './settings.js';
import { WaitingCall } from './waiting-call.js';

/** How long the record of a call that outlived its `resultCacheTime` is kept after the end, so that a poller sees it. */
const GRACE_MS = 5_000;
/** How long the service waits at its stop for telephones to answer BYE and CANCEL. */
const STOP_TIMEOUT_MS = 3_000;
/** How long a call waits for the end of the one whose place it takes: at the stop no longer than all others. */
const REPLACE_TIMEOUT_MS = STOP_TIMEOUT_MS;

/** Where an order came from, for the log. */
export type Origin = Pick<CallOrder, 'client' | 'requestId'>;

/** The calls of this service: by key, for those who ask, and all that are not over, for the day it stops. */
@scoped(Lifecycle.ContainerScoped)
export class Calls implements RecordListener {
  readonly #settings: Settings;
  /** By id. */
  readonly #records: Cache<KeptCall>;
  readonly #byKey = new Map<string, KeptCall>();
  /** Keys of the records between the same two users that an agent other than the calling user has, newest last. */
  readonly #agentsKeys = new Map<string, readonly string[]>();
  /** Calls that are not over, and who waits for their end. */
  readonly #live = new Map<KeptCall, () => void>();
  /** When the container goes on to stop; undefined: it takes calls. */
  #drainEndsAtMs: number | undefined;

  constructor(
    private readonly sdk: Sdk,
    private readonly watchers: Watchers,
    private readonly limits: CallLimits,
  ) {
    this.#settings = sdk.config(settingsSchema);
    this.#records = sdk.cache('calls', { ttlMs: Infinity, onRemove: (kept) => this.#forget(kept) });
  }

  /** All that are kept, oldest first. */
  all(): IterableIterator<KeptCall> {
    return this.#records.values();
  }

  /** Those that are not over, oldest first, as far as the controller has a part in them. */
  live(): IterableIterator<KeptCall> {
    return this.#live.keys();
  }

  byId(id: string): KeptCall | undefined {
    return this.#records.get(id);
  }

  /**
   * Places a call. A Refer call with the same key is torn down, and found by its id only; the new one is sent when that is over.
   * @throws HttpError 406 when an Invite call with the same key is to be replaced by another, 429 or 503 where a limit is reached
   * @throws Error when nothing could be sent
   */
  async place(request: CallRequest, origin: Origin = {}): Promise<CallRecord> {
    const key = keyOf(request);
    this.#refuseToPlace(request, key);
    this.limits.admit(request.agent);
    const kept = new KeptCall(new CallRecord(newCallRecordId(), Date.now(), recorded(request, origin), this));
    const { record } = kept;
    const turn = this.#endOfKey(key);
    kept.begin(turn ? this.#wait(request, kept, turn, origin) : this.#begin(request, kept));
    this.#live.set(kept, () => undefined);
    this.limits.begin(record);
    this.#records.set(record.id, kept);
    this.#keep(key, kept);
    record.create();
    if (!turn) await this.#whenPlaced(request, kept, origin);
    return record;
  }

  /** @throws Error when the INVITE could not be sent */
  async #whenPlaced(request: CallRequest, { record, call }: KeptCall, { client, requestId }: Origin): Promise<void> {
    await call?.placed;
    record.note('placed');
    this.sdk.log.info('Call placed', {
      id: record.id,
      requestId,
      agent: request.agent,
      caller: request.calling,
      callee: request.called,
      method: request.sipMethod,
      client,
      sipCallIds: record.legs.map(({ sipCallId }) => sipCallId),
    });
  }

  /** The call of an agent; without one the calling user's own, else the newest between the two. */
  find({ agent, calling, called }: Omit<CallParties, 'agent'> & { agent: string | undefined }): KeptCall | undefined {
    const own = this.#byKey.get(keyOf({ agent: agent ?? calling, calling, called }));
    if (own || agent !== undefined) return own;
    return this.#byKey.get(this.#agentsKeys.get(usersOf({ calling, called }))?.at(-1) ?? '');
  }

  /** Ends the call, whichever way it was placed. @throws HttpError 406 when there is none */
  hangUp(parties: CallParties): void {
    const call = this.#byKey.get(keyOf(parties))?.call;
    if (!call || call.hasEnded) throw createError(406, 'Call not found');
    call.abandon('hangUp');
  }

  /**
   * Puts the target in the calling party's place. From then on the call is found under its key too.
   * @throws HttpError 406 when there is no Invite call, or its parties are not connected, or the target has another such call
   */
  transfer(parties: CallParties, target: string): void {
    this.transferKept(this.#byKey.get(keyOf(parties)), target);
  }

  /** @throws HttpError 406 when there is no Invite call, or its parties are not connected */
  hold(parties: CallParties): void {
    this.holdKept(this.#byKey.get(keyOf(parties)));
  }

  /** @throws HttpError 406 when there is no Invite call, or its parties are not connected */
  resume(parties: CallParties): void {
    this.resumeKept(this.#byKey.get(keyOf(parties)));
  }

  /** As `hold`. */
  holdKept(kept: KeptCall | undefined): void {
    connected(kept).hold();
  }

  /** As `resume`. */
  resumeKept(kept: KeptCall | undefined): void {
    connected(kept).resume();
  }

  /** As `transfer`. */
  transferKept(kept: KeptCall | undefined, target: string): void {
    const call = connected(kept);
    const { request } = call;
    const key = keyOf({ agent: request.agent, called: request.called, calling: target });
    // Its own key is that of a call that comes back to a user.
    const isTaken = (): boolean => this.#byKey.get(key) !== kept && this.#isInProgress(key);
    if (isTaken()) throw createError(406, 'Call in progress');
    call.transfer(target, () => {
      if (kept && !isTaken()) this.#keep(key, kept);
    });
  }

  onChange(record: CallRecord): void {
    this.watchers.onChange(record);
  }

  onMessage(record: CallRecord, role: LegRole, message: WireMessage, text: () => string): void {
    this.watchers.onMessage(record, role, message, text);
  }

  onEvent(record: CallRecord, type: CallEventType): void {
    if (record.isFinal) this.limits.leave(record);
    else if (type === 'call.connected') this.limits.connect(record);
    this.watchers.onEvent(record, type);
  }

  /**
   * Takes no new calls. Refer calls that are being set up may finish; Invite calls end, unless the drain keeps them.
   * @returns when none is left that may finish
   */
  async drain({ seconds, keepsCalls }: Drain): Promise<void> {
    this.#drainEndsAtMs = performance.now() + seconds * 1000;
    const ends: Promise<void>[] = [];
    for (const kept of this.#live.keys()) {
      if (keepsCalls || (kept.call && !isInviteCall(kept.call))) ends.push(this.#endOf(kept));
      else kept.call?.abandon('shutdown');
    }
    await Promise.all(ends);
  }

  /** Tears down every call that is not over, and waits until the telephones have confirmed it, or a while has passed. */
  async stop(): Promise<void> {
    const ends = [...this.#live.keys()].map((kept) => {
      const end = this.#endOf(kept);
      kept.call?.abandon('shutdown');
      return end;
    });
    await isSettledWithin(Promise.all(ends), STOP_TIMEOUT_MS);
  }

  #endOf(kept: KeptCall): Promise<void> {
    const others = this.#live.get(kept);
    return new Promise((resolve) => {
      this.#live.set(kept, () => {
        others?.();
        resolve();
      });
    });
  }

  /** @throws HttpError 503 when no new calls are taken any more, 406 when an Invite call is to take another's place */
  #refuseToPlace({ sipMethod }: CallRequest, key: string): void {
    this.#refuseWhileDraining();
    if (sipMethod === 'Invite' && this.#isInProgress(key)) throw createError(406, 'Call in progress');
  }

  /**
   * Tears down the call with this key, for another one to take its place: a telephone with one line is busy until then.
   * @returns fulfilled when it is over, or has had its time; undefined: there is none that is not over
   */
  #endOfKey(key: string): Promise<unknown> | undefined {
    const kept = this.#byKey.get(key);
    if (!kept || !this.#live.has(kept)) return undefined;
    const ended = this.#endOf(kept);
    kept.call?.abandon('replaced');
    return isSettledWithin(ended, REPLACE_TIMEOUT_MS);
  }

  /** @throws HttpError 503 when no new calls are taken any more */
  #refuseWhileDraining(): void {
    if (this.#drainEndsAtMs === undefined) return;
    const seconds = Math.max(1, Math.ceil((this.#drainEndsAtMs - performance.now()) / 1000));
    const headers = { 'Retry-After': String(seconds) };
    throw createError(503, 'The container is being stopped and takes no new calls', { expose: true, headers });
  }

  /** Sends the first INVITE. */
  #begin(request: CallRequest, kept: KeptCall): Call {
    return request.sipMethod === 'Invite' ? this.#invite(request, kept) : this.#refer(request, kept);
  }

  #wait(request: CallRequest, kept: KeptCall, turn: Promise<unknown>, origin: Origin): Call {
    const end = this.#ending(request, kept);
    const onEnd = (record: ProgressRecord): void => {
      end();
      kept.settle(record);
    };
    const onTurn = (): void => {
      kept.begin(this.#begin(request, kept));
      this.#whenPlaced(request, kept, origin).catch((error: unknown) => {
        this.sdk.log.warn('Call not placed', { id: kept.record.id, requestId: origin.requestId, error: String(error) });
      });
    };
    return new WaitingCall(request, turn, { record: kept.record, onTurn, onEnd });
  }

  #refer(request: CallRequest, kept: KeptCall): Call {
    const onHandOver = (answered: AnsweredLeg): void => kept.begin(this.#invite(request, kept, answered));
    return new ReferCall(request, this.sdk.sip, this.#settings, {
      record: kept.record,
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
    return new InviteCall(
      request,
      this.sdk.sip,
      this.#settings,
      { record: kept.record, onEnd, legBehind },
      { answered },
    );
  }

  /** Attended transfers are rare: no index is kept for them. */
  #legBehind(dialog: DialogId): Leg | undefined {
    for (const { call } of this.#live.keys()) {
      const leg = call instanceof InviteCall ? call.legBehind(dialog) : undefined;
      if (leg) return leg;
    }
    return undefined;
  }

  /** Whether there is an Invite call with this key that has not come to its end. */
  #isInProgress(key: string): boolean {
    const call = this.#byKey.get(key)?.call;
    return call !== undefined && isInviteCall(call) && !call.hasEnded;
  }

  #keep(key: string, kept: KeptCall): void {
    const before = this.#byKey.get(key);
    if (before === kept) return;
    if (before) this.#release(before, key);
    this.#byKey.set(key, kept);
    kept.keys = followedBy(kept.keys, key);
    const users = usersOfAgent(key);
    if (users !== undefined) this.#agentsKeys.set(users, followedBy(this.#othersThan(key, users), key));
  }

  /** What is done at the end of a call that is placed now. */
  #ending({ resultCacheTimeMs }: CallRequest, kept: KeptCall): () => void {
    const expiresAtMs = performance.now() + resultCacheTimeMs;
    return () => {
      this.#live.get(kept)?.();
      this.#live.delete(kept);
      this.limits.leave(kept.record);
      const remainingMs = expiresAtMs - performance.now();
      this.#records.touch(kept.record.id, remainingMs > 0 ? remainingMs : GRACE_MS);
    };
  }

  #forget(kept: KeptCall): void {
    this.limits.forget(kept.record);
    for (const key of kept.keys) this.#release(kept, key);
    kept.call?.forget();
    this.watchers.forget(kept.record);
  }

  /** The call is not found under this key any more. One without keys is known by its id only, and hears of nothing more. */
  #release(kept: KeptCall, key: string): void {
    this.#byKey.delete(key);
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

/** Whether it is an Invite call, or waits to be one. */
function isInviteCall(call: Call): boolean {
  return call instanceof InviteCall || call.request.sipMethod === 'Invite';
}

/** @throws HttpError 406 when it is no Invite call, or its parties are not connected */
function connected(kept: KeptCall | undefined): InviteCall {
  const call = kept?.call;
  if (!(call instanceof InviteCall) || call.hasEnded) throw createError(406, 'Call not found');
  if (!call.isConnected) throw createError(406, 'Call not connected');
  return call;
}

/** What the record needs of a request: the rest is let go with the call. */
function recorded(request: CallRequest, { requestId }: Origin): RecordedRequest {
  const { calling, called, agent, sipMethod, subject, more } = request;
  const { tags, maxDurationMs } = more ?? {};
  const isPlain = tags === undefined && maxDurationMs === undefined;
  return { calling, called, agent, sipMethod, subject, requestId, ...(!isPlain && { more: { tags, maxDurationMs } }) };
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

/** Waits for a promise, but no longer than this, in milliseconds. @returns whether it was fulfilled in time */
async function isSettledWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  const isInTime = await Promise.race([promise.then(() => true), timeout]);
  clearTimeout(timer);
  return isInTime;
}
