import { computed, signal } from '@preact/signals';
import { listCalls, Refusal } from './api.js';
import type { CallInfo } from '../../../sdk/call-info.js';
import { type CallEvent, followEvents } from './events.js';

/** More ended calls than anybody looks through; the service keeps them for as long as their records live. */
const MAX_ENDED = 5_000;
const MAX_LIVE = 20_000;

/** All calls that are known, by id. The map changes in place; `revision` tells that it did. */
const known = new Map<string, CallInfo>();
const revision = signal(0);

/** State of the connection to the service. */
export const connection = signal<{ readonly state: 'opening' | 'live' | 'cut'; readonly sinceMs: number }>({
  state: 'opening',
  sinceMs: Date.now(),
});
/** Why the list could not be read. */
export const listProblem = signal<string | undefined>(undefined);
export const isListed = signal(false);

/** Ids of all that are known, newest first: they begin with the time (UUIDv7). Undefined if it has to be made anew. */
let order: readonly string[] | undefined;

function inOrder(): readonly CallInfo[] {
  void revision.value;
  order ??= [...known.keys()].toSorted().toReversed();
  return order.flatMap((id) => known.get(id) ?? []);
}

export const liveCalls = computed(() => inOrder().filter(({ isFinal }) => !isFinal));
/** Changes more seldom than the calls do. */
export const liveCount = computed(() => liveCalls.value.length);
export const endedCalls = computed(() =>
  inOrder()
    .filter(({ isFinal }) => isFinal)
    .slice(0, MAX_ENDED),
);

export function knownCall(id: string): CallInfo | undefined {
  void revision.value;
  return known.get(id);
}

/** Takes a newer state of a call; an older one, from a list that events have overtaken, is passed over. */
export function learn(call: CallInfo): void {
  const before = known.get(call.id);
  if (before && before.revision >= call.revision) return;
  known.set(call.id, call);
  if (!before) order = undefined;
  if (known.size > MAX_LIVE + MAX_ENDED) forgetOldest();
  changed();
}

function forgetOldest(): void {
  for (const [id, { isFinal }] of known) {
    if (!isFinal) continue;
    known.delete(id);
    order = undefined;
    return;
  }
}

/** Nobody can read a table that changes more often. */
const REDRAW_MS = 100;
let drawnAtMs = 0;
let isDue = false;

/** However many events come, draws the page at most once in this time; after a pause at once. */
function changed(): void {
  if (isDue) return;
  isDue = true;
  setTimeout(
    // A page in the background has no frames, and need not be drawn.
    () => requestAnimationFrame(draw),
    Math.max(0, drawnAtMs + REDRAW_MS - performance.now()),
  );
}

function draw(): void {
  isDue = false;
  drawnAtMs = performance.now();
  revision.value += 1;
}

/** Reads what there is, and follows what changes. Called once. */
export function watchCalls(onEvent: (event: CallEvent) => void): void {
  followEvents({
    onOpen: () => {
      connection.value = { state: 'live', sinceMs: Date.now() };
      void readLists();
    },
    onEvent: (event) => {
      learn(event.data.call);
      onEvent(event);
    },
    onCut: () => {
      if (connection.value.state !== 'cut') connection.value = { state: 'cut', sinceMs: Date.now() };
    },
  });
}

async function readLists(): Promise<void> {
  try {
    const before = [...known.values()];
    const live = await listCalls('live', MAX_LIVE);
    forgetVanished(before, live);
    for (const call of live) learn(call);
    isListed.value = true;
    for (const call of await listCalls('ended', MAX_ENDED)) learn(call);
    listProblem.value = undefined;
    changed();
  } catch (error) {
    listProblem.value = error instanceof Refusal ? error.message : String(error);
  }
}

/** Calls that ended while the stream was cut, and whose records are gone, are in no list any more. */
function forgetVanished(before: readonly CallInfo[], live: readonly CallInfo[]): void {
  const ids = new Set(live.map(({ id }) => id));
  for (const { id, isFinal } of before) if (!isFinal && !ids.has(id)) known.delete(id);
  order = undefined;
}
