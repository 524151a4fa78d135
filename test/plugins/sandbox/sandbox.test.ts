import { once } from 'node:events';
import type { Server } from 'node:http';
import { expect } from 'chai';
import Koa from 'koa';
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
    server = new Koa().use(sdk.routes.routes()).listen(0, '127.0.0.1');
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

  async function view(): Promise<z.output<typeof viewSchema>> {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the HTTP server has no port');
    const response = await fetch(`http://127.0.0.1:${address.port}/sandbox`);
    return viewSchema.parse(await response.json());
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
