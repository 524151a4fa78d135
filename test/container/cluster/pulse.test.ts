import { mock } from 'node:test';
import { expect } from 'chai';
import { LEASE_MS, Pulse } from '../../../container/cluster/pulse.js';

describe('The pulse of a node', () => {
  let nowMs: number;
  let pulse: Pulse;
  let sent: string[];

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    nowMs = 0;
    pulse = new Pulse(() => nowMs);
    sent = [];
    pulse.renewed(0);
  });

  afterEach(() => {
    pulse.stop();
    mock.timers.reset();
  });

  const say = (text: string): void => {
    if (pulse.isOpen) sent.push(text);
    else pulse.hold(() => say(text));
  };
  /** The process runs, and its timers with it. */
  const run = (ms: number): void => {
    for (const endsAtMs = nowMs + ms; nowMs < endsAtMs; mock.timers.tick(100)) nowMs += 100;
  };

  it('goes on while Redis is away, however long that takes', () => {
    run(10 * LEASE_MS);
    say('BYE');
    expect(sent).to.deep.equal(['BYE']);
  });

  it('lets a process that was stopped for less than its lease go on at once', () => {
    nowMs += LEASE_MS - 1;
    say('BYE');
    expect(sent).to.deep.equal(['BYE']);
  });

  it('holds back the messages of a process stopped for longer, until its lease is renewed', () => {
    nowMs += LEASE_MS;
    say('INVITE');
    say('BYE');
    run(1_000);
    expect([pulse.isOpen, sent]).to.deep.equal([false, []]);
    pulse.renewed(nowMs);
    say('ACK');
    expect(sent).to.deep.equal(['INVITE', 'BYE', 'ACK']);
  });

  it('does not take an answer for a renewal that waited while the process was stopped', () => {
    nowMs += 1_000;
    const sentAtMs = nowMs;
    nowMs += LEASE_MS;
    pulse.renewed(sentAtMs);
    say('BYE');
    expect(sent).to.deep.equal([]);
  });

  it('drops held messages if other nodes own the calls, and lets the node join again', () => {
    nowMs += 30_000;
    say('BYE');
    pulse.lost();
    say('INVITE');
    pulse.renewed(nowMs);
    expect(sent).to.deep.equal(['INVITE']);
  });

  it('resolves when the node may act, or rejects if that is not known in time', async () => {
    nowMs += 30_000;
    const renewed = pulse.whenOpen();
    pulse.renewed(nowMs);
    await renewed;
    nowMs += 30_000;
    const never = pulse.whenOpen().catch((error: unknown) => error);
    run(2_000);
    expect(await never).to.include({ status: 503 });
  });
});
