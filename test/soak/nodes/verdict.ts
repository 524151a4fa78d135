import { LAST, type Told } from '../../support/event-reader.js';
import type { TelephoneLeg } from '../../support/cluster/telephones.js';
import type { History } from './course.js';
import type { Reader } from './reader.js';

/** What clients, readers and telephones have seen. */
export interface Seen {
  readonly histories: readonly History[];
  readonly readers: readonly Pick<Reader, 'events'>[];
  readonly legs: readonly TelephoneLeg[];
  /** What the telephones have to object to by themselves. */
  readonly phoneFaults: readonly string[];
}

/** What does not fit together, a line each. */
export function faultsOf({ histories, readers, legs, phoneFaults }: Seen): string[] {
  const lost = new Set(histories.filter(({ final }) => final?.reason?.code === 'lost').map(({ number }) => number));
  const accepted = new Map(histories.map((history) => [history.number, history]));
  return [
    ...phoneFaults,
    ...histories.flatMap(({ id, number, problems }) => problems.map((problem) => `call ${number} ${id} ${problem}`)),
    ...readers.flatMap((reader, index) =>
      histories.flatMap((history) => faultsOfEvents(history, reader).map((fault) => `reader ${index}: ${fault}`)),
    ),
    ...legs.flatMap((leg) => {
      const number = Number(/\d+$/.exec(leg.user)?.[0]);
      // Whoever set it up has died meanwhile, or has told nobody of it.
      return accepted.has(number) && !lost.has(number) ? faultsOfLeg(leg) : [];
    }),
  ];
}

/** Each event is told once, in its place, and the last one is that of the final state. */
function faultsOfEvents({ id, number, final }: History, { events }: Pick<Reader, 'events'>): string[] {
  const told = events.get(id) ?? [];
  const last = told.at(-1);
  const isInOrder = told.every(({ sequence }, index) => sequence === index + 1);
  const isFinalOnce = told.filter(({ type }) => LAST.has(type)).length === 1 && last && LAST.has(last.type);
  const isSame = last?.data?.call.status === final?.status;
  return isInOrder && isFinalOnce && isSame ? [] : [`call ${number} ${id}, ${final?.status}: ${textOf(told)}`];
}

function textOf(told: readonly Told[]): string {
  return told.map(({ sequence, type, data }) => `${sequence} ${type} ${data?.call.status}`).join(', ');
}

/** One BYE, from either side. */
function faultsOfLeg({ user, isOver, byes, hasHungUp }: TelephoneLeg): string[] {
  if (!isOver) return [`${user} was not told that the call is over`];
  return byes + Number(hasHungUp) > 1 ? [`${user} got ${byes} BYEs, and ${hasHungUp ? 'had' : 'had not'} hung up`] : [];
}
