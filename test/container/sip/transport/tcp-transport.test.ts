import { expect } from 'chai';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { StreamLimits } from '../../../../container/sip/transport/stream-transport.js';
import { openTcp } from '../../../../container/sip/transport/tcp-transport.js';
import type { Connection, Transport } from '../../../../container/sip/transport/transport.js';
import {
  Arrivals,
  closed,
  eventually,
  limits,
  message,
  openBlackHole,
  type PlainServer,
  plainServer,
  send,
  target,
  textOf,
} from '../stream-rig.js';

describe('SIP over TCP', () => {
  const closers: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  async function open(changes: Partial<StreamLimits> = {}): Promise<{ transport: Transport; arrivals: Arrivals }> {
    const arrivals = new Arrivals();
    const transport = await openTcp('127.0.0.1', 0, arrivals, limits(changes));
    closers.push(() => transport.close());
    return { transport, arrivals };
  }

  async function peer(): Promise<PlainServer> {
    const server = await plainServer();
    closers.push(() => server.close());
    return server;
  }

  /** @param localAddress that the peer comes from */
  async function client(transport: Transport, localAddress = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ port: transport.port, host: '127.0.0.1', localAddress });
    closers.push(async () => void socket.destroy());
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    return socket;
  }

  describe('between two of us', () => {
    it('sends all messages to one target on one connection, in order, also those that had to wait for it', async () => {
      const ours = await open();
      const theirs = await open();
      const texts = Array.from({ length: 50 }, (_, index) => message(`${index}`));
      await Promise.all(texts.map((text) => send(ours.transport, text, target(theirs.transport.port))));
      await theirs.arrivals.until(() => theirs.arrivals.messages.length === texts.length);
      expect(theirs.arrivals.messages.map(({ text }) => text)).to.deep.equal(texts);
      expect([ours.transport.connections, theirs.transport.connections]).to.deep.equal([1, 1]);
    });

    it('takes messages of the other side on the same connection', async () => {
      const ours = await open();
      const theirs = await open();
      await sent(ours.transport, 'question', theirs.transport.port);
      const { source } = await theirs.arrivals.take();
      await source.connection?.send(message('answer'));
      const answer = await ours.arrivals.take();
      expect(answer.text).to.equal(message('answer'));
      expect(answer.source).to.include({ transport: 'TCP', address: '127.0.0.1', port: theirs.transport.port });
    });

    it('reaches a peer that connected to us on its own connection', async () => {
      const ours = await open();
      const theirs = await open();
      await sent(ours.transport, 'first', theirs.transport.port);
      const { source } = await theirs.arrivals.take();
      await send(theirs.transport, message('back'), target(source.port));
      expect((await ours.arrivals.take()).text).to.equal(message('back'));
      expect(theirs.transport.connections).to.equal(1);
    });
  });

  describe('to a server', () => {
    it('fails at once when nobody listens', async () => {
      const { transport } = await open();
      const gone = await plainServer();
      await gone.close();
      const error = await send(transport, message('x'), target(gone.port)).catch(String);
      expect(error).to.match(/No connection to 127\.0\.0\.1 port \d+ over TCP: connect ECONNREFUSED/);
      await eventually(() => transport.connections === 0, 'no socket is left');
    });

    it('fails for all waiting requests when the server does not accept the connection in time', async () => {
      const hole = await openBlackHole();
      closers.push(() => hole.close());
      const { transport } = await open({ connectTimeoutMs: 100, maxQueuedBytes: 2 * message('x').length });
      const texts = ['a', 'b', 'c'].map((text) => send(transport, message(text), target(hole.port)).catch(String));
      const [a, b, c] = await Promise.all(texts);
      expect([a, b]).to.satisfy((all: string[]) => all.every((each) => each.endsWith('no answer within 100 ms')));
      expect(c).to.include('Too much waits');
      await eventually(() => transport.connections === 0, 'no socket is left');
    });

    it('opens a new connection for the next message after the server closed the old one', async () => {
      const server = await peer();
      const { transport } = await open();
      const connection = await sent(transport, 'one', server.port);
      const lost = new Promise<Error>((resolve) => connection.whenLost(resolve));
      (await server.accepted()).end();
      expect((await lost).message).to.include('the peer closed it');
      expect(connection.isOpen).to.equal(false);
      expect(await connection.send('x').catch(String)).to.match(/is closed/);

      const again = await sent(transport, 'two', server.port);
      expect(textOf(await server.accepted())).to.not.equal(undefined);
      expect(again).to.not.equal(connection);
    });

    it('reports a reset once to each request that waits on the connection', async () => {
      const server = await peer();
      const { transport } = await open();
      const connection = await sent(transport, 'one', server.port);
      const losses: string[] = [];
      connection.whenLost((error) => losses.push(error.message));
      connection.whenLost(() => losses.push('taken back'))();
      (await server.accepted()).resetAndDestroy();
      await eventually(() => transport.connections === 0, 'the connection is gone');
      expect(losses).to.deep.equal([`Connection to 127.0.0.1 port ${server.port} over TCP is lost: read ECONNRESET`]);
    });

    it('refuses messages beyond the limit when the server does not read, and then gives it up', async () => {
      const server = await peer();
      const { transport } = await open({ maxQueuedBytes: 100_000, stallMs: 100 });
      const connection = await sent(transport, 'first', server.port);
      (await server.accepted()).pause();
      const lost = new Promise<Error>((resolve) => connection.whenLost(resolve));
      const large = message('x'.repeat(50_000));
      const outcomes: Promise<string>[] = [];
      // What the system takes for the peer is not ours to bound: some megabytes.
      for (let index = 0; index < 400; index += 1) {
        outcomes.push(connection.send(large).then(() => 'sent', String));
        await new Promise(setImmediate);
      }
      expect((await lost).message).to.match(/the peer does not read$/);
      const said = new Set(await Promise.all(outcomes));
      expect([...said].some((text) => text.endsWith('is congested'))).to.equal(true);
    });
  });

  describe('while nothing is said', () => {
    it('keeps a connection alive that a call needs, and closes it when it is let go', async () => {
      const server = await peer();
      const { transport } = await open({ keepAliveMs: 20, idleMs: 60 });
      const connection = await sent(transport, 'hello', server.port);
      const socket = await server.accepted();
      const text = textOf(socket);
      const release = connection.hold();
      await eventually(() => text().startsWith(`${message('hello')}${'\r\n\r\n'.repeat(6)}`), 'six pings');
      expect(connection.isOpen).to.equal(true);
      const ended = closed(socket);
      release();
      await ended;
      await eventually(() => transport.connections === 0, 'the connection is gone');
    });

    it('gives up a peer that has answered pings and does so no more', async () => {
      const server = await peer();
      const { transport } = await open({ keepAliveMs: 20, pongMs: 1000 });
      const connection = await sent(transport, 'hello', server.port);
      connection.hold();
      const lost = new Promise<Error>((resolve) => connection.whenLost(resolve));
      const socket = await server.accepted();
      const text = textOf(socket);
      await eventually(() => text().includes('\r\n\r\n\r\n\r\n'), 'a ping');
      socket.write('\r\n');
      expect((await lost).message).to.match(/the peer does not answer keep-alives$/);
    });

    it('answers the pings of a peer, in the midst of messages too', async () => {
      const { transport, arrivals } = await open();
      const socket = await client(transport);
      const text = textOf(socket);
      socket.write(`${message('a')}\r\n\r\n${message('b')}`);
      await eventually(() => text() === '\r\n', 'a pong');
      expect(arrivals.messages.map((arrival) => arrival.text)).to.deep.equal([message('a'), message('b')]);
    });

    it('closes a connection on which only pings and half a message came', async () => {
      const { transport } = await open({ idleMs: 100 });
      const socket = await client(transport);
      const ended = closed(socket);
      socket.resume();
      const pinging = setInterval(() => socket.write('\r\n\r\n'), 20);
      setTimeout(() => socket.write('MESSAGE sip:'), 30);
      await ended.finally(() => clearInterval(pinging));
      await eventually(() => transport.connections === 0, 'the connection is gone');
    });
  });

  describe('from a hostile peer', () => {
    it('refuses a message that is too large and closes, after the answer', async () => {
      const { transport, arrivals } = await open();
      const socket = await client(transport);
      const text = textOf(socket);
      const ended = closed(socket);
      socket.write(`${message('good')}${message('bad').replace('h: 0', 'h: 70000')}${'x'.repeat(200_000)}`);
      await ended;
      expect(text()).to.equal('SIP/2.0 513 Message Too Large\r\nContent-Length: 0\r\n\r\n');
      expect(arrivals.messages.map((arrival) => arrival.text)).to.deep.equal([message('good')]);
      expect(arrivals.faults[0]?.head?.toString()).to.include('Subject: bad');
    });

    it('takes no more connections than the limit, and others again when one has gone', async () => {
      const { transport, arrivals } = await open({ maxInbound: 2 });
      const first = await client(transport);
      await client(transport);
      await eventually(() => transport.connections === 2, 'both are there');
      await closed(await client(transport));
      expect(arrivals.refusals).to.deep.equal(['Too many connections']);
      first.destroy();
      await eventually(() => transport.connections === 1, 'one has gone');
      (await client(transport)).write(message('welcome'));
      expect((await arrivals.take()).text).to.equal(message('welcome'));
    });

    it('takes no more connections of one address than the limit, and those of others', async () => {
      const { transport, arrivals } = await open({ maxInboundPerAddress: 2 });
      await client(transport);
      await client(transport);
      await closed(await client(transport));
      expect(arrivals.refusals).to.deep.equal(['Too many connections']);
      (await client(transport, '127.0.0.2')).write(message('welcome'));
      expect((await arrivals.take()).text).to.equal(message('welcome'));
    });

    it("keeps room for the domain's proxy, but not for more than that", async () => {
      const { transport, arrivals } = await open({ maxInbound: 1, keptForProxy: 1 });
      arrivals.proxies.push('127.0.0.3');
      await client(transport, '127.0.0.2');
      await closed(await client(transport, '127.0.0.2'));
      (await client(transport, '127.0.0.3')).write(message('welcome'));
      expect((await arrivals.take()).text).to.equal(message('welcome'));
      await closed(await client(transport, '127.0.0.3'));
    });

    it('answers the keep-alives that arrive together with one', async () => {
      const { transport, arrivals } = await open();
      const socket = await client(transport);
      const text = textOf(socket);
      socket.write(`${'\r\n\r\n'.repeat(10_000)}${message('on')}`);
      await arrivals.take();
      await eventually(() => text() !== '', 'a keep-alive is answered');
      expect(text().length).to.be.below(100);
    });

    it('disconnects a peer that never completes its message, even if it keeps sending', async () => {
      const { transport, arrivals } = await open({ messageMs: 200 });
      const socket = await client(transport);
      const ended = closed(socket);
      socket.write(message('whole'));
      await arrivals.take();
      const drip = setInterval(() => socket.write('x'), 50);
      await ended;
      clearInterval(drip);
      expect(arrivals.messages).to.have.length(1);
    });

    it('reads nothing more from a peer that does not read its answers', async () => {
      const { transport, arrivals } = await open({ maxQueuedBytes: 400_000 });
      const socket = await client(transport);
      socket.pause();
      const reply = message('y'.repeat(20_000));
      let received = 0;
      let congested = 0;
      arrivals.onMessage = (_, { connection }) => {
        received += 1;
        connection?.send(reply).catch(() => (congested += 1));
      };
      // Were all of these read and answered, 100 MB would have to wait somewhere.
      socket.write(message('x').repeat(5000));
      await eventually(() => congested > 0, 'there is no room for more answers');
      expect(received, 'messages read').to.be.below(3000);
      socket.resume();
      await eventually(() => received === 5000, 'the rest is read when there is room again');
    });
  });

  it('leaves no socket when it is closed amid all this', async () => {
    const { transport } = await open();
    const server = await peer();
    await sent(transport, 'one', server.port);
    const socket = await client(transport);
    const ended = closed(socket);
    const failing = send(transport, message('two'), target((await open()).transport.port)).catch(() => undefined);
    closers.splice(0, 1);
    await transport.close();
    await Promise.all([ended, failing]);
    expect(transport.connections).to.equal(0);
  });
});

async function sent(transport: Transport, text: string, port: number): Promise<Connection> {
  const connection = await send(transport, message(text), target(port));
  if (!connection) throw new Error('no connection');
  return connection;
}
