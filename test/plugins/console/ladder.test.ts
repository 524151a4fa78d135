import { expect } from 'chai';
import type { CallMessage } from '../../../sdk/index.js';
import { arrowsOf, ladderText, lanesOf, targetOf } from '../../../plugins/console/browser/ladder.js';

type Direction = CallMessage['direction'];

function message(
  leg: CallMessage['leg'],
  direction: Direction,
  startLine: string,
  cseq: string,
  offsetMs = 0,
): CallMessage {
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

  it('shows that the proxy says 100 and 407, and that no telephone saw the request that it challenged', () => {
    const arrows = arrowsOf([
      message('caller', 'out', 'INVITE sip:user1@example.com SIP/2.0', '1 INVITE'),
      message('caller', 'in', 'SIP/2.0 407 Proxy Authentication Required', '1 INVITE'),
      message('caller', 'out', 'ACK sip:user1@example.com SIP/2.0', '1 ACK'),
      message('caller', 'out', 'INVITE sip:user1@example.com SIP/2.0', '2 INVITE'),
      message('caller', 'in', 'SIP/2.0 100 Trying', '2 INVITE'),
      message('caller', 'in', 'NOTIFY sip:callcontroller@127.0.0.1 SIP/2.0', '1 NOTIFY'),
    ]);
    expect(arrows.map(({ from, to }) => `${from} ${to}`)).to.deep.equal([
      'controller proxy',
      'proxy controller',
      'controller proxy',
      'controller caller',
      'proxy controller',
      'caller controller',
    ]);
  });

  it('has a lane for the target of a transfer, under its name', () => {
    const arrows = arrowsOf([
      message('caller', 'out', 'INVITE sip:user1@example.com SIP/2.0', '1 INVITE'),
      message('target', 'out', 'INVITE sip:user3@example.com;sipx-noroute=Voicemail SIP/2.0', '1 INVITE'),
      message('target', 'out', 'INVITE sip:user3-0x55f1@127.0.0.1 SIP/2.0', '2 INVITE'),
    ]);
    expect(lanesOf(arrows)).to.deep.equal(['target', 'caller', 'proxy', 'controller', 'callee']);
    expect(lanesOf(arrows.slice(0, 1))).not.to.include('target');
    expect(targetOf(arrows)).to.equal('user3');
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
