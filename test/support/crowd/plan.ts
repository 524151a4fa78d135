import { randomFrom } from '../random.js';

export type Role = 'calling' | 'called' | 'target';
/** What the calling telephone does. */
export type CallingPart = 'talks' | 'busy' | 'silent' | 'refusesOffer' | 'glares';
/** What the called telephone does. */
export type CalledPart = 'talks' | 'busy' | 'declines' | 'ringsUntilLeft' | 'answersAsLeft' | 'offersNothing' | 'forks';
/** Actions on the connected call, before its end. */
export type Change = 'none' | 'reinvite' | 'info' | 'hold' | 'transfer' | 'busyTransfer';
/** The party that ends a connected call. */
export type End = 'calling' | 'called' | 'both' | 'client';

export interface Plan {
  readonly calling: CallingPart;
  readonly called: CalledPart;
  readonly change: Change;
  readonly end: End;
  /** Longest wait, in milliseconds. */
  readonly pauseMs: number;
}

/** Relative frequencies. */
type Weights<T extends string> = Readonly<Record<T, number>>;

const callings: Weights<CallingPart> = { talks: 6, busy: 1, silent: 1, refusesOffer: 1, glares: 1 };
const calleds: Weights<CalledPart> = {
  talks: 5,
  busy: 1,
  declines: 1,
  ringsUntilLeft: 1,
  answersAsLeft: 1,
  offersNothing: 1,
  forks: 1,
};
const changes: Weights<Change> = { none: 2, reinvite: 1, info: 1, hold: 1, transfer: 1, busyTransfer: 1 };
const ends: Weights<End> = { calling: 1, called: 1, both: 1, client: 1 };

/** The same plans for the same seed. */
export function plansFrom(seed: number, count: number): Plan[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => ({
    calling: pick(callings, random()),
    called: pick(calleds, random()),
    change: pick(changes, random()),
    end: pick(ends, random()),
    pauseMs: Math.floor(random() * 200),
  }));
}

/** @param fate from 0 to 1 */
function pick<T extends string>(weights: Weights<T>, fate: number): T {
  const choices = (Object.keys(weights) as T[]).flatMap((choice) => Array<T>(weights[choice]).fill(choice));
  return choices[Math.floor(fate * choices.length)] as T;
}

/** Whether the two parties get connected. */
export function isJoined({ calling, called }: Plan): boolean {
  return (calling === 'talks' || calling === 'glares') && (called === 'talks' || called === 'forks');
}

/** The final record of a call in GET. The user of each leg is its role and the number of the call. */
export function recordOf(call: number, plan: Plan): string[] {
  const { calling, called, change } = plan;
  const line = (role: Role, status: string): string => `${role}${call} Terminated ${status}`;
  if (calling === 'busy') return [line('calling', '486 Busy Here')];
  if (calling === 'silent') return [line('calling', '408 Request Timeout')];
  const isOffered = called === 'talks' || called === 'forks';
  const outcome = calling === 'refusesOffer' && isOffered ? '488 Not Acceptable Here' : '200 OK';
  const legs = [line('calling', outcome), line('called', calledOutcomes[called])];
  if (!isJoined(plan)) return legs;
  if (change === 'busyTransfer') return [...legs, line('target', '486 Busy Here')];
  return change === 'transfer' ? [line('target', '200 OK'), line('called', '200 OK'), line('calling', '200 OK')] : legs;
}

const calledOutcomes: Readonly<Record<CalledPart, string>> = {
  talks: '200 OK',
  forks: '200 OK',
  busy: '486 Busy Here',
  declines: '603 Decline',
  ringsUntilLeft: '487 Request Terminated',
  answersAsLeft: '200 OK',
  offersNothing: '488 Not Acceptable Here',
};
