import { expect } from 'chai';
import { requirePeers } from '../support/peers/programs.js';
import { soakNodes, type NodesSoakOutcome } from './nodes/soak.js';
import { soak, type SoakOutcome } from './soak.js';
import { faultsOf } from './verdict.js';

describe('A minute of faults', function () {
  this.timeout(400_000);

  const told: string[] = [];
  const tell = (line: string): void => void told.push(line);
  let one: Promise<SoakOutcome>;
  let several: Promise<NodesSoakOutcome>;

  before(function () {
    requirePeers(this, 'kamailio', 'baresip');
    // Side by side: each waits most of the time.
    one = soak({ seconds: 60, seed: 13, tell });
    several = soakNodes({ nodes: 3, seconds: 40, seed: 1, callsPerSecond: 4, tell });
    for (const each of [one, several]) each.catch(() => undefined);
  });

  it('of the proxy, the telephones, the log and the files of a container leaves no call, no memory and no descriptor behind', async () => {
    const outcome = await one;
    expect(faultsOf(outcome), told.join('\n')).to.deep.equal([]);
    expect(outcome.faults).to.be.above(2);
  });

  it('of three nodes and their Redis loses no call, no event and no BYE, and doubles none', async () => {
    const { calls, disturbances, faults } = await several;
    expect(faults, told.join('\n')).to.deep.equal([]);
    expect(calls).to.be.above(20);
    expect(disturbances).to.be.above(2);
  });
});
