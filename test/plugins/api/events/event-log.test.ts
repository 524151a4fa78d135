import { expect } from 'chai';
import { mock } from 'node:test';
import { EventLog } from '../../../../plugins/api/events/event-log.js';
import { newEvent } from '../new-event.js';

describe('The log of events', () => {
  let log: EventLog;

  beforeEach(() => {
    mock.timers.enable({ apis: ['Date'] });
    log = new EventLog();
  });

  afterEach(() => mock.timers.reset());

  function add(count: number): string[] {
    return Array.from({ length: count }, (_, index) => log.add(newEvent('a', index + 1)).id);
  }

  function idsAfter(cursor: string): string[] | undefined {
    return log.after(cursor)?.map(({ id }) => id);
  }

  it('gives what came after a cursor, from its first one to its last', () => {
    const empty = log.cursor;
    const ids = add(5);
    expect(idsAfter(empty)).to.deep.equal(ids);
    expect(idsAfter(ids[1] ?? '')).to.deep.equal(ids.slice(2));
    expect(log.cursor).to.equal(ids[4]);
    expect(idsAfter(log.cursor)).to.deep.equal([]);
  });

  it('keeps 10,000 events, and says of older cursors that something is missing', () => {
    const ids = add(12_500);
    expect(idsAfter(ids[2_498] ?? '')).to.equal(undefined);
    expect(idsAfter(ids[2_499] ?? '')).to.deep.equal(ids.slice(2_500));
  });

  it('forgets events after an hour', () => {
    const [first = '', second = ''] = add(2);
    mock.timers.tick(3_600_001);
    const [third] = add(1);
    expect(idsAfter(first)).to.equal(undefined);
    expect(idsAfter(second)).to.deep.equal([third]);
  });

  it('does not know the cursors of another log, nor of events that are to come', () => {
    add(1);
    const other = new EventLog();
    expect([other.cursor, log.cursor.replace(/\d+$/, '2'), '', 'x', `${log.cursor}x`].map(idsAfter)).to.deep.equal(
      Array.from({ length: 5 }, () => undefined),
    );
  });
});
