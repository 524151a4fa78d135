import type { SrvRecord } from 'node:dns';

type Ranked = Pick<SrvRecord, 'priority' | 'weight'>;

/**
 * The order in which the servers of a service are tried (RFC 2782): by priority, and within a priority at random, in proportion to
 * weight.
 *
 * @param random returns a number from 0 to below 1
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
  // Servers of weight 0 come first, which gives them their very small chance.
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
