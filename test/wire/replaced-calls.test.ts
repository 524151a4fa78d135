import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import { type Received, SipPeer } from '../support/sip-peer.js';

interface ShownCall {
  readonly status: string;
  readonly reason?: { readonly code: string };
}

describe('A call that takes the place of another one, on a telephone with one line', () => {
  let telephone: SipPeer;
  let container: Container;
  let probes = 0;

  before(async () => {
    telephone = await SipPeer.open();
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${telephone.port};lr`, sipT1Ms: 50 });
  });

  after(async () => {
    await container?.stop();
    await telephone?.close();
  });

  /** @returns the call's URL of /v1 */
  async function place(callee: string, query = ''): Promise<string> {
    const response = await container.post(`/callcontroller/user1/${callee}?${query}`);
    expect(response.status).to.equal(200);
    return response.headers.get('location') ?? '';
  }

  async function shown(location: string): Promise<ShownCall> {
    return (await (await container.get(location)).json()) as ShownCall;
  }

  async function ring(): Promise<Received> {
    const invite = await telephone.take('INVITE');
    telephone.reply(invite, 180);
    return invite;
  }

  /** Resolves when the container has handled everything that the telephone has sent so far. */
  async function caughtUp(): Promise<void> {
    probes += 1;
    const uri = `sip:127.0.0.1:${container.sipPort}`;
    const from = `<sip:probe@127.0.0.1>;tag=${probes}`;
    const probe = { method: 'OPTIONS', uri, callId: `probe-${probes}`, cseq: 1, from, to: `<${uri}>` };
    telephone.request(probe, container.sipPort);
    await telephone.take('200 OPTIONS');
  }

  /** The telephone stops ringing. */
  async function stopRinging(invite: Received): Promise<void> {
    telephone.reply(await telephone.take('CANCEL'), 200);
    telephone.reply(invite, 487);
    await telephone.take('ACK');
  }

  for (const method of ['Refer', 'Auto', 'Invite']) {
    it(`is sent when the first is cancelled, but its POST is answered before (${method})`, async () => {
      const first = await place('user2', 'sipMethod=Refer');
      const invite = await ring();
      const second = await place('user2', `sipMethod=${method}`);
      expect((await shown(first)).reason?.code).to.equal('replaced');
      expect((await shown(second)).status).to.equal('initiating');
      expect((await container.get('/callcontroller/user1/user2')).status).to.equal(200);
      const known = telephone.all('INVITE').length;
      await telephone.take('CANCEL').then((cancel) => telephone.reply(cancel, 200));
      await caughtUp();
      expect(telephone.all('INVITE')).to.have.lengthOf(known);
      telephone.reply(invite, 487);
      await telephone.take('ACK');
      const next = await telephone.take('INVITE');
      expect((await shown(second)).status).to.equal('callingCaller');
      telephone.reply(next, 486);
      await telephone.take('ACK');
    });
  }

  it('is sent when the BYE of the first is answered', async () => {
    await place('user2');
    telephone.reply(await telephone.take('INVITE'), 200);
    telephone.reply(await telephone.take('REFER'), 202);
    await telephone.take('ACK');
    const second = await place('user2');
    const bye = await telephone.take('BYE');
    await telephone.count('BYE', telephone.all('BYE').length + 1);
    expect((await shown(second)).status).to.equal('initiating');
    telephone.reply(bye, 200);
    telephone.reply(await telephone.take('INVITE'), 486);
    await telephone.take('ACK');
  });

  it('is sent when a call hung up just before has ended', async () => {
    await place('user2', 'sipMethod=Invite');
    const invite = await ring();
    await place('user2', 'action=Hangup');
    const second = await place('user2', 'sipMethod=Invite');
    expect((await shown(second)).status).to.equal('initiating');
    await stopRinging(invite);
    telephone.reply(await telephone.take('INVITE'), 486);
    await telephone.take('ACK');
  });

  it('is never sent if it is hung up or replaced while it waits; the next one waits too', async () => {
    await place('user2');
    const invite = await ring();
    const known = telephone.all('INVITE').length;
    const second = await place('user2');
    const third = await place('user2');
    await place('user2', 'action=Hangup');
    expect(await (await container.get('/callcontroller/user1/user2')).text()).to.contain('487 Request Terminated');
    const fourth = await place('user2');
    expect((await shown(second)).reason?.code).to.equal('replaced');
    expect((await shown(third)).reason?.code).to.equal('cancelled');
    expect((await shown(fourth)).status).to.equal('initiating');
    await stopRinging(invite);
    telephone.reply(await telephone.take('INVITE'), 486);
    await telephone.take('ACK');
    expect((await shown(fourth)).reason?.code).to.equal('callerBusy');
    expect(telephone.all('INVITE')).to.have.lengthOf(known + 1);
  });

  it('is sent after a few seconds if the first does not end', async () => {
    await place('user2');
    const invite = await ring();
    await place('user2');
    telephone.reply(await telephone.take('CANCEL'), 200);
    telephone.reply(await telephone.take('INVITE', 5_000), 486);
    await telephone.take('ACK');
    telephone.reply(invite, 487);
    await telephone.take('ACK');
  });

  it('is refused with 406 if it is an Invite call and would replace a waiting Invite call', async () => {
    await place('user2');
    const invite = await ring();
    await place('user2', 'sipMethod=Invite');
    const response = await container.post('/callcontroller/user1/user2?sipMethod=Invite');
    expect(response.status).to.equal(406);
    await stopRinging(invite);
    telephone.reply(await telephone.take('INVITE'), 486);
    await telephone.take('ACK');
  });
});
