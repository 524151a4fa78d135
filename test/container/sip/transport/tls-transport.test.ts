import { expect } from 'chai';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { StreamLimits } from '../../../../container/sip/transport/stream-transport.js';
import { TlsTransport } from '../../../../container/sip/transport/tls-transport.js';
import { type Authority, createAuthority, type KeyPair } from '../../../support/certificates.js';
import { Arrivals, closed, eventually, limits, message, plainServer, send, target } from '../stream-rig.js';

describe('SIP over TLS', () => {
  const closers: (() => Promise<void>)[] = [];
  let authority: Authority;
  let stranger: Authority;
  let ca: string;
  let own: KeyPair;

  before(async () => {
    authority = await createAuthority();
    stranger = await createAuthority();
    ca = await readFile(authority.caFile, 'utf8');
    own = await authority.issue('127.0.0.1', 'sip.example.com', 'other.example.com');
  });

  after(async () => {
    await authority.remove();
    await stranger.remove();
  });

  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  async function open(
    pair: KeyPair,
    changes: Partial<StreamLimits> = {},
  ): Promise<{ transport: TlsTransport; arrivals: Arrivals }> {
    const arrivals = new Arrivals();
    const transport = await TlsTransport.open('127.0.0.1', 0, { ...pair, ca }, arrivals, limits(changes));
    closers.push(() => transport.close());
    return { transport, arrivals };
  }

  /** What becomes of a message to a server with a certificate, which is called by a name. */
  async function sendTo(pair: KeyPair, host: string): Promise<string> {
    const ours = await open(own);
    const theirs = await open(pair);
    const sending = send(ours.transport, message('hello'), target(theirs.transport.port, 'TLS', host));
    const failure = await sending.then(() => undefined, String);
    if (failure !== undefined) {
      expect(theirs.arrivals.messages).to.deep.equal([]);
      await eventually(() => ours.transport.connections === 0, 'no socket is left');
      return failure;
    }
    return (await theirs.arrivals.take()).text;
  }

  it('reaches a server whose certificate names the host that was called', async () => {
    expect(await sendTo(await authority.issue('sip.example.com'), 'SIP.example.com')).to.equal(message('hello'));
  });

  it('reaches a server whose certificate names the address that was called', async () => {
    expect(await sendTo(await authority.issue('127.0.0.1'), '127.0.0.1')).to.equal(message('hello'));
  });

  it('refuses a certificate for another name', async () => {
    expect(await sendTo(await authority.issue('evil.example.com'), 'sip.example.com')).to.match(
      /No connection to sip\.example\.com, 127\.0\.0\.1 port \d+ over TLS: .*not match.*DNS:evil\.example\.com/,
    );
  });

  it('refuses a certificate for another address', async () => {
    expect(await sendTo(await authority.issue('127.0.0.2'), '127.0.0.1')).to.match(/not match.*127\.0\.0\.2/);
  });

  it('refuses a certificate of another authority', async () => {
    expect(await sendTo(await stranger.issue('sip.example.com'), 'sip.example.com')).to.match(
      /certificate signature failure|unable to/,
    );
  });

  it('refuses a certificate that has expired', async () => {
    expect(await sendTo(await authority.issueExpired('sip.example.com'), 'sip.example.com')).to.include('has expired');
  });

  it('refuses a server that speaks no newer version than TLS 1.1', async () => {
    const server = createServer({ ...own, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(async () => void server.close());
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const { transport } = await open(own);
    const failure = await send(transport, message('x'), target(port, 'TLS')).catch(String);
    expect(failure).to.match(/protocol version|unsupported protocol|wrong version/i);
  });

  it('refuses a client that speaks no newer version than TLS 1.1', async () => {
    const { transport, arrivals } = await open(own);
    const versions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    const socket = connect({ port: transport.port, host: '127.0.0.1', ca, ...versions });
    const [error]: Error[] = await once(socket, 'error');
    expect(error?.message).to.match(/version/);
    await arrivals.until(() => arrivals.refusals.length > 0);
    expect(arrivals.refusals[0]).to.match(/unsupported protocol/);
  });

  for (const cipher of ['AES128-SHA', 'AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA', 'ECDHE-ECDSA-AES128-SHA']) {
    it(`refuses ${cipher}, without forward secrecy or authenticated encryption`, async () => {
      const { transport } = await open(own);
      const options = { maxVersion: 'TLSv1.2', ciphers: `${cipher}:@SECLEVEL=0`, rejectUnauthorized: false } as const;
      const socket = connect({ port: transport.port, host: '127.0.0.1', ...options });
      const [error] = (await once(socket, 'error')) as [Error];
      expect(String(error)).to.include('handshake failure');
    });
  }

  it('does not renegotiate', async () => {
    const { transport } = await open(own);
    const options = { maxVersion: 'TLSv1.2', rejectUnauthorized: false } as const;
    const socket = connect({ port: transport.port, host: '127.0.0.1', ...options });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    const error = await new Promise<Error | null>((resolve) => {
      socket.once('close', () => resolve(new Error('closed')));
      socket.renegotiate({}, resolve);
    });
    expect(error).to.be.instanceOf(Error);
    socket.destroy();
  });

  it('fails when the server does not shake hands in time', async () => {
    const server = await plainServer();
    closers.push(() => server.close());
    const { transport } = await open(own, { connectTimeoutMs: 100 });
    const failure = await send(transport, message('x'), target(server.port, 'TLS')).catch(String);
    expect(failure).to.match(/no answer within 100 ms$/);
  });

  it('drops a peer that does not speak TLS', async () => {
    const { transport, arrivals } = await open(own);
    const socket = connectTcp({ port: transport.port, host: '127.0.0.1' });
    socket.on('error', () => undefined).resume();
    socket.write(message('hello'));
    await closed(socket);
    expect(arrivals.messages).to.deep.equal([]);
    expect(arrivals.refusals).to.have.length(1);
    await eventually(() => transport.connections === 0, 'no socket is left');
  });

  it('shares no connection between names that one address stands for, so that each is checked', async () => {
    const ours = await open(own);
    const theirs = await open(await authority.issue('sip.example.com', 'other.example.com'));
    const port = theirs.transport.port;
    await send(ours.transport, message('one'), target(port, 'TLS', 'sip.example.com'));
    await send(ours.transport, message('two'), target(port, 'TLS', 'other.example.com'));
    expect(ours.transport.connections).to.equal(2);
    const failure = await send(ours.transport, message('x'), target(port, 'TLS', 'third.example.com')).catch(String);
    expect(failure).to.include('not match');
  });

  it('answers on the connection of a peer without a certificate, and sends it no request there', async () => {
    const { transport, arrivals } = await open(own);
    const socket = connect({ port: transport.port, host: '127.0.0.1', ca });
    closers.push(async () => void socket.destroy());
    await once(socket, 'secureConnect');
    socket.write(message('question'));
    const { source } = await arrivals.take();
    expect(source.transport).to.equal('TLS');
    const answered = once(socket, 'data');
    await source.connection?.send(message('answer'));
    expect(String(await answered)).to.equal(message('answer'));
    const failure = await send(transport, message('request'), target(source.port, 'TLS')).catch(String);
    expect(failure).to.match(/ECONNREFUSED/);
  });

  it('shows its new certificate after it was renewed', async () => {
    const ours = await open(own);
    const theirs = await open(await authority.issue('127.0.0.1'));
    const { port } = theirs.transport;
    const outcome = (): Promise<string> => {
      const to = target(port, 'TLS', 'sip.example.com');
      return send(ours.transport, message('x'), to).then(() => 'sent', String);
    };
    expect(await outcome()).to.include('not match');
    theirs.transport.renew({ ...(await authority.issue('sip.example.com')), ca });
    expect(await outcome()).to.equal('sent');
  });

  it('shows its own certificate to servers that ask for one', async () => {
    const pair = await authority.issue('127.0.0.1');
    const server = createServer({ ...pair, ca, requestCert: true, rejectUnauthorized: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const { transport } = await open(own);
    closers.push(async () => void server.close());
    const connected = once(server, 'secureConnection');
    await send(transport, message('x'), target(port, 'TLS'));
    const [socket] = await connected;
    expect(socket.getPeerCertificate().subjectaltname).to.include('sip.example.com');
  });
});
