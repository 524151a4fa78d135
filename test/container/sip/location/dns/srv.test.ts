import { expect } from 'chai';
import fc from 'fast-check';
import { inOrderOfTrial } from '../../../../../container/sip/location/dns/srv.js';

const DRAWS = 20_000;

/** Numbers from 0 to below 1, the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function server(name: string, priority: number, weight: number) {
  return { name, port: 5060, priority, weight };
}

/** How often each server was tried first. */
function firsts(servers: readonly ReturnType<typeof server>[]): Map<string, number> {
  const random = seeded(3263);
  const counts = new Map(servers.map(({ name }) => [name, 0]));
  for (let draw = 0; draw < DRAWS; draw++) {
    const name = inOrderOfTrial(servers, random)[0]?.name ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

describe('The order in which the servers of a service are tried', () => {
  const anyServers = fc.array(
    fc.record({ priority: fc.integer({ min: 0, max: 3 }), weight: fc.integer({ min: 0, max: 65535 }) }),
    { maxLength: 12 },
  );

  it('has every server once, those of a lower priority number first', () => {
    fc.assert(
      fc.property(anyServers, fc.integer(), (servers, seed) => {
        const order = inOrderOfTrial(servers, seeded(seed));
        expect(order).to.have.members(servers);
        const priorities = order.map(({ priority }) => priority);
        expect(priorities).to.deep.equal(priorities.toSorted((a, b) => a - b));
      }),
      { seed: 3263 },
    );
  });

  it('gives each server of a priority calls in proportion to its weight', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 }), (weights) => {
        const servers = weights.map((weight, index) => server(`${index}`, 1, weight));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const found = firsts(servers);
        for (const { name, weight } of servers) {
          const expected = weight / total;
          // Five standard deviations; RFC 2782 draws from 0 to the total, one number more than there are weights.
          const deviation = 5 * Math.sqrt((expected * (1 - expected)) / DRAWS) + 1 / (total + 1);
          expect((found.get(name) ?? 0) / DRAWS).to.be.closeTo(expected, deviation);
        }
      }),
      { seed: 3263, numRuns: 20 },
    );
  });

  it('gives a server without a weight a small chance beside others', () => {
    const found = firsts([server('heavy', 1, 99), server('none', 1, 0)]);
    expect(found.get('none')).to.be.within(1, DRAWS / 50);
  });

  it('tries the others of a priority in proportion too when the first has failed', () => {
    const random = seeded(2782);
    const servers = [server('dead', 1, 0), server('one', 1, 1), server('three', 1, 3)];
    let oneFirst = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const living = inOrderOfTrial(servers, random).filter(({ name }) => name !== 'dead');
      if (living[0]?.name === 'one') oneFirst++;
    }
    expect(oneFirst / DRAWS).to.be.within(0.2, 0.3);
  });

  it('draws a new order each time', () => {
    const servers = ['a', 'b'].map((name) => server(name, 1, 10));
    const found = firsts(servers);
    expect([...found.values()].every((count) => count > DRAWS / 3)).to.equal(true);
  });
});
