import { mock } from 'node:test';
import { expect } from 'chai';
import { ProgressRecord } from '../../../../plugins/callcontroller/refer/progress-record.js';
import { EMPTY_DOCUMENT, statusDocument } from '../../../../plugins/callcontroller/refer/status-document.js';

const callId = '7959e447b88502416ee2477f3d36a480@12.23.34.45';

function documentOf(...statusLines: string[]): string {
  const events = statusLines.map((statusLine) => ({
    timestamp: 1259114103662,
    line: { method: 'INVITE', statusLine },
  }));
  return statusDocument({ callId, events });
}

describe('document of a Refer call', () => {
  it('is laid out as the contract shows it', () => {
    expect(documentOf('SIP/2.0 100 Trying')).to.equal(`<?xml version="1.0" encoding="UTF-8"?>
<status-lines xmlns="http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00">
<status>
	<timestamp>1259114103662</timestamp>
	<call-id>7959e447b88502416ee2477f3d36a480@12.23.34.45</call-id>
	<method>INVITE</method>
	<status-line>SIP/2.0 100 Trying</status-line>
</status>
</status-lines>
`);
  });

  it('has an element for each event, oldest first', () => {
    const elements = documentOf('SIP/2.0 100 Trying', 'SIP/2.0 200 OK').match(/<status-line>.*(?=<)/g);
    expect(elements).to.deep.equal(['<status-line>SIP/2.0 100 Trying', '<status-line>SIP/2.0 200 OK']);
  });

  it('writes every digit of a timestamp', () => {
    const events = [1_700_000_000_007, 1_700_000_000_000, 2_200_000_000_070].map((timestamp) => ({
      timestamp,
      line: { method: 'INVITE', statusLine: 'SIP/2.0 100 Trying' },
    }));
    const timestamps = statusDocument({ callId, events }).match(/(?<=<timestamp>)\d+/g);
    expect(timestamps).to.deep.equal(events.map(({ timestamp }) => String(timestamp)));
  });

  it('is empty, with its namespace, when there is nothing to show', () => {
    const empty =
      '<?xml version="1.0" encoding="UTF-8"?>\n<status-lines xmlns="http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00"/>\n';
    expect([documentOf(), EMPTY_DOCUMENT]).to.deep.equal([empty, empty]);
  });

  for (const [reason, escaped] of [
    ['a & b', 'a &amp; b'],
    ['&x;', '&amp;x;'],
    ['&amp;', '&amp;amp;'],
    ['<status>', '&lt;status&gt;'],
    [']]>', ']]&gt;'],
    ['Occupé ☎ \u{1f4de}', 'Occupé ☎ \u{1f4de}'],
  ]) {
    it(`escapes a reason phrase of ${reason}`, () => {
      expect(documentOf(`SIP/2.0 486 ${reason}`)).to.include(`<status-line>SIP/2.0 486 ${escaped}</status-line>`);
    });
  }

  it('shows characters that XML cannot hold as U+FFFD', () => {
    expect(documentOf('SIP/2.0 486 \u0001\ud800\uffff')).to.include(
      '<status-line>SIP/2.0 486 \ufffd\ufffd\ufffd</status-line>',
    );
  });
});

describe('progress record', () => {
  afterEach(() => mock.timers.reset());

  it('has the time of each event, the same at a later reading', () => {
    mock.timers.enable({ apis: ['Date'], now: 1259114103662 });
    const record = new ProgressRecord(callId);
    record.add('INVITE', 'SIP/2.0 100 Trying');
    mock.timers.tick(4_000_000_000);
    record.add('INVITE', 'SIP/2.0 200 OK');
    mock.timers.tick(1_000);
    expect(record.events).to.deep.equal([
      { timestamp: 1259114103662, line: { method: 'INVITE', statusLine: 'SIP/2.0 100 Trying' } },
      { timestamp: 1263114103662, line: { method: 'INVITE', statusLine: 'SIP/2.0 200 OK' } },
    ]);
  });

  it('never lets a timestamp fall behind the one before it', () => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    const record = new ProgressRecord(callId);
    record.add('NOTIFY', 'SIP/2.0 100 Trying');
    mock.timers.tick(500);
    record.add('NOTIFY', 'SIP/2.0 100 Trying');
    mock.timers.setTime(999_000);
    record.add('NOTIFY', 'SIP/2.0 100 Trying');
    expect(record.events.map(({ timestamp }) => timestamp)).to.deep.equal([1_000_000, 1_000_500, 1_000_500]);
  });

  it('is bounded, and still shows the last event, when a telephone sends without end', () => {
    const record = new ProgressRecord(callId);
    for (let count = 0; count < 10_000; count += 1) record.add('NOTIFY', 'SIP/2.0 100 Trying');
    record.add('NOTIFY', 'SIP/2.0 200 OK');
    expect(record.events.length).to.equal(100);
    expect(record.events.at(-1)?.line.statusLine).to.equal('SIP/2.0 200 OK');
  });

  it('shows status lines that nobody has sent before, however many', () => {
    const record = new ProgressRecord(callId);
    const lines = Array.from({ length: 1_500 }, (_, number) => `SIP/2.0 180 Ringing ${number}`);
    for (const line of lines) {
      record.add('INVITE', line);
      expect(record.events.at(-1)?.line.statusLine).to.equal(line);
    }
  });
});
