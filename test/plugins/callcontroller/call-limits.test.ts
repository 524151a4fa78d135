import { expect } from 'chai';
import { CallLimits } from '../../../plugins/callcontroller/call-limits.js';
import { CallRecord, type RecordedRequest } from '../../../plugins/callcontroller/model/call-record.js';
import type { Limits, Load, Sdk } from '../../../sdk/index.js';

const roomy: Limits = {
  callsPerSecond: 1_000,
  callsPerSecondPerAgent: 1_000,
  callsInSetup: 1_000,
  callsHeld: 1_000,
  recordsKept: 1_000,
  eventLoopDelayMs: 300,
};
const silent = { onChange: () => undefined, onEvent: () => undefined, onMessage: () => undefined };

describe('The limits of calls', () => {
  let load: { limits: Limits; isLate: boolean; isFull: () => boolean };
  let limits: CallLimits;
  const measured = new Map<keyof Limits, () => number>();

  function withLimits(some: Partial<Limits>): void {
    const known: Load & { isFull: () => boolean } = {
      limits: { ...roomy, ...some },
      isLate: false,
      isFull: () => false,
      fullWhen: (isFull) => (known.isFull = isFull),
      measure: (limit, used) => measured.set(limit, used),
    };
    load = known;
    limits = new CallLimits({ load: known } as unknown as Sdk);
  }

  function call(agent: string): CallRecord {
    const request: RecordedRequest = { agent, calling: 'a', called: 'b', sipMethod: 'Invite', subject: undefined };
    const record = new CallRecord('id', 0, request, silent);
    limits.begin(record);
    return record;
  }

  function refusalOf(agent: string): unknown {
    try {
      limits.admit(agent);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  it('refuse with 503 while too many calls are in setup, until one is connected or over', () => {
    withLimits({ callsInSetup: 2 });
    const records = [call('user1'), call('user2')];
    expect(refusalOf('user3')).to.include({
      status: 503,
      message: 'callsInSetup: 2 calls are being set up, try again in 5 seconds',
    });
    expect(refusalOf('user3')).to.have.nested.property('headers.Retry-After', '5');
    expect(load.isFull()).to.equal(true);
    if (records[0]) limits.connect(records[0]);
    expect(refusalOf('user3')).to.equal(undefined);
    expect(load.isFull()).to.equal(false);
  });

  it('refuse with 503 while too many calls are connected, until one is over', () => {
    withLimits({ callsHeld: 2 });
    const records = [call('user1'), call('user2')];
    for (const record of records) limits.connect(record);
    expect(refusalOf('user3')).to.include({ status: 503, limit: 'callsHeld' });
    for (let time = 0; time < 3; time++) if (records[0]) limits.leave(records[0]);
    expect(refusalOf('user3')).to.equal(undefined);
    limits.connect(call('user3'));
    expect(refusalOf('user3')).to.include({ status: 503 });
  });

  it('refuse with 503 while too many records are kept, until one expires', () => {
    withLimits({ recordsKept: 2 });
    const [record] = [call('user1'), call('user2')];
    if (record) limits.leave(record);
    expect(refusalOf('user3')).to.include({ status: 503, limit: 'recordsKept' });
    if (record) limits.forget(record);
    expect(refusalOf('user3')).to.equal(undefined);
  });

  it('leave half of the room to others: an agent that has used up its own gets 429', () => {
    withLimits({ callsInSetup: 4 });
    call('user1');
    call('user1');
    expect(refusalOf('user1')).to.include({
      status: 429,
      message: 'callsInSetup: 2 calls of user1 are being set up, try again in 5 seconds',
    });
    expect(refusalOf('user2')).to.equal(undefined);
  });

  it('refuse more calls in a second than there may be, with 429 an agent, with 503 all', () => {
    withLimits({ callsPerSecond: 3, callsPerSecondPerAgent: 2 });
    expect([refusalOf('user1'), refusalOf('user1')]).to.deep.equal([undefined, undefined]);
    expect(refusalOf('user1')).to.include({ status: 429, limit: 'callsPerSecondPerAgent' });
    expect(refusalOf('user2')).to.equal(undefined);
    expect(refusalOf('user2')).to.include({ status: 503, limit: 'callsPerSecond' });
    expect(limits.rateFields('user2')).to.deep.equal({
      'RateLimit-Policy': '"callsPerSecond";q=3;w=1, "callsPerSecondPerAgent";q=2;w=1',
      RateLimit: '"callsPerSecond";r=0;t=1, "callsPerSecondPerAgent";r=1;t=1',
    });
  });

  it('refuse new calls with 503 while the event loop is late', () => {
    withLimits({});
    load.isLate = true;
    expect(refusalOf('user1')).to.include({ status: 503, limit: 'eventLoopDelayMs' });
  });
});
