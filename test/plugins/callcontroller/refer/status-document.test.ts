import { expect } from 'chai';
import { ProgressRecord } from '../../../../plugins/callcontroller/refer/progress-record.js';
import { statusDocument, statusElement } from '../../../../plugins/callcontroller/refer/status-document.js';

const event = { timestamp: 1259114103662, callId: '7959e447b88502416ee2477f3d36a480@12.23.34.45', method: 'INVITE' };

describe('document of a Refer call', () => {
  it('is laid out as the contract shows it', () => {
    const element = statusElement({ ...event, statusLine: 'SIP/2.0 100 Trying' });
    expect(statusDocument([element])).to.equal(`<?xml version="1.0" encoding="UTF-8"?>
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

  it('is empty, with its namespace, when there is nothing to show', () => {
    expect(statusDocument([])).to.equal(
      '<?xml version="1.0" encoding="UTF-8"?>\n<status-lines xmlns="http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00"/>\n',
    );
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
      const element = statusElement({ ...event, statusLine: `SIP/2.0 486 ${reason}` });
      expect(element).to.include(`<status-line>SIP/2.0 486 ${escaped}</status-line>`);
    });
  }

  it('shows what XML cannot hold as U+FFFD', () => {
    const element = statusElement({ ...event, statusLine: 'SIP/2.0 486 \u0001\ud800\uffff' });
    expect(element).to.include('<status-line>SIP/2.0 486 \ufffd\ufffd\ufffd</status-line>');
  });
});

describe('progress record', () => {
  it('never lets a timestamp fall behind the one before it', () => {
    const record = new ProgressRecord('call', ({ timestamp }) => timestamp);
    for (let count = 0; count < 50; count += 1) record.add('NOTIFY', 'SIP/2.0 100 Trying');
    expect(record.views).to.deep.equal(record.views.toSorted((a, b) => a - b));
  });

  it('is bounded, and still shows the last event, when a telephone sends without end', () => {
    const record = new ProgressRecord('call', ({ statusLine }) => statusLine);
    for (let count = 0; count < 10_000; count += 1) record.add('NOTIFY', 'SIP/2.0 100 Trying');
    record.add('NOTIFY', 'SIP/2.0 200 OK');
    expect(record.views.length).to.equal(100);
    expect(record.views.at(-1)).to.equal('SIP/2.0 200 OK');
  });
});
