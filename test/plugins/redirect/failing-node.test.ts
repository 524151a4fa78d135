import { expect } from 'chai';
import { freePorts } from '../../support/ports.js';
import { expectError, path, prefix, RedirectRig, startRedirect } from './fixture.js';
import { send, startNode } from './scripted-node.js';

describe('the redirect at a node that fails', () => {
  let rig: RedirectRig;

  before(async () => {
    rig = await RedirectRig.start({ timeoutMs: 1000 });
  });

  after(async () => {
    await rig?.stop();
  });

  beforeEach(() => {
    rig.node.answer = (response) => response.end();
  });

  it('answers 504 when the node does not in time, and serves the next request', async () => {
    rig.node.answer = () => undefined;
    expectError(await rig.carry(path), 504);
    rig.node.answer = (response) => response.end('again');
    expect(await rig.carry(path)).to.include({ status: 200, body: 'again' });
  });

  it('answers 504 in time also to requests that wait for a connection to the node', async () => {
    rig.node.answer = () => undefined;
    const startedAt = Date.now();
    const answers = await Promise.all(Array.from({ length: 100 }, async () => await rig.carry(path)));
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([504]));
    expect(Date.now() - startedAt).to.be.below(5000);
  });

  it('cuts its answer off if the node does', async () => {
    rig.node.answer = (response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half', () => response.destroy());
    };
    const outcome = await rig.carry(path).catch((error: NodeJS.ErrnoException) => error.code);
    expect(outcome).to.equal('ECONNRESET');
  });

  it('answers 502 when the node hangs up', async () => {
    rig.node.answer = (response) => response.destroy();
    expectError(await rig.carry(path), 502);
  });

  it('answers 502 when the node does not speak HTTP', async () => {
    rig.node.answer = (response) => response.socket?.end('SSH-2.0-OpenSSH\r\n');
    expectError(await rig.carry(path), 502);
  });
});

describe('the redirect without a node that answers', () => {
  it('answers 502 if nobody listens', async () => {
    const container = await startRedirect({ callcontroller: `http://127.0.0.1:${await freePorts()}` });
    try {
      expectError(await send(container.httpPort, prefix + path), 502);
      await container.waitForLog('ECONNREFUSED', 10_000);
    } finally {
      await container.stop();
    }
  });

  it('has its own time limit, even if that of other plugins is shorter', async () => {
    const node = await startNode();
    const container = await startRedirect({ callcontroller: node.url, timeoutMs: 600 }, { requestTimeoutMs: 100 });
    try {
      node.answer = () => undefined;
      expectError(await send(container.httpPort, prefix + path), 504);
    } finally {
      await container.stop();
      await node.close();
    }
  });

  it('stops while it waits', async () => {
    const node = await startNode();
    const container = await startRedirect({ callcontroller: node.url, timeoutMs: 60_000 });
    const asked = new Promise<void>((resolve) => {
      node.answer = () => resolve();
    });
    const outcome = send(container.httpPort, prefix + path).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    try {
      await asked;
    } finally {
      await container.stop();
      await node.close();
    }
    expect(await outcome).to.be.oneOf([502, 'ECONNRESET']);
  });
});
