import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { withDefaults } from '../../container/config/limits.js';
import { ContainerLoad } from '../../container/load.js';

describe('The load of the container', () => {
  let load: ContainerLoad;

  beforeEach(() => {
    load = new ContainerLoad({ ...withDefaults({}), eventLoopDelayMs: 20 });
  });

  afterEach(() => {
    load.close();
  });

  it('is too high while the event loop is late twice in a row, until it keeps up again', async () => {
    expect(load.isLate).to.equal(false);
    for (let time = 0; time < 3; time++) {
      blockFor(200);
      await delay(0);
    }
    expect({ isLate: load.isLate, isFull: load.isFull }).to.deep.equal({ isLate: true, isFull: true });
    while (load.isLate) await delay(20);
    expect(load.isFull).to.equal(false);
  });

  it('is too high while a plugin says so', () => {
    let isFull = false;
    load.fullWhen(() => isFull);
    expect(load.isFull).to.equal(false);
    isFull = true;
    expect(load.isFull).to.equal(true);
  });
});

describe('The limits by default', () => {
  const MIB = 1_048_576;

  for (const heapMib of [64, 128, 256, 512, 1024, 4096]) {
    it(`leave enough room for calls in a heap of ${heapMib} MiB`, () => {
      const { callsPerSecond, callsInSetup, callsHeld, recordsKept } = withDefaults({}, heapMib * MIB);
      // Measured bytes of each, without the reserve for work in progress.
      const bytes = callsInSetup * 10_000 + callsHeld * 15_000 + recordsKept * 3_000 + callsPerSecond * 32 * 3_000;
      expect(bytes).to.be.below(Math.max(heapMib - 32, 32) * MIB * 0.75);
    });
  }

  it('give one agent half of the calls of a second, and stay as they are given', () => {
    expect(withDefaults({ callsPerSecond: 11, callsHeld: 3 })).to.include({
      callsPerSecond: 11,
      callsPerSecondPerAgent: 6,
      callsHeld: 3,
    });
  });
});

function blockFor(milliseconds: number): void {
  const endsAtMs = performance.now() + milliseconds;
  while (performance.now() < endsAtMs) continue;
}
