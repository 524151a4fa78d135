import { newRecord } from '../plugins/callcontroller/new-record.js';
import { expect } from 'chai';
import { mock } from 'node:test';
import { InviteCall } from '../../plugins/callcontroller/invite/invite-call.js';
import { settingsSchema } from '../../plugins/callcontroller/settings.js';
import { Rig } from '../container/sip/rig.js';
import { request } from '../plugins/callcontroller/invite/call-request.js';
import { sdp } from '../plugins/callcontroller/invite/scripted-sip.js';
import { dialogs } from '../support/dialogs.js';
import type { Received } from '../support/sip-peer.js';

/** The messages go over real sockets, and only time is set forward: no session is shorter than 90 seconds (RFC 4028 section 4). */
describe('The session timer of an Invite call', () => {
  let rig: Rig;
  let call: InviteCall;
  let ended: Promise<void>;

  beforeEach(async () => {
    rig = await Rig.open();
    mock.timers.enable({ apis: ['setTimeout'] });
    ended = new Promise((resolve) => {
      const owner = { record: newRecord(), onEnd: () => resolve(), legBehind: () => undefined, mayReferTo: () => true };
      call = new InviteCall(request, rig.sip, settingsSchema.parse({ liveness: 86_400 }), owner);
    });
  });

  afterEach(async () => {
    mock.timers.reset();
    await rig.close();
    expect(rig.log.lines).to.deep.equal([]);
  });

  /** The two are connected; the calling telephone's 200s have these headers. */
  async function connect(...headers: string[]): Promise<void> {
    await answer('INVITE', 'alice', headers);
    await answer('INVITE', 'bob', []);
    await answer('INVITE', 'alice', headers);
    await rig.peer.count('ACK', 3);
    expect(call.isConnected).to.equal(true);
  }

  /** The telephone of a user gets a request, and answers it 200. */
  async function answer(method: string, user: string, headers: string[]): Promise<Received> {
    const received = await rig.peer.take(method);
    expect(received.header('To')).to.contain(`sip:${user}@example.com`);
    const body = method === 'INVITE' ? sdp(user, 4_000).content : '';
    rig.peer.reply(received, 200, { tag: user, headers, body });
    return received;
  }

  it('ends both legs a third of the interval before its end if the telephone does not refresh', async () => {
    await connect('Session-Expires: 90;refresher=uas');
    mock.timers.tick(59_999);
    expect(rig.peer.all('BYE')).to.deep.equal([]);
    mock.timers.tick(1);
    const byes = [await answer('BYE', 'alice', []), await answer('BYE', 'bob', [])];
    expect(byes.map((bye) => bye.header('Reason'))).to.deep.equal(['', 'SIP ;cause=408 ;text="Request Timeout"']);
    await ended;
    expect(dialogs(call.document()).map(({ state, statusLine }) => `${state} ${statusLine}`)).to.deep.equal([
      'Terminated Dialog SIP/2.0 408 Session Expired',
      'Terminated Dialog SIP/2.0 200 Because',
    ]);
  });

  for (const [method, allow] of [
    ['UPDATE', 'Allow: INVITE, ACK, BYE, UPDATE'],
    ['INVITE', 'Allow: INVITE, ACK, BYE'],
  ] as const) {
    it(`is refreshed by ${method} at half the interval if ${allow}`, async () => {
      const headers = [allow, 'Session-Expires: 90;refresher=uac'];
      await connect(...headers);
      for (let round = 0; round < 3; round++) {
        mock.timers.tick(45_000);
        const refresh = await answer(method, 'alice', headers);
        expect(refresh.header('Session-Expires')).to.equal('90;refresher=uac');
        if (method === 'INVITE') await rig.peer.count('ACK', 4 + round);
        else await answered(refresh);
      }
      expect(call.isConnected).to.equal(true);
      call.abandon('hangUp');
      await answer('BYE', 'alice', []);
      await answer('BYE', 'bob', []);
      await ended;
    });
  }

  /** The controller has got the answer: it has answered something that was sent after it. */
  async function answered(refresh: Received): Promise<void> {
    const { port } = refresh;
    rig.peer.request(
      {
        method: 'OPTIONS',
        uri: `sip:127.0.0.1:${port}`,
        callId: `after ${refresh.cseq}`.replace(' ', '-'),
        cseq: 1,
        from: '<sip:test@example.com>;tag=test',
        to: `<sip:127.0.0.1:${port}>`,
      },
      port,
    );
    await rig.peer.take('200 OPTIONS');
  }
});
