import { Router } from '@koa/router';
import { expect } from 'chai';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import type { Account, Plugin } from '../../../sdk/index.js';
import { HttpListener } from '../../../container/http/listener.js';
import { publicApplication } from '../../../container/http/public-application.js';
import type { Manifest } from '../../../container/plugins/manifest.js';
import { RecordingLog } from '../accounts/recording-log.js';

const user1: Account = {
  userName: 'user1',
  aliases: ['201'],
  identity: 'user1@example.com',
  displayName: '',
  hasSipCredentials: true,
};

/** Accepts everybody as user1, and records its calls. */
class Doorman {
  readonly asked: (readonly string[])[] = [];

  async authenticate(_request: unknown, methods: readonly string[]): Promise<Account> {
    this.asked.push(methods);
    return user1;
  }
}

function manifest(uriPrefix: string, changes: Partial<Manifest> = {}): Manifest {
  return {
    name: uriPrefix.slice(1),
    packageName: uriPrefix.slice(1),
    uriPrefix,
    securityLevel: 'LOCAL-AND-REMOTE',
    remoteAuthenticationMethod: ['HTTP-DIGEST'],
    sipConvergenceName: 'x',
    serviceDescription: '',
    dependsOn: [],
    main: 'index.js',
    ...changes,
  };
}

/** A plugin with one route, for everybody. */
function mount(routes: Router): void {
  routes.get('/', (ctx) => void (ctx.body = 'open'));
}

describe('A plugin that is served outside', () => {
  let listener: HttpListener;
  let doorman: Doorman;
  const seen: unknown[] = [];

  async function serve(...plugins: { manifest: Manifest; instance?: Plugin; mount: (routes: Router) => void }[]) {
    doorman = new Doorman();
    seen.length = 0;
    const log = new RecordingLog();
    const handler = publicApplication({
      plugins: plugins.map(({ manifest: found, instance = {}, mount: mountOwn }) => {
        const routes = new Router({ prefix: found.uriPrefix });
        mountOwn(routes);
        return { manifest: found, routes, instance, log, answerLimitMs: 10_000 };
      }),
      authenticator: doorman,
      accounts: { find: (name) => (['user1', '201'].includes(name) ? user1 : undefined), search: () => [] },
      count: (_, next) => next(),
      log,
    });
    listener = await HttpListener.open('127.0.0.1', 0, handler, {
      limits: { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 },
    });
  }

  afterEach(async () => {
    await listener.close();
  });

  async function send(
    method: string,
    path: string,
    chunks: readonly (string | Buffer)[] = [],
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; body: string }> {
    const outgoing = request({ host: '127.0.0.1', port: listener.port, method, path, headers });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    for (const chunk of chunks) {
      outgoing.write(chunk);
      await setImmediate();
    }
    outgoing.end();
    const [response] = await answered;
    return { status: response.statusCode ?? 0, body: await text(response) };
  }

  it('has its agentOf called before any of its code runs, for each route with the parameters of the handler', async () => {
    const agents: unknown[] = [];
    await serve({
      manifest: manifest('/a'),
      instance: {
        agentOf: (ctx) => {
          agents.push({ ...(ctx as { params?: object }).params });
          return (ctx as { params?: Record<string, string> }).params?.['user'];
        },
      },
      mount: (routes) => {
        routes.use(async (_ctx, next) => {
          seen.push('middleware');
          await next();
        });
        routes.get('/:user/:other', async (ctx, next) => {
          seen.push(`first ${ctx.params['user']}`);
          await next();
        });
        routes.get('/:other/:user', (ctx) => {
          seen.push(`second ${ctx.params['user']}`);
          ctx.body = 'done';
        });
      },
    });
    expect((await send('GET', '/a/user1/user2')).status).to.equal(403);
    expect((await send('GET', '/a/user2/user1')).status).to.equal(403);
    expect(seen).to.deep.equal([]);
    expect(agents).to.deep.equal([
      { user: 'user1', other: 'user2' },
      { user: 'user2', other: 'user1' },
      { user: 'user2', other: 'user1' },
    ]);
    expect((await send('GET', '/a/user1/%75ser1')).status).to.equal(200);
    expect((await send('GET', '/a/201/user1')).status).to.equal(200);
    expect(seen.slice(0, 3)).to.deep.equal(['middleware', 'first user1', 'second user1']);
  });

  it('serves any user if it has no agentOf', async () => {
    await serve(
      { manifest: manifest('/none'), mount },
      { manifest: manifest('/undecided'), instance: { agentOf: () => undefined }, mount },
    );
    expect((await send('GET', '/none')).status).to.equal(200);
    expect((await send('GET', '/undecided')).status).to.equal(200);
  });

  it('is reached by the longest prefix, behind the methods of its own manifest, and asked for a login once', async () => {
    await serve(
      { manifest: manifest('/a'), mount: (routes) => void routes.all('/{*path}', (ctx) => void (ctx.body = 'a')) },
      {
        manifest: manifest('/a/b', { remoteAuthenticationMethod: ['HTTP-BASIC'] }),
        mount: (routes) => void routes.get('/c', (ctx) => void (ctx.body = 'b')),
      },
    );
    expect((await send('GET', '/a/b/c')).body).to.equal('b');
    expect((await send('GET', '/a/x')).body).to.equal('a');
    expect(doorman.asked).to.deep.equal([['HTTP-BASIC'], ['HTTP-DIGEST']]);
  });

  it('for the inside only is not there, and nobody is asked to log in', async () => {
    await serve({ manifest: manifest('/inside', { securityLevel: 'LOCAL-ONLY' }), mount });
    expect((await send('GET', '/inside')).status).to.equal(404);
    expect(doorman.asked).to.deep.equal([]);
  });

  describe('gets', () => {
    beforeEach(async () => {
      await serve({
        manifest: manifest('/a'),
        mount: (routes) => {
          routes.post('/parsed', (ctx) => {
            seen.push('handled');
            ctx.body = JSON.stringify(ctx.request.body);
          });
          routes.post('/raw', async (ctx) => {
            seen.push('handled');
            ctx.body = `${(await text(ctx.req)).length}`;
          });
        },
      });
    });

    it('a body that comes in pieces, parsed', async () => {
      const json = { 'Content-Type': 'application/json' };
      expect((await send('POST', '/a/parsed', ['{"a"', ':1', '}'], json)).body).to.equal('{"a":1}');
    });

    it('a body of another type unchanged, however it arrives', async () => {
      const pieces = Array.from({ length: 8 }, () => Buffer.alloc(8_000));
      expect((await send('POST', '/a/raw', pieces)).body).to.equal('64000');
      const length = { 'Content-Length': '64000', 'Content-Type': 'application/octet-stream' };
      expect((await send('POST', '/a/raw', pieces, length)).body).to.equal('64000');
      expect((await send('POST', '/a/raw', [Buffer.alloc(65_536)])).body).to.equal('65536');
      expect((await send('POST', '/a/raw')).body).to.equal('0');
    });

    it('no oversized body, with or without a stated length', async () => {
      const outgoing = connect({ host: '127.0.0.1', port: listener.port });
      outgoing.on('error', () => {});
      const piece = `2710\r\n${'x'.repeat(10_000)}\r\n`;
      outgoing.write('POST /a/raw HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
      for (let index = 0; index < 10; index++) outgoing.write(piece);
      expect(await text(outgoing)).to.match(/^HTTP\/1\.1 413 /);
      const length = connect({ host: '127.0.0.1', port: listener.port });
      length.write('POST /a/raw HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n');
      expect(await text(length)).to.match(/^HTTP\/1\.1 413 /);
      expect(seen).to.deep.equal([]);
    });

    it('no request that stops half-way: it is refused with 408 in time', async () => {
      for (const [half, fields] of [
        ['headers', 'POST /a/raw HTTP/1.1\r\nHost: x\r\nX-'],
        ['body', 'POST /a/raw HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nxxx'],
      ]) {
        const socket = connect({ host: '127.0.0.1', port: listener.port });
        socket.write(fields ?? '');
        const start = performance.now();
        expect(await text(socket), half).to.match(/^HTTP\/1\.1 408 [^]*<error-code>408</);
        expect(performance.now() - start, half).to.be.below(3_000);
      }
      expect(seen).to.deep.equal([]);
    });

    it('no request whose client goes away', async () => {
      const socket = connect({ host: '127.0.0.1', port: listener.port });
      await new Promise((resolve) =>
        socket.write('POST /a/raw HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nxxx', resolve),
      );
      socket.destroy();
      expect((await send('POST', '/a/raw', ['x'])).body).to.equal('1');
      expect(seen).to.have.length(1);
    });
  });
});
