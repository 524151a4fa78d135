import type { UserAgent } from 'sip.js';
import type { Log } from '../../sdk/index.js';
import type { Settings, TelephoneSettings } from './settings.js';

/** What the calls of one telephone share. */
export interface Line {
  readonly userAgent: UserAgent;
  readonly telephone: TelephoneSettings;
  readonly times: Pick<Settings, 'ringMs' | 'answerMs' | 'talkMs' | 'patienceMs'>;
  readonly log: Log;
}

export type CallState = 'calling' | 'ringing' | 'talking';

/** One call at a telephone. */
export interface Call {
  readonly state: CallState;
  /** SIP URI of the other party. */
  readonly with: string;
  /** Ends the call, whatever its state. Settles when the BYE is answered, or at once if the call was not established. */
  hangUp(): Promise<void>;
}

/** Takes a step in a call. SIP.js rejects it if it comes too late: the other side may just have ended the call. */
export async function attempt(log: Log, step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch (error) {
    log.debug('sandbox telephone could not go on with a call', { error: String(error) });
  }
}
