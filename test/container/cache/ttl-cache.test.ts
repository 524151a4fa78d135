import { mock } from 'node:test';
import { expect } from 'chai';
import { TtlCache } from '../../../container/cache/ttl-cache.js';

describe('A cache of a plugin', () => {
  let removed: string[];
  let cache: TtlCache<string>;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    removed = [];
    cache = new TtlCache<string>({ ttlMs: 1000, onRemove: (value, key) => removed.push(`${key}=${value}`) });
  });

  afterEach(() => mock.timers.reset());

  it('keeps an entry for its lifetime, and then calls its owner once', () => {
    cache.set('a', '1');
    mock.timers.tick(999);
    expect([cache.get('a'), cache.size, removed]).to.deep.equal(['1', 1, []]);
    mock.timers.tick(1);
    expect([cache.get('a'), cache.size, removed]).to.deep.equal([undefined, 0, ['a=1']]);
    mock.timers.tick(10_000);
    expect(removed).to.deep.equal(['a=1']);
  });

  it('lets an entry have a lifetime of its own', () => {
    cache.set('short', '1', 10);
    cache.set('at once', '2', -5);
    cache.set('long', '3', 5000);
    mock.timers.tick(10);
    expect([...cache.values()]).to.deep.equal(['3']);
    mock.timers.tick(4990);
    expect(removed).to.deep.equal(['at once=2', 'short=1', 'long=3']);
  });

  it('keeps an entry without an end, or with one further off than a timer reaches, until it is deleted', () => {
    cache.set('ever', '1', Infinity);
    cache.set('month', '2', 2 ** 31);
    mock.timers.tick(2 ** 31);
    expect(cache.size).to.equal(2);
    expect(cache.delete('ever')).to.equal(true);
    expect(cache.delete('ever')).to.equal(false);
    expect(removed).to.deep.equal(['ever=1']);
  });

  it('restarts the lifetime when the entry is touched', () => {
    cache.set('a', '1');
    mock.timers.tick(900);
    expect(cache.touch('a', 500)).to.equal(true);
    mock.timers.tick(499);
    expect(cache.get('a')).to.equal('1');
    mock.timers.tick(1);
    expect(removed).to.deep.equal(['a=1']);
    expect(cache.touch('a', 500)).to.equal(false);
    expect(cache.size).to.equal(0);
  });

  it('gives a replaced entry to its owner, and the new one its whole lifetime', () => {
    cache.set('a', '1');
    mock.timers.tick(900);
    cache.set('a', '2');
    expect(removed).to.deep.equal(['a=1']);
    mock.timers.tick(999);
    expect(cache.get('a')).to.equal('2');
    mock.timers.tick(1);
    expect(removed).to.deep.equal(['a=1', 'a=2']);
  });

  it('gives every entry to its owner when it is emptied, and no timer stays', () => {
    cache.set('a', '1');
    cache.set('b', '2');
    cache.clear();
    expect([cache.size, removed]).to.deep.equal([0, ['a=1', 'b=2']]);
    mock.timers.tick(10_000);
    expect(removed).to.have.length(2);
  });

  it('may be used by its owner while an entry leaves it', () => {
    const seen: (string | undefined)[] = [];
    const renewed = new TtlCache<string>({
      ttlMs: 100,
      onRemove: (value, key) => {
        seen.push(value, renewed.get(key));
        if (value === 'expiring') renewed.set(key, 'again');
      },
    });
    renewed.set('a', 'old');
    renewed.set('a', 'expiring');
    expect(seen).to.deep.equal(['old', 'expiring']);
    mock.timers.tick(100);
    expect(renewed.get('a')).to.equal('again');
    mock.timers.tick(100);
    expect([renewed.size, ...seen]).to.deep.equal([0, 'old', 'expiring', 'expiring', undefined, 'again', undefined]);
  });

  it('comes to the end of emptying itself though its owner puts everything back', () => {
    const stubborn = new TtlCache<string>({ ttlMs: 100, onRemove: (value, key) => stubborn.set(`${key}'`, value) });
    stubborn.set('a', '1');
    stubborn.clear();
    expect([...stubborn.values()]).to.deep.equal(['1']);
  });
});
