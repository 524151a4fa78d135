import type { CallInfo, CallStatus } from '../../../sdk/call-info.js';
import { nameOf } from './call.js';

/** A status in words, and its colour class. */
interface Wording {
  readonly words: string;
  readonly tone: 'busy' | 'good' | 'bad' | 'over';
}

const STATUS: Readonly<Record<CallStatus, Wording>> = {
  initiating: { words: 'starting', tone: 'busy' },
  callingCaller: { words: 'ringing caller', tone: 'busy' },
  callingCallee: { words: 'ringing callee', tone: 'busy' },
  connected: { words: 'connected', tone: 'good' },
  disconnected: { words: 'ended', tone: 'over' },
  failed: { words: 'failed', tone: 'bad' },
  handedOver: { words: 'handed over', tone: 'over' },
};

/** A status that a later version of the service has is shown by its name. */
export function wordingOf({ status, isHeld, isFinal }: Pick<CallInfo, 'status'> & Partial<CallInfo>): Wording {
  if (status === 'connected' && isHeld) return { words: 'on hold', tone: 'busy' };
  // The telephones of a Refer call go on without the controller.
  if (status === 'connected' && isFinal) return { words: 'handed over', tone: 'good' };
  return STATUS[status] ?? { words: status, tone: 'over' };
}

/** The statuses to choose from, in the order of a call's life. */
export const STATUSES = Object.keys(STATUS) as readonly CallStatus[];

const CAUSES: Readonly<Record<string, (caller: string, callee: string) => string>> = {
  hangUp: (caller, callee) => `${caller} and ${callee} talked until one of them hung up`,
  callerBusy: (caller) => `${caller}’s telephone was busy`,
  callerNoAnswer: (caller) => `${caller} did not pick up`,
  callerFailure: (caller) => `${caller}’s telephone could not be reached`,
  callerAbandon: (caller, callee) => `${caller} hung up before ${callee} answered`,
  calleeBusy: (_caller, callee) => `${callee}’s telephone was busy`,
  calleeNoAnswer: (_caller, callee) => `${callee} did not answer`,
  calleeFailure: (_caller, callee) => `${callee} could not be reached`,
  cancelled: () => 'the call was cancelled while it was set up',
  replaced: () => 'another call between the same users took its place',
  maxDuration: () => 'the call reached its longest duration',
  shutdown: () => 'the service stopped',
  lost: () => 'the node that held the call was lost',
};

/** What happened to the call, in one sentence. */
export function sentenceOf(call: CallInfo): string {
  const caller = nameOf(call.caller);
  const callee = nameOf(call.callee);
  const sentence = call.isFinal ? outcomeOf(call, caller, callee) : progressOf(call, caller, callee);
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

/** Whether somebody else is in the caller's place, with a leg of its own. */
function isTransferred({ legs }: CallInfo): boolean {
  const [first, ...later] = legs.filter(({ role }) => role === 'caller');
  return first?.state === 'ended' && later.some(({ state }) => state === 'answered');
}

function progressOf(call: CallInfo, caller: string, callee: string): string {
  if (call.status === 'connected') {
    if (isTransferred(call)) return `${caller} has left after a transfer, and its target talks to ${callee}`;
    return call.isHeld ? `${caller} and ${callee} are connected, and on hold` : `${caller} and ${callee} are connected`;
  }
  if (call.status === 'callingCallee') return `${caller} has picked up, and ${callee} is being called`;
  if (call.status === 'callingCaller') return `${caller}’s telephone is being called`;
  return `the call from ${caller} to ${callee} is about to start`;
}

function outcomeOf(call: CallInfo, caller: string, callee: string): string {
  if (call.status === 'handedOver' || call.status === 'connected') return handOverOf(call, caller, callee);
  const { code, sip, text } = call.reason ?? { code: 'other' };
  const cause = CAUSES[code]?.(caller, callee) ?? 'the call ended for another reason';
  const detail = sip === undefined ? undefined : [sip, text].filter((part) => part !== undefined).join(' ');
  return detail === undefined || code === 'hangUp' ? cause : `${cause} (SIP ${detail})`;
}

function handOverOf(call: CallInfo, caller: string, callee: string): string {
  if (call.connectedAt !== undefined) return `${caller} and ${callee} were connected, and go on by themselves`;
  return `${caller}’s telephone calls ${callee} by itself, and never told how that went`;
}

/** `0:42`, `1:02:03`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Time of day, as it is written where the browser is. */
export function timeText(at: string): string {
  return new Date(at).toLocaleTimeString(undefined, { hour12: false });
}

/** A day, as it is written where the browser is. */
export function dayText(at: string): string {
  return new Date(at).toLocaleDateString(undefined, { dateStyle: 'long' });
}

/** Time of day with milliseconds, for SIP messages. */
export function preciseTimeText(at: string): string {
  return `${timeText(at)}.${String(new Date(at).getUTCMilliseconds()).padStart(3, '0')}`;
}
