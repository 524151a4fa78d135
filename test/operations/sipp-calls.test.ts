import { expect } from 'chai';
import { requirePeers } from '../support/peers/programs.js';
import { callSipp } from './sipp-calls.js';

const calls = 40;

describe(`${calls} calls with random outcomes to telephones of SIPp`, function () {
  this.timeout(120_000);

  before(function () {
    requirePeers(this, 'sipp');
  });

  it('are counted by the metrics as by SIPp: outcomes, messages and retransmissions', async () => {
    const { successful, counts, differences } = await callSipp({ calls, seed: 4, callsPerSecond: 30 });
    expect(differences).to.deep.equal([]);
    expect(successful).to.equal(calls);
    expect(counts).to.include.keys('calls none', 'calls callerNoAnswer', 'sent REFER', 'received 6xx');
    expect(counts['retransmissions']).to.be.above(0);
  });
});
