import { expect } from 'chai';
import { once } from 'node:events';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { startContainer } from '../support/container.js';
import { freePorts } from '../support/ports.js';

const limitMs = 5_000;

/** Status of a GET from an address of ours, or the code of the error. */
async function statusFrom(localAddress: string, port: number, path = '/'): Promise<number | string> {
  const signal = AbortSignal.timeout(limitMs);
  const outgoing = request({ host: '127.0.0.1', port, path, localAddress, signal }).end();
  try {
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    await text(response);
    return response.statusCode ?? 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

describe('The listener inside', () => {
  it('refuses those that come from outside insideNetworks, and logs them within bounds', async () => {
    const container = await startContainer({ insideNetworks: ['127.0.1.0/24', '127.0.0.7/32'] }, {});
    try {
      expect(await statusFrom('127.0.1.9', container.httpPort)).to.equal(200);
      expect(await statusFrom('127.0.0.7', container.httpPort)).to.equal(200);
      for (let count = 0; count < 30; count++) expect(await statusFrom('127.0.2.1', container.httpPort)).to.equal(403);
      await container.waitForLog('not from insideNetworks', 10_000);
      const lines = container.logLines().filter((line) => line.includes('not from insideNetworks'));
      expect(lines).to.have.length.within(1, 20);
      expect(lines[0]).to.contain('"address":"127.0.2.1"');
    } finally {
      await container.stop();
    }
  });

  it('tells clients outside insideNetworks so, over HTTPS (insideTls) and plain HTTP', async () => {
    const container = await startContainer({ insideTls: true, insideNetworks: ['127.0.1.0/24'] }, {});
    try {
      expect(await httpsStatus(container.httpPort, '/diagnostics', { localAddress: '127.0.1.9' })).to.equal(200);
      const { status, body } = await httpsAnswer(container.httpPort, '/diagnostics', { localAddress: '127.0.2.1' });
      expect(status).to.equal(403);
      expect(body)
        .to.match(/^<\?xml /)
        .and.contain('insideNetworks does not name it');
      expect(await statusFrom('127.0.2.1', container.httpPort)).to.equal(403);
    } finally {
      await container.stop();
    }
  });

  it('disconnects clients outside insideNetworks beyond 64 at a time over HTTPS, and still serves the others', async () => {
    const container = await startContainer({ insideTls: true, insideNetworks: ['127.0.1.0/24'] }, {});
    const silent: Socket[] = [];
    try {
      for (let count = 0; count < 64; count++) {
        const socket = connect({ host: '127.0.0.1', port: container.httpPort, localAddress: '127.0.2.1' });
        silent.push(socket.on('error', () => {}));
        await once(socket, 'connect');
      }
      const extra = connect({ host: '127.0.0.1', port: container.httpPort, localAddress: '127.0.2.1' });
      await once(extra.on('error', () => {}).resume(), 'close');
      expect(await httpsStatus(container.httpPort, '/diagnostics', { localAddress: '127.0.1.9' })).to.equal(200);
    } finally {
      await container.stop();
      for (const socket of silent) socket.destroy();
    }
  });

  it('ignores the header fields in which a request states its origin', async () => {
    const container = await startContainer({ insideNetworks: ['10.0.0.0/8'] });
    try {
      const socket = connect({ host: '127.0.0.1', port: container.httpPort });
      socket.write('GET / HTTP/1.1\r\nHost: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.1\r\nForwarded: for=10.0.0.1\r\n\r\n');
      socket.on('error', () => {});
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      await new Promise((resolve) => socket.once('close', resolve));
      expect(Buffer.concat(chunks).toString())
        .to.match(/^HTTP\/1\.1 403 Forbidden\r\n/)
        .and.contain('insideNetworks does not name it');
    } finally {
      await container.stop();
    }
  });

  it('speaks HTTPS with insideTls, and the redirect finds it there', async () => {
    const port = await freePorts();
    const container = await startContainer({ insideTls: true, publicHttpPort: port });
    try {
      expect(await httpsStatus(container.httpPort, '/diagnostics')).to.equal(200);
      expect(await statusFrom('127.0.0.1', container.httpPort)).to.equal(400);
      const login = { auth: 'user1:123' };
      const redirected = '/sipxconfig/rest/my/redirect/callcontroller/user1/user2';
      expect(await httpsStatus(port, redirected, login)).to.equal(200);
      expect(await httpsStatus(port, '/callcontroller/user1/user2', login)).to.equal(200);
    } finally {
      await container.stop();
    }
  });
});

interface From {
  readonly auth?: string;
  readonly localAddress?: string;
}

async function httpsStatus(port: number, path: string, from: From = {}): Promise<number> {
  return (await httpsAnswer(port, path, from)).status;
}

async function httpsAnswer(port: number, path: string, from: From): Promise<{ status: number; body: string }> {
  const outgoing = requestTls({
    host: '127.0.0.1',
    port,
    path,
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(limitMs),
    ...from,
  }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { body: await text(response), status: response.statusCode ?? 0 };
}
