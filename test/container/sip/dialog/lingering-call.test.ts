import { expect } from 'chai';
import type { IncomingRequest } from '../../../../sdk/index.js';
import type { Received } from '../../../support/sip-peer.js';
import { Listener, NOTHING_LEFT, nothingLeft, Rig, T1_MS, type Talk } from '../rig.js';

const refer = { headers: [['Refer-To', '<sip:other@example.com>'] as const] };
const credentials = { userName: 'agent', password: 'secret' };

class AnsweringListener extends Listener {
  override onRequest(request: IncomingRequest): void {
    request.reply(200);
    super.onRequest(request);
  }
}

describe('An ended call', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.open();
  });

  afterEach(async () => {
    expect(rig.log.lines).to.deep.equal([]);
    await rig.close();
  });

  function notify(talk: Talk, cseq: number, state: string): string {
    const headers = ['Event: refer', `Subscription-State: ${state}`, 'Content-Type: message/sipfrag'];
    return rig.ask(talk, 'NOTIFY', cseq, { headers, body: 'SIP/2.0 200 OK\r\n' });
  }

  async function hangUp({ leg }: Pick<Talk, 'leg'>, listener = new Listener()): Promise<void> {
    leg.bye({}, listener.response);
    rig.peer.reply(await rig.peer.take('BYE'), 200);
    await listener.hears('200 final');
  }

  /** A Refer call from beginning to end. */
  async function referred(): Promise<{ talk: Talk; accepted: string; lastNotify: string }> {
    const listener = new AnsweringListener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    const accepted = rig.peer.reply(invite, 200);
    await listener.hears('200 final');
    leg.ack();
    await rig.peer.take('ACK');
    const talk = { leg, listener, invite, cseq: 100 };
    leg.send('REFER', refer, listener.response);
    rig.peer.reply(await rig.peer.take('REFER'), 202);
    await listener.hears('202 final');
    await hangUp(talk);
    const lastNotify = notify(talk, 1, 'terminated;reason=noresource');
    await rig.peer.take('200 NOTIFY');
    leg.release();
    await nextTurn();
    return { talk, accepted, lastNotify };
  }

  it('holds no transaction and no dialog, and is forgotten after 64*T1', async () => {
    await rig.close();
    rig = await Rig.open({ t1Ms: T1_MS });
    await referred();
    expect(rig.stack.counts).to.deep.equal({ ...NOTHING_LEFT, userAgentCores: 1 });
    expect(await nothingLeft(rig.stack)).to.deep.equal(NOTHING_LEFT);
  });

  it('answers retransmissions as before, without a callback', async () => {
    const { talk, accepted, lastNotify } = await referred();
    const heard = [...talk.listener.heard];
    rig.peer.send(accepted, rig.stack.port);
    rig.peer.send(lastNotify, rig.stack.port);
    expectSame(await rig.peer.count('ACK', 2));
    expectSame(await rig.peer.count('200 NOTIFY', 2));
    expect(talk.listener.heard).to.deep.equal(heard);
  });

  it('answers a retransmitted BYE of the telephone', async () => {
    const talk = await rig.talk({}, new AnsweringListener());
    const bye = rig.ask(talk, 'BYE', 7);
    await rig.peer.take('200 BYE');
    talk.leg.release();
    await nextTurn();
    expect(rig.stack.counts).to.deep.equal({ ...NOTHING_LEFT, userAgentCores: 1 });
    rig.peer.send(bye, rig.stack.port);
    expectSame(await rig.peer.count('200 BYE', 2));
  });

  it('answers 481 to new requests, also to a NOTIFY of a finished REFER', async () => {
    const { talk } = await referred();
    rig.ask(talk, 'INFO', 50);
    await rig.peer.take('481 INFO');
    notify(talk, 51, 'active');
    await rig.peer.take('481 NOTIFY');
  });

  it('acknowledges a retransmitted refusal and challenge, each with its earlier ACK', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener, { credentials });
    const headers = ['Proxy-Authenticate: Digest realm="example.com", nonce="1"'];
    const challenge = rig.peer.reply(await rig.peer.take('INVITE'), 407, { headers });
    const refusal = rig.peer.reply(await rig.peer.take('INVITE'), 486);
    await listener.hears('486 final');
    leg.release();
    await nextTurn();
    expect(rig.stack.counts).to.deep.equal({ ...NOTHING_LEFT, userAgentCores: 1 });
    const [first, second] = await rig.peer.count('ACK', 2);
    rig.peer.send(refusal, rig.stack.port);
    rig.peer.send(challenge, rig.stack.port);
    const acks = await rig.peer.count('ACK', 4);
    expect(acks.map(({ text }) => text)).to.deep.equal([first, second, second, first].map((ack) => ack?.text));
  });

  it('acknowledges and hangs up a second telephone that answers late, with credentials if challenged', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener, { credentials });
    const headers = ['Proxy-Authenticate: Digest realm="example.com", nonce="1"'];
    rig.peer.reply(await rig.peer.take('INVITE'), 407, { headers });
    await rig.peer.take('ACK');
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 200, { tag: 'one' });
    await listener.hears('200 final');
    leg.ack();
    await rig.peer.take('ACK');
    await hangUp({ leg });
    leg.release();
    await nextTurn();
    const contact = `<sip:two@127.0.0.1:${rig.peer.port}>`;
    const answer = rig.peer.reply(invite, 200, { tag: 'two', contact });
    const ack = await rig.peer.take('ACK');
    const challenged = await rig.peer.take('BYE');
    rig.peer.reply(challenged, 407, { headers });
    const bye = await rig.peer.take('BYE');
    for (const request of [ack, challenged, bye]) {
      expect(request.startLine).to.include(' sip:two@');
      expect(request.header('To')).to.include(';tag=two');
    }
    expect([ack, challenged].flatMap((request) => request.headers('Proxy-Authorization'))).to.deep.equal([]);
    expect(bye.header('Proxy-Authorization')).to.include('realm="example.com"');
    expect(ack.cseq).to.equal(invite.cseq);
    rig.peer.send(answer, rig.stack.port);
    const [again] = (await rig.peer.count('ACK', 4)).slice(-1);
    expect(again?.text).to.equal(ack.text);
    rig.peer.reply(bye, 200);
  });

  it('stays a whole call while NOTIFYs of its REFER may arrive', async () => {
    const talk = await rig.talk({}, new AnsweringListener());
    talk.leg.send('REFER', refer, talk.listener.response);
    rig.peer.reply(await rig.peer.take('REFER'), 202);
    await talk.listener.hears('202 final');
    await hangUp(talk);
    talk.leg.release();
    await nextTurn();
    notify(talk, 1, 'active');
    await rig.peer.take('200 NOTIFY');
    expect(talk.listener.heard).to.include('NOTIFY');
  });
});

function expectSame([first, ...copies]: readonly Received[]): void {
  expect(copies).to.have.length.above(0);
  for (const copy of copies) expect(copy.text).to.equal(first?.text);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
