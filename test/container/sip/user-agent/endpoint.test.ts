import { expect } from 'chai';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { freePorts } from '../../../support/ports.js';
import { SipPeer } from '../../../support/sip-peer.js';
import { Listener, newCallId, Rig, SDP, takeCalls } from '../rig.js';

describe('A SIP address of the container', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.open();
  });

  afterEach(async () => {
    await rig.close();
    expect(rig.log.lines).to.deep.equal([]);
  });

  const uri = (user: string): string => `sip:${user}@127.0.0.1:${rig.stack.port}`;

  /** Asserts by a final OPTIONS that there are no further answers. */
  async function expectSilenceBefore(expected: readonly string[]): Promise<void> {
    rig.call({ method: 'OPTIONS' });
    await rig.peer.take('200 OPTIONS');
    expect(rig.peer.received.map(({ kind }) => kind)).to.deep.equal([...expected, '200 OPTIONS']);
  }

  it('answers OPTIONS to itself and to its users with its capabilities', async () => {
    rig.call({ method: 'OPTIONS' });
    rig.call({ method: 'OPTIONS', uri: `sip:127.0.0.1:${rig.stack.port}` });
    for (const answer of await rig.peer.count('200 OPTIONS', 2)) {
      expect(answer.header('Allow')).to.equal('INVITE, ACK, BYE, CANCEL, OPTIONS');
      expect(answer.header('Accept')).to.equal('application/sdp');
      expect(answer.header('To')).to.match(/^<sip:controller@example\.com>;tag=\w{16}$/);
    }
  });

  it('does not know other users', async () => {
    rig.call({ uri: uri('stranger') });
    rig.call({ method: 'OPTIONS', uri: uri('stranger') });
    await rig.peer.take('404 INVITE');
    await rig.peer.take('404 OPTIONS');
  });

  it('answers 480 for a user that takes no calls', async () => {
    rig.call();
    await rig.peer.take('480 INVITE');
  });

  it('answers other methods with the list of allowed ones', async () => {
    for (const method of ['SUBSCRIBE', 'REGISTER', 'MESSAGE', 'DANCE']) {
      rig.call({ method });
      const answer = await rig.peer.take(`405 ${method}`);
      expect(answer.header('Allow')).to.equal('INVITE, ACK, BYE, CANCEL, OPTIONS');
    }
  });

  it('answers 481 in an unknown call', async () => {
    const to = '<sip:controller@example.com>;tag=gone';
    for (const method of ['BYE', 'INFO', 'NOTIFY', 'REFER']) {
      rig.call({ method, to });
      await rig.peer.take(`481 ${method}`);
    }
    rig.call({ method: 'CANCEL' });
    rig.call({ method: 'BYE' });
    rig.call({ to });
    await rig.peer.take('481 CANCEL');
    await rig.peer.take('481 BYE');
    await rig.peer.take('481 INVITE');
  });

  it('gives the same answer with the same tag to a request that comes again', async () => {
    const text = rig.call({ uri: uri('stranger') });
    rig.peer.send(text, rig.stack.port);
    const [first, second] = await rig.peer.count('404 INVITE', 2);
    expect(second?.text).to.equal(first?.text);
  });

  it('drops messages that need no answer: ACK, garbage, half a message, stray responses', async () => {
    rig.call({ method: 'ACK' });
    rig.call({ method: 'ACK', to: '<sip:controller@example.com>;tag=gone' });
    rig.call({ method: 'ACK', uri: 'tel:+15551234', to: '<sip:controller@example.com>;tag=gone' });
    rig.peer.send(Buffer.from([0, 1, 2, 255]), rig.stack.port);
    rig.peer.send('\r\n\r\n', rig.stack.port);
    rig.peer.send('INVITE sip:', rig.stack.port);
    rig.peer.send('SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 1.2.3.4\r\n\r\n', rig.stack.port);
    const stray = rig.peer.requestText({
      method: 'BYE',
      uri: uri('controller'),
      callId: newCallId(),
      cseq: 1,
      from: '<sip:a@example.com>;tag=a',
      to: '<sip:b@example.com>;tag=b',
    });
    rig.peer.send(stray.replace(/^BYE \S+ SIP\/2\.0/, 'SIP/2.0 200 OK'), rig.stack.port);
    await expectSilenceBefore([]);
    expect(rig.log.lines.splice(0)).to.deep.equal(['SIP message refused or dropped: it cannot be read']);
  });

  it('never answers an ACK inside a call, whatever is wrong with it', async () => {
    const talk = await rig.talk();
    rig.ask(talk, 'ACK', 77);
    rig.ask(talk, 'ACK', 78, { uri: 'sips:controller@example.com' });
    rig.ask(talk, 'ACK', 79, { uri: uri('stranger') });
    rig.ask(talk, 'ACK', 80, { to: '<sip:agent@example.com>', headers: ['Require: nothing'] });
    await expectSilenceBefore(['INVITE', 'ACK']);
  });

  it('drops a response with two Vias, and one to a branch that was not sent', async () => {
    const listener = new Listener();
    rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    const answer = rig.peer.replyText(invite, 486);
    rig.peer.send(answer.replace('Via:', 'Via: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bKx\r\nVia:'), rig.stack.port);
    rig.peer.send(answer.replace(/\r\nVia:/, `\r\nVia: ${invite.header('Via')}\r\nVia:`), rig.stack.port);
    rig.peer.send(answer.replace(/branch=z9hG4bK\d+/, 'branch=z9hG4bK987'), rig.stack.port);
    rig.peer.send(answer.replace(/;branch=[^;]+/, ''), rig.stack.port);
    rig.peer.reply(invite, 603);
    await listener.hears('603 final');
    expect(listener.heard).to.deep.equal(['603 final']);
  });

  it('answers a broken request 400 if its sender can be read', async () => {
    const text = rig.call({ uri: uri('stranger') });
    await rig.peer.take('404 INVITE');
    rig.peer.send(text.replace(/^Content-Length: .*$/m, 'Content-Length: many'), rig.stack.port);
    const answer = await rig.peer.take('400 INVITE');
    expect(answer.header('CSeq')).to.equal('1 INVITE');
    expect(rig.log.lines.splice(0)).to.deep.equal(['SIP message refused or dropped: it cannot be read']);
  });

  it('refuses an INVITE without a Contact that can be called', async () => {
    rig.call({ contact: null });
    rig.call({ contact: '<tel:+15551234>' });
    await rig.peer.count('400 INVITE', 2);
  });

  it('refuses sips and other schemes', async () => {
    rig.call({ uri: 'sips:controller@example.com' });
    rig.call({ uri: 'tel:+15551234' });
    await rig.peer.count('416 INVITE', 2);
  });

  it('answers to the source of the request if rport asks for that, whatever its Via says', async () => {
    rig.call({ method: 'OPTIONS', via: 'SIP/2.0/UDP far.example.com:7;rport;branch=z9hG4bKx;received=6.6.6.6' });
    const answer = await rig.peer.take('200 OPTIONS');
    expect(answer.header('Via')).to.equal(
      `SIP/2.0/UDP far.example.com:7;branch=z9hG4bKx;received=127.0.0.1;rport=${rig.peer.port}`,
    );
  });

  it('answers to the port in the Via when no other is asked for', async () => {
    const listening = await SipPeer.open();
    try {
      rig.call({ method: 'OPTIONS', via: `SIP/2.0/UDP phone.example.com:${listening.port};branch=z9hG4bKy` });
      const answer = await listening.take('200 OPTIONS');
      const via = `SIP/2.0/UDP phone.example.com:${listening.port};branch=z9hG4bKy;received=127.0.0.1`;
      expect(answer.header('Via')).to.equal(via);
    } finally {
      await listening.close();
    }
  });

  it('is not led astray by a quoted parameter of the Via', async () => {
    const via = 'SIP/2.0/UDP h;x=";received=6.6.6.6;rport=1 ";rport;branch=z9hG4bKz';
    rig.call({ method: 'OPTIONS', via });
    const answer = await rig.peer.take('200 OPTIONS');
    expect(answer.header('Via')).to.include('x=";received=6.6.6.6;rport=1 "');
  });

  it('has users that do not disturb each other', async () => {
    const first = takeCalls(rig.sip, (leg) => leg.accept(SDP));
    const second = takeCalls(rig.stack.forPlugin('second', rig.log), (leg) => leg.reject(486));
    rig.call();
    rig.call({ uri: uri('second') });
    await rig.peer.take('200 INVITE');
    await rig.peer.take('486 INVITE');
    expect((await first()).leg.invite.uri).to.equal(uri('controller'));
    expect((await second()).leg.invite.uri).to.equal(uri('second'));
  });

  it('has a user that calls another one at the same address', async () => {
    await rig.close();
    const port = await freePorts();
    rig = await Rig.open({ port, proxy: `sip:127.0.0.1:${port};lr` });
    const called = takeCalls(rig.stack.forPlugin('called', rig.log), (leg) => leg.accept(SDP));
    const listener = new Listener();
    const leg = rig.invite(listener, { uri: uri('called') });
    await listener.hears('200 final');
    leg.ack();
    const other = await called();
    await other.listener.hears('ack');
    expect([other.leg.callId, other.leg.remoteTag]).to.deep.equal([leg.callId, leg.localTag]);
    leg.bye({}, listener.response);
    await other.listener.hears('BYE');
    await listener.hears('200 final', 2);
  });

  it('lets nobody take a name that somebody has, and gives it back when its plugin stops', async () => {
    const again = rig.stack.forPlugin('controller', rig.log);
    takeCalls(rig.sip);
    expect(() => takeCalls(again)).to.throw('"controller"');
    await rig.sip.close();
    rig.call();
    await rig.peer.take('404 INVITE');
  });

  it('is refused when its port is taken', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const failure = await rig.sip
      .open({ user: 'x', port: socket.address().port, proxy: 'sip:127.0.0.1' })
      .then(() => '', String);
    socket.close();
    expect(failure).to.include('EADDRINUSE');
  });

  it('goes on with a call when the listener of another one fails', async () => {
    const faulty = {
      onResponse: () => {
        throw new Error('no onResponse');
      },
      onRequest: async () => Promise.reject(new Error('no onRequest')),
    };
    const talk = await rig.talk();
    const broken = rig.invite(faulty);
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 200);
    await rig.peer.count('INVITE', 2);
    rig.ask({ invite }, 'INFO', 5);
    await rig.peer.take('500 INFO');
    broken.send('INFO', {}, () => {
      throw new Error('no callback');
    });
    rig.peer.reply(await rig.peer.take('INFO'), 200);
    rig.ask(talk, 'BYE', 9);
    await talk.listener.hears('BYE');
    const errors = rig.log.lines.splice(0).join('\n');
    for (const error of ['no onResponse', 'no onRequest', 'no callback']) expect(errors).to.include(error);
  });
});
