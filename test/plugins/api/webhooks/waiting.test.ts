import { expect } from 'chai';
import { Waiting } from '../../../../plugins/api/webhooks/waiting.js';

describe('Events that wait for sinks', () => {
  it('are limited for each agent, and for all agents together', () => {
    const whole = new Waiting(3);
    const [one, other] = [new Waiting(2, whole), new Waiting(2, whole)];
    one.add(1);
    one.add(1);
    expect([one.isFull, other.isFull, whole.isFull]).to.deep.equal([true, false, false]);
    other.add(1);
    expect([one.isFull, other.isFull, whole.isFull]).to.deep.equal([true, true, true]);
    one.add(-1);
    expect([one.isFull, other.isFull, whole.isFull]).to.deep.equal([false, false, false]);
  });
});
