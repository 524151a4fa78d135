import { expect } from 'chai';
import { STAGES, stopInEveryStage } from './stages.js';

const callsInEach = 8;

describe('A container that gets SIGTERM with calls in every stage', function () {
  this.timeout(120_000);

  it('leaves no telephone ringing or in a call, and gives each the reason', async () => {
    const { reached, left, unexplained } = await stopInEveryStage(callsInEach);
    expect(reached).to.deep.equal(Object.fromEntries(STAGES.map((stage) => [stage, callsInEach])));
    expect(left).to.deep.equal([]);
    expect(unexplained).to.deep.equal([]);
  });
});
