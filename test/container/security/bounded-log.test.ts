import { expect } from 'chai';
import { BoundedLog } from '../../../container/security/bounded-log.js';
import { RecordingLog } from '../accounts/recording-log.js';

describe('A log line that strangers can cause', () => {
  it('is written ten times in ten seconds, then with the number of those left out', () => {
    const log = new RecordingLog();
    let nowMs = 0;
    const bounded = new BoundedLog(log, 'Refused', () => nowMs);
    for (let index = 0; index < 25; index++) bounded.warn({ index });
    nowMs = 9_999;
    bounded.warn({ index: 25 });
    expect(log.lines.map(({ fields }) => fields?.['index'])).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    nowMs = 10_000;
    bounded.warn({ index: 26 });
    bounded.warn({ index: 27 });
    expect(log.lines.slice(10)).to.deep.equal([
      { level: 'warn', message: 'Refused', fields: { index: 26, leftOut: 16 } },
      { level: 'warn', message: 'Refused', fields: { index: 27 } },
    ]);
  });
});
