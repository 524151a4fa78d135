import { impossible, type Table, type Transition } from '../state-machine.js';

/**
 * The call flow of `sipMethod=Invite` as a table, without I/O and without a clock: flow IV of RFC 3725 section 4.4, with the controller
 * in the path, and what can be asked of the call afterwards.
 *
 * Two legs are joined in three steps: the called party offers, the calling party gets its offer, and its answer goes back. If the called
 * party refuses to make an offer, the calling party makes one: flow I, or flow III if the called party rings for long. The same applies
 * if the calling party has offered media with keys: some telephones keep the first key that they are told (baresip before 3.11), and that
 * has to be the called party's.
 */

export const STATES = [
  /** INVITE sent to the calling party. */
  'calling',
  /** The calling party has answered; INVITE sent to the called party. */
  'ringing',
  /** The called party has offered; its offer was sent to the calling party. */
  'connecting',
  /** The called party wants an offer: the calling party is asked for one. */
  'fetching',
  /** INVITE sent to the called party with the calling party's offer, which waits for its answer. */
  'offering',
  /** The same; the offer has been answered with silence, because the called party takes its time. */
  'alerting',
  /** Both talk. */
  'connected',
  /** The calling party, then the called party, is put on hold. */
  'holding',
  'holdingCalled',
  /** The called party is asked for an offer, which goes to the calling party. */
  'resuming',
  'reconnecting',
  /** The same with an offer of the calling party's. */
  'resumingByCalling',
  'reconnectingCalled',
  /** INVITE sent to the transfer's target; calling and called party still talk. */
  'transferring',
  /** The target has answered; the called party is asked for an offer for it. */
  'bridging',
  /** The called party's offer was sent to the target. */
  'retargeting',
  /** The same with an offer of the target's. */
  'bridgingByTarget',
  'retargetingCalled',
  /** All legs are being ended. */
  'ending',
  'ended',
] as const;
export type State = (typeof STATES)[number];

export const EVENTS = [
  /** 2xx to the INVITE. */
  'calling.answered',
  /** No more answer can come. */
  'calling.failed',
  /** 2xx to a re-INVITE, or its refusal. */
  'calling.agreed',
  'calling.refused',
  /** 2xx with an offer to a re-INVITE without one, or with keys in the offer to the INVITE without one. */
  'calling.offered',
  /** BYE; or the party no longer answers requests in its dialog. */
  'calling.hungUp',
  /** 2xx with an offer: to the INVITE without one, or to a re-INVITE without one. */
  'called.offered',
  /** The party refuses to make an offer, and may accept one. */
  'called.wantsOffer',
  /** No offer can come from the called party: its INVITE failed, or was answered without one. */
  'called.failed',
  /** 2xx to an offer. */
  'called.agreed',
  'called.refused',
  'called.hungUp',
  'target.answered',
  'target.failed',
  'target.agreed',
  'target.refused',
  'target.offered',
  'target.hungUp',
  /** Every leg is over. */
  'legs.closed',
  /** The ringing party does not answer in time. */
  'timer.ring',
  /** The calling party's offer cannot wait for its answer any longer. */
  'timer.answer',
  'command.hangup',
  'command.hold',
  'command.resume',
  'command.transfer',
] as const;
export type CallEvent = (typeof EVENTS)[number];

export type Effect =
  /** ACK where one is due; an offer that came in the 2xx is answered with silence. */
  | 'ackCalling'
  | 'ackCalled'
  | 'ackTarget'
  | 'inviteCalled'
  | 'inviteTarget'
  /** re-INVITE without a description: the 2xx carries the called party's offer. */
  | 'askCalledForOffer'
  | 'askCallingForOffer'
  | 'askTargetForOffer'
  /** re-INVITE with the called party's offer. */
  | 'carryOfferToCalling'
  | 'carryOfferToTarget'
  /** ACK with the calling party's answer. */
  | 'carryAnswerToCalled'
  /** INVITE with the calling party's offer, for the first time or once more. */
  | 'inviteCalledWithOffer'
  /** re-INVITE with the offer of the calling party, or of the target. */
  | 'carryOfferToCalled'
  | 'carryTargetOfferToCalled'
  /** ACK with the called party's answer. */
  | 'carryAnswerToCalling'
  | 'holdCalling'
  | 'holdCalled'
  /** The target takes the calling party's place. */
  | 'promoteTarget'
  /** The leg of the replaced party is ended. */
  | 'dismissReplaced'
  | 'dismissTarget'
  /** The calling party may have left in the meantime. */
  | 'checkCalling'
  /** The calling party's refusal is why the call ends. */
  | 'blameCalling'
  /** CANCEL or BYE, with the reason (RFC 3326). */
  | 'dismissAll'
  /** The party that was rung too long is cancelled, and shows 408. */
  | 'recordTimeout'
  | 'startRingTimer'
  | 'startAnswerTimer'
  | 'stopTimer'
  | 'end';

const to = (state: State, ...effects: Effect[]): Transition<State, Effect> => ({ to: state, effects });

const IMPOSSIBLE = impossible(EVENTS);

const END = to('ending', 'stopTimer', 'dismissAll');

/** What ends a call while both parties are in it. */
const JOINED = {
  'calling.hungUp': END,
  'called.hungUp': END,
  'command.hangup': END,
  'command.hold': 'ignored',
  'command.resume': 'ignored',
  'command.transfer': 'ignored',
} as const;

/** While the target joins, the calling party may leave: the called party stays for the target. */
const TRANSFERRING = { ...JOINED, 'calling.hungUp': 'ignored' } as const;

export const INVITE_CALL: Table<State, CallEvent, Effect> = {
  calling: {
    ...IMPOSSIBLE,
    'calling.answered': to('ringing', 'stopTimer', 'ackCalling', 'inviteCalled', 'startRingTimer'),
    'calling.offered': to('offering', 'stopTimer', 'inviteCalledWithOffer', 'startAnswerTimer'),
    'calling.failed': END,
    'timer.ring': to('ending', 'recordTimeout', 'dismissAll'),
    'command.hangup': END,
  },
  ringing: {
    ...IMPOSSIBLE,
    'calling.hungUp': END,
    'called.offered': to('connecting', 'stopTimer', 'carryOfferToCalling'),
    'called.wantsOffer': to('fetching', 'stopTimer', 'askCallingForOffer'),
    'called.failed': END,
    'timer.ring': to('ending', 'recordTimeout', 'dismissAll'),
    'command.hangup': END,
  },
  connecting: {
    ...IMPOSSIBLE,
    ...JOINED,
    'calling.agreed': to('connected', 'carryAnswerToCalled'),
    'calling.refused': to('ending', 'blameCalling', 'dismissAll'),
  },
  fetching: {
    ...IMPOSSIBLE,
    'calling.offered': to('offering', 'inviteCalledWithOffer', 'startAnswerTimer'),
    'calling.refused': END,
    'calling.hungUp': END,
    'command.hangup': END,
  },
  offering: {
    ...IMPOSSIBLE,
    'calling.hungUp': END,
    'called.agreed': to('connected', 'stopTimer', 'carryAnswerToCalling'),
    // It has refused the offer with keys, and makes one of its own.
    'called.offered': to('connecting', 'stopTimer', 'ackCalling', 'carryOfferToCalling'),
    'called.failed': END,
    'timer.answer': to('alerting', 'ackCalling', 'startRingTimer'),
    'command.hangup': END,
  },
  alerting: {
    ...IMPOSSIBLE,
    'calling.hungUp': END,
    'called.agreed': to('resumingByCalling', 'stopTimer', 'askCallingForOffer'),
    'called.offered': to('connecting', 'stopTimer', 'carryOfferToCalling'),
    'called.failed': END,
    'timer.ring': to('ending', 'recordTimeout', 'dismissAll'),
    'command.hangup': END,
  },
  connected: {
    ...IMPOSSIBLE,
    ...JOINED,
    'command.hold': to('holding', 'holdCalling'),
    'command.resume': to('resuming', 'askCalledForOffer'),
    'command.transfer': to('transferring', 'inviteTarget', 'startRingTimer'),
  },
  holding: {
    ...IMPOSSIBLE,
    ...JOINED,
    'calling.agreed': to('holdingCalled', 'holdCalled'),
    'calling.refused': to('connected'),
  },
  holdingCalled: {
    ...IMPOSSIBLE,
    ...JOINED,
    'called.agreed': to('connected'),
    'called.refused': to('connected'),
  },
  resuming: {
    ...IMPOSSIBLE,
    ...JOINED,
    'called.offered': to('reconnecting', 'carryOfferToCalling'),
    'called.wantsOffer': to('resumingByCalling', 'askCallingForOffer'),
    // To the offer of a target that has left in the meantime.
    'called.agreed': to('resuming', 'askCalledForOffer'),
    'called.refused': to('connected'),
  },
  reconnecting: {
    ...IMPOSSIBLE,
    ...JOINED,
    'calling.agreed': to('connected', 'carryAnswerToCalled'),
    'calling.refused': to('connected', 'ackCalled'),
  },
  resumingByCalling: {
    ...IMPOSSIBLE,
    ...JOINED,
    'calling.offered': to('reconnectingCalled', 'carryOfferToCalled'),
    'calling.refused': to('connected'),
  },
  reconnectingCalled: {
    ...IMPOSSIBLE,
    ...JOINED,
    'called.agreed': to('connected', 'carryAnswerToCalling'),
    'called.refused': to('connected', 'ackCalling'),
  },
  transferring: {
    ...IMPOSSIBLE,
    ...TRANSFERRING,
    'target.answered': to('bridging', 'stopTimer', 'ackTarget', 'askCalledForOffer'),
    'target.failed': to('connected', 'stopTimer', 'checkCalling'),
    'timer.ring': to('connected', 'recordTimeout', 'dismissTarget', 'checkCalling'),
  },
  bridging: {
    ...IMPOSSIBLE,
    ...TRANSFERRING,
    'called.offered': to('retargeting', 'carryOfferToTarget'),
    'called.wantsOffer': to('bridgingByTarget', 'askTargetForOffer'),
    'called.refused': to('connected', 'dismissTarget', 'checkCalling'),
    'target.hungUp': to('resuming', 'checkCalling'),
  },
  retargeting: {
    ...IMPOSSIBLE,
    ...TRANSFERRING,
    'target.agreed': to('connected', 'promoteTarget', 'carryAnswerToCalled', 'dismissReplaced'),
    'target.refused': to('resuming', 'ackCalled', 'dismissTarget', 'checkCalling', 'askCalledForOffer'),
    'target.hungUp': to('resuming', 'ackCalled', 'checkCalling', 'askCalledForOffer'),
  },
  bridgingByTarget: {
    ...IMPOSSIBLE,
    ...TRANSFERRING,
    'target.offered': to('retargetingCalled', 'carryTargetOfferToCalled'),
    'target.refused': to('connected', 'dismissTarget', 'checkCalling'),
    'target.hungUp': to('connected', 'checkCalling'),
  },
  retargetingCalled: {
    ...IMPOSSIBLE,
    ...TRANSFERRING,
    'called.agreed': to('connected', 'promoteTarget', 'carryAnswerToCalling', 'dismissReplaced'),
    'called.refused': to('connected', 'dismissTarget', 'checkCalling'),
    'target.hungUp': to('resuming', 'checkCalling'),
  },
  ending: {
    ...IMPOSSIBLE,
    'legs.closed': to('ended', 'end'),
    'command.hangup': 'ignored',
  },
  ended: {
    ...IMPOSSIBLE,
    'legs.closed': 'ignored',
    'command.hangup': 'ignored',
  },
};
