import { expect } from 'chai';
import { RestingTargets } from '../../../../container/sip/location/resting.js';
import type { Target } from '../../../../container/sip/transport/transport.js';

const target = (address: string): Target => ({ transport: 'UDP', address, port: 5060, host: 'example.com' });

describe('Servers that have failed', () => {
  const [one, two, three] = [target('192.0.2.1'), target('192.0.2.2'), target('192.0.2.3')];
  const all = [one, two, three];
  let nowMs: number;
  let resting: RestingTargets;

  beforeEach(() => {
    nowMs = 1_000;
    resting = new RestingTargets(() => nowMs);
  });

  it('come last for 30 s', () => {
    resting.rest(one);
    expect(resting.last(all)).to.deep.equal([two, three, one]);
    nowMs += 29_999;
    expect(resting.last(all)).to.deep.equal([two, three, one]);
  });

  it('are tried by one request after their rest, and by all others once they have answered', () => {
    resting.rest(one);
    nowMs += 30_000;
    expect(resting.last(all)).to.deep.equal(all);
    expect(resting.last(all)).to.deep.equal([two, three, one]);
    resting.wake(one);
    expect(resting.last(all)).to.deep.equal(all);
  });

  it('are tried by another request when the first one heard nothing for as long again', () => {
    resting.rest(one);
    nowMs += 30_000;
    resting.last(all);
    nowMs += 30_000;
    expect(resting.last(all)).to.deep.equal(all);
  });

  it('are not found out about by requests that go to others first', () => {
    resting.rest(two);
    nowMs += 30_000;
    expect(resting.last(all)).to.deep.equal(all);
    expect(resting.last([two, three])).to.deep.equal([two, three]);
  });

  it('are still tried, in their order, when all have failed', () => {
    for (const each of all) resting.rest(each);
    expect(resting.last(all)).to.deep.equal(all);
  });

  it('rest as long as they say, from 1 s to 5 min', () => {
    resting.rest(one, 120_000);
    resting.rest(two, 0);
    resting.rest(three, 1e12);
    nowMs += 999;
    expect(resting.last([one, two])).to.deep.equal([one, two]);
    nowMs += 1;
    expect(resting.last([one, two])).to.deep.equal([two, one]);
    nowMs += 120_000;
    expect(resting.last([three, one])).to.deep.equal([one, three]);
    nowMs += 180_000;
    expect(resting.last([three, one])).to.deep.equal([three, one]);
  });

  it('are others on another transport or port', () => {
    const overTcp: Target = { ...one, transport: 'TCP' };
    const elsewhere = { ...one, port: 5070 };
    resting.rest(one);
    expect(resting.last([one, overTcp, elsewhere])).to.deep.equal([overTcp, elsewhere, one]);
  });

  it('are forgotten when there are too many', () => {
    resting.rest(one);
    for (let port = 1; port <= 1_000; port++) resting.rest({ ...two, port });
    expect(resting.last([one, three])).to.deep.equal([one, three]);
  });
});
