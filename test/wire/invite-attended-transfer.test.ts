import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import { type Received, SipPeer } from '../support/sip-peer.js';
import { type InviteCall, inviteCallOf } from '../support/sipp/invite-call.js';

const over = ['alice Terminated 200 Because', 'bob Terminated 200 Because'];

/** The dialog that a telephone has with the controller. */
class Dialog {
  #cseq = 0;

  constructor(
    private readonly peer: SipPeer,
    readonly invite: Received,
    readonly tag: string,
  ) {}

  /** As a Replaces header names it to the controller, or to this telephone (RFC 3891 section 6.1). */
  replacesFor(recipient: 'controller' | 'telephone'): string {
    const controllers = /;tag=([^;]+)/.exec(this.invite.header('From'))?.[1];
    const [to, from] = recipient === 'controller' ? [controllers, this.tag] : [this.tag, controllers];
    return `Replaces=${encodeURIComponent(`${this.invite.header('Call-ID')};to-tag=${to};from-tag=${from}`)}`;
  }

  get contact(): string {
    return /<([^>]+)>/.exec(this.invite.header('Contact'))?.[1] ?? '';
  }

  send(method: string, headers: readonly string[] = []): void {
    const { invite, tag } = this;
    const request = {
      method,
      uri: this.contact,
      callId: invite.header('Call-ID'),
      cseq: ++this.#cseq,
      from: `${invite.header('To')};tag=${tag}`,
      to: invite.header('From'),
      headers,
      contact: `<sip:phone@127.0.0.1:${this.peer.port}>`,
    };
    this.peer.request(request, invite.port);
  }
}

describe('An attended transfer between two Invite calls', function () {
  this.timeout(20_000);
  let peer: SipPeer;
  let container: Container;

  before(async () => {
    peer = await SipPeer.open();
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${peer.port};lr`, logLevel: 'warn' });
  });

  after(async () => {
    await container?.stop();
    await peer?.close();
  });

  it('names to each telephone the call that it knows, and ends both calls when the two others talk', async () => {
    const first = await connect('alice', 'bob');
    const second = await connect('alice', 'carol');

    // Alice knows the call with Carol as one with the controller.
    const replaces = second.calling.replacesFor('controller');
    first.calling.send('REFER', [
      `Refer-To: "Carol" <${second.calling.contact}?${replaces}>`,
      'Referred-By: <sip:alice@example.com>',
    ]);
    const refer = await peer.take('REFER');
    expect(refer.header('Call-ID')).to.equal(first.called.invite.header('Call-ID'));
    expect(refer.header('Refer-To')).to.equal(
      `"Carol" <sip:carol@example.com?${second.called.replacesFor('telephone')}>`,
    );
    peer.reply(refer, 202);
    await peer.take('202 REFER');

    // Bob calls Carol in the place of that call: her telephone ends it, and Alice's is told.
    second.called.send('BYE');
    await peer.take('200 BYE');
    await answer('BYE', second.calling);
    first.called.send('NOTIFY', ['Event: refer', 'Subscription-State: terminated']);
    await answer('NOTIFY', first.calling);
    await peer.take('200 NOTIFY');
    first.calling.send('BYE');
    await peer.take('200 BYE');
    await answer('BYE', first.called);
    await first.call.waitForRecord((record) => String(record) === String(over), String(over));
    await second.call.waitForRecord((record) => record.every((line) => / Terminated 200 /.test(line)), 'ended');
  });

  it("carries the Replaces of a call that is not the controller's, or is over, as it is", async () => {
    const first = await connect('alice', 'dave');
    const second = await connect('alice', 'erin');
    const ended = second.calling.replacesFor('controller');
    await second.call.post('action=Hangup');
    await answer('BYE', second.calling, second.called);
    await answer('BYE', second.calling, second.called);
    await second.call.waitForRecord((record) => record.every((line) => / Terminated /.test(line)), 'ended');
    for (const replaces of [ended, 'Replaces=other%40host%3Bto-tag%3D1%3Bfrom-tag%3D2']) {
      const referTo = `<sip:erin@example.com?${replaces}>`;
      first.called.send('REFER', [`Refer-To: ${referTo}`]);
      const refer = await peer.take('REFER');
      expect(refer.header('Call-ID')).to.equal(first.calling.invite.header('Call-ID'));
      expect(refer.header('Refer-To')).to.equal(referTo);
      peer.reply(refer, 603);
      await peer.take('603 REFER');
    }
    await first.call.post('action=Hangup');
    await answer('BYE', first.calling, first.called);
    await answer('BYE', first.calling, first.called);
  });

  async function connect(
    calling: string,
    called: string,
  ): Promise<{ call: InviteCall; calling: Dialog; called: Dialog }> {
    const call = inviteCallOf(container, calling, called, 'agent=user1');
    await call.post('sipMethod=Invite');
    const legs = { calling: await lift(calling, 'inactive'), called: await lift(called) };
    const offer = await peer.take('INVITE');
    peer.reply(offer, 200, { body: sdp(calling) });
    for (const leg of [calling, called]) expect((await peer.take('ACK')).header('To')).to.contain(`;tag=${leg}`);
    await call.waitForRecord((record) => record.every((line) => / Confirmed /.test(line)), 'connected');
    return { call, ...legs };
  }

  /** The telephone of a user is called, and picked up. */
  async function lift(user: string, direction?: string): Promise<Dialog> {
    const invite = await peer.take('INVITE');
    expect(invite.startLine).to.contain(`sip:${user}@example.com`);
    peer.reply(invite, 200, { tag: user, body: sdp(user, direction) });
    if (direction) await peer.take('ACK');
    return new Dialog(peer, invite, user);
  }

  /** One of the telephones gets a request, and answers it. */
  async function answer(method: string, ...telephones: readonly Dialog[]): Promise<void> {
    const request = await peer.take(method);
    expect(telephones.map(({ invite }) => invite.header('Call-ID'))).to.include(request.header('Call-ID'));
    peer.reply(request, 200);
  }
});

function sdp(name: string, direction = 'sendrecv'): string {
  return `v=0\r\no=${name} 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 7078 RTP/AVP 0\r\na=${direction}\r\n`;
}
