import { expect } from 'chai';
import { mock } from 'node:test';
import { EventLog } from '../../../../plugins/api/events/event-log.js';
import { newEvent } from '../new-event.js';

describe('The log of events', () => {
  let log: EventLog;
  let nowMs: number;

  beforeEach(() => {
    nowMs = 0;
    mock.method(performance, 'now', () => nowMs);
    log = new EventLog(100);
  });

  afterEach(() => mock.restoreAll());

  function add(count: number): string[] {
    return Array.from({ length: count }, (_, index) => log.add(newEvent('a', index + 1)).id);
  }

  function idsAfter(cursor: string): string[] | undefined {
    return log.after(cursor)?.map(({ id }) => id);
  }

  it('gives the events after any of its cursors', () => {
    const empty = log.cursor;
    const ids = add(5);
    expect(idsAfter(empty)).to.deep.equal(ids);
    expect(idsAfter(ids[1] ?? '')).to.deep.equal(ids.slice(2));
    expect(log.cursor).to.equal(ids[4]);
    expect(idsAfter(log.cursor)).to.deep.equal([]);
  });

  it('keeps a limited number of events, and reports a gap after older cursors', () => {
    const ids = add(125);
    expect(idsAfter(ids[23] ?? '')).to.equal(undefined);
    expect(idsAfter(ids[24] ?? '')).to.deep.equal(ids.slice(25));
  });

  it('forgets events after an hour', () => {
    const [first = '', second = ''] = add(2);
    nowMs += 3_600_001;
    const [third] = add(1);
    expect(idsAfter(first)).to.equal(undefined);
    expect(idsAfter(second)).to.deep.equal([third]);
  });

  it('does not know the cursors of another log or of future events', () => {
    add(1);
    const other = new EventLog(10_000);
    expect([other.cursor, log.cursor.replace(/\d+$/, '2'), '', 'x', `${log.cursor}x`].map(idsAfter)).to.deep.equal(
      Array.from({ length: 5 }, () => undefined),
    );
  });
});
