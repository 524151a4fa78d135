import { Timers } from 'sip.js/lib/core/index.js';

/**
 * Sets all SIP timers from T1 as RFC 3261 table 4 gives them for an unreliable transport. sip.js keeps them for the whole
 * process, and leaves D, I, J and K at zero because it expects a WebSocket.
 *
 * @param t1Ms round-trip time estimate, in milliseconds; the RFC's default is 500
 */
export function setTimers(t1Ms: number): void {
  const t2Ms = 8 * t1Ms;
  const t4Ms = 10 * t1Ms;
  const transactionMs = 64 * t1Ms;
  Timers.T1 = t1Ms;
  Timers.T2 = t2Ms;
  Timers.T4 = t4Ms;
  Timers.TIMER_B = transactionMs;
  Timers.TIMER_D = transactionMs;
  Timers.TIMER_F = transactionMs;
  Timers.TIMER_H = transactionMs;
  Timers.TIMER_I = t4Ms;
  Timers.TIMER_J = transactionMs;
  Timers.TIMER_K = t4Ms;
  Timers.TIMER_L = transactionMs;
  Timers.TIMER_M = transactionMs;
  Timers.TIMER_N = transactionMs;
}

/** 64*T1 in milliseconds: how long a transaction, and a late retransmission, may take. */
export function transactionTimeoutMs(): number {
  return 64 * Timers.T1;
}

/** T1 in milliseconds: a server that answers does so by then, as a rule. */
export function firstWaitMs(): number {
  return Timers.T1;
}

/**
 * 8*T1 in milliseconds: an INVITE that nothing came back to by then, after four copies, goes to another server if there is one.
 * Timer B alone would keep every caller waiting for 64*T1 while a server is down.
 */
export function silenceMs(): number {
  return 8 * Timers.T1;
}
