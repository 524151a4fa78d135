import type { SipMessage, SipResponse } from '../../../sdk/index.js';

/** What a Session-Expires header says (RFC 4028 section 4). */
export interface SessionExpires {
  readonly seconds: number;
  /** Who refreshes: the sender of the request that the header belongs to, or its receiver. */
  readonly refresher: 'uac' | 'uas' | undefined;
}

/** Shorter intervals are not believed (RFC 4028 section 4: Min-SE is 90 seconds at least). */
const MIN_SECONDS = 90;
/** Longer ones gain nothing, and a day fits every timer. */
const MAX_SECONDS = 86_400;

/** The session interval that a 2xx or a refresh begins; undefined where its sender keeps no session timer. */
export function parseSessionExpires(message: SipMessage): SessionExpires | undefined {
  const [, seconds, parameters = ''] = /^\s*(\d{1,10})\s*(;.*)?$/.exec(message.header('session-expires') ?? '') ?? [];
  if (seconds === undefined) return undefined;
  const refresher = /;\s*refresher\s*=\s*(uac|uas)\b/i.exec(parameters)?.[1]?.toLowerCase();
  return {
    seconds: Math.min(Math.max(Number(seconds), MIN_SECONDS), MAX_SECONDS),
    refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined,
  };
}

/**
 * The session timer of one leg (RFC 4028 section 10): it asks for a refresh after half the interval where this side refreshes,
 * and otherwise tells that the session has expired, the interval less a third of it, or less 32 seconds, after the last refresh.
 */
export class SessionTimer {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly onRefresh: () => void,
    private readonly onExpired: () => void,
  ) {}

  /** Begins an interval anew, with every refresh. */
  start(seconds: number, weRefresh: boolean): void {
    this.stop();
    const delaySeconds = weRefresh ? seconds / 2 : seconds - Math.min(32, seconds / 3);
    this.#timer = setTimeout(weRefresh ? this.onRefresh : this.onExpired, delaySeconds * 1_000);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** The interval to ask for after a 422, from its Min-SE (RFC 4028 section 6). */
export function intervalAfter422(response: SipResponse): number | undefined {
  if (response.status !== 422) return undefined;
  const seconds = Number(/^\s*(\d{1,10})/.exec(response.header('min-se') ?? '')?.[1]);
  return seconds >= MIN_SECONDS && seconds <= MAX_SECONDS ? seconds : undefined;
}
