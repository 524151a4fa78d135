import { setTimeout as delay } from 'node:timers/promises';
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
import { CallIndex } from './call-index.js';
import { keyOf } from './call-key.js';
import type { AnsweredLeg, Call } from './call.js';
import type { CallParties, CallRequest, SipMethod } from './http/call-request.js';
import { type BegunCall, InviteCall } from './invite/invite-call.js';
import type { DialogId } from './invite/replaces.js';
import { mayReferTo } from './permissions.js';
import { KeptCall } from './kept-call.js';
import { isSettledWithin, LiveCalls } from './live-calls.js';
import { callEvent } from './model/call-info.js';
import { newCallRecordId } from './model/call-id.js';
import { CallRecord, type RecordedRequest, type RecordListener } from './model/call-record.js';
import { nodeName } from './model/node-name.js';
import { recordOf } from './nodes/foreign-record.js';
import { type ForeignCall, type OwnCalls, SharedCalls } from './nodes/shared-calls.js';
import { Pace } from './nodes/pace.js';
import { Turns } from './nodes/turns.js';
import { Watchers } from './model/watchers.js';
import type { ProgressRecord } from './refer/progress-record.js';
import { ReferCall } from './refer/refer-call.js';
import { type Settings, settingsSchema } from './settings.js';
import { WaitingCall } from './waiting-call.js';

/** How long the record of a call that outlived its `resultCacheTime` is kept after the end, so that a poller sees it. */
const GRACE_MS = 5_000;
/** How long stopping the service waits for telephones to answer BYE and CANCEL. */
const STOP_TIMEOUT_MS = 3_000;
/** How long a call waits for the end of the call that it replaces. */
const REPLACE_TIMEOUT_MS = STOP_TIMEOUT_MS;
/** How long the record of a call is kept that was lost with its node. */
const LOST_KEPT_MS = 180_000;
/** Calls that are taken over can be steered at once; their telephones are told where they are at this pace. */
const REFRESH_MS = 2;

/** Where an order came from, for the log. */
export type Origin = Pick<CallOrder, 'client' | 'requestId'>;

/** The calls of this service: by key, for requests, and all that are not over, for the stop. */
@scoped(Lifecycle.ContainerScoped)
export class Calls implements RecordListener, OwnCalls {
  readonly #settings: Settings;
  /** By id. */
  readonly #records: Cache<KeptCall>;
  readonly #index = new CallIndex((kept) => this.shared.changed(kept.record.id));
  readonly #live = new LiveCalls();
  /** Calls with the same key are placed one after the other, if the key has to be claimed. */
  readonly #turns = new Turns();
  /** When the telephones of calls that are taken over are refreshed. */
  readonly #refreshes = new Pace(REFRESH_MS);
  /** When the container goes on to stop; undefined if it takes calls. */
  #drainEndsAtMs: number | undefined;

  constructor(
    private readonly sdk: Sdk,
    private readonly watchers: Watchers,
    private readonly limits: CallLimits,
    private readonly shared: SharedCalls,
  ) {
    this.#settings = sdk.config(settingsSchema);
    this.#records = sdk.cache('calls', { ttlMs: Infinity, onRemove: (kept) => this.#forget(kept) });
    shared.serve(this);
    shared.answer('replace', async (data) => this.#giveWay(data as { id: string; sipMethod: SipMethod }));
  }

  /** All that are kept, oldest first. */
  all(): IterableIterator<KeptCall> {
    return this.#records.values();
  }

  /** Those that are not over, oldest first, as far as the controller has a part in them. */
  live(): IterableIterator<KeptCall> {
    return this.#live.all();
  }

  byId(id: string): KeptCall | undefined {
    return this.#records.get(id);
  }

  /**
   * Places a call. Tears down a Refer call with the same key, which then is found by its id only; the new call begins when that one is
   * over.
   * @throws HttpError 406 when an Invite call with the same key is to be replaced by another, 429 or 503 if a limit is reached
   * @throws Error when nothing could be sent
   */
  place(request: CallRequest, origin: Origin = {}): Promise<CallRecord> {
    const key = keyOf(request);
    return this.shared.records
      ? this.#turns.take(key, async () => this.#place(request, key, origin))
      : this.#place(request, key, origin);
  }

  async #place(request: CallRequest, key: string, origin: Origin): Promise<CallRecord> {
    const id = newCallRecordId();
    this.#refuseToPlace(request, key);
    const count = this.shared.records && (await this.#claim(request, key, id));
    const waitMs = this.limits.admit(request.agent, count);
    if (waitMs > 0) await this.#waitForTurn(waitMs, request, key);
    const kept = new KeptCall(new CallRecord(id, Date.now(), recorded(request, origin), this));
    const { record } = kept;
    this.watchers.begin(record);
    const turn = this.#endOfKey(key);
    kept.begin(turn ? this.#wait(request, kept, turn, origin) : this.#begin(request, kept));
    this.#live.add(kept);
    this.limits.begin(record);
    this.#records.set(record.id, kept);
    this.#index.add(key, kept);
    record.create();
    if (!turn) await this.#whenPlaced(request, kept, origin);
    // Who is told that the call is accepted can find it, though this node may die at once.
    if (this.shared.records) await this.shared.whenWritten(id);
    return record;
  }

  /** @throws HttpError where meanwhile the call may not be placed any more, as `place` */
  async #waitForTurn(waitMs: number, request: CallRequest, key: string): Promise<void> {
    await delay(waitMs);
    this.#refuseToPlace(request, key);
    this.limits.checkRoom(request.agent);
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

  /** See `CallIndex`. */
  find(parties: Omit<CallParties, 'agent'> & { agent: string | undefined }): KeptCall | undefined {
    return this.#index.find(parties);
  }

  /** The call with the key of these parties. */
  of(parties: CallParties): KeptCall | undefined {
    return this.#index.of(parties);
  }

  /** Ends the call, whichever way it was placed. @throws HttpError 406 when there is none */
  hangUp(kept: KeptCall | undefined): void {
    if (!isLive(kept)) throw createError(406, 'Call not found');
    kept?.call?.abandon('hangUp');
  }

  /** @throws HttpError 406 when there is no Invite call, or its parties are not connected */
  hold(kept: KeptCall | undefined): void {
    connected(kept).hold();
  }

  /** @throws HttpError 406 when there is no Invite call, or its parties are not connected */
  resume(kept: KeptCall | undefined): void {
    connected(kept).resume();
  }

  /**
   * Puts the target in the calling party's place. From then on the target's key finds the call, too.
   * @throws HttpError 406 when there is no Invite call, or its parties are not connected, or the target has another such call
   */
  transfer(kept: KeptCall | undefined, target: string): void {
    const call = connected(kept);
    const { request } = call;
    const key = keyOf({ agent: request.agent, called: request.called, calling: target });
    // The key may be the call's own, if the call returns to an earlier user.
    const isTaken = (): boolean => this.#index.get(key) !== kept && this.#isInProgress(key);
    if (isTaken()) throw createError(406, 'Call in progress');
    call.transfer(target, () => {
      if (kept && !isTaken()) this.#index.add(key, kept);
    });
  }

  onChange(record: CallRecord): void {
    this.shared.changed(record.id);
    this.watchers.onChange(record);
  }

  onMessage(record: CallRecord, role: LegRole, message: WireMessage, text: () => string): void {
    this.watchers.onMessage(record, role, message, text);
  }

  onEvent(record: CallRecord, type: CallEventType): void {
    if (record.isFinal) this.limits.leave(record);
    else if (type === 'call.connected') this.limits.connect(record);
    this.watchers.onEvent(record, type);
    if (this.shared.records) this.shared.tell(record.id, callEvent(record, type, nodeName(this.sdk.sip)));
  }

  /**
   * Accepts no new calls. Refer calls being set up may finish; Invite calls end, unless the drain keeps them.
   * @returns when none is left that may finish
   */
  async drain({ seconds, keepsCalls }: Drain): Promise<void> {
    this.#drainEndsAtMs = performance.now() + seconds * 1000;
    const ends: Promise<void>[] = [];
    for (const kept of this.#live.all()) {
      if (keepsCalls || (kept.call && !isInviteCall(kept.call))) ends.push(this.#live.endOf(kept));
      else kept.call?.abandon('shutdown');
    }
    await Promise.all(ends);
  }

  /** Tears down every call that is not over, and waits for the answers of the telephones, but only for a while. */
  async stop(): Promise<void> {
    const ends = [...this.#live.all()].map((kept) => {
      const end = this.#live.endOf(kept);
      kept.call?.abandon('shutdown');
      return end;
    });
    await isSettledWithin(Promise.all(ends), STOP_TIMEOUT_MS);
    await this.shared.records?.flush();
  }

  /** See `OwnCalls`. A connected call goes on here; any other is over, and its watchers are told. */
  takeOver(foreign: ForeignCall, told: number): void {
    const record = recordOf(foreign, told, this);
    const kept = new KeptCall(record);
    this.watchers.begin(record);
    this.limits.begin(record);
    this.#records.set(record.id, kept);
    for (const key of foreign.keys) if (!isLive(this.#index.get(key))) this.#index.add(key, kept);
    if (!this.#goOn(foreign, kept)) this.#giveUp(foreign, kept);
    record.touch();
  }

  /** @returns whether the call goes on */
  #goOn({ snapshot, id }: ForeignCall, kept: KeptCall): boolean {
    if (snapshot === undefined || kept.record.isFinal) return false;
    const { agent } = snapshot.request;
    const request = {
      ...snapshot.request,
      agentAccount: this.sdk.accounts.find(agent) ?? snapshot.request.agentAccount,
    };
    try {
      kept.begin(this.#invite(request, kept, { snapshot, refreshAfterMs: this.#refreshes.next() }));
    } catch (error) {
      this.sdk.log.error('A call cannot go on here', { id, error });
      return false;
    }
    this.#live.add(kept);
    this.limits.connect(kept.record);
    return true;
  }

  #giveUp({ document = '' }: ForeignCall, kept: KeptCall): void {
    const { record } = kept;
    kept.settle(document);
    kept.keptUntilMs = performance.now() + LOST_KEPT_MS;
    this.#records.touch(record.id, LOST_KEPT_MS);
    if (record.isReleased) record.note('handedOver');
    record.note('lost', { code: 'lost', by: 'controller' });
    this.limits.leave(record);
  }

  letGo(id: string): void {
    const kept = this.#records.get(id);
    if (!kept) return;
    kept.call?.letGo();
    this.#live.end(kept);
    this.#records.delete(id);
  }

  /** @throws HttpError 503 when no new calls are accepted, 406 when an Invite call is to take another's place */
  #refuseToPlace({ sipMethod }: CallRequest, key: string): void {
    this.#refuseWhileDraining();
    if (sipMethod === 'Invite' && this.#isInProgress(key)) throw createError(406, 'Call in progress');
  }

  /**
   * Tears down the call with this key, so that another can replace it: a telephone with one line is busy until then.
   * @returns fulfilled when it is over, or has had its time; undefined if there is none that is not over
   */
  #endOfKey(key: string): Promise<unknown> | undefined {
    const kept = this.#index.get(key);
    if (!kept || !this.#live.has(kept)) return undefined;
    return this.#replace(kept);
  }

  /** Tears a call down for another. @returns fulfilled when it is over, or has had its time */
  #replace(kept: KeptCall): Promise<unknown> {
    const ended = this.#live.endOf(kept);
    kept.call?.abandon('replaced');
    return isSettledWithin(ended, REPLACE_TIMEOUT_MS);
  }

  /**
   * Takes the key of a new call on all nodes. A node with a live call under the key gives that call up, or refuses.
   * @returns how many calls the agent has placed on all nodes within a second; undefined if that is not known
   * @throws HttpError as `place`, and 503 if the node of the other call does not answer
   */
  async #claim(request: CallRequest, key: string, id: string): Promise<number | undefined> {
    const { agent, sipMethod } = request;
    await this.shared.whenAwake();
    let claim = await this.shared.claim(key, id, { counter: agent });
    const count = claim?.count;
    if (claim?.holder) {
      const { owner, id: holder } = claim.holder;
      const replace = { id: holder, sipMethod };
      await (this.#records.get(holder) ? this.#giveWay(replace) : this.shared.ask(owner, 'replace', replace));
      claim = await this.shared.claim(key, id, { instead: holder, counter: `again ${agent}` });
      if (claim?.holder) throw createError(406, 'Call in progress');
    }
    this.#refuseToPlace(request, key);
    return count;
  }

  /** Another node places a call under the key of one that this node has. @throws HttpError 406 if the call goes on */
  async #giveWay({ id, sipMethod }: { readonly id: string; readonly sipMethod: SipMethod }): Promise<void> {
    const kept = this.#records.get(id);
    if (!kept || !isLive(kept)) return;
    if (sipMethod === 'Invite' && kept.call && isInviteCall(kept.call)) throw createError(406, 'Call in progress');
    await this.#replace(kept);
  }

  /** @throws HttpError 503 when no new calls are accepted */
  #refuseWhileDraining(): void {
    if (this.#drainEndsAtMs === undefined) return;
    const seconds = Math.max(1, Math.ceil((this.#drainEndsAtMs - performance.now()) / 1000));
    const headers = { 'Retry-After': String(seconds) };
    const text = 'The container is being stopped and takes no new calls';
    throw createError(503, text, { expose: true, isDraining: true, headers });
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
    const onHandOver = (answered: AnsweredLeg): void => kept.begin(this.#invite(request, kept, { answered }));
    return new ReferCall(request, this.sdk.sip, this.#settings, {
      record: kept.record,
      onEnd: this.#ending(request, kept),
      onSettled: (record) => kept.settle(record),
      ...(request.sipMethod === 'Auto' && { onHandOver }),
    });
  }

  #invite(request: CallRequest, kept: KeptCall, begun: BegunCall = {}): Call {
    const end = this.#ending(request, kept);
    const onEnd = (call: Call): void => {
      end();
      kept.settle(call.document());
    };
    const legBehind = (dialog: DialogId): Leg | undefined => this.#legBehind(dialog);
    const { accounts, sip } = this.sdk;
    const mayRefer = (uri: string): boolean => mayReferTo(uri, accounts, this.#settings.phonesMayReferTo);
    const onChange = (): void => this.shared.changed(kept.record.id);
    const owner = { record: kept.record, onEnd, legBehind, mayReferTo: mayRefer, onChange };
    return new InviteCall(request, sip, this.#settings, owner, begun);
  }

  /** Attended transfers are rare: no index is kept for them. */
  #legBehind(dialog: DialogId): Leg | undefined {
    for (const { call } of this.#live.all()) {
      const leg = call instanceof InviteCall ? call.legBehind(dialog) : undefined;
      if (leg) return leg;
    }
    return undefined;
  }

  /** Whether there is an Invite call with this key that has not come to its end. */
  #isInProgress(key: string): boolean {
    const call = this.#index.get(key)?.call;
    return call !== undefined && isInviteCall(call) && !call.hasEnded;
  }

  /** The callback for the end of a new call. */
  #ending({ resultCacheTimeMs }: CallRequest, kept: KeptCall): () => void {
    const expiresAtMs = performance.now() + resultCacheTimeMs;
    return () => {
      this.#live.end(kept);
      this.limits.leave(kept.record);
      const nowMs = performance.now();
      kept.keptUntilMs = expiresAtMs > nowMs ? expiresAtMs : nowMs + GRACE_MS;
      this.#records.touch(kept.record.id, kept.keptUntilMs - nowMs);
      this.shared.changed(kept.record.id);
    };
  }

  #forget(kept: KeptCall): void {
    this.limits.forget(kept.record);
    this.#index.removeAll(kept);
    kept.call?.forget();
    this.watchers.forget(kept.record);
  }
}

/** Whether a call is not over. */
export function isLive(kept: KeptCall | undefined): boolean {
  return kept?.call?.hasEnded === false;
}

/** Whether it is an Invite call, or waits to be one. */
function isInviteCall(call: Call): boolean {
  return call instanceof InviteCall || call.request.sipMethod === 'Invite';
}

/** @throws HttpError 406 when it is no Invite call, or its parties are not connected */
function connected(kept: KeptCall | undefined): InviteCall {
  const call = kept?.call;
  if (!(call instanceof InviteCall) || call.hasEnded) throw createError(406, 'Call not found');
  if (call.isConnected) return call;
  const isBeingChanged = kept?.record.status === 'connected';
  throw createError(
    406,
    isBeingChanged
      ? 'Call is being held, resumed or transferred: it can be changed again afterwards'
      : 'Call not connected',
  );
}

/** The part of a request that the record keeps; the rest is freed with the call. */
function recorded(request: CallRequest, { client, requestId }: Origin): RecordedRequest {
  const { calling, called, agent, sipMethod, subject, more } = request;
  const { tags, maxDurationMs, sink } = more ?? {};
  const isPlain = tags === undefined && maxDurationMs === undefined && sink === undefined;
  const kept = { calling, called, agent, sipMethod, subject, client, requestId };
  return isPlain ? kept : { ...kept, more: { tags, maxDurationMs, sink } };
}
