import type { IncomingRequest, Log, UserAgent } from '../../sdk/index.js';
import type { SessionDescription } from './sdp.js';
import type { Settings, TelephoneSettings } from './settings.js';

/** What the calls of one telephone share. */
export interface Line {
  readonly agent: UserAgent;
  readonly domain: string;
  readonly telephone: TelephoneSettings;
  readonly times: Pick<Settings, 'ringMs' | 'answerMs' | 'talkMs' | 'patienceMs'>;
  readonly log: Log;
}

export type CallState = 'calling' | 'ringing' | 'talking' | 'ended';

/** One call at a telephone. */
export interface Call {
  readonly state: CallState;
  /** SIP URI of the other party. */
  readonly with: string;
  /** Ends the call, whatever its state, within {@link hangUpMs}. */
  abandon(): void;
}

/** 64*T1, in milliseconds: after this time no answer and no ACK is waited for any longer (RFC 3261 section 17). */
export const transactionMs = 32_000;

/** How long a telephone that is switched off waits for the answer to its BYE, in milliseconds. */
export const hangUpMs = 1000;

/** What a telephone does with a request in a dialog that is not about ending or referring the call. */
export function answerInDialog(request: IncomingRequest, description: SessionDescription): void {
  if (request.method === 'INVITE') request.reply(200, { body: description.answer(request.body) });
  else if (request.method === 'UPDATE') request.reply(200, request.body && { body: description.answer(request.body) });
  else if (['INFO', 'MESSAGE', 'NOTIFY', 'OPTIONS'].includes(request.method)) request.reply(200);
  else
    request.reply(405, {
      headers: [['Allow', 'INVITE, ACK, BYE, CANCEL, INFO, MESSAGE, NOTIFY, OPTIONS, REFER, UPDATE']],
    });
}
