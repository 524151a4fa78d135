import { cut, oneLine } from '../config/describe.js';
import type { Call, CallEvent } from './call-schemas.js';

const MAX_LENGTH = 100;

/** The event in words; its type if this version does not know the event. */
export function eventInWords({ type, data: { call } }: CallEvent): string {
  const [caller, callee] = [shown(call.caller), shown(call.callee)];
  switch (type) {
    case 'call.created':
      return `${caller} is called`;
    case 'call.caller_ringing':
      return `${caller} rings`;
    case 'call.caller_answered':
      return `${caller} has answered`;
    case 'call.callee_ringing':
      return `${callee} rings`;
    case 'call.connected':
      return `${caller} and ${callee} are connected`;
    case 'call.held':
      return `${caller} and ${callee} are on hold`;
    case 'call.resumed':
      return `${caller} and ${callee} talk again`;
    case 'call.transferring':
      return `${callee} is being transferred`;
    case 'call.transferred':
      return `${callee} was transferred`;
    case 'call.transfer_failed':
      return `the transfer of ${callee} has failed`;
    case 'call.handed_over':
      return call.status === 'connected' ? 'the telephones have the call' : outcomeInWords(call);
    case 'call.ended':
    case 'call.lost':
      return outcomeInWords(call);
    default:
      return shown(type);
  }
}

/** The outcome of a call that is connected or over, in one sentence without a full stop. */
export function outcomeInWords(call: Call): string {
  const [caller, callee] = [shown(call.caller), shown(call.callee)];
  if (call.status === 'connected') return `${caller} and ${callee} are connected`;
  if (call.status === 'handedOver')
    return `${caller}'s telephone has the call, and whether ${callee} answered was never told`;
  const talked = call.status === 'disconnected';
  return `${talked ? 'The call is over' : 'The call failed'}: ${reasonInWords(call, caller, callee)}`;
}

function reasonInWords({ reason }: Call, caller: string, callee: string): string {
  if (!reason) return 'no reason was told';
  const sip = reason.sip === undefined ? '' : ` (${reason.sip} ${shown(reason.text ?? '')})`.replace(' )', ')');
  const who = { caller, callee }[reason.by] ?? 'the agent';
  const words: Readonly<Record<string, string>> = {
    hangUp: `${who} hung up`,
    callerBusy: `${caller} is busy`,
    callerNoAnswer: `${caller} does not answer`,
    callerFailure: `${caller} cannot be reached`,
    callerAbandon: `${caller} hung up before ${callee} answered`,
    calleeBusy: `${callee} is busy`,
    calleeNoAnswer: `${callee} does not answer`,
    calleeFailure: `${callee} cannot be reached`,
    cancelled: 'it was cancelled',
    replaced: 'another call took its place',
    maxDuration: 'its longest duration was over',
    shutdown: 'the container has stopped',
    lost: 'the container that had it is gone',
  };
  return `${Object.hasOwn(words, reason.code) ? words[reason.code] : shown(reason.code)}${sip}`;
}

/** Text from the network for a terminal: shortened, and without control characters. */
export function shown(text: string): string {
  return cut(oneLine(text), MAX_LENGTH);
}
