/** T1 in milliseconds, for the whole process: an estimate of the network's round-trip time. */
let t1Ms = 500;

/**
 * Sets all SIP timers from T1, as RFC 3261 table 4 gives them.
 * @param ms round-trip time estimate, in milliseconds; the RFC's default is 500
 */
export function setTimers(ms: number): void {
  t1Ms = ms;
}

/** 64*T1 in milliseconds: how long a transaction, and a late retransmission, may take. */
export function transactionTimeoutMs(): number {
  return 64 * t1Ms;
}

/** T1 in milliseconds: a server that is up normally answers within this time. */
export function firstWaitMs(): number {
  return t1Ms;
}

/**
 * 8*T1 in milliseconds: an INVITE without any response by then, after four transmissions, goes to another server if there is one. Timer B
 * alone would keep every caller waiting for 64*T1 while a server is down.
 */
export function silenceMs(): number {
  return 8 * t1Ms;
}

/**
 * Interval before a retransmission, in milliseconds: T1, doubled each time, at most T2 = 8*T1.
 * @param count of earlier retransmissions
 */
export function retransmissionMs(count: number): number {
  return Math.min(doubled(count), 8 * t1Ms);
}

/** The timers of RFC 3261 section 17, RFC 6026 (L and M) and RFC 4320 section 4.1 (100). C is a proxy's, N a subscription's. */
export type Timer = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | '100';

/** What the length of a timer depends on. */
export interface TimerContext {
  /** How often the timer has fired in this transaction. */
  readonly fired: number;
  /** Whether a provisional response came. */
  readonly isProceeding: boolean;
  /** Whether the transport is reliable; undefined until the request is sent. */
  readonly isReliable: boolean | undefined;
}

/**
 * Duration of a timer in milliseconds. Undefined if the timer does not run: on a reliable transport nothing is retransmitted, and other
 * timers wait until the server is found.
 *
 * In the RFC, D, I and J are zero over a reliable transport. Here they run, because a peer whose connection is lost sends its message
 * again over another. K is zero over every transport: a copy of a final response that matches no transaction is dropped, which is all
 * that the transaction would do.
 */
export function durationMs(timer: Timer, { fired, isProceeding, isReliable }: TimerContext): number | undefined {
  switch (timer) {
    case 'A':
      return isReliable === false ? doubled(fired) : undefined;
    case 'B':
    case 'F':
      // The look-up of the server has time limits of its own, which may be longer if T1 is short.
      return isReliable === undefined ? undefined : transactionTimeoutMs();
    case 'E':
      if (isReliable !== false) return undefined;
      return isProceeding ? 8 * t1Ms : retransmissionMs(fired);
    case 'G':
      return isReliable === false ? retransmissionMs(fired) : undefined;
    case 'I':
      return 10 * t1Ms; // T4
    case 'K':
      return 0;
    case '100':
      return 7 * t1Ms; // when a client's Timer E reaches T2: after T1 + 2*T1 + 4*T1
    default:
      return transactionTimeoutMs();
  }
}

function doubled(count: number): number {
  return t1Ms * 2 ** count;
}
