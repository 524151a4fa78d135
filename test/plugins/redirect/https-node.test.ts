import { expect } from 'chai';
import { copyFile } from 'node:fs/promises';
import { type Authority, createAuthority } from '../../support/certificates.js';
import { path, prefix, startRedirect } from './fixture.js';
import { type ScriptedNode, send, startNode } from './scripted-node.js';

async function statusWith(settings: Readonly<Record<string, unknown>>): Promise<number | undefined> {
  const container = await startRedirect(settings);
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
