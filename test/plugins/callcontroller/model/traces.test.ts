import { mock } from 'node:test';
import { expect } from 'chai';
import { Traces } from '../../../../plugins/callcontroller/model/traces.js';
import { newRecord } from '../new-record.js';

describe('The traces of users and calls', () => {
  let traces: Traces;
  let nowMs: number;

  beforeEach(() => {
    nowMs = 0;
    mock.method(performance, 'now', () => nowMs);
    traces = new Traces();
  });

  afterEach(() => mock.restoreAll());

  it('have the calls of a user in any part, and the call of an id, and no others', () => {
    const record = newRecord();
    expect(traces.has(record)).to.equal(false);
    for (const subject of [record.id, record.request.agent, record.request.calling, record.request.called]) {
      traces = new Traces();
      traces.start(subject, 600);
      expect(traces.has(record), subject).to.equal(true);
      expect(
        traces.has({ id: 'other', request: { ...record.request, agent: 'x', calling: 'y', called: 'z' } }),
      ).to.equal(false);
    }
  });

  it('end when their time is over', () => {
    const record = newRecord();
    traces.start(record.id, 600);
    nowMs += 599_000;
    expect(traces.has(record)).to.equal(true);
    nowMs += 1_000;
    expect(traces.has(record)).to.equal(false);
  });

  it('are at most a hundred: the oldest is dropped', () => {
    const record = newRecord();
    traces.start(record.id, 600);
    for (let count = 0; count < 100; count++) traces.start(`user${count}@example.org`, 600);
    expect(traces.has(record)).to.equal(false);
  });
});
