import { expect } from 'chai';
import { mock } from 'node:test';
import { Timers } from 'sip.js/lib/core/index.js';
import { Retransmission } from '../../../../container/sip/transaction/retransmission.js';
import { setTimers, transactionTimeoutMs } from '../../../../container/sip/transaction/timers.js';

const T1_MS = 500;

describe('Retransmission timers', () => {
  let nowMs: number;
  let sentMs: number[];
  const send = (): void => void sentMs.push(nowMs);

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    setTimers(T1_MS);
    nowMs = 0;
    sentMs = [];
  });

  afterEach(() => mock.timers.reset());

  function passMs(durationMs: number): void {
    for (const endMs = nowMs + durationMs; nowMs < endMs;) {
      nowMs += 100;
      mock.timers.tick(100);
    }
  }

  it('send an INVITE again after T1, doubled each time, for 64*T1: Timer A', () => {
    const retransmission = new Retransmission(send, 'unlimited');
    passMs(100_000);
    expect(sentMs).to.deep.equal([500, 1500, 3500, 7500, 15_500, 31_500]);
    expect(retransmission.isRunning).to.equal(false);
  });

  it('send other requests and refusals again after T1, doubled up to T2, for 64*T1: Timers E and G', () => {
    const retransmission = new Retransmission(send, 'upToT2');
    passMs(100_000);
    expect(sentMs).to.deep.equal([500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(retransmission.isRunning).to.equal(false);
  });

  it('wait T2 after a provisional response, from the next time on', () => {
    const retransmission = new Retransmission(send, 'upToT2');
    passMs(700);
    retransmission.slowDown();
    passMs(100_000);
    expect(sentMs).to.deep.equal([500, 1500, 5500, 9500, 13_500, 17_500, 21_500, 25_500, 29_500]);
  });

  it('send nothing once they are stopped', () => {
    const retransmission = new Retransmission(send, 'upToT2');
    passMs(1600);
    retransmission.stop();
    passMs(100_000);
    expect(sentMs).to.deep.equal([500, 1500]);
    expect(retransmission.isRunning).to.equal(false);
  });

  it('follow T1 as table 4 of RFC 3261 says', () => {
    setTimers(100);
    expect(transactionTimeoutMs()).to.equal(6400);
    expect(Timers).to.include({ T1: 100, T2: 800, T4: 1000, TIMER_B: 6400, TIMER_D: 6400, TIMER_F: 6400 });
    expect(Timers).to.include({ TIMER_H: 6400, TIMER_I: 1000, TIMER_J: 6400, TIMER_K: 1000, TIMER_L: 6400 });
  });
});
