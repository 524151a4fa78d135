import type { CallEventType, CallInfo } from '../../../sdk/call-info.js';

/** The envelope of an event (`/v1/events`). */
export interface CallEvent {
  readonly id: string;
  readonly type: CallEventType;
  readonly timestamp: string;
  readonly data: { readonly call: CallInfo };
}

export interface EventListener {
  /** The stream is open: its events continue a list that is read now. */
  onOpen(): void;
  onEvent(event: CallEvent): void;
  /** The stream was cut. It reopens by itself. */
  onCut(): void;
}

/** The browser loads nothing of the SDK; the compiler checks that this names each type once. */
const CALL_EVENTS = Object.keys({
  'call.created': true,
  'call.caller_ringing': true,
  'call.caller_answered': true,
  'call.callee_ringing': true,
  'call.connected': true,
  'call.held': true,
  'call.resumed': true,
  'call.transferring': true,
  'call.transferred': true,
  'call.transfer_failed': true,
  'call.handed_over': true,
  'call.ended': true,
  'call.lost': true,
} satisfies Record<CallEventType, true>);

const RETRY_MS = 3_000;

/**
 * Follows the events of all calls. A browser opens a cut stream again by itself and resumes after the last event that it saw; it
 * gives up when the service answers with an error, for example while it restarts, and then this opens another.
 */
export function followEvents(listener: EventListener): void {
  const source = new EventSource('/v1/events');
  for (const type of CALL_EVENTS) {
    source.addEventListener(type, (event) => listener.onEvent(JSON.parse(event.data as string) as CallEvent));
  }
  source.addEventListener('stream.open', () => listener.onOpen());
  // Events were lost: the list has to be read anew.
  source.addEventListener('stream.reset', () => listener.onOpen());
  source.addEventListener('error', () => {
    listener.onCut();
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => followEvents(listener), RETRY_MS);
  });
}
