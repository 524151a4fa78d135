import { expect } from 'chai';
import type { Sip } from '../../../../sdk/index.js';
import type { Received } from '../../../support/sip-peer.js';
import { Listener, newCallId, Rig, SDP, type Taken, takeCalls } from '../rig.js';

describe('An incoming call', () => {
  let rig: Rig;
  let taken: () => Promise<Taken>;
  let callId: string;

  beforeEach(async () => {
    rig = await Rig.open();
    taken = takeCalls(rig.sip);
    callId = newCallId();
  });

  afterEach(async () => {
    await rig.close();
    expect(rig.log.lines).to.deep.equal([]);
  });

  /** A call that was answered and acknowledged. */
  async function talk(headers: string[] = []): Promise<Taken & { answer: Received }> {
    rig.call({ callId, headers });
    const call = await taken();
    call.leg.accept(SDP);
    const answer = await rig.peer.take('200 INVITE');
    rig.call({ method: 'ACK', callId, to: answer.header('To') });
    await call.listener.hears('ack');
    return { ...call, answer };
  }

  it('rings, is answered and acknowledged', async () => {
    const routes = ['<sip:near.example.com;lr=on;ftag=x>', '<sip:far.example.com;lr>'];
    rig.call({ callId, headers: routes.map((route) => `Record-Route: ${route}`) });
    const { leg, listener } = await taken();
    expect(leg.invite.uri).to.equal(`sip:controller@127.0.0.1:${rig.stack.port}`);
    expect(leg.invite.body?.content).to.equal(SDP.content);
    expect([leg.callId, leg.remoteTag, leg.localParty, leg.remoteParty]).to.deep.equal([
      callId,
      'caller',
      'sip:controller@example.com',
      'sip:caller@example.com',
    ]);
    leg.progress(180);
    leg.accept(SDP, { headers: [['X-More', 'yes']] });
    await rig.peer.take('100 INVITE');
    const ringing = await rig.peer.take('180 INVITE');
    const answer = await rig.peer.take('200 INVITE');
    for (const response of [ringing, answer]) {
      expect(response.header('To')).to.equal(`<sip:controller@example.com>;tag=${leg.localTag}`);
      expect(response.headers('Record-Route')).to.deep.equal(routes);
      expect(response.header('Contact')).to.equal(`<sip:controller@127.0.0.1:${rig.stack.port}>`);
    }
    expect(answer.header('X-More')).to.equal('yes');
    expect(answer.header('Allow')).to.equal(
      'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, MESSAGE, NOTIFY, REFER, UPDATE'.replaceAll(' ', ''),
    );
    rig.call({ method: 'ACK', callId, to: answer.header('To'), body: SDP.content });
    await listener.hears(`ack ${SDP.content.trim()}`);
  });

  it('is hung up by either side', async () => {
    const { leg } = await talk();
    const listener = new Listener();
    leg.bye({}, listener.response);
    const bye = await rig.peer.take('BYE');
    expect(bye.startLine).to.equal(`BYE sip:peer@127.0.0.1:${rig.peer.port} SIP/2.0`);
    expect(bye.header('From')).to.equal(`<sip:controller@example.com>;tag=${leg.localTag}`);
    expect(bye.header('To')).to.equal('<sip:caller@example.com>;tag=caller');
    rig.peer.reply(bye, 200);
    await listener.hears('200 final');
  });

  it('reports on a REFER of the caller after the BYE of the caller', async () => {
    const { leg, listener, answer } = await talk();
    rig.call({ method: 'BYE', callId, cseq: 2, to: answer.header('To') });
    await rig.peer.take('200 BYE');
    await listener.hears('BYE');
    const responses = new Listener();
    const headers = [['Event', 'refer'] as const, ['Subscription-State', 'terminated'] as const];
    leg.send('NOTIFY', { headers }, responses.response);
    const notify = await rig.peer.take('NOTIFY');
    expect(notify.header('Contact')).to.equal(`<sip:controller@127.0.0.1:${rig.stack.port}>`);
    rig.peer.reply(notify, 200);
    await responses.hears('200 final');
  });

  it('is cancelled: 200 to the CANCEL and 487 to the INVITE, with one To tag', async () => {
    rig.call({ callId, branch: 'z9hG4bKcancel' });
    const { leg, listener } = await taken();
    leg.progress(180);
    rig.call({ method: 'CANCEL', callId, branch: 'z9hG4bKcancel' });
    const toCancel = await rig.peer.take('200 CANCEL');
    const toInvite = await rig.peer.take('487 INVITE');
    expect(toCancel.header('To')).to.equal(toInvite.header('To'));
    rig.call({ method: 'ACK', callId, branch: 'z9hG4bKcancel', to: toInvite.header('To') });
    await listener.hears('cancel');
    leg.accept(SDP);
    leg.reject(486);
    await rig.caughtUp();
    expect(rig.peer.all('200 INVITE')).to.deep.equal([]);
    expect(rig.peer.all('486 INVITE')).to.deep.equal([]);
  });

  it('goes on when the CANCEL crosses its answer', async () => {
    rig.call({ callId, branch: 'z9hG4bKlate' });
    const { leg, listener } = await taken();
    leg.accept(SDP);
    const answer = await rig.peer.take('200 INVITE');
    rig.call({ method: 'CANCEL', callId, branch: 'z9hG4bKlate' });
    await rig.peer.take('200 CANCEL');
    rig.call({ method: 'ACK', callId, to: answer.header('To') });
    await listener.hears('ack');
    expect(listener.heard).to.deep.equal(['ack']);
  });

  it('is given up by a caller that sends BYE while it rings', async () => {
    rig.call({ callId });
    const { leg, listener } = await taken();
    leg.progress(180);
    const ringing = await rig.peer.take('180 INVITE');
    rig.call({ method: 'BYE', callId, cseq: 2, to: ringing.header('To') });
    await rig.peer.take('200 BYE');
    await rig.peer.take('487 INVITE');
    await listener.hears('cancel');
  });

  it('waits with its BYE for the ACK', async () => {
    rig.call({ callId });
    const { leg } = await taken();
    leg.accept(SDP);
    leg.bye();
    const answer = await rig.peer.take('200 INVITE');
    await rig.caughtUp();
    expect(rig.peer.all('BYE')).to.have.length(0);
    rig.call({ method: 'ACK', callId, to: answer.header('To') });
    await rig.peer.take('BYE');
  });

  it('is acknowledged also by a telephone that gives the ACK the branch of its INVITE', async () => {
    rig.call({ callId, branch: 'z9hG4bKold' });
    const { leg, listener } = await taken();
    leg.accept(SDP);
    const answer = await rig.peer.take('200 INVITE');
    rig.call({ method: 'ACK', callId, branch: 'z9hG4bKold', to: answer.header('To') });
    await listener.hears('ack');
  });

  it('is refused with any final status, redirection included', async () => {
    for (const status of [302, 404, 486, 603]) {
      rig.call();
      const { leg } = await taken();
      leg.reject(status, { reason: 'Not now', headers: [['Contact', '<sip:there@example.com>']] });
      const refusal = await rig.peer.take(`${status} INVITE`);
      expect(refusal.startLine).to.equal(`SIP/2.0 ${status} Not now`);
      expect(refusal.header('Contact')).to.equal('<sip:there@example.com>');
    }
  });

  it('is a new call when a caller tries again with the same Call-ID and the next CSeq', async () => {
    rig.call({ callId });
    const first = await taken();
    first.leg.reject(415);
    first.leg.release();
    const refusal = await rig.peer.take('415 INVITE');
    rig.call({ method: 'ACK', callId, to: refusal.header('To') });
    rig.call({ callId, cseq: 2 });
    const second = await taken();
    second.leg.accept(SDP);
    const answer = await rig.peer.take('200 INVITE');
    rig.call({ method: 'ACK', callId, cseq: 2, to: answer.header('To') });
    await second.listener.hears('ack');
    expect(first.listener.heard).to.deep.equal([]);
  });

  it('is taken once when it arrives on two ways', async () => {
    rig.call({ callId });
    await taken();
    rig.call({ callId });
    await rig.peer.take('482 INVITE');
    expect(rig.stack.counts.userAgentCores).to.equal(1);
  });

  it('is refused 500 when its handler fails, and the next one is taken', async () => {
    const other = rig.stack.forPlugin('faulty', rig.log);
    other.onInvite(() => {
      throw new Error('no idea');
    });
    rig.call({ uri: `sip:faulty@127.0.0.1:${rig.stack.port}` });
    await rig.peer.take('500 INVITE');
    expect(rig.log.lines.splice(0).join()).to.include('no idea');
    await talk();
  });

  it('is hung up when its handler fails after it has answered', async () => {
    rig.stack.forPlugin('faulty', rig.log).onInvite((leg) => {
      leg.accept(SDP);
      throw new Error('no idea');
    });
    const uri = `sip:faulty@127.0.0.1:${rig.stack.port}`;
    rig.call({ uri, callId });
    const answer = await rig.peer.take('200 INVITE');
    rig.call({ method: 'ACK', uri, callId, to: answer.header('To') });
    rig.peer.reply(await rig.peer.take('BYE'), 200);
    expect(rig.log.lines.splice(0).join()).to.include('no idea');
  });

  it('is refused 500 when its handler returns no listener, but a promise of one', async () => {
    const handler = (() => Promise.reject(new Error('not heard of'))) as unknown as Parameters<Sip['onInvite']>[0];
    rig.stack.forPlugin('async', rig.log).onInvite(handler);
    rig.call({ uri: `sip:async@127.0.0.1:${rig.stack.port}` });
    await rig.peer.take('500 INVITE');
    expect(rig.log.lines.splice(0).join()).to.include('must return a listener, and returned [object Promise]');
  });
});
