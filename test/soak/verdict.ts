import type { SoakOutcome } from './soak.js';

const MIB = 1024 * 1024;
/** How much more heap and how many more descriptors at the end are no leak: code is compiled late, and the soak's own HTTP connections. */
const MORE_HEAP_MIB = 4;
const MORE_DESCRIPTORS = 10;

/** What is wrong with the outcome of a soak, a line each. */
export function faultsOf({ calls, failures, counts, heapBytes, descriptors, hasEnded }: SoakOutcome): string[] {
  const left = Object.entries(counts).filter(([, count]) => count > 0);
  return [
    ...(hasEnded ? ['the container has ended'] : []),
    ...(calls === 0 ? ['no call was placed'] : []),
    ...failures,
    ...left.map(([name, count]) => `${count} ${name} left`),
    ...(heapBytes[1] > heapBytes[0] + MORE_HEAP_MIB * MIB
      ? [`the heap has grown from ${inMiB(heapBytes[0])} to ${inMiB(heapBytes[1])} MiB`]
      : []),
    ...(descriptors[1] > descriptors[0] + MORE_DESCRIPTORS
      ? [`descriptors have grown from ${descriptors[0]} to ${descriptors[1]}`]
      : []),
  ];
}

function inMiB(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
