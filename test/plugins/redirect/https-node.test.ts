import { expect } from 'chai';
import { copyFile, readFile } from 'node:fs/promises';
import { Node, trustOnly } from '../../../plugins/redirect/node.js';
import { RecordingLog } from '../../container/accounts/recording-log.js';
import { type Authority, createAuthority } from '../../support/certificates.js';
import { startContainer } from '../../support/container.js';
import { ask, basic, requestText } from '../../support/outside/exchange.js';
import { freePorts } from '../../support/ports.js';
import { path, prefix, startRedirect } from './fixture.js';
import { type ScriptedNode, send, startNode } from './scripted-node.js';

async function statusWith(
  settings: Readonly<Record<string, unknown>>,
  tls: Readonly<Record<string, string>> = {},
): Promise<number | undefined> {
  const container = await startRedirect(settings, { tls });
  try {
    return (await send(container.httpPort, prefix + path)).status;
  } finally {
    await container.stop();
  }
}

describe('the redirect to a node that speaks HTTPS', () => {
  let authority: Authority;
  let stranger: Authority;
  let node: ScriptedNode;

  before(async () => {
    [authority, stranger] = await Promise.all([createAuthority(), createAuthority()]);
    node = await startNode(await authority.issue('127.0.0.1'));
  });

  after(async () => {
    await node?.close();
    await Promise.all([authority?.remove(), stranger?.remove()]);
  });

  it('reaches it with the authority that issued its certificate', async () => {
    expect(await statusWith({ callcontroller: node.url, ca: authority.caFile })).to.equal(200);
  });

  it('reaches it with the authority of tls.ca', async () => {
    expect(await statusWith({ callcontroller: node.url }, { ca: authority.caFile })).to.equal(200);
  });

  it('goes by its own authority rather than by that of tls.ca', async () => {
    const settings = { callcontroller: node.url, ca: authority.caFile };
    expect(await statusWith(settings, { ca: stranger.caFile })).to.equal(200);
  });

  it('answers 502 with another authority', async () => {
    expect(await statusWith({ callcontroller: node.url, ca: stranger.caFile })).to.equal(502);
  });

  it('answers 502 without one', async () => {
    expect(await statusWith({ callcontroller: node.url })).to.equal(502);
  });

  it('answers 502 when the certificate is for another name', async () => {
    const other = await startNode(await authority.issue('other.example.com'));
    try {
      expect(await statusWith({ callcontroller: other.url, ca: authority.caFile })).to.equal(502);
    } finally {
      await other.close();
    }
  });

  it('trusts a new authority as soon as the file has it', async () => {
    const { certFile: ca } = await authority.issue('placeholder');
    await copyFile(stranger.caFile, ca);
    const container = await startRedirect({ callcontroller: node.url, ca });
    try {
      expect((await send(container.httpPort, prefix + path)).status).to.equal(502);
      await copyFile(authority.caFile, ca);
      expect((await send(container.httpPort, prefix + path)).status).to.equal(200);
    } finally {
      await container.stop();
    }
  });
});

describe('the redirect at its own container with insideTls', () => {
  let authority: Authority;

  before(async () => {
    authority = await createAuthority();
  });

  after(async () => authority?.remove());

  const request = requestText('GET', prefix + path, [basic('user1', '123')]);

  it('reaches the call controller there with a self-signed certificate', async () => {
    const port = await freePorts();
    const container = await startContainer({ publicHttpPort: port, insideTls: true });
    try {
      expect((await ask(port, request)).status).to.equal(200);
    } finally {
      await container.stop();
    }
  });

  it('reaches the call controller there with a certificate for another name, also after it was replaced', async () => {
    const { keyFile: key, certFile: cert } = await authority.issue('other.example.com');
    const next = await authority.issue('another.example.com');
    const port = await freePorts();
    const container = await startContainer({ publicHttpPort: port, insideTls: true, tls: { key, cert } });
    try {
      expect((await ask(port, request)).status).to.equal(200);
      await copyFile(next.keyFile, key);
      await copyFile(next.certFile, cert);
      await container.waitForLog('Certificate read again', 5000);
      expect((await ask(port, request)).status).to.equal(200);
    } finally {
      await container.stop();
    }
  });

  it('does not trust the authority of its own certificate', async () => {
    const own = await authority.issue('127.0.0.1');
    const impostor = await startNode(await authority.issue('127.0.0.1'));
    const chain = own.cert + (await readFile(authority.caFile, 'utf8'));
    const upstream = new Node({
      base: new URL(impostor.url),
      trust: () => trustOnly(chain),
      timeoutMs: 5000,
      log: new RecordingLog(),
    });
    try {
      const outcome = await upstream
        .send({ method: 'GET', path, timeoutMs: 5000, isStream: false })
        .catch((error: unknown) => error);
      expect(outcome).to.have.property('status', 502);
      expect(impostor.received).to.deep.equal([]);
    } finally {
      await upstream.close();
      await impostor.close();
    }
  });
});
