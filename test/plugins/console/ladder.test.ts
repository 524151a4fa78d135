import { expect } from 'chai';
import type { Message } from '../../../plugins/console/browser/call.js';
import { arrowsOf, ladderText } from '../../../plugins/console/browser/ladder.js';

function message(leg: string, direction: string, startLine: string, cseq: string, offsetMs = 0): Message {
  return { at: new Date(Date.UTC(2026, 0, 1) + offsetMs).toISOString(), leg, direction, startLine, cseq };
}

describe('The ladder of a call', () => {
  it('draws requests from the controller to the telephone, and their responses back', () => {
    const arrows = arrowsOf([
      message('caller', 'out', 'INVITE sip:user1@example.com SIP/2.0', '1 INVITE'),
      message('caller', 'in', 'SIP/2.0 180 Ringing', '1 INVITE', 250),
      message('callee', 'out', 'INVITE sip:user2@example.com SIP/2.0', '1 INVITE', 1000),
    ]);
    expect(arrows.map(({ from, to, label, offsetMs }) => [from, to, label, offsetMs])).to.deep.equal([
      ['controller', 'caller', 'INVITE', 0],
      ['caller', 'controller', '180 Ringing', 250],
      ['controller', 'callee', 'INVITE', 1000],
    ]);
  });

  it('shows that 100 and 407 come from the proxy', () => {
    const arrows = arrowsOf([
      message('caller', 'in', 'SIP/2.0 100 Trying', '1 INVITE'),
      message('caller', 'in', 'SIP/2.0 407 Proxy Authentication Required', '1 INVITE'),
    ]);
    expect(arrows.map(({ from }) => from)).to.deep.equal(['proxy', 'proxy']);
  });

  it('says of a response to which request it belongs, unless it is the INVITE', () => {
    const [arrow] = arrowsOf([message('caller', 'in', 'SIP/2.0 202 Accepted', '3 REFER')]);
    expect(arrow?.label).to.equal('202 Accepted (REFER)');
  });

  it('is copied as text with the time since the first message', () => {
    const text = ladderText(
      arrowsOf([
        message('caller', 'out', 'INVITE sip:user1@example.com SIP/2.0', '1 INVITE'),
        message('caller', 'in', 'SIP/2.0 486 Busy Here', '1 INVITE', 1234),
      ]),
    );
    expect(text.split('\n')).to.deep.equal([
      '   +0.000  controller -> caller      INVITE   [1 INVITE]',
      '   +1.234      caller -> controller  486 Busy Here   [1 INVITE]',
    ]);
  });
});
