import { once } from 'node:events';
import type { Server } from 'node:http';
import { expect } from 'chai';
import Koa from 'koa';
import { readBody } from '../../../container/http/body.js';
import { wholeRequest } from '../../../container/http/whole-request.js';
import { z } from 'zod';
import { MetricsRegistry } from '../../../container/metrics/registry.js';
import { withDefaults } from '../../../container/config/limits.js';
import { idleLoad } from '../../../container/load.js';
import { PluginSdk } from '../../../container/plugins/plugin-sdk.js';
import { SipStack } from '../../../container/sip/stack.js';
import Sandbox from '../../../plugins/sandbox/index.js';
import type { Log, UserAgent } from '../../../sdk/index.js';
import { Caller } from './caller.js';

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const domain = 'example.com';
const user1 = { userName: 'user1', password: '123' };

const viewSchema = z.strictObject({
  domain: z.string(),
  proxy: z.string(),
  telephones: z.array(
    z.strictObject({
      userName: z.string(),
      behaviour: z.string(),
      state: z.enum(['idle', 'calling', 'ringing', 'talking']),
      calls: z.array(z.strictObject({ state: z.enum(['calling', 'ringing', 'talking']), with: z.string() })),
      messages: z.array(z.strictObject({ from: z.string(), text: z.string() })),
    }),
  ),
});

describe('the sandbox', () => {
  let sandboxStack: SipStack;
  let callerStack: SipStack;
  let sandbox: Sandbox;
  let sdk: PluginSdk;
  let server: Server;
  let agent: UserAgent;

  beforeEach(async () => {
    sandboxStack = await openStack(undefined);
    sdk = sdkOf(sandboxStack, { ringMs: 5, answerMs: 40, talkMs: 1000, patienceMs: 1000 });
    sandbox = new Sandbox(sdk);
    await sandbox.start();
    server = new Koa().use(wholeRequest).use(readBody()).use(sdk.routes.routes()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    callerStack = await openStack((await view()).proxy);
    agent = callerStack.forPlugin('callcontroller', silent);
  });

  afterEach(async () => {
    await sandbox.stop();
    await sdk.close();
    await Promise.all([callerStack.close(), sandboxStack.close()]);
    server.close();
    await once(server, 'close');
  });

  async function request(path: string, options: RequestInit = {}): Promise<Response> {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the HTTP server has no port');
    return fetch(`http://127.0.0.1:${address.port}/sandbox${path}`, options);
  }

  async function view(): Promise<z.output<typeof viewSchema>> {
    return viewSchema.parse(await (await request('')).json());
  }

  async function send(from: string, to: string, text = 'Wie geht’s?', type = 'text/plain'): Promise<Response> {
    const path = `/${from}/messages?to=${encodeURIComponent(to)}`;
    return request(path, { method: 'POST', headers: { 'Content-Type': type }, body: text });
  }

  async function telephone(userName: string): Promise<z.output<typeof viewSchema>['telephones'][number]> {
    return (await view()).telephones.find((each) => each.userName === userName)!;
  }

  it('lists its domain, its proxy and its telephones', async () => {
    const { proxy, telephones, ...rest } = await view();
    expect(rest).to.deep.equal({ domain });
    expect(proxy).to.match(/^sip:127\.0\.0\.1:\d+;lr$/);
    expect(telephones.map(({ userName, state }) => `${userName} ${state}`)).to.deep.equal([
      'user1 idle',
      'user2 idle',
      'user3 idle',
      'busy idle',
      'noanswer idle',
      'reject idle',
    ]);
  });

  it('makes two telephones talk: user1 answers, follows REFER to user2 and reports', async () => {
    const call = new Caller(agent, 'user1', user1);
    await call.until('INVITE 200');
    expect(call.events).to.deep.equal(['INVITE 100', 'INVITE 407', 'INVITE 100', 'INVITE 180', 'INVITE 200']);
    expect(call.bodies[0]).to.contain('m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=inactive');
    call.refer('user2');
    await call.until('NOTIFY SIP/2.0 200 OK, terminated');
    expect(call.events.slice(5)).to.have.members([
      'REFER 407',
      'REFER 202',
      'NOTIFY SIP/2.0 100 Trying',
      'NOTIFY SIP/2.0 180 Ringing',
      'NOTIFY SIP/2.0 200 OK, terminated',
    ]);
    expect((await telephone('user1')).calls).to.deep.equal([
      { state: 'talking', with: 'sip:user1@example.com' },
      { state: 'talking', with: 'sip:user2@example.com' },
    ]);
    expect((await telephone('user2')).calls).to.deep.equal([{ state: 'talking', with: 'sip:user1@example.com' }]);
    call.bye();
    await call.until('BYE 200');
    call.leg.release();
  });

  it('goes on reporting after the BYE, and the two telephones talk on', async () => {
    const call = new Caller(agent, 'user1', user1);
    await call.until('INVITE 200');
    call.refer('user2');
    await call.until('NOTIFY SIP/2.0 180 Ringing');
    call.bye();
    await call.until('BYE 200');
    await call.until('NOTIFY SIP/2.0 200 OK, terminated');
    const { state, calls } = await telephone('user1');
    expect(state).to.equal('talking');
    expect(calls).to.deep.equal([{ state: 'talking', with: 'sip:user2@example.com' }]);
    call.leg.release();
  });

  for (const [called, outcome] of [
    ['busy', '486 Busy Here'],
    ['reject', '603 Decline'],
    ['nobody', '404 Not Found'],
    ['noanswer', '487 Request Terminated'],
  ] as const) {
    it(`reports ${outcome} when user1 is referred to ${called}`, async () => {
      const call = new Caller(agent, 'user1', user1);
      await call.until('INVITE 200');
      call.refer(called);
      await call.until(`NOTIFY SIP/2.0 ${outcome}, terminated`);
      expect((await telephone('user1')).calls).to.have.length(1);
      call.bye();
      await call.until('BYE 200');
      call.leg.release();
    });
  }

  for (const [called, status] of [
    ['busy', 486],
    ['reject', 603],
    ['nobody', 404],
  ] as const) {
    it(`answers ${status} to a call to ${called}`, async () => {
      const call = new Caller(agent, called, user1);
      await call.until(`INVITE ${status}`);
      call.leg.release();
    });
  }

  it('stops ringing when a call to noanswer is cancelled', async () => {
    const call = new Caller(agent, 'noanswer', user1);
    await call.until('INVITE 180');
    expect((await telephone('noanswer')).state).to.equal('ringing');
    call.leg.cancel();
    await call.until('INVITE 487');
    expect((await telephone('noanswer')).state).to.equal('idle');
    call.leg.release();
  });

  it('refuses a call with a wrong password', async () => {
    const call = new Caller(agent, 'user2', { userName: 'user1', password: 'wrong' });
    await call.until('INVITE 407');
    call.leg.release();
    expect((await telephone('user2')).state).to.equal('idle');
  });

  it('ends the calls that go on when it stops', async () => {
    const call = new Caller(agent, 'user1', user1);
    await call.until('INVITE 200');
    await sandbox.stop();
    await call.until('BYE');
    call.leg.release();
  });

  it('carries a text message from telephone to telephone, which shows it', async () => {
    expect(await (await send('user1', 'user2')).json()).to.deep.equal({ status: 200, reason: 'OK' });
    await send('user3', 'sip:user2@example.com', 'x'.repeat(1_001));
    expect((await telephone('user2')).messages).to.deep.equal([
      { from: 'user1@example.com', text: 'Wie geht’s?' },
      { from: 'user3@example.com', text: 'x'.repeat(1_000) },
    ]);
  });

  it('shows the newest ten messages of a telephone', async () => {
    for (let count = 1; count <= 12; count++) await send('user1', 'busy', String(count));
    const texts = (await telephone('busy')).messages.map(({ text }) => text);
    expect(texts).to.deep.equal(['3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
  });

  it('sends a text message directly to an address on loopback, where a plugin receives it', async () => {
    const received = new Promise<string>((resolve) => {
      agent.onMessage((message) => {
        message.reply(202);
        resolve(`${message.from.address}: ${message.body?.content}`);
      });
    });
    const response = await send('user1', `sip:callcontroller@127.0.0.1:${agent.port}`);
    expect(await response.json()).to.include({ status: 202 });
    expect(await received).to.equal('user1@example.com: Wie geht’s?');
  });

  for (const [to, status] of [
    ['reject', 603],
    ['nobody', 404],
  ] as const) {
    it(`reports that a text message to ${to} got ${status}`, async () => {
      expect(await (await send('user1', to)).json()).to.include({ status });
    });
  }

  it('answers 415 to a message that is not text, and 407 to one with a wrong password', async () => {
    const uri = 'sip:user2@example.com';
    const message = { method: 'MESSAGE', uri, to: uri, from: { uri: 'sip:user1@example.com' } } as const;
    const body = { contentType: 'application/json', content: '{}' };
    expect(await agent.request({ ...message, credentials: user1, body })).to.include({ status: 415 });
    const credentials = { ...user1, password: 'wrong' };
    expect(await agent.request({ ...message, credentials, body })).to.include({ status: 407 });
    expect((await telephone('user2')).messages).to.deep.equal([]);
  });

  it('refuses a text message over HTTP that cannot be sent', async () => {
    expect((await send('nobody', 'user2')).status).to.equal(404);
    expect((await send('user1', '')).status).to.equal(400);
    expect((await send('user1', 'user 2')).status).to.equal(400);
    expect((await send('user1', 'user2', '{}', 'application/json')).status).to.equal(400);
  });

  it('leaves nothing behind when it cannot start', async () => {
    const takenPort = /:(\d+);/.exec((await view()).proxy)![1]!;
    const secondSdk = sdkOf(sandboxStack, { port: Number(takenPort) });
    const error = await new Sandbox(secondSdk).start().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    await secondSdk.close();
    expect(String(error)).to.contain('EADDRINUSE');
  });
});

async function openStack(proxy: string | undefined): Promise<SipStack> {
  return SipStack.open({ host: '127.0.0.1', port: 0, t1Ms: 500, domain, proxy, log: silent, secretOf: noSecret });
}

function noSecret(): undefined {
  // the telephones and the callers bring their own secrets
}

const insideAddress = () => ({ url: 'http://127.0.0.1:6667' });

function sdkOf(stack: SipStack, settings: Record<string, unknown>): PluginSdk {
  const manifest = {
    name: 'sandbox',
    packageName: '@sipxrest/sandbox',
    uriPrefix: '/sandbox',
    securityLevel: 'LOCAL-ONLY' as const,
    remoteAuthenticationMethod: ['HTTP-DIGEST' as const],
    sipConvergenceName: 'sandbox',
    serviceDescription: '',
    dependsOn: [],
    main: './index.js',
  };
  const sip = stack.forPlugin('sandbox', silent);
  return new PluginSdk({
    plugin: { manifest, file: 'package.json', module: 'index.js' },
    sip,
    accounts: { find: () => undefined, search: () => [] },
    load: idleLoad(withDefaults({})),
    log: silent,
    traceLog: { isTraced: false, trace: () => {} },
    metrics: new MetricsRegistry(silent),
    settings,
    settingsKey: 'sandbox',
    phase: () => 'starting',
    dataDir: '/nowhere',
    requestTimeoutMs: 30_000,
    inside: insideAddress,
    provide: () => undefined,
  });
}
