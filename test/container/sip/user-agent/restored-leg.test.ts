import { expect } from 'chai';
import { CSEQ_LEAP } from '../../../../container/sip/dialog/restored-dialog.js';
import { SipStack } from '../../../../container/sip/stack.js';
import type { LegSnapshot, Sip } from '../../../../sdk/index.js';
import { KeptLog, Listener, NOTHING_LEFT, nothingLeft, Rig, SDP } from '../rig.js';

const routes = ['<sip:outer@192.0.2.1;lr>', '<sip:127.0.0.1;lr;tag=b>'];

describe('A leg continued by another stack', () => {
  let rig: Rig;
  let other: SipStack;
  let sip: Sip;
  let listener: Listener;

  beforeEach(async () => {
    rig = await Rig.open();
    listener = new Listener();
    other = await SipStack.open({
      host: '127.0.0.1',
      port: 0,
      t1Ms: 100,
      domain: 'example.com',
      proxy: `sip:127.0.0.1:${rig.peer.port};lr`,
      log: new KeptLog(),
      secretOf: () => undefined,
    });
    sip = other.forPlugin('controller', new KeptLog());
  });

  afterEach(async () => {
    await other.close();
    await rig.close();
  });

  /** Begins a call in the first stack, which then dies. */
  async function orphan(headers: readonly string[] = []): Promise<LegSnapshot> {
    const first = new Listener();
    const leg = rig.invite(first);
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 200, { body: SDP.content, headers });
    await first.hears('200 final');
    leg.ack();
    await rig.peer.take('ACK');
    const snapshot = JSON.parse(JSON.stringify(leg.snapshot())) as LegSnapshot;
    await rig.stack.close();
    return snapshot;
  }

  /** The peer's request to the new Contact. */
  function ask({ dialog }: LegSnapshot, method: string, cseq: number, headers: readonly string[] = []): void {
    const { callId, localTag, remoteTag, localUri, remoteUri } = dialog;
    const [from, to] = [`<${remoteUri}>;tag=${remoteTag}`, `<${localUri}>;tag=${localTag}`];
    const uri = `sip:controller@127.0.0.1:${other.port}`;
    const body = method === 'INVITE' ? SDP.content : '';
    rig.peer.request({ method, uri, callId, cseq, from, to, headers, body }, other.port);
  }

  it('sends from the new address, by the same route, with a CSeq far above the former one', async () => {
    const route = `<sip:127.0.0.1:${rig.peer.port};lr>`;
    const snapshot = await orphan([`Record-Route: ${routes.join(', ')}`, `Record-Route: ${route}`]);
    const leg = sip.restore(snapshot, {}, listener);
    leg.send('UPDATE', {}, listener.response);
    const update = await rig.peer.take('UPDATE');
    expect(update.cseq).to.equal(1 + CSEQ_LEAP + 1);
    expect(update.headers('Route')).to.deep.equal([route, ...routes.toReversed()]);
    expect(update.header('Contact')).to.equal(`<sip:controller@127.0.0.1:${other.port}>`);
    expect(update.header('Via')).to.include(`127.0.0.1:${other.port};`);
    expect(update.header('From')).to.include(snapshot.dialog.localTag);
    expect(update.header('From')).to.include('"Agent"');
    rig.peer.reply(update, 200, { contact: '<sip:moved@127.0.0.1>' });
    await listener.hears('200 final');
    leg.bye();
    expect((await rig.peer.take('BYE')).startLine).to.equal('BYE sip:moved@127.0.0.1 SIP/2.0');
    expect(() => leg.snapshot()).to.throw('the call is over');
  });

  it("is found by the other side's re-INVITE, OPTIONS, NOTIFY and BYE, in their order", async () => {
    const snapshot = await orphan();
    sip.restore(snapshot, {}, listener);
    ask(snapshot, 'INVITE', 7);
    await listener.hears('INVITE');
    listener.requests[0]?.reply(200, { body: SDP });
    await rig.peer.take('200 INVITE');
    ask(snapshot, 'ACK', 7);
    await listener.hears('ack');
    ask(snapshot, 'INFO', 6);
    await rig.peer.take('500 INFO');
    ask(snapshot, 'OPTIONS', 8);
    await rig.peer.take('200 OPTIONS');
    ask(snapshot, 'NOTIFY', 9, ['Event: refer', 'Subscription-State: active']);
    await listener.hears('NOTIFY');
    ask(snapshot, 'BYE', 10);
    await rig.peer.take('200 BYE');
    await listener.hears('BYE');
  });

  it('refuses requests with an older CSeq', async () => {
    const talk = await rig.talk();
    rig.ask(talk, 'INFO', 5);
    await talk.listener.hears('INFO');
    const snapshot = talk.leg.snapshot();
    await rig.stack.close();
    const leg = sip.restore(snapshot, {}, listener);
    ask(snapshot, 'INFO', 5);
    await rig.peer.take('500 INFO');
    ask(snapshot, 'INFO', 6);
    await listener.hears('INFO');
    expect(leg.snapshot().dialog).to.deep.equal({
      ...snapshot.dialog,
      localCseq: snapshot.dialog.localCseq + CSEQ_LEAP,
      remoteCseq: 6,
    });
  });

  it('leaves nothing behind when it is over', async () => {
    const snapshot = await orphan();
    const leg = sip.restore(snapshot, {}, listener);
    leg.bye({}, listener.response);
    rig.peer.reply(await rig.peer.take('BYE'), 200);
    await listener.hears('200 final');
    leg.release();
    await other.close();
    expect(await nothingLeft(other)).to.deep.equal(NOTHING_LEFT);
  });

  for (const [what, change] of [
    ['a line break in a Route', { routeSet: ['<sip:127.0.0.1>\r\nX: y'] }],
    ['a Route that leads nowhere', { routeSet: ['<sip:>'] }],
    ['a target that is no URI', { remoteTarget: 'phone' }],
    ['a target with a header behind it', { remoteTarget: 'sip:a@b>\r\nX: <sip:a@b' }],
    ['a tag that is no token', { localTag: 'a;b' }],
    ['a Call-ID of two words', { callId: 'a b' }],
    ['a CSeq that has no room left', { localCseq: 2 ** 31 - 1 }],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      const { leg } = await rig.talk();
      const snapshot = leg.snapshot();
      const restore = (): unknown => sip.restore({ ...snapshot, dialog: { ...snapshot.dialog, ...change } }, {}, {});
      expect(restore).to.throw();
      expect(other.counts).to.deep.equal(NOTHING_LEFT);
    });
  }

  it('has no snapshot before it is answered', () => {
    expect(() => rig.invite(listener).snapshot()).to.throw('needs a confirmed dialog');
  });
});
