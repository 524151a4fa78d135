import { expect } from 'chai';
import { STAGES, stopInEveryStage } from './stages.js';

const callsInEach = 8;

describe('A container that is told to stop with calls in every stage', function () {
  this.timeout(120_000);

  it('leaves no telephone ringing or alone, and tells each why', async () => {
    const { reached, left, unexplained } = await stopInEveryStage(callsInEach);
    expect(reached).to.deep.equal(Object.fromEntries(STAGES.map((stage) => [stage, callsInEach])));
    expect(left).to.deep.equal([]);
    expect(unexplained).to.deep.equal([]);
  });
});
