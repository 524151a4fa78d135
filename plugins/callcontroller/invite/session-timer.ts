import type { Header, SipMessage, SipResponse } from '../../../sdk/index.js';

/** What a Session-Expires header says (RFC 4028 section 4). */
interface SessionExpires {
  readonly seconds: number;
  /** Who refreshes: the sender of the request that the header belongs to, or its receiver. */
  readonly refresher: 'uac' | 'uas' | undefined;
}

/** A session timer as plain data. */
export interface SessionTimerSnapshot {
  readonly seconds: number;
  readonly minSeconds: number;
  /** Absent while no interval runs. */
  readonly weRefresh?: boolean | undefined;
}

/** Shorter intervals are not accepted (RFC 4028 section 5: Min-SE is 90 seconds at least). */
const MIN_SECONDS = 90;
/** Longer ones gain nothing, and a day fits every timer. */
const MAX_SECONDS = 86_400;
/** How often a 422 lengthens the interval: each proxy on the path may ask for it. */
const MAX_LENGTHENINGS = 4;

/** Requests that begin or refresh a session interval (RFC 4028 section 3). */
export const SESSION_REQUESTS: ReadonlySet<string> = new Set(['INVITE', 'UPDATE']);

/**
 * The session timer of one leg, in either role (RFC 4028). It asks for a refresh after half the interval where this side
 * refreshes, and tells that the session has expired when the other side does not: the interval less a third of it, or less 32
 * seconds, after the last refresh (section 10).
 */
export class SessionTimer {
  #minSeconds = 0;
  #lengthenings = 0;
  /** Undefined while no interval runs. */
  #weRefresh: boolean | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param seconds the interval to propose; later the one that runs */
  constructor(
    private seconds: number,
    private readonly onRefresh: () => void,
    private readonly onExpired: () => void,
  ) {}

  snapshot(): SessionTimerSnapshot {
    return { seconds: this.seconds, minSeconds: this.#minSeconds, weRefresh: this.#weRefresh };
  }

  /** Continues the timer of another process. The refresh that follows at once begins the next interval. */
  restore({ seconds, minSeconds, weRefresh }: SessionTimerSnapshot): void {
    this.seconds = seconds;
    this.#minSeconds = minSeconds;
    this.#weRefresh = weRefresh;
  }

  /** What an INVITE or UPDATE of this side says of the timer. Who refreshes, goes on doing so. */
  get requestHeaders(): Header[] {
    const role = this.#weRefresh ? 'uac' : 'uas';
    const refresher = this.#weRefresh === undefined ? '' : `;refresher=${role}`;
    return [
      ['Session-Expires', `${this.seconds}${refresher}`],
      ...(this.#minSeconds > 0 ? [['Min-SE', String(this.#minSeconds)] as const] : []),
    ];
  }

  /** Takes the longer interval that a 422 asks for (section 6). @returns whether to send the request again */
  lengthen(response: SipResponse): boolean {
    if (response.status !== 422 || this.#lengthenings === MAX_LENGTHENINGS) return false;
    const minSeconds = Number(/^\s*(\d{1,10})/.exec(response.header('min-se') ?? '')?.[1]);
    if (!(minSeconds > this.seconds && minSeconds <= MAX_SECONDS)) return false;
    this.#lengthenings += 1;
    this.#minSeconds = minSeconds;
    this.seconds = minSeconds;
    return true;
  }

  /** A 2xx to an INVITE or UPDATE of this side begins the next interval, or ends the timer by saying nothing of it. */
  onAnswer(response: SipResponse): void {
    const expires = parseSessionExpires(response);
    if (expires) this.#start(expires.seconds, expires.refresher !== 'uas');
    else this.stop();
  }

  /** A 2xx to an INVITE or UPDATE of the other side begins the next interval. @returns the headers of that 2xx */
  onAccept(request: SipMessage): Header[] {
    const expires = parseSessionExpires(request);
    if (!expires) {
      this.stop();
      return [];
    }
    const knowsTimer = supportsTimer(request);
    const refresher = expires.refresher ?? (knowsTimer ? 'uac' : 'uas');
    this.#start(expires.seconds, refresher === 'uas');
    return [
      ...(knowsTimer ? [['Require', 'timer'] as const] : []),
      ['Session-Expires', `${expires.seconds};refresher=${refresher}`],
    ];
  }

  /** The refresh was refused: the session goes on until its time is up. */
  onRefreshRefused(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.onExpired, (this.seconds / 2 - marginSeconds(this.seconds)) * 1_000);
  }

  stop(): void {
    this.#weRefresh = undefined;
    clearTimeout(this.#timer);
  }

  #start(seconds: number, weRefresh: boolean): void {
    this.stop();
    this.seconds = seconds;
    this.#weRefresh = weRefresh;
    const delaySeconds = weRefresh ? seconds / 2 : seconds - marginSeconds(seconds);
    this.#timer = setTimeout(weRefresh ? this.onRefresh : this.onExpired, delaySeconds * 1_000);
  }
}

/** The Min-SE of the 422 that a request with a shorter interval gets (section 9); undefined if it may pass. */
export function minSeOf422(request: SipMessage): string | undefined {
  const seconds = secondsIn(request.header('session-expires'));
  return seconds !== undefined && seconds < MIN_SECONDS && supportsTimer(request) ? String(MIN_SECONDS) : undefined;
}

/** How long before its end a session that was not refreshed is given up. */
function marginSeconds(seconds: number): number {
  return Math.min(32, seconds / 3);
}

/** Undefined if the sender keeps no session timer. */
function parseSessionExpires(message: SipMessage): SessionExpires | undefined {
  const value = message.header('session-expires') ?? '';
  const seconds = secondsIn(value);
  if (seconds === undefined) return undefined;
  const refresher = /;\s*refresher\s*=\s*(uac|uas)\b/i.exec(value)?.[1]?.toLowerCase();
  return {
    seconds: Math.min(Math.max(seconds, MIN_SECONDS), MAX_SECONDS),
    refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined,
  };
}

function secondsIn(value = ''): number | undefined {
  const [, seconds] = /^\s*(\d{1,10})\s*(?:;|$)/.exec(value) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}

function supportsTimer(message: SipMessage): boolean {
  return [...message.headers('supported'), ...message.headers('require')].some((value) =>
    /(?:^|[\s,])timer(?:$|[\s,])/i.test(value),
  );
}
