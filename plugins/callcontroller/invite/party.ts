import { randomInt } from 'node:crypto';
import type {
  Body,
  Header,
  IncomingRequest,
  Invitation,
  LegListener,
  OutgoingLeg,
  RequestOptions,
  Sip,
  SipMessage,
  SipResponse,
} from '../../../sdk/index.js';
import type { LegSession } from '../sdp.js';
import { intervalAfter422, parseSessionExpires, SessionTimer } from './session-timer.js';

/** The dialog states that GET shows. */
export type PartyState = 'Early Dialog' | 'Confirmed Dialog' | 'Completed Dialog' | 'Terminated Dialog';

/** What a party does. A party that was dismissed tells nothing but its end. */
export interface PartyListener {
  /** 2xx to the INVITE. Where that carried no offer, the owner answers the party's, see `answer` and `acknowledge`. */
  onAnswered(party: Party): void;
  /** No more answer can come. */
  onFailed(party: Party, response: SipResponse): void;
  onHungUp(party: Party): void;
  /** Its requests are not answered any more, or its session has expired. */
  onLost(party: Party): void;
  onRequest(party: Party, request: IncomingRequest): void;
  onAck(party: Party, body: Body | undefined): void;
  /** The leg is over, in whatever way. Told once. */
  onClosed(party: Party): void;
}

export interface PartyTimes {
  /** Interval that the INVITE proposes for the session timer (RFC 4028), in seconds. */
  readonly sessionExpiresSeconds: number;
  /** How often the party is asked whether it is still there, in seconds. */
  readonly livenessSeconds: number;
  /** How long an answer to CANCEL may take, in milliseconds. */
  readonly transactionMs: number;
}

/** Makes a description anew for each attempt, so that the version rises. */
export type Describe = (session: LegSession) => Body;

/** How often a re-INVITE that crosses another one is tried again. */
const MAX_RETRIES = 4;

/** One telephone of an Invite call: its leg, its timers, and its end. */
export class Party {
  /** The last session description that came from the party. */
  description = '';
  /** Why the leg is in its state: the last response to the INVITE, or what ended it. */
  statusLine = '';
  #leg: OutgoingLeg | undefined;
  #state: PartyState = 'Early Dialog';
  #isDismissed = false;
  #isClosed = false;
  /** A 2xx with an offer of the party's waits for its ACK. */
  #owesAnswer = false;
  #timer: NodeJS.Timeout | undefined;
  #probe: NodeJS.Timeout | undefined;
  readonly #sessionTimer = new SessionTimer(
    () => this.#refresh(),
    () => this.#lose('SIP/2.0 408 Session Expired'),
  );

  constructor(
    readonly session: LegSession,
    private readonly times: PartyTimes,
    private readonly listener: PartyListener,
  ) {}

  /** Sends the INVITE; without an offer, the party makes one. */
  invite(
    sip: Sip,
    invitation: Invitation,
    describe: Describe | undefined,
    seconds = this.times.sessionExpiresSeconds,
  ): void {
    const body = describe?.(this.session);
    const headers = [...(invitation.headers ?? []), ...sessionHeaders(seconds)];
    this.#leg = sip.invite(
      { ...invitation, headers, ...(body && { body }) },
      {
        ...this.legListener,
        onResponse: (response) => {
          const longer = intervalAfter422(response);
          if (longer === undefined || longer <= seconds || this.#isDismissed) return this.#onResponse(response, body);
          this.#leg?.release();
          return this.invite(sip, invitation, describe, longer);
        },
      },
    );
  }

  /** Takes over a leg whose INVITE was answered, and acknowledged, already. Its listener has to become `legListener`. */
  take(leg: OutgoingLeg, description: string): void {
    this.#leg = leg;
    this.description = description;
    this.#confirm();
  }

  readonly legListener: LegListener = {
    onRequest: (request) => this.#onRequest(request),
    onAck: (body) => {
      this.#note(body);
      this.listener.onAck(this, body);
    },
  };

  get leg(): OutgoingLeg {
    if (!this.#leg) throw new Error('The party was not called yet');
    return this.#leg;
  }

  get state(): PartyState {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Answers the offer of the latest 2xx in the ACK. */
  answer(body: Body): void {
    this.#owesAnswer = false;
    this.leg.ack(body);
  }

  /** Answers the offer of the latest 2xx with silence. Does nothing where none waits for its answer. */
  acknowledge(): void {
    if (this.#owesAnswer) this.answer(this.session.answerInactive(this.description));
  }

  /** Sends a request other than INVITE and BYE in the dialog. */
  send(method: string, options: RequestOptions, onResponse: (response: SipResponse) => void): void {
    this.leg.send(method, options, (response) => {
      onResponse(response);
      this.#watch(response);
    });
  }

  /** Sends one re-INVITE; without a body the party makes an offer, which the owner answers. */
  reinviteOnce(body: Body | undefined, headers: readonly Header[], onResponse: (response: SipResponse) => void): void {
    this.leg.reinvite({ headers, ...(body && { body }) }, (response) => {
      if (response.final && response.status < 300) this.#accept(response, body);
      onResponse(response);
      this.#watch(response);
    });
  }

  /**
   * Changes the session. A re-INVITE that crosses another is repeated after the RFC's time (RFC 3261 section 14.1), one that came
   * too early after the party's Retry-After.
   *
   * @param onEnd called with the refusal, or with nothing
   */
  reinvite(describe: Describe | undefined, onEnd: (refusal?: SipResponse) => void): void {
    let retries = 0;
    const attempt = (): void => {
      const headers = sessionHeaders(this.times.sessionExpiresSeconds);
      this.reinviteOnce(describe?.(this.session), headers, (response) => {
        if (!response.final || this.#isDismissed) return;
        const delayMs = retryDelayMs(response);
        if (response.status < 300) onEnd();
        else if (delayMs === undefined || retries === MAX_RETRIES) onEnd(response);
        else {
          retries += 1;
          this.#timer = setTimeout(attempt, delayMs);
        }
      });
    };
    attempt();
  }

  /** Ends the leg: CANCEL, or BYE. Later answers are acknowledged and ended too. */
  dismiss(headers: readonly Header[] = []): void {
    if (this.#isDismissed || this.#isClosed) return;
    this.#isDismissed = true;
    this.#stopTimers();
    if (this.#state === 'Early Dialog') {
      this.leg.cancel({ headers });
      this.#timer = setTimeout(() => this.#close(), this.times.transactionMs);
    } else {
      this.#bye(headers);
    }
  }

  /** The party was rung too long: this stays to be seen, whatever it answers to the CANCEL. */
  giveUp(): void {
    this.dismiss();
    this.statusLine = 'SIP/2.0 408 Request Timeout';
  }

  #onResponse(response: SipResponse, body: Body | undefined): void {
    if (!this.#isDismissed) this.statusLine = response.statusLine;
    if (!response.final) return;
    if (response.status >= 300) {
      this.#close();
      if (!this.#isDismissed) this.listener.onFailed(this, response);
      return;
    }
    this.#accept(response, body);
    if (this.#isDismissed) return this.#bye([]);
    this.#confirm();
    this.listener.onAnswered(this);
  }

  #confirm(): void {
    this.#state = 'Confirmed Dialog';
    this.#probe = setInterval(() => this.send('OPTIONS', {}, () => undefined), this.times.livenessSeconds * 1_000);
  }

  /** A 2xx to an INVITE of ours: acknowledged at once where our offer is answered. It begins a session interval. */
  #accept(response: SipResponse, offer: Body | undefined): void {
    this.#note(response.body);
    this.#owesAnswer = offer === undefined && response.body !== undefined;
    if (!this.#owesAnswer) this.leg.ack();
    else if (this.#isDismissed) this.acknowledge();
    const expires = parseSessionExpires(response);
    if (expires && !this.#isDismissed) this.#sessionTimer.start(expires.seconds, expires.refresher !== 'uas');
  }

  #onRequest(request: IncomingRequest): void {
    if (request.method === 'BYE') {
      this.#close();
      if (!this.#isDismissed) this.listener.onHungUp(this);
      return;
    }
    const expires = parseSessionExpires(request);
    if (expires && !this.#isDismissed) this.#sessionTimer.start(expires.seconds, expires.refresher === 'uas');
    this.#note(request.body);
    if (this.#isDismissed) request.reply(481);
    else this.listener.onRequest(this, request);
  }

  #note(body: Body | undefined): void {
    if (body && /^application\/sdp\b/i.test(body.contentType)) this.description = body.content;
  }

  #bye(headers: readonly Header[]): void {
    this.acknowledge();
    this.#state = 'Completed Dialog';
    this.leg.bye({ headers }, (response) => {
      if (response.final) this.#close();
    });
  }

  /** Whoever knows session timers refreshes by UPDATE without a description (RFC 4028 section 7.4); who does not, answers too. */
  #refresh(): void {
    const seconds = this.times.sessionExpiresSeconds;
    const headers: Header[] = [
      ['Supported', 'timer'],
      ['Session-Expires', `${seconds};refresher=uac`],
    ];
    this.send('UPDATE', { headers }, (response) => {
      if (response.final && !this.#isDismissed && !this.#isClosed) this.#sessionTimer.start(seconds, true);
    });
  }

  /** A request in the dialog that gets 408 or 481, or no answer, tells that the dialog is dead (RFC 3261 section 12.2.1.2). */
  #watch({ final, local, status, statusLine }: SipResponse): void {
    if (final && (status === 408 || status === 481 || (local && status === 503))) this.#lose(statusLine);
  }

  #lose(statusLine: string): void {
    if (this.#isDismissed || this.#isClosed) return;
    this.statusLine = statusLine;
    this.listener.onLost(this);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#state = 'Terminated Dialog';
    this.#stopTimers();
    this.leg.release();
    this.listener.onClosed(this);
  }

  #stopTimers(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#probe);
    this.#sessionTimer.stop();
  }
}

function sessionHeaders(seconds: number): Header[] {
  return [
    ['Supported', 'timer'],
    ['Session-Expires', String(seconds)],
  ];
}

/** After how many milliseconds a re-INVITE may be tried again; undefined where its refusal is final. */
function retryDelayMs(response: SipMessage & { readonly status: number }): number | undefined {
  // The side that made the Call-ID waits 2.1 to 4 seconds, in units of 10 ms (RFC 3261 section 14.1).
  if (response.status === 491) return randomInt(210, 401) * 10;
  const seconds = /^\s*(\d{1,2})\b/.exec(response.header('retry-after') ?? '')?.[1];
  return response.status === 500 && seconds !== undefined ? Number(seconds) * 1_000 : undefined;
}
