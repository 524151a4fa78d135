import { Lifecycle, scoped } from 'tsyringe';
import {
  type CallEvent,
  type CallEventType,
  type CallMessage,
  type LegRole,
  Sdk,
  type WireMessage,
} from '../../../sdk/index.js';
import { callEvent } from './call-info.js';
import { CallMetrics } from './call-metrics.js';
import { CallSpans } from './call-spans.js';
import type { CallRecord, RecordListener } from './call-record.js';
import { Messages } from './messages.js';
import { nodeName } from './node-name.js';
import { Traces } from './traces.js';

/** Listeners for every event of all calls, or for the next change of one call. */
@scoped(Lifecycle.ContainerScoped)
export class Watchers implements RecordListener {
  readonly #onEvent = new Set<(event: CallEvent) => void>();
  readonly #onChange = new Map<CallRecord, Set<() => void>>();

  readonly #messages = new Messages();
  /** One text for all events: they are kept by the thousand. */
  #node: string | undefined;

  constructor(
    private readonly sdk: Sdk,
    private readonly metrics: CallMetrics,
    private readonly traces: Traces,
    private readonly spans: CallSpans,
  ) {}

  /** A call is about to be placed, or to go on here. */
  begin(record: CallRecord): void {
    this.spans.begin(record);
  }

  /** @returns ends it */
  watch(onEvent: (event: CallEvent) => void): () => void {
    // Of its own, so that the same function can watch twice.
    const listener = (event: CallEvent): void => onEvent(event);
    this.#onEvent.add(listener);
    return () => this.#onEvent.delete(listener);
  }

  /** @returns ends it */
  watchCall(record: CallRecord, onChange: () => void): () => void {
    const others = this.#onChange.get(record) ?? new Set();
    this.#onChange.set(record, others.add(onChange));
    return () => {
      others.delete(onChange);
      if (others.size === 0) this.#onChange.delete(record);
    };
  }

  onChange(record: CallRecord): void {
    for (const listener of this.#onChange.get(record) ?? []) this.#call(listener);
  }

  onEvent(record: CallRecord, type: CallEventType): void {
    this.metrics.onEvent(record, type);
    this.spans.onEvent(record, type);
    if (record.isFinal) this.sdk.log.info('Call over', outcome(record));
    if (this.#onEvent.size === 0) return;
    this.#node ??= nodeName(this.sdk.sip);
    const event = callEvent(record, type, this.#node);
    for (const listener of this.#onEvent) this.#call(listener, event);
  }

  onMessage(record: CallRecord, role: LegRole, message: WireMessage, text: () => string): void {
    this.spans.onMessage(record, role, message);
    const { id, request } = record;
    const { traceLog } = this.sdk;
    if (!traceLog.isTraced && !this.traces.has(record)) return this.#messages.add(id, role, message);
    const whole = { ...message, text: text() };
    this.#messages.add(id, role, whole);
    const { direction } = message;
    return traceLog.trace('SIP message', { id, requestId: request.requestId, leg: role, direction, text: whole.text });
  }

  messagesOf({ id }: CallRecord): CallMessage[] {
    return this.#messages.of(id);
  }

  /** The record is not kept any more. */
  forget(record: CallRecord): void {
    this.#messages.delete(record.id);
    this.spans.forget(record);
  }

  /** A watcher's error must not disturb the call. */
  #call<T extends readonly unknown[]>(listener: (...told: T) => void, ...told: T): void {
    try {
      listener(...told);
    } catch (error) {
      this.sdk.log.error('A watcher of calls failed', { error });
    }
  }
}

/** What the log says of a call that is over. */
function outcome(record: CallRecord): Readonly<Record<string, unknown>> {
  const { id, status, reason, createdAtMs, nowMs, connectedAtMs, legs, request } = record;
  return {
    id,
    requestId: request.requestId,
    agent: request.agent,
    caller: request.calling,
    callee: request.called,
    method: request.sipMethod,
    client: request.client,
    status,
    reason,
    setupMs: connectedAtMs === undefined ? undefined : connectedAtMs - createdAtMs,
    lastedMs: nowMs - (connectedAtMs ?? createdAtMs),
    sipCallIds: legs.map(({ sipCallId }) => sipCallId),
  };
}
