import { expect } from 'chai';
import { Listener, Rig, SDP, T1_MS, type Talk } from '../rig.js';

describe('A change of a session', () => {
  let rig: Rig;
  let talk: Talk;

  beforeEach(async () => {
    rig = await Rig.open();
    talk = await rig.talk();
  });

  afterEach(async () => rig.close());

  describe('by UPDATE', () => {
    it('is shown with its body, answered with a Contact, and moves the target of later requests', async () => {
      const contact = `<sip:moved@127.0.0.1:${rig.peer.port}>`;
      rig.ask(talk, 'UPDATE', 5, { body: SDP.content, contact });
      await talk.listener.hears('UPDATE');
      expect(talk.listener.requests[0]?.body).to.deep.equal(SDP);
      talk.listener.requests[0]?.reply(200, { body: SDP });
      const answer = await rig.peer.take('200 UPDATE');
      expect(answer.header('Contact')).to.match(/^<sip:controller@127\.0\.0\.1:\d+>$/);
      expect(answer.body).to.equal(SDP.content);
      talk.leg.bye();
      expect((await rig.peer.take('BYE')).startLine).to.include('sip:moved@');
    });

    it('is refused out of order, and keeps the order of other requests', async () => {
      rig.ask(talk, 'UPDATE', 5);
      await talk.listener.hears('UPDATE');
      talk.listener.requests[0]?.reply(200);
      await rig.peer.take('200 UPDATE');
      rig.ask(talk, 'INFO', 5);
      await rig.peer.take('500 INFO');
      rig.ask(talk, 'UPDATE', 4);
      await rig.peer.take('500 UPDATE');
      expect(talk.listener.heard).to.deep.equal(['200 final', 'UPDATE']);
    });

    it('gets 500 with Retry-After while another one is not answered', async () => {
      rig.ask(talk, 'UPDATE', 5, { body: SDP.content });
      await talk.listener.hears('UPDATE');
      rig.ask(talk, 'UPDATE', 6, { body: SDP.content });
      expect((await rig.peer.take('500 UPDATE')).header('Retry-After')).to.match(/^(\d|10)$/);
      talk.listener.requests[0]?.reply(200, { body: SDP });
      await rig.peer.take('200 UPDATE');
      rig.ask(talk, 'UPDATE', 7);
      await talk.listener.hears('UPDATE', 2);
    });

    it('gets 491 while our offer is out, 500 while theirs waits for its answer, and is shown when it offers nothing', async () => {
      talk.leg.reinvite({ body: SDP }, () => undefined);
      const reinvite = await rig.peer.take('INVITE');
      rig.ask(talk, 'UPDATE', 5, { body: SDP.content });
      await rig.peer.take('491 UPDATE');
      rig.ask(talk, 'UPDATE', 6);
      await talk.listener.hears('UPDATE');
      talk.listener.requests[0]?.reply(200);
      rig.peer.reply(reinvite, 488);
      await rig.peer.take('ACK');
      rig.ask(talk, 'INVITE', 7, { body: SDP.content });
      await talk.listener.hears('INVITE');
      rig.ask(talk, 'UPDATE', 8, { body: SDP.content });
      await rig.peer.take('500 UPDATE');
    });
  });

  describe('by re-INVITE', () => {
    it('is shown to be taken back, and waits for its 487', async () => {
      const branch = 'z9hG4bKtaken-back';
      rig.ask(talk, 'INVITE', 5, { body: SDP.content, branch });
      await talk.listener.hears('INVITE');
      rig.ask(talk, 'CANCEL', 5, { branch });
      await rig.peer.take('200 CANCEL');
      await talk.listener.hears('re-INVITE cancelled');
      talk.listener.requests[0]?.reply(487);
      await rig.peer.take('487 INVITE');
    });

    it('is taken back as soon as it was answered with a 1xx', async () => {
      const listener = new Listener();
      const cancel = talk.leg.reinvite({ body: SDP }, listener.response);
      const reinvite = await rig.peer.take('INVITE');
      cancel();
      rig.peer.reply(reinvite, 100);
      const cancellation = await rig.peer.take('CANCEL');
      expect(cancellation.header('Via')).to.equal(reinvite.header('Via'));
      expect(cancellation.cseq).to.equal(reinvite.cseq);
      rig.peer.reply(cancellation, 200);
      rig.peer.reply(reinvite, 487);
      await listener.hears('487 final');
      cancel();
      expect(listener.heard).to.deep.equal(['100', '487 final']);
    });

    it('gets 491 while the last 2xx waits for its ACK', async () => {
      const listener = new Listener();
      talk.leg.reinvite({}, listener.response);
      rig.peer.reply(await rig.peer.take('INVITE'), 200, { body: SDP.content });
      await listener.hears('200 final');
      talk.leg.reinvite({ body: SDP }, listener.response);
      await listener.hears('491 final local');
      talk.leg.ack(SDP);
      expect((await rig.peer.take('ACK')).body).to.equal(SDP.content);
      talk.leg.reinvite({ body: SDP }, listener.response);
      rig.peer.reply(await rig.peer.take('INVITE'), 200, { body: SDP.content });
      await listener.hears('200 final', 2);
    });

    it('ends with 408 when nobody answers the CANCEL, and a 2xx that comes later is acknowledged', async () => {
      await rig.close();
      rig = await Rig.open({ t1Ms: T1_MS });
      talk = await rig.talk();
      const listener = new Listener();
      const cancel = talk.leg.reinvite({ body: SDP }, listener.response);
      const reinvite = await rig.peer.take('INVITE');
      rig.peer.reply(reinvite, 100);
      await listener.hears('100');
      cancel();
      await listener.hears('408 final local');
      rig.peer.reply(reinvite, 200, { body: SDP.content });
      await rig.peer.take('ACK');
      expect(listener.heard).to.deep.equal(['100', '408 final local']);
    });
  });

  describe('by BYE', () => {
    it('gets 200 although ours was sent, and the owner learns of ours only', async () => {
      talk.leg.bye({}, talk.listener.response);
      const bye = await rig.peer.take('BYE');
      rig.ask(talk, 'BYE', 5);
      await rig.peer.take('200 BYE');
      rig.ask(talk, 'INFO', 6);
      await rig.peer.take('481 INFO');
      rig.peer.reply(bye, 200);
      await talk.listener.hears('200 final', 2);
      rig.ask(talk, 'BYE', 7);
      await rig.peer.take('481 BYE');
      expect(talk.listener.heard).to.deep.equal(['200 final', '200 final']);
    });
  });
});

describe('A second telephone that answers an INVITE without an offer', () => {
  it('gets an answer to its own offer before it is released', async () => {
    const rig = await Rig.open();
    const listener = new Listener();
    rig.sip.invite(
      { uri: 'sip:phone@example.com', from: { uri: 'sip:agent@example.com' }, to: 'sip:phone@example.com' },
      listener,
    );
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 200, { tag: 'first', body: 'first' });
    rig.peer.reply(invite, 200, { tag: 'second', body: 'second' });
    const ack = await rig.peer.take('ACK');
    expect(ack.header('To')).to.include(';tag=second');
    expect({ body: ack.body, type: ack.header('Content-Type') }).to.deep.equal({
      body: 'answer to second',
      type: 'application/sdp',
    });
    expect((await rig.peer.take('BYE')).header('To')).to.include(';tag=second');
    await rig.close();
  });
});
