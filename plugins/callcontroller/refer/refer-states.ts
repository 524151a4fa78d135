import { impossible, type Table, type Transition } from '../state-machine.js';

/**
 * The call flow of `sipMethod=Refer` as a table, without I/O and without a clock: the controller calls the calling party,
 * transfers it to the called party with REFER (RFC 3515), and leaves.
 */

export const STATES = [
  'calling',
  'cancelling',
  'referring',
  /** The REFER was refused for now. */
  'postponed',
  'referred',
  'following',
  'releasing',
  /** An Invite call has the calling party now (`sipMethod=Auto`). */
  'handedOver',
  'ended',
] as const;
export type State = (typeof STATES)[number];

export const EVENTS = [
  /** The calling party's 2xx. */
  'calling.answered',
  /** No more answer can come: its final response other than 2xx, none at all, or nobody to send the INVITE to. */
  'calling.failed',
  /** BYE from the calling party. */
  'calling.hungUp',
  'refer.accepted',
  /** The REFER's final response other than 2xx, or none. */
  'refer.refused',
  /** The REFER's final response says that it may be sent again after a while. */
  'refer.postponed',
  /** The calling party does not support REFER, and the call may go on without it (`sipMethod=Auto`). */
  'refer.unsupported',
  /** NOTIFYs, by the status line that they carry: any other 1xx, or none that can be read. */
  'called.trying',
  /** 180 or 183. */
  'called.ringing',
  'called.answered',
  /** 300 and above. */
  'called.failed',
  /** The subscription ended without a final status. */
  'subscription.ended',
  /** The BYE's final response, or none. */
  'bye.answered',
  /** `timeout` ran out. */
  'timer.ring',
  /** No final response came within 64*T1 of the CANCEL (RFC 3261 section 9.1). */
  'timer.cancel',
  /** No NOTIFY came in time. */
  'timer.notify',
  /** The REFER may be sent again. */
  'timer.retry',
  /** The controller gives the call up: another one replaces it, or the service stops. */
  'abandoned',
] as const;
export type CallEvent = (typeof EVENTS)[number];

export type Effect =
  | 'ack'
  | 'refer'
  | 'cancel'
  | 'bye'
  /** BYE with the Reason of the called party's failure (RFC 3326). */
  | 'byeWithReason'
  | 'recordRingTimeout'
  | 'recordNotifyTimeout'
  | 'recordAbandoned'
  | 'handOver'
  | 'startCancelTimer'
  | 'startNotifyTimer'
  | 'startRetryTimer'
  /** Ends whichever timer of the call runs. */
  | 'stopTimer'
  | 'end';

const to = (state: State, ...effects: Effect[]): Transition<State, Effect> => ({ to: state, effects });

const IMPOSSIBLE = impossible(EVENTS);

/** Events that may still come while the call is being released, or after its end: recorded, without effect. */
const LATE = {
  'calling.hungUp': 'ignored',
  'refer.accepted': 'ignored',
  'refer.refused': 'ignored',
  'refer.postponed': 'ignored',
  'refer.unsupported': 'ignored',
  'called.trying': 'ignored',
  'called.ringing': 'ignored',
  'called.answered': 'ignored',
  'called.failed': 'ignored',
  'subscription.ended': 'ignored',
  abandoned: 'ignored',
} as const;

/** The calling party has the REFER, and NOTIFYs report its progress. They may overtake the response to the REFER. */
const NOTIFIED = {
  'calling.hungUp': to('ended', 'stopTimer', 'end'),
  'called.trying': to('following', 'startNotifyTimer'),
  'called.ringing': to('releasing', 'stopTimer', 'bye'),
  'called.answered': to('releasing', 'stopTimer', 'bye'),
  'called.failed': to('releasing', 'stopTimer', 'byeWithReason'),
  'subscription.ended': to('releasing', 'stopTimer', 'bye'),
  abandoned: to('releasing', 'stopTimer', 'recordAbandoned', 'bye'),
} as const;

export const REFER_CALL: Table<State, CallEvent, Effect> = {
  calling: {
    ...IMPOSSIBLE,
    'calling.answered': to('referring', 'stopTimer', 'ack', 'refer'),
    'calling.failed': to('ended', 'stopTimer', 'end'),
    'timer.ring': to('cancelling', 'recordRingTimeout', 'cancel', 'startCancelTimer'),
    abandoned: to('cancelling', 'recordAbandoned', 'cancel', 'startCancelTimer'),
  },
  cancelling: {
    ...IMPOSSIBLE,
    'calling.answered': to('releasing', 'stopTimer', 'ack', 'bye'),
    'calling.failed': to('ended', 'stopTimer', 'end'),
    'timer.cancel': to('ended', 'end'),
    abandoned: 'ignored',
  },
  referring: {
    ...IMPOSSIBLE,
    ...NOTIFIED,
    'refer.accepted': to('referred', 'startNotifyTimer'),
    'refer.refused': to('releasing', 'bye'),
    'refer.postponed': to('postponed', 'startRetryTimer'),
    'refer.unsupported': to('handedOver', 'handOver'),
  },
  postponed: {
    ...IMPOSSIBLE,
    ...LATE,
    'calling.hungUp': to('ended', 'stopTimer', 'end'),
    'timer.retry': to('referring', 'refer'),
    abandoned: to('releasing', 'stopTimer', 'recordAbandoned', 'bye'),
  },
  referred: {
    ...IMPOSSIBLE,
    ...NOTIFIED,
    'timer.notify': to('releasing', 'recordNotifyTimeout', 'bye'),
  },
  following: {
    ...IMPOSSIBLE,
    ...NOTIFIED,
    'refer.accepted': 'ignored',
    'refer.refused': to('releasing', 'stopTimer', 'bye'),
    'refer.postponed': to('releasing', 'stopTimer', 'bye'),
    'refer.unsupported': to('releasing', 'stopTimer', 'bye'),
    'timer.notify': to('releasing', 'recordNotifyTimeout', 'bye'),
  },
  releasing: {
    ...IMPOSSIBLE,
    ...LATE,
    'bye.answered': to('ended', 'end'),
  },
  handedOver: {
    ...IMPOSSIBLE,
    ...LATE,
  },
  ended: {
    ...IMPOSSIBLE,
    ...LATE,
    // The answer to a CANCEL may come late.
    'calling.answered': 'ignored',
    'calling.failed': 'ignored',
  },
};
