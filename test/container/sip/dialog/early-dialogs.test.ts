import { expect } from 'chai';
import type { Received } from '../../../support/sip-peer.js';
import { Listener, Rig, SDP } from '../rig.js';

describe('A telephone that rings', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.open();
  });

  afterEach(async () => rig.close());

  /** The INVITE that the telephone rings with. */
  async function ring(invitation: Parameters<Rig['invite']>[1] = {}): Promise<Received> {
    const listener = new Listener();
    rig.invite(listener, invitation);
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 180);
    await listener.hears('180');
    return invite;
  }

  for (const [method, body, status] of [
    ['OPTIONS', '', 200],
    ['INFO', '', 200],
    ['UPDATE', '', 200],
    ['UPDATE', SDP.content, 491],
    ['INVITE', SDP.content, 491],
    ['MESSAGE', '', 500],
    ['REFER', '', 500],
    ['PRACK', '', 405],
    ['NOTIFY', '', 489],
    ['BYE', '', 481],
  ] as const) {
    it(`gets ${status} for ${method}${body && ' with an offer'}`, async () => {
      rig.ask({ invite: await ring() }, method, 10, { body });
      const answer = await rig.peer.take(`${status} ${method}`);
      if (method === 'UPDATE' && status === 200) expect(answer.header('Contact')).to.include('sip:controller@');
      if (status === 500) expect(answer.header('Retry-After')).to.match(/^\d+$/);
      if (method === 'OPTIONS' || status === 405) expect(answer.header('Allow')).to.include('UPDATE');
    });
  }

  it('gets 500 for an offer although the INVITE had none', async () => {
    rig.ask({ invite: await ring({ body: undefined }) }, 'UPDATE', 10, { body: SDP.content });
    expect((await rig.peer.take('500 UPDATE')).header('Retry-After')).to.match(/^\d+$/);
  });

  it('gets the same answer for a retransmission, and 500 for a request out of order', async () => {
    const invite = await ring();
    const info = rig.ask({ invite }, 'INFO', 10);
    await rig.peer.take('200 INFO');
    rig.peer.send(info, rig.stack.port);
    const [first, second] = await rig.peer.count('200 INFO', 2);
    expect(second?.text).to.equal(first?.text);
    rig.ask({ invite }, 'INFO', 9);
    await rig.peer.take('500 INFO');
  });

  it('gets 481 with a tag that no provisional response had, and after the call has failed', async () => {
    const invite = await ring();
    rig.ask({ invite }, 'INFO', 10, { from: `${invite.header('To')};tag=another` });
    await rig.peer.take('481 INFO');
    rig.peer.reply(invite, 486);
    await rig.peer.take('ACK');
    rig.ask({ invite }, 'INFO', 11);
    await rig.peer.take('481 INFO');
  });

  it('goes on in the dialog when it has answered', async () => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 180);
    await listener.hears('180');
    rig.ask({ invite }, 'UPDATE', 10);
    await rig.peer.take('200 UPDATE');
    rig.peer.reply(invite, 200, { body: SDP.content });
    await listener.hears('200 final');
    leg.ack();
    rig.ask({ invite }, 'INFO', 11);
    await listener.hears('INFO');
  });
});
