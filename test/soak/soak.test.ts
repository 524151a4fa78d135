import { expect } from 'chai';
import { requirePeers } from '../support/peers/programs.js';
import { soak } from './soak.js';
import { faultsOf } from './verdict.js';

describe('A minute of calls through a proxy that restarts, telephones that vanish, a log that stalls and files that change', function () {
  this.timeout(240_000);

  before(function () {
    requirePeers(this, 'kamailio', 'baresip');
  });

  it('leaves no call, no memory and no descriptor behind', async () => {
    const told: string[] = [];
    const outcome = await soak({ seconds: 60, seed: 13, tell: (line) => told.push(line) });
    expect(faultsOf(outcome), told.join('\n')).to.deep.equal([]);
    expect(outcome.faults).to.be.above(2);
  });
});
