import { expect } from 'chai';
import { Listener, NOTHING_LEFT, nothingLeft, Rig, SDP, T1_MS } from '../rig.js';

describe('An outgoing call', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.open();
  });

  afterEach(async () => {
    await rig.close();
    expect(rig.log.lines).to.deep.equal([]);
  });

  it('goes through the proxy with the headers of a first request', async () => {
    const leg = rig.invite(new Listener(), { headers: [['Subject', 'Hello']] });
    const invite = await rig.peer.take('INVITE');
    expect(invite.startLine).to.equal('INVITE sip:phone@example.com SIP/2.0');
    expect(invite.header('Route')).to.equal(`<sip:127.0.0.1:${rig.peer.port};lr>`);
    expect(invite.header('From')).to.equal(`"Agent" <sip:agent@example.com>;tag=${leg.localTag}`);
    expect(invite.header('To')).to.equal('<sip:phone@example.com>');
    expect(invite.header('Contact')).to.equal(`<sip:controller@127.0.0.1:${rig.stack.port}>`);
    expect(invite.header('Call-ID')).to.equal(leg.callId);
    expect(invite.header('CSeq')).to.equal('1 INVITE');
    expect(invite.header('Max-Forwards')).to.equal('70');
    expect(invite.header('Subject')).to.equal('Hello');
    expect(invite.header('Via')).to.match(/^SIP\/2\.0\/UDP 127\.0\.0\.1:\d+;branch=z9hG4bK[\w.]{17,};rport$/);
    expect(invite.body).to.equal(SDP.content);
    await leg.sent;
  });

  it('follows the Record-Route of the 2xx, parameters included, and goes to its Contact', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    const near = `<sip:127.0.0.1:${rig.peer.port};lr=on;ftag=x;did=1.2>;hidden="a,b"`;
    const far = '<sip:far.example.com:5070;lr>';
    rig.peer.reply(invite, 180, { headers: ['Record-Route: <sip:elsewhere;lr>'], contact: '<sip:early@127.0.0.1>' });
    rig.peer.reply(invite, 200, {
      headers: [`Record-Route: ${far}, ${near}`],
      contact: '"Phone" <sip:phone;x=1@10.0.0.1:5062;transport=udp>;expires=60',
    });
    await listener.hears('200 final');
    leg.ack();
    leg.send('INFO');
    leg.bye();
    for (const kind of ['ACK', 'INFO', 'BYE']) {
      const request = await rig.peer.take(kind);
      expect(request.startLine).to.equal(`${kind} sip:phone;x=1@10.0.0.1:5062;transport=udp SIP/2.0`);
      expect(request.headers('Route')).to.deep.equal([near, far]);
      expect(request.header('From')).to.equal(invite.header('From'));
      expect(request.header('To')).to.equal('<sip:phone@example.com>;tag=peer');
    }
  });

  it('counts its CSeq up over a challenged REFER to the BYE', async () => {
    const { leg, invite } = await rig.talk({ credentials: { userName: 'a', password: 'b' } });
    const listener = new Listener();
    leg.send('REFER', { headers: [['Refer-To', '<sip:other@example.com>']] }, listener.response);
    const refer = await rig.peer.take('REFER');
    rig.peer.reply(refer, 401, { headers: ['WWW-Authenticate: Digest realm="example.com", nonce="1"'] });
    const again = await rig.peer.take('REFER');
    rig.peer.reply(again, 202);
    await listener.hears('202 final');
    leg.bye();
    const bye = await rig.peer.take('BYE');
    expect([invite, refer, again, bye].map(({ cseq }) => cseq)).to.deep.equal([1, 2, 3, 4]);
    expect(again.header('Contact')).to.equal(invite.header('Contact'));
    expect(listener.heard).to.deep.equal(['401', '202 final']);
  });

  it('keeps the first of two telephones that answer, and ends the other', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    for (const tag of ['one', 'two']) rig.peer.reply(invite, 180, { tag });
    for (const tag of ['two', 'one'])
      rig.peer.reply(invite, 200, { tag, contact: `<sip:${tag}@127.0.0.1:${rig.peer.port}>` });
    await listener.hears('200');
    const bye = await rig.peer.take('BYE');
    rig.peer.reply(bye, 200);
    expect(leg.remoteTag).to.equal('two');
    leg.ack();
    const acks = await rig.peer.count('ACK', 2);
    expect(acks.map(({ startLine }) => startLine.split(/[:@]/)[1])).to.have.members(['one', 'two']);
    expect(bye.startLine).to.include('sip:one@');
    expect(bye.header('To')).to.include(';tag=one');
    expect(listener.heard).to.deep.equal(['180', '180', '200 final', '200']);
  });

  it('keeps no more forks than a proxy makes', async () => {
    const listener = new Listener();
    rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    for (let tag = 0; tag < 40; tag++) rig.peer.reply(invite, 200, { tag: `t${tag}` });
    await listener.hears('200', 15);
    expect(rig.stack.counts.dialogs).to.equal(1);
    await rig.caughtUp();
    expect(listener.heard).to.have.length(16);
  });

  it('goes on when the telephone rings and answers without a Contact', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 180, { contact: null });
    rig.peer.reply(invite, 200, { contact: null, headers: [`Record-Route: <sip:127.0.0.1:${rig.peer.port};lr>`] });
    await listener.hears('200 final');
    leg.ack();
    leg.bye();
    expect((await rig.peer.take('ACK')).startLine).to.equal('ACK sip:phone@example.com SIP/2.0');
    expect((await rig.peer.take('BYE')).startLine).to.equal('BYE sip:phone@example.com SIP/2.0');
  });

  it('goes to a malformed Contact unchanged, and to the address that was called if the Contact is unusable', async () => {
    for (const [contact, target] of [
      ['<sip:*#72@127.0.0.1:5062;transport=udp>', 'sip:*#72@127.0.0.1:5062;transport=udp'],
      ['Doe, John (2nd floor) <sip:john@127.0.0.1:5062>;;', 'sip:john@127.0.0.1:5062'],
      ['<sip:phone@127.0.0.1:0>', 'sip:phone@example.com'],
      ['', 'sip:phone@example.com'],
    ] as const) {
      const listener = new Listener();
      const leg = rig.invite(listener, { credentials: { userName: 'a', password: 'b' } });
      const challenged = await rig.peer.take('INVITE');
      rig.peer.reply(challenged, 407, { headers: ['Proxy-Authenticate: Digest realm="example.com", nonce="1"'] });
      await rig.peer.take('ACK');
      const invite = await rig.peer.take('INVITE');
      const headers = [`Record-Route: <sip:core.12;lr>, <sip:127.0.0.1:${rig.peer.port};lr>`];
      rig.peer.reply(invite, 200, { contact, headers });
      await listener.hears('200 final');
      leg.ack();
      leg.bye();
      expect((await rig.peer.take('ACK')).startLine).to.equal(`ACK ${target} SIP/2.0`);
      const bye = await rig.peer.take('BYE');
      expect(bye.startLine).to.equal(`BYE ${target} SIP/2.0`);
      expect(bye.headers('Route')[1]).to.equal('<sip:core.12;lr>');
      rig.peer.reply(bye, 407, { headers: ['Proxy-Authenticate: Digest realm="example.com", nonce="2"'] });
      const again = await rig.peer.take('BYE');
      expect(again.header('Proxy-Authorization')).to.include(`uri="${target}"`);
      rig.peer.reply(again, 200);
    }
  });

  for (const [what, contact] of [
    ['leaves the Contact out', null],
    ['has a tel: URI in its Contact', '<tel:+49301234>'],
    ['has a space in the user part of its Contact', '<sip:a b@127.0.0.1:5062>'],
  ] as const) {
    it(`goes through the proxy of its INVITE when the telephone ${what} and no proxy records its route`, async () => {
      const listener = new Listener();
      const leg = rig.invite(listener);
      const invite = await rig.peer.take('INVITE');
      rig.peer.reply(invite, 200, { contact });
      await listener.hears('200 final');
      leg.ack();
      leg.bye();
      const ack = await rig.peer.take('ACK');
      expect([ack.startLine, ack.header('Route')]).to.deep.equal([
        'ACK sip:phone@example.com SIP/2.0',
        `<sip:127.0.0.1:${rig.peer.port};lr>`,
      ]);
      rig.peer.reply(await rig.peer.take('BYE'), 200);
    });
  }

  it('keeps the Contact of the dialog when a later one leads nowhere', async () => {
    const talk = await rig.talk();
    rig.ask(talk, 'UPDATE', 7, { contact: '<tel:+49301234>' });
    await talk.listener.hears('UPDATE');
    talk.listener.requests[0]?.reply(200);
    await rig.peer.take('200 UPDATE');
    talk.leg.bye();
    const bye = await rig.peer.take('BYE');
    expect(bye.startLine).to.equal(`BYE sip:peer@127.0.0.1:${rig.peer.port} SIP/2.0`);
    rig.peer.reply(bye, 200);
  });

  it('talks with a telephone of RFC 2543 that has no tag', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 180, { tag: null });
    rig.peer.reply(invite, 200, { tag: null });
    await listener.hears('200 final');
    leg.ack();
    leg.send('INFO');
    expect((await rig.peer.take('ACK')).header('To')).to.equal('<sip:phone@example.com>');
    expect((await rig.peer.take('INFO')).header('To')).to.equal('<sip:phone@example.com>');
    expect(leg.remoteTag).to.equal('');
    rig.ask({ invite }, 'BYE', 1, { from: invite.header('To') });
    await rig.peer.take('200 BYE');
    expect(listener.heard).to.deep.equal(['180', '200 final', 'BYE']);
  });

  it('is cancelled only after a provisional response came', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    leg.cancel({ headers: [['Reason', 'SIP ;cause=408']] });
    leg.cancel();
    await rig.caughtUp();
    expect(rig.peer.all('CANCEL')).to.have.length(0);
    rig.peer.reply(invite, 100);
    const cancel = await rig.peer.take('CANCEL');
    expect(cancel.startLine).to.equal('CANCEL sip:phone@example.com SIP/2.0');
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'Route']) {
      expect(cancel.header(name), name).to.equal(invite.header(name));
    }
    expect(cancel.header('CSeq')).to.equal('1 CANCEL');
    expect(cancel.header('Reason')).to.equal('SIP ;cause=408');
    rig.peer.reply(cancel, 200);
    rig.peer.reply(invite, 487);
    await listener.hears('487 final');
    await rig.peer.take('ACK');
    expect(rig.peer.all('CANCEL')).to.have.length(1);
  });

  it('is still answered when the 200 crosses the CANCEL', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 180);
    await listener.hears('180');
    leg.cancel();
    rig.peer.reply(invite, 200);
    await listener.hears('200 final');
    rig.peer.reply(await rig.peer.take('CANCEL'), 481);
    leg.ack();
    leg.bye({}, listener.response);
    rig.peer.reply(await rig.peer.take('BYE'), 200);
    await listener.hears('200 final', 2);
    await rig.peer.take('ACK');
  });

  it('acknowledges and ends a call that is picked up after its owner released it', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 180);
    await listener.hears('180');
    leg.cancel();
    leg.release();
    rig.peer.reply(invite, 200);
    await rig.peer.take('ACK');
    rig.peer.reply(await rig.peer.take('BYE'), 200);
    await listener.hears('200');
  });

  it('answers a re-INVITE with its Contact', async () => {
    const talk = await rig.talk();
    rig.ask(talk, 'INVITE', 5, { body: SDP.content, contact: '<sip:moved@127.0.0.1:5099>' });
    await talk.listener.hears('INVITE');
    talk.listener.requests[0]?.reply(200, { body: SDP });
    const answer = await rig.peer.take('200 INVITE');
    expect(answer.header('Contact')).to.equal(talk.invite.header('Contact'));
    expect(answer.body).to.equal(SDP.content);
    rig.ask(talk, 'ACK', 5);
    await talk.listener.hears('ack');
  });

  it('sends requests to the new Contact of a re-INVITE', async () => {
    const talk = await rig.talk();
    const contact = `<sip:moved@127.0.0.1:${rig.peer.port}>`;
    rig.ask(talk, 'INVITE', 5, { body: SDP.content, contact });
    await talk.listener.hears('INVITE');
    talk.listener.requests[0]?.reply(200, { body: SDP });
    talk.leg.bye();
    expect((await rig.peer.take('BYE')).startLine).to.include('sip:moved@');
  });

  it('sends requests to the new Contact in the answer to its own re-INVITE', async () => {
    const { leg } = await rig.talk();
    const listener = new Listener();
    leg.reinvite({ body: SDP }, listener.response);
    const reinvite = await rig.peer.take('INVITE');
    expect(reinvite.header('To')).to.include(';tag=peer');
    rig.peer.reply(reinvite, 200, { contact: `<sip:moved@127.0.0.1:${rig.peer.port}>` });
    await listener.hears('200 final');
    leg.ack();
    leg.bye();
    expect((await rig.peer.take('ACK')).startLine).to.include('sip:moved@');
    expect((await rig.peer.take('BYE')).startLine).to.include('sip:moved@');
  });

  it('acknowledges a refused re-INVITE over all its Routes', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const routes = ['<sip:far.example.com;lr>', `<sip:127.0.0.1:${rig.peer.port};lr>`];
    rig.peer.reply(await rig.peer.take('INVITE'), 200, { headers: [`Record-Route: ${routes.join(', ')}`] });
    await listener.hears('200 final');
    leg.ack();
    await rig.peer.take('ACK');
    leg.reinvite({ body: SDP }, listener.response);
    const reinvite = await rig.peer.take('INVITE');
    rig.peer.reply(reinvite, 488);
    const ack = await rig.peer.take('ACK');
    expect(ack.headers('Route')).to.deep.equal(reinvite.headers('Route'));
    expect(ack.headers('Route')).to.deep.equal(routes.toReversed());
  });

  it('answers BYE before it shows it, and the same again when it comes again', async () => {
    const talk = await rig.talk();
    const bye = rig.ask(talk, 'BYE', 9);
    await talk.listener.hears('BYE');
    rig.peer.send(bye, rig.stack.port);
    const [first, second] = await rig.peer.count('200 BYE', 2);
    expect(second?.text).to.equal(first?.text);
    expect(talk.listener.heard).to.deep.equal(['200 final', 'BYE']);
  });

  it('answers requests that are out of order 500, with wrong tags 481, and OPTIONS itself', async () => {
    const talk = await rig.talk();
    rig.ask(talk, 'INFO', 10);
    await talk.listener.hears('INFO');
    talk.listener.requests[0]?.reply(200);
    rig.ask(talk, 'INFO', 9);
    await rig.peer.take('500 INFO');
    rig.ask(talk, 'INFO', 11, { from: '<sip:phone@example.com>;tag=other' });
    await rig.peer.take('481 INFO');
    rig.ask(talk, 'BYE', 12, { to: '<sip:agent@example.com>;tag=other' });
    await rig.peer.take('481 BYE');
    rig.ask(talk, 'OPTIONS', 13);
    await rig.peer.take('200 OPTIONS');
    rig.ask(talk, 'PRACK', 14);
    await rig.peer.take('405 PRACK');
    expect(talk.listener.heard).to.deep.equal(['200 final', 'INFO']);
  });

  it('takes two requests for two although a telephone gives them one branch', async () => {
    const talk = await rig.talk();
    rig.ask(talk, 'INFO', 10, { branch: 'z9hG4bKsame' });
    await talk.listener.hears('INFO');
    rig.ask(talk, 'MESSAGE', 11, { branch: 'z9hG4bKsame' });
    await talk.listener.hears('MESSAGE');
    rig.ask(talk, 'INFO', 12, { via: 'SIP/2.0/UDP 127.0.0.1;rport' });
    await talk.listener.hears('INFO', 2);
    rig.ask(talk, 'INFO', 13, { via: 'SIP/2.0/UDP 127.0.0.1;rport' });
    await talk.listener.hears('INFO', 3);
  });

  it('refuses requests that need an extension nobody here has', async () => {
    const talk = await rig.talk();
    rig.ask(talk, 'INVITE', 10, { headers: ['Require: 100rel, timer', 'Require: path'] });
    const refusal = await rig.peer.take('420 INVITE');
    expect(refusal.header('Unsupported')).to.equal('100rel, path');
    rig.ask(talk, 'INVITE', 11, { contact: '<tel:+15551234>' });
    await rig.peer.take('400 INVITE');
    expect(talk.listener.heard).to.deep.equal(['200 final']);
  });

  it('ends with 503, a line in the log and nothing left when its server has no address', async () => {
    await rig.close();
    rig = await Rig.open({ t1Ms: T1_MS, proxy: 'sip:nobody.invalid:5060;lr' });
    const listener = new Listener();
    const leg = rig.invite(listener);
    const failed = await leg.sent.then(
      () => false,
      () => true,
    );
    expect(failed).to.equal(true);
    await listener.hears('503 final local');
    leg.release();
    expect(await nothingLeft(rig.stack)).to.deep.equal(NOTHING_LEFT);
    expect(listener.heard).to.deep.equal(['503 final local']);
    expect(rig.log.lines.splice(0)).to.deep.equal(['SIP request not sent']);
  });
});
