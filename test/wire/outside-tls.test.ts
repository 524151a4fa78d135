import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request as requestInClear } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import { promisify } from 'node:util';
import { type Authority, createAuthority, type KeyPair } from '../support/certificates.js';
import { ask, basic, readReplies, requestText } from '../support/outside/exchange.js';
import { type OutsideRig, pinOf, startOutside } from '../support/outside/rig.js';
import { programPath, requirePeers } from '../support/peers/programs.js';

const run = promisify(execFile);
const timeoutMs = 10_000;

describe('TLS outside', function () {
  let authority: Authority;
  let folder: string;
  let rig: OutsideRig;
  let tls: { key: string; cert: string };

  before(async () => {
    authority = await createAuthority();
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-tls-'));
    tls = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
    await install(await authority.issue('first.example.com', '127.0.0.1'));
    rig = await startOutside({ tls });
  });

  after(async () => {
    await rig?.stop();
    await authority?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function install({ keyFile, certFile }: KeyPair): Promise<void> {
    await copyFile(keyFile, tls.key);
    await copyFile(certFile, tls.cert);
  }

  /** Shakes hands, and gives the certificate that the server shows. */
  async function certificate(options: ConnectionOptions = {}): Promise<PeerCertificate> {
    const socket = connect({ host: '127.0.0.1', port: rig.port, rejectUnauthorized: false, ...options });
    try {
      await once(socket, 'secureConnect');
      return socket.getPeerCertificate();
    } finally {
      socket.destroy();
    }
  }

  async function waitForName(name: string): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const { CN } = (await certificate()).subject;
      if (CN === name) return;
      if (Date.now() > deadline) throw new Error(`still the certificate of ${String(CN)}`);
      await delay(50);
    }
  }

  async function waitForLog(text: string): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!rig.container.logLines().some((line) => line.includes(text))) {
      if (Date.now() > deadline) throw new Error(rig.container.logLines().join('\n'));
      await delay(50);
    }
  }

  it('has no weak protocol or cipher in the eyes of sslscan', async function () {
    requirePeers(this, 'sslscan');
    const { stdout } = await run(programPath('sslscan'), ['--no-colour', `127.0.0.1:${rig.port}`], { timeout: 60_000 });
    for (const protocol of ['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1'])
      expect(stdout).to.match(new RegExp(`^${protocol.replace('.', '\\.')}\\s+disabled$`, 'm'));
    for (const protocol of ['TLSv1.2', 'TLSv1.3'])
      expect(stdout).to.match(new RegExp(`^${protocol.replace('.', '\\.')}\\s+enabled$`, 'm'));
    const ciphers = [...stdout.matchAll(/^(?:Preferred|Accepted)\s+TLSv1\.\d\s+(\d+) bits\s+(\S+)/gm)];
    expect(ciphers).to.have.length.of.at.least(5);
    for (const [, bits, name = ''] of ciphers) {
      expect(Number(bits), name).to.be.at.least(128);
      expect(name).to.match(/^(?:TLS_|ECDHE-).*(?:GCM|CHACHA20)/);
    }
    expect(stdout).to.match(/^Session renegotiation not supported|^Secure session renegotiation supported/m);
    expect(stdout).to.not.match(/^TLSv1\.\d vulnerable/m);
  });

  it('is not spoken below version 1.2', async () => {
    const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' };
    const error: unknown = await certificate(old).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(Error).with.property('code', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });

  it('refuses plain HTTP with a hint to use HTTPS, and nothing more', async () => {
    const outgoing = requestInClear({ host: '127.0.0.1', port: rig.port, path: '/callcontroller/user1/user2' }).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(response.statusCode).to.equal(400);
    expect(await textOf(response)).to.contain('This port speaks HTTPS');
  });

  it('shows the new certificate within seconds after its files changed, and keeps open connections', async () => {
    const request = requestText('GET', '/callcontroller/user1/user2', [basic('user1', pinOf('user1'))]);
    const open = connect({ host: '127.0.0.1', port: rig.port, rejectUnauthorized: false });
    await once(open, 'secureConnect');
    await install(await authority.issue('second.example.com', '127.0.0.1'));
    await waitForName('second.example.com');
    expect((await ask(rig.port, request)).status).to.equal(200);
    expect((await readReplies(open, request)).map(({ status }) => status)).to.deep.equal([200]);
  });

  it('keeps the certificate when the new files do not belong together, and says so', async () => {
    await install(await authority.issue('good.example.com', '127.0.0.1'));
    await waitForName('good.example.com');
    await copyFile((await authority.issue('other.example.com')).certFile, tls.cert);
    await waitForLog('Certificate kept as it was, the new files cannot be used');
    expect((await certificate()).subject.CN).to.equal('good.example.com');
    await writeFile(tls.cert, 'no certificate');
    expect((await certificate()).subject.CN).to.equal('good.example.com');
  });
});

describe('TLS outside without tls.key and tls.cert', () => {
  it('has a self-signed certificate for the address, with a warning in the log', async () => {
    const rig = await startOutside();
    try {
      const socket = connect({ host: '127.0.0.1', port: rig.port, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { subjectaltname = '', valid_to: validTo } = socket.getPeerCertificate();
      socket.destroy();
      expect(subjectaltname).to.contain('IP Address:127.0.0.1');
      expect(Date.parse(validTo)).to.be.greaterThan(Date.now());
      expect(rig.container.logLines().join('\n')).to.contain('self-signed');
    } finally {
      await rig.stop();
    }
  });
});
