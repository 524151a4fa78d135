import { expect } from 'chai';
import { Rate } from '../../../plugins/callcontroller/rate.js';

describe('The rate of calls', () => {
  it('counts those of a second, which begins with the first', () => {
    let nowMs = 5_000;
    const rate = new Rate(() => nowMs);
    rate.count();
    nowMs += 999;
    rate.count();
    expect([rate.counted, rate.left(3), rate.secondsLeft]).to.deep.equal([2, 1, 1]);
    nowMs += 1;
    expect([rate.counted, rate.left(3)]).to.deep.equal([0, 3]);
  });

  it('spreads a burst over the second, except for the first fifty calls', () => {
    let nowMs = 5_000;
    const rate = new Rate(() => nowMs);
    const countOf = (limit: number): number => {
      rate.count();
      return rate.delayMs(limit);
    };
    const waitsMs = Array.from({ length: 100 }, () => countOf(100));
    expect(waitsMs.slice(0, 50)).to.deep.equal(Array.from({ length: 50 }, () => 0));
    expect([waitsMs[50], waitsMs[74], waitsMs[99]]).to.deep.equal([10, 250, 500]);
    nowMs += 600;
    expect(countOf(200)).to.equal(0);
  });
});
