import { expect } from 'chai';
import type { Container } from '../support/container.js';
import { type Installation, installation, installationTimeoutMs } from '../support/installation.js';
import { type Received, SipPeer } from '../support/sip-peer.js';

const timeoutMs = 10_000;

interface View {
  readonly state: string;
  readonly call?: string;
  readonly outcome?: string;
}

describe('examples/callback-plugin, built against the installed package', function () {
  this.timeout(3 * timeoutMs);
  let installed: Installation;
  let pluginDir: string;
  let peer: SipPeer;
  let container: Container;

  before(async function () {
    this.timeout(installationTimeoutMs);
    installed = await installation();
    pluginDir = await installed.example('callback-plugin');
  });

  beforeEach(async () => {
    peer = await SipPeer.open();
    container = await installed.start({ pluginDir, sipProxy: `sip:127.0.0.1:${peer.port};lr` });
  });

  afterEach(async () => {
    await container.stop();
    await peer.close();
  });

  async function ask(method: string, path = '/callback/user1/user2'): Promise<View & { readonly status: number }> {
    const response = await fetch(container.url + path, { method });
    return { status: response.status, ...((await response.json()) as View) };
  }

  /** Takes the subscriptions to both lines, and answers them. @returns the one to user1's, and the one to user2's */
  async function takeSubscriptions(): Promise<readonly Received[]> {
    const both = [await peer.take('SUBSCRIBE', timeoutMs), await peer.take('SUBSCRIBE', timeoutMs)];
    for (const subscribe of both) {
      expect([subscribe.header('Event'), subscribe.header('Accept')]).to.deep.equal([
        'dialog',
        'application/dialog-info+xml',
      ]);
      peer.reply(subscribe, 200, { headers: ['Expires: 1800'] });
    }
    return both;
  }

  let version = 0;

  /** Tells a line's dialogs as RFC 4235 has them. */
  async function tell(subscribe: Received | undefined, state: 'full' | 'partial', dialogs: string): Promise<void> {
    if (!subscribe) throw new Error('no subscription');
    version += 1;
    const request = {
      method: 'NOTIFY',
      uri: /<([^>]+)>/.exec(subscribe.header('Contact'))?.[1] ?? '',
      callId: subscribe.header('Call-ID'),
      cseq: version,
      from: `${subscribe.header('To')};tag=peer`,
      to: subscribe.header('From'),
      contact: `<sip:peer@127.0.0.1:${peer.port}>`,
      headers: ['Event: dialog', 'Subscription-State: active', 'Content-Type: application/dialog-info+xml'],
      body: `<?xml version="1.0"?><d:dialog-info xmlns:d="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="${state}" entity="sip:user@example.com">${dialogs}</d:dialog-info>`,
    };
    peer.request(request, container.sipPort);
    await peer.take('200 NOTIFY', timeoutMs);
  }

  it('calls when both lines have become free, once for a pair, and shows the outcome', async () => {
    expect(await ask('POST')).to.include({ status: 202, state: 'waiting' });
    const [one, two] = await takeSubscriptions();
    expect([one?.startLine, two?.startLine]).to.deep.equal([
      'SUBSCRIBE sip:user1@example.com SIP/2.0',
      'SUBSCRIBE sip:user2@example.com SIP/2.0',
    ]);
    expect(await ask('POST')).to.include({ status: 200, state: 'waiting' });
    await tell(one, 'full', '');
    await tell(two, 'full', dialog('a', 'confirmed') + dialog('b', 'early'));
    await tell(two, 'partial', dialog('a', 'terminated'));
    expect(await ask('GET')).to.include({ state: 'waiting' });
    expect(peer.all('INVITE')).to.deep.equal([]);

    await tell(two, 'partial', dialog('b', 'terminated'));
    const invite = await peer.take('INVITE', timeoutMs);
    expect(invite.startLine).to.match(/^INVITE sip:user1@example\.com[; ]/);
    const { state, call = '' } = await ask('GET');
    expect(state).to.equal('calling');
    expect(await (await container.get(call)).json()).to.include({ callee: 'user2@example.com' });
    await tell(two, 'full', '');
    peer.reply(invite, 486, { reason: 'Busy Here' });
    await peer.take('ACK', timeoutMs);
    const unsubscribed = await peer.take('SUBSCRIBE', timeoutMs);
    expect(unsubscribed.header('Expires')).to.equal('0');
    expect(await ask('GET')).to.include({ state: 'called', outcome: 'callerBusy' });
    expect(peer.all('INVITE')).to.have.length(1);
  });

  it('can be withdrawn, and says why a line cannot be watched', async () => {
    await ask('POST');
    await takeSubscriptions();
    expect(await ask('DELETE')).to.include({ status: 200, state: 'withdrawn' });
    expect(await ask('GET')).to.include({ state: 'withdrawn' });

    expect(await ask('POST')).to.include({ status: 202 });
    peer.reply(await peer.take('SUBSCRIBE', timeoutMs), 489, { reason: 'Bad Event' });
    let view = await ask('GET');
    while (view.state === 'waiting') view = await ask('GET');
    expect(view).to.include({ state: 'failed', outcome: 'a line cannot be watched: 489 Bad Event' });
    expect((await fetch(`${container.url}/callback/nobody/user2`, { method: 'POST' })).status).to.equal(404);
    expect((await fetch(`${container.url}/callback/user1/a%20b`, { method: 'POST' })).status).to.equal(400);
  });

  it('ends by itself when its time is over', async () => {
    await container.stop();
    container = await installed.start({
      pluginDir,
      sipProxy: `sip:127.0.0.1:${peer.port};lr`,
      plugins: { 'callback-plugin': { expirySeconds: 1 } },
    });
    await ask('POST');
    await takeSubscriptions();
    let view = await ask('GET');
    while (view.state === 'waiting') view = await ask('GET');
    expect(view).to.include({ state: 'expired' });
  });
});

function dialog(id: string, state: string): string {
  return `<d:dialog id="${id}" direction="initiator"><d:state>${state}</d:state></d:dialog>`;
}
