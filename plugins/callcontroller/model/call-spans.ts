import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Lifecycle, scoped } from 'tsyringe';
import type { CallEventType, LegRole, WireMessage } from '../../../sdk/index.js';
import type { CallRecord } from './call-record.js';

/** Answered by the stack, they end no attempt. */
const CHALLENGES: ReadonlySet<number> = new Set([401, 407]);

/** The spans of one call. */
interface Spans {
  readonly call: Span;
  /** Transactions without a final response, by leg, direction of the request and CSeq. */
  readonly transactions: Map<string, Span>;
}

/**
 * Tells OpenTelemetry of the calls: a span for each from its set-up to its end, within that of the HTTP request, and in it one for each
 * SIP transaction. Unless the operator has loaded an SDK, the API gives spans that record nothing, and no call has an entry here.
 */
@scoped(Lifecycle.ContainerScoped)
export class CallSpans {
  readonly #tracer = trace.getTracer('sipxrest');
  readonly #spans = new WeakMap<CallRecord, Spans>();

  /** A call is about to be placed, or taken over from another node. */
  begin(record: CallRecord): void {
    const { sipMethod, requestId } = record.request;
    const call = this.#tracer.startSpan('call');
    if (!call.isRecording()) return;
    call.setAttribute('sipxrest.call.id', record.id);
    call.setAttribute('sipxrest.call.method', sipMethod.toLowerCase());
    if (requestId !== undefined) call.setAttribute('sipxrest.request.id', requestId);
    this.#spans.set(record, { call, transactions: new Map() });
  }

  onEvent(record: CallRecord, type: CallEventType): void {
    const spans = this.#spans.get(record);
    if (!spans) return;
    const { call } = spans;
    call.addEvent(type);
    const { isFinal, status, reason, legs } = record;
    if (!isFinal) return;
    call.setAttributes({
      'sipxrest.call.status': status,
      'sipxrest.call.sip_call_ids': legs.map(({ sipCallId }) => sipCallId),
      ...(reason && { 'sipxrest.call.reason': reason.code }),
      ...(reason?.sip !== undefined && { 'sipxrest.call.sip_status': reason.sip }),
    });
    if (status === 'failed') call.setStatus({ code: SpanStatusCode.ERROR, message: reason?.code ?? status });
    call.end();
  }

  /** The BYE of a call and its last NOTIFY come when the call itself is over: their spans still belong to it. */
  onMessage(record: CallRecord, role: LegRole, message: WireMessage): void {
    const spans = this.#spans.get(record);
    if (!spans) return;
    const status = statusOf(message);
    if (status === undefined) this.#onRequest(spans, role, message);
    else onResponse(spans, role, message, status);
  }

  /** No more events of the call follow; whatever was never answered ends here. */
  forget(record: CallRecord): void {
    const { transactions } = this.#spans.get(record) ?? {};
    for (const span of transactions?.values() ?? []) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'no final response' });
      span.end();
    }
    this.#spans.delete(record);
  }

  /** An ACK is answered by nobody: it is an event of the call. A request that is sent again is no other transaction. */
  #onRequest({ call, transactions }: Spans, role: LegRole, { direction, cseq }: WireMessage): void {
    const [, method = ''] = cseq.split(' ');
    const key = `${role} ${direction} ${cseq}`;
    if (method === 'ACK') call.addEvent('SIP ACK', { 'sip.leg': role });
    if (method === 'ACK' || transactions.has(key)) return;
    const kind = direction === 'out' ? SpanKind.CLIENT : SpanKind.SERVER;
    const attributes = { 'sip.method': method, 'sip.cseq': cseq, 'sip.leg': role };
    const span = this.#tracer.startSpan(`SIP ${method}`, { kind, attributes }, trace.setSpan(context.active(), call));
    transactions.set(key, span);
  }
}

function onResponse(
  { transactions }: Spans,
  role: LegRole,
  { direction, cseq, startLine }: WireMessage,
  status: number,
): void {
  const key = `${role} ${direction === 'in' ? 'out' : 'in'} ${cseq}`;
  const span = transactions.get(key);
  if (!span) return;
  if (status < 200) return void span.addEvent(startLine.slice('SIP/2.0 '.length));
  span.setAttribute('sip.status', status);
  if (status >= 400 && !CHALLENGES.has(status)) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
  transactions.delete(key);
}

/** Undefined for a request. */
function statusOf({ startLine }: WireMessage): number | undefined {
  return startLine.startsWith('SIP/2.0 ') ? Number(startLine.slice(8, 11)) : undefined;
}
