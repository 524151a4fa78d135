import { existsSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Context } from 'koa';
import { z } from 'zod';
import { type Plugin, Sdk } from '../../sdk/index.js';
import { FakeSdk, SipPeer } from '../../testing/index.js';

/** Stands for a service of the plugin. */
abstract class Greetings {
  abstract readonly count: number;
}

class Greet implements Plugin {
  hasStopped = false;

  constructor(private readonly sdk: Sdk) {
    const { word } = sdk.config(z.object({ word: z.string().default('Hello') }));
    sdk.provide(Greetings, { count: 1 });
    sdk.routes.get('/:user', (ctx) => {
      const { displayName } = sdk.accounts.find(ctx.params['user'] ?? '') ?? ctx.throw(404, 'There is no such user');
      sdk.log.info('Greeted', { by: ctx.state['user']?.userName });
      ctx.body = `${word} ${displayName}`;
    });
    sdk.routes.post('/:user/message', async (ctx) => {
      const uri = `sip:${ctx.params['user']}@example.com`;
      const body = { contentType: 'text/plain', content: word };
      const { status } = await sdk.sip.request({ method: 'MESSAGE', uri, to: uri, from: { uri }, body });
      ctx.body = String(status);
    });
    sdk.sip.onMessage((message) => message.reply(message.from.address === 'user1@example.com' ? 200 : 403));
  }

  start(): void {
    writeFileSync(`${this.sdk.dataDir}/kept`, '');
  }

  stop(): void {
    this.hasStopped = true;
  }

  agentOf(context: Context): string {
    return context.params.user;
  }
}

describe('The SDK for the tests of plugins', () => {
  let peer: SipPeer;
  let sdk: FakeSdk;
  let plugin: Greet;

  beforeEach(async () => {
    peer = await SipPeer.open();
    const users = [{ userName: 'user1', displayName: 'User One' }, { userName: 'user2' }];
    sdk = await FakeSdk.open({ uriPrefix: '/greet', settings: { word: 'Hi' }, users, sipProxy: peer.uri });
    plugin = await sdk.start((own) => new Greet(own));
  });

  afterEach(async () => {
    await sdk.close();
    await peer.close();
  });

  it('serves the plugin with users and settings of the test, and records its log and services', async () => {
    expect(await (await sdk.fetch('/greet/user1')).text()).to.equal('Hi User One');
    expect((await sdk.fetch('/greet/nobody')).status).to.equal(404);
    expect(sdk.log.lines).to.deep.equal([{ level: 'info', message: 'Greeted', fields: { by: undefined } }]);
    expect(sdk.provided(Greetings)?.count).to.equal(1);
  });

  it('calls agentOf for requests of logged-in users, and passes the user', async () => {
    expect((await sdk.fetch('/greet/user1', { user: 'user1' })).status).to.equal(200);
    expect(sdk.log.lines.at(-1)?.fields).to.deep.equal({ by: 'user1' });
    expect((await sdk.fetch('/greet/user1', { user: 'user2' })).status).to.equal(403);
    expect((await sdk.fetch('/greet/user1', { user: 'nobody' })).status).to.equal(401);
  });

  it('exchanges SIP messages with the peer', async () => {
    const answer = sdk.fetch('/greet/user2/message', { method: 'POST' });
    const message = await peer.take('MESSAGE');
    expect(message.body).to.equal('Hi');
    peer.reply(message, 202);
    expect(await (await answer).text()).to.equal('202');
    for (const [from, status] of [
      ['<sip:user1@example.com>;tag=1', 200],
      ['<sip:user2@example.com>;tag=1', 403],
    ] as const) {
      const uri = `sip:plugin@127.0.0.1:${sdk.sip.port}`;
      const request = { method: 'MESSAGE', uri, callId: from, cseq: 1, from, to: '<sip:plugin@example.com>' };
      peer.request({ ...request, callId: `call-${status}` }, sdk.sip.port);
      await peer.take(`${status} MESSAGE`);
    }
  });

  it('stops the plugin, and leaves nothing of its data', async () => {
    const { dataDir } = sdk;
    expect(existsSync(`${dataDir}/kept`)).to.equal(true);
    const other = await FakeSdk.open();
    await other.close();
    await sdk.close();
    expect([plugin.hasStopped, existsSync(dataDir)]).to.deep.equal([true, false]);
    sdk = await FakeSdk.open();
  });
});
