import { expect } from 'chai';
import type { IncomingRequest } from '../../../../sdk/index.js';
import { Listener, Rig, type Talk } from '../rig.js';

const refer = { headers: [['Refer-To', '<sip:other@example.com>'] as const] };

class AnsweringListener extends Listener {
  override onRequest(request: IncomingRequest): void {
    if (request.method !== 'BYE') request.reply(200);
    super.onRequest(request);
  }
}

describe('The reports on a REFER', () => {
  let rig: Rig;
  let talk: Talk;
  let responses: Listener;

  beforeEach(async () => {
    rig = await Rig.open();
    talk = await rig.talk({}, new AnsweringListener());
    responses = new Listener();
    talk.leg.send('REFER', refer, responses.response);
  });

  afterEach(async () => rig.close());

  function notify(
    cseq: number,
    event = 'refer',
    changes: { from?: string; to?: string; branch?: string } = {},
  ): string {
    return rig.ask(talk, 'NOTIFY', cseq, {
      headers: [`Event: ${event}`, 'Subscription-State: active', 'Content-Type: message/sipfrag'],
      body: `SIP/2.0 180 number ${cseq}\r\n`,
      ...changes,
    });
  }

  function reported(): string[] {
    return talk.listener.requests.map(({ body }) => body?.content.trim() ?? '');
  }

  it('are shown before the REFER itself was answered', async () => {
    notify(1);
    await talk.listener.hears('NOTIFY');
    expect(reported()).to.deep.equal(['SIP/2.0 180 number 1']);
    rig.peer.reply(await rig.peer.take('REFER'), 202);
    await responses.hears('202 final');
  });

  it('are shown and answered 200 after our BYE', async () => {
    rig.peer.reply(await rig.peer.take('REFER'), 202);
    await responses.hears('202 final');
    talk.leg.bye({}, responses.response);
    rig.peer.reply(await rig.peer.take('BYE'), 200);
    await responses.hears('200 final');
    notify(1);
    notify(2, 'refer;id=2');
    await rig.peer.count('200 NOTIFY', 2);
    expect(reported()).to.have.length(2);
  });

  it("are shown and answered 200 after the telephone's BYE", async () => {
    rig.peer.reply(await rig.peer.take('REFER'), 202);
    rig.ask(talk, 'BYE', 1);
    await rig.peer.take('200 BYE');
    notify(2);
    await rig.peer.take('200 NOTIFY');
    expect(talk.listener.heard).to.deep.equal(['200 final', 'BYE', 'NOTIFY']);
  });

  it('are shown once when they come twice, and answered the same', async () => {
    const text = notify(1);
    await talk.listener.hears('NOTIFY');
    rig.peer.send(text, rig.stack.port);
    const [first, second] = await rig.peer.count('200 NOTIFY', 2);
    expect(second?.text).to.equal(first?.text);
    expect(reported()).to.have.length(1);
  });

  it('are answered 500 when an older one comes after a newer one', async () => {
    notify(5);
    await rig.peer.take('200 NOTIFY');
    notify(4);
    await rig.peer.take('500 NOTIFY');
    expect(reported()).to.deep.equal(['SIP/2.0 180 number 5']);
  });

  it('are answered 481 with wrong tags', async () => {
    notify(1, 'refer', { from: '<sip:phone@example.com>;tag=other' });
    await rig.peer.take('481 NOTIFY');
    notify(2, 'refer', { to: '<sip:agent@example.com>;tag=other' });
    await rig.peer.count('481 NOTIFY', 2);
    expect(reported()).to.deep.equal([]);
  });

  it('are answered 481 after the BYE when they are of another event, and taken when they do not say of what', async () => {
    talk.leg.bye({}, responses.response);
    rig.peer.reply(await rig.peer.take('BYE'), 200);
    await responses.hears('200 final');
    notify(1, 'presence');
    await rig.peer.take('481 NOTIFY');
    rig.ask(talk, 'NOTIFY', 2, { body: 'SIP/2.0 200 OK' });
    await rig.peer.take('200 NOTIFY');
    expect(reported()).to.deep.equal(['SIP/2.0 200 OK']);
  });

  it('go to the owner, who decides, if they are of another event in the dialog', async () => {
    notify(1, 'presence');
    await talk.listener.hears('NOTIFY');
    expect(talk.listener.requests[0]?.header('Event')).to.equal('presence');
  });
});
