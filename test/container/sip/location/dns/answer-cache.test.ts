import { expect } from 'chai';
import { type Answer, AnswerCache } from '../../../../../container/sip/location/dns/answer-cache.js';
import { rejection } from '../../../../support/rejection.js';

describe('A cache of DNS answers', () => {
  let nowMs: number;
  let lookUps: number;
  let cache: AnswerCache<string>;

  beforeEach(() => {
    nowMs = 1_000;
    lookUps = 0;
    cache = new AnswerCache(3, () => nowMs);
  });

  async function lookUp(value: string, forMs = 10_000): Promise<Answer<string>> {
    lookUps++;
    await Promise.resolve();
    return { value, untilMs: nowMs + forMs };
  }

  async function fail(): Promise<never> {
    lookUps++;
    await Promise.resolve();
    throw new Error('no server answers');
  }

  const valueOf = async (key: string, find: () => Promise<Answer<string>>): Promise<string> =>
    (await cache.get(key, find)).value;

  it('answers at once as long as the answer holds, and looks up again afterwards', async () => {
    await cache.get('a', () => lookUp('old'));
    nowMs += 9_999;
    expect(cache.get('a', () => lookUp('new'))).to.deep.equal({ value: 'old', untilMs: 11_000 });
    nowMs += 1;
    expect(await valueOf('a', () => lookUp('new'))).to.equal('new');
    expect(lookUps).to.equal(2);
  });

  it('makes one look-up for concurrent requests', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => valueOf('a', () => lookUp('one'))));
    expect(answers).to.deep.equal(['one', 'one', 'one']);
    expect(lookUps).to.equal(1);
  });

  it('fails for all concurrent requests, and at once for those of the next 5 s', async () => {
    const failures = await Promise.all([1, 2].map(() => rejection(valueOf('a', fail))));
    nowMs += 4_999;
    failures.push(await rejection(valueOf('a', fail)));
    expect(failures.map(({ message }) => message)).to.deep.equal(Array(3).fill('no server answers'));
    expect(lookUps).to.equal(1);
    nowMs += 1;
    expect(await valueOf('a', () => lookUp('back'))).to.equal('back');
  });

  it('keeps to an old answer for an hour when no server answers, and asks again every 5 s', async () => {
    await cache.get('a', () => lookUp('old'));
    nowMs += 60_000;
    expect(await valueOf('a', fail)).to.equal('old');
    expect(await valueOf('a', fail)).to.equal('old');
    expect(lookUps).to.equal(2);
    nowMs += 5_000;
    expect(await valueOf('a', () => lookUp('new'))).to.equal('new');
    nowMs += 3_610_001;
    expect((await rejection(valueOf('a', fail))).message).to.equal('no server answers');
  });

  it('keeps no more answers than it may, the newest', async () => {
    for (const key of ['a', 'b', 'c', 'd']) await cache.get(key, () => lookUp(key));
    expect(cache.size).to.equal(3);
    await cache.get('d', () => lookUp('d'));
    expect(lookUps).to.equal(4);
    await cache.get('a', () => lookUp('a'));
    expect(lookUps).to.equal(5);
  });

  it('starts no more look-ups at a time than it may', async () => {
    const started = ['a', 'b', 'c'].map((key) => valueOf(key, () => lookUp(key)));
    expect(() => cache.get('d', () => lookUp('d'))).to.throw('Too many look-ups are under way to start that of d');
    await Promise.all(started);
    expect(await valueOf('d', () => lookUp('d'))).to.equal('d');
  });
});
