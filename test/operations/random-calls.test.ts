import { expect } from 'chai';
import { type RandomCallsRun, runRandomCalls } from './random-calls.js';
import { leaks, unexplainedCalls, untoldCalls, wrongCounters } from './random-calls-verdict.js';

const calls = 200;

describe(`${calls} calls with random outcomes, at the log level trace`, function () {
  this.timeout(120_000);
  let run: RandomCallsRun;

  before(async () => {
    run = await runRandomCalls({ calls, seed: 15, callsPerSecond: 50 });
    expect(run.calls).to.have.length(calls);
  });

  it('have two log lines each, with their outcome', () => {
    expect(untoldCalls(run)).to.deep.equal([]);
  });

  it('are explained by the log lines with their id if they failed', () => {
    expect(unexplainedCalls(run)).to.deep.equal([]);
  });

  it('have no secret in any line', () => {
    expect(run.secrets.length).to.be.above(calls / 2);
    expect(leaks(run)).to.deep.equal([]);
  });

  it('are counted by the metrics as the telephones have seen them', () => {
    expect(wrongCounters(run)).to.deep.equal([]);
  });
});
