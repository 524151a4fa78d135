import type { SoakOutcome } from './soak.js';

/** How much more heap and how many more descriptors at the end are no leak: caches fill, and connections to the proxy stay open. */
const MORE_HEAP_MIB = 16;
const MORE_DESCRIPTORS = 10;

/** What is wrong with the outcome of a soak, a line each. */
export function faultsOf({ calls, failures, counts, heapMiB, descriptors, hasEnded }: SoakOutcome): string[] {
  const left = Object.entries(counts).filter(([, count]) => count > 0);
  return [
    ...(hasEnded ? ['the container has ended'] : []),
    ...(calls === 0 ? ['no call was placed'] : []),
    ...failures,
    ...left.map(([name, count]) => `${count} ${name} left`),
    ...(heapMiB[1] > heapMiB[0] + MORE_HEAP_MIB ? [`the heap has grown from ${heapMiB[0]} to ${heapMiB[1]} MiB`] : []),
    ...(descriptors[1] > descriptors[0] + MORE_DESCRIPTORS
      ? [`descriptors have grown from ${descriptors[0]} to ${descriptors[1]}`]
      : []),
  ];
}
