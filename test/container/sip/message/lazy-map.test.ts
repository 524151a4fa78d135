import { expect } from 'chai';
import fc from 'fast-check';
import { LazyMap } from '../../../../container/sip/message/lazy-map.js';

type Step =
  | { readonly do: 'set'; readonly key: string; readonly value: number | undefined }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'clear' };

describe('A map that takes memory only for what is in it', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ do: fc.constant('set'), key, value: fc.option(fc.nat(9), { nil: undefined }) }),
    fc.record({ do: fc.constant('delete'), key }),
    fc.record({ do: fc.constant('clear') }),
  );

  it('shows whatever is done to it as a Map does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const map = new Map<string, number | undefined>();
        const lazy = new LazyMap<string, number | undefined>();
        for (const next of steps) {
          apply(next, map);
          apply(next, lazy);
          expect(shown(lazy)).to.deep.equal(shown(map));
        }
      }),
    );
  });

  it('lets an entry be deleted while all are visited', () => {
    for (const keys of [['a'], ['a', 'b', 'c']]) {
      const lazy = new LazyMap<string, string>();
      for (const each of keys) lazy.set(each, each);
      lazy.forEach((_value, each) => lazy.delete(each));
      expect(lazy.size).to.equal(0);
    }
  });
});

function apply(step: Step, map: Map<string, number | undefined>): void {
  if (step.do === 'set') map.set(step.key, step.value);
  else if (step.do === 'delete') map.delete(step.key);
  else map.clear();
}

function shown(map: Map<string, number | undefined>): unknown {
  const visited: unknown[] = [];
  map.forEach((value, key, self) => visited.push([value, key, self === map]));
  return {
    visited,
    size: map.size,
    entries: [...map],
    keys: [...map.keys()],
    values: [...map.values()],
    known: ['a', 'b', 'c'].map((key) => [map.has(key), map.get(key)]),
  };
}
