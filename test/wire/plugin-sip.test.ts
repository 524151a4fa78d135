import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { z } from 'zod';
import { type Container, startContainer } from '../support/container.js';
import { type Received, SipPeer } from '../support/sip-peer.js';

const pluginDir = fileURLToPath(new URL('../../../test/fixtures/plugins/sip', import.meta.url));
const CHALLENGE = 'Proxy-Authenticate: Digest realm="example.com", nonce="n", algorithm=MD5';
const timeoutMs = 10_000;

describe("A plugin's own requests", function () {
  this.timeout(3 * timeoutMs);
  let peer: SipPeer;
  let container: Container;

  beforeEach(async () => {
    peer = await SipPeer.open();
    container = await startContainer({ pluginDir, sipProxy: `sip:127.0.0.1:${peer.port};lr` });
  });

  afterEach(async () => {
    await container.stop();
    await peer.close();
  });

  const take = (kind: string): Promise<Received> => peer.take(kind, timeoutMs);

  it('send a MESSAGE with the password of a user, and with one of the plugin', async () => {
    for (const [query, user] of [
      ['', 'user1'],
      ['?as=own', 'user2'],
    ]) {
      const sent = container.post(`/messenger/message/user3${query}`);
      peer.reply(await take('MESSAGE'), 407, { headers: [CHALLENGE] });
      const message = await take('MESSAGE');
      expect(message.header('From')).to.include(`"Messenger" <sip:${user}@example.com>`);
      expect(message.header('Proxy-Authorization')).to.include(`username="${user}"`);
      expect(message.body).to.equal('Hello');
      peer.reply(message, 200);
      expect(await json(sent)).to.deep.equal({ status: 200, local: false });
    }
  });

  it('ask with OPTIONS', async () => {
    const asked = container.post('/messenger/options/user3');
    peer.reply(await take('OPTIONS'), 200, { headers: ['Allow: INVITE, MESSAGE'] });
    expect(await json(asked)).to.deep.equal({ status: 200, allow: 'INVITE, MESSAGE' });
  });

  it('are not waited for when the container stops: subscriptions end, the rest is given up', async () => {
    const sent = container.post('/messenger/message/user3').catch(() => undefined);
    await take('MESSAGE');
    await container.post('/messenger/subscription/user3');
    const subscribe = await take('SUBSCRIBE');
    peer.reply(subscribe, 200);
    notify(subscribe, 1, 'active');
    await take('200 NOTIFY');
    const stopped = container.stop();
    const unsubscribe = await take('SUBSCRIBE');
    expect(unsubscribe.header('Expires')).to.equal('0');
    peer.reply(unsubscribe, 200);
    notify(subscribe, 2, 'terminated;reason=timeout');
    await stopped;
    await sent;
  });

  it("fail in one plugin's listeners, which is logged under its name, and another plugin's call goes on", async () => {
    const call = await placeCall('messenger', 'good');
    const bad = await placeCall('thrower', 'bad');
    ask('INFO', 'bad', bad);
    await take('500 INFO');
    ask('BYE', 'bad', bad);
    await take('200 BYE');
    ask('INVITE', 'worse', '<sip:thrower@example.com>', 'thrower', ['Subject: fail']);
    await take('500 INVITE');
    ask('MESSAGE', 'text', '<sip:thrower@example.com>', 'thrower');
    await take('500 MESSAGE');
    await container.post('/thrower/call');
    peer.reply(await take('INVITE'), 486);
    await take('ACK');
    await container.post('/thrower/subscription');
    const subscribe = await take('SUBSCRIBE');
    peer.reply(subscribe, 200);
    notify(subscribe, 1, 'active');
    notify(subscribe, 2, 'terminated');
    await peer.count('200 NOTIFY', 2, timeoutMs);

    for (const where of ['onAck', 'onRequest', 'onInvite', 'onMessage', 'onResponse', 'onNotify', 'onEnd'])
      await container.waitForLog(`thrower failed in ${where}`, timeoutMs);
    const failures = container.logLines().filter((line) => line.includes('thrower failed'));
    expect(new Set(failures.map(pluginOf))).to.deep.equal(new Set(['thrower']));
    ask('INFO', 'good', call);
    await take('200 INFO');
    ask('BYE', 'good', call);
    await take('200 BYE');
  });

  it('are answered with messages that come to the convergence name', async () => {
    ask('MESSAGE', 'text', '<sip:messenger@example.com>', 'messenger', ['Content-Type: text/plain'], 'Bonjour');
    await take('200 MESSAGE');
    const heard = await json(container.get('/messenger/heard'));
    expect(heard).to.deep.equal([{ message: 'Bonjour', from: '<sip:caller@example.com>;tag=caller' }]);
  });

  /** The peer calls a plugin, which answers. @returns To of the call */
  async function placeCall(user: string, callId: string): Promise<string> {
    ask('INVITE', callId, `<sip:${user}@example.com>`, user);
    const to = (await take('200 INVITE')).header('To');
    ask('ACK', callId, to, user);
    return to;
  }

  let cseq = 0;

  function ask(method: string, callId: string, to: string, user = '', headers: string[] = [], body = ''): void {
    const name = user || (/sip:(\w+)@/.exec(to)?.[1] ?? '');
    const uri = `sip:${name}@127.0.0.1:${container.sipPort}`;
    const from = '<sip:caller@example.com>;tag=caller';
    if (method !== 'ACK') cseq += 1;
    peer.request({ method, uri, callId, cseq, from, to, headers, body }, container.sipPort);
  }

  function notify(subscribe: Received, notifyCseq: number, state: string): void {
    const request = {
      method: 'NOTIFY',
      uri: /<([^>]+)>/.exec(subscribe.header('Contact'))?.[1] ?? '',
      callId: subscribe.header('Call-ID'),
      cseq: notifyCseq,
      from: `${subscribe.header('To')};tag=peer`,
      to: subscribe.header('From'),
      contact: `<sip:peer@127.0.0.1:${peer.port}>`,
      headers: ['Event: presence', `Subscription-State: ${state}`],
    };
    peer.request(request, container.sipPort);
  }
});

async function json(response: Promise<Response>): Promise<unknown> {
  return (await response).json();
}

const logLine = z.looseObject({ plugin: z.string().optional() });

function pluginOf(line: string): string | undefined {
  return logLine.parse(JSON.parse(line)).plugin;
}
