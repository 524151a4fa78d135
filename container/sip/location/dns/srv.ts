import type { SrvRecord } from 'node:dns';

type Ranked = Pick<SrvRecord, 'priority' | 'weight'>;

/**
 * The order in which RFC 2782 wants the servers of a service to be tried: by priority, and within a priority drawn by lot, each
 * in proportion to its weight.
 *
 * @param random a number from 0 to below 1 per call
 */
export function inOrderOfTrial<T extends Ranked>(servers: readonly T[], random: () => number = Math.random): T[] {
  const priorities = [...new Set(servers.map(({ priority }) => priority))].toSorted((a, b) => a - b);
  return priorities.flatMap((each) =>
    drawn(
      servers.filter(({ priority }) => priority === each),
      random,
    ),
  );
}

function drawn<T extends Ranked>(servers: readonly T[], random: () => number): T[] {
  // Those of weight 0 stand first, which gives them their very small chance.
  const left = servers.toSorted((a, b) => Number(a.weight > 0) - Number(b.weight > 0));
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(draw(left, random), 1));
  return order;
}

function draw(servers: readonly Ranked[], random: () => number): number {
  const total = servers.reduce((sum, { weight }) => sum + weight, 0);
  const lot = Math.floor(random() * (total + 1));
  let sum = 0;
  return servers.findIndex(({ weight }) => (sum += weight) >= lot);
}
