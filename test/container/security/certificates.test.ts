import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Certificates } from '../../../container/security/certificates.js';
import { type Authority, createAuthority, type KeyPair } from '../../support/certificates.js';
import { RecordingLog } from '../accounts/recording-log.js';

const ipAddress = '192.0.2.10';
const pollIntervalMs = 10;

describe('The certificate', () => {
  let authority: Authority;
  let folder: string;
  let files: { key: string; cert: string };
  let first: KeyPair;
  let log: RecordingLog;

  before(async () => {
    authority = await createAuthority();
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-certificates-'));
    files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
    first = await authority.issue('first.example.com');
    await install(first);
    log = new RecordingLog();
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  after(async () => {
    await authority.remove();
  });

  async function install({ keyFile, certFile }: KeyPair): Promise<void> {
    await copyFile(keyFile, files.key);
    await copyFile(certFile, files.cert);
  }

  async function open(): Promise<Certificates> {
    return Certificates.open({ files, ipAddress, log, pollIntervalMs });
  }

  async function failure(): Promise<string> {
    const opened = await open().catch((error: unknown) => error);
    if (opened instanceof Certificates) await opened.close();
    return opened instanceof Error ? opened.message : 'none';
  }

  it('is read from its files, and again when they change', async () => {
    const certificates = await open();
    expect(certificates.current).to.deep.equal({ key: first.key, cert: first.cert });
    const next = await authority.issue('next.example.com');
    await install(next);
    while (certificates.current.cert !== next.cert) await once(certificates, 'changed');
    expect(certificates.current.key).to.equal(next.key);
    await certificates.close();
  });

  it('is read again when a file is replaced', async () => {
    const certificates = await open();
    const [next, renamed] = [await authority.issue('next.example.com'), join(folder, 'new.pem')];
    await copyFile(next.keyFile, files.key);
    await once(certificates, 'rejected');
    await copyFile(next.certFile, renamed);
    const changed = once(certificates, 'changed');
    await rename(renamed, files.cert);
    await changed;
    expect(certificates.current.cert).to.equal(next.cert);
    await certificates.close();
  });

  it('stays as it was when its files are removed or broken', async () => {
    const certificates = await open();
    for (const spoil of [async () => writeFile(files.cert, 'nothing'), async () => rm(files.key)]) {
      const rejected = once(certificates, 'rejected');
      await spoil();
      await rejected;
      expect(certificates.current.cert).to.equal(first.cert);
    }
    expect(log.lines.at(-1)).to.include({ level: 'warn' });
    await certificates.close();
  });

  it('stops the start when the key is of another certificate, or one file is not PEM', async () => {
    const other = await authority.issue('other.example.com');
    await copyFile(other.keyFile, files.key);
    expect(await failure()).to.match(/^tls\.key, tls\.cert \(.*\): expected a private key .*, found an error \(.*\)$/);
    await copyFile(first.keyFile, files.key);
    await writeFile(files.cert, 'nothing');
    expect(await failure()).to.contain('tls.key, tls.cert');
  });

  it('shows its key neither to the log nor when it is inspected', async () => {
    const certificates = await open();
    const [, line = ''] = first.key.split('\n');
    expect(inspect(certificates, { depth: 9, showHidden: true })).to.not.contain(line);
    expect(JSON.stringify([certificates, log.lines])).to.not.contain(line);
    await certificates.close();
  });

  it('is made for the address if there are no files, a new one each time, with a warning', async () => {
    const certificates = await Certificates.open({ files: undefined, ipAddress, log });
    const others = await Certificates.open({ files: undefined, ipAddress: '2001:db8::1', log });
    const [one, other] = [certificates, others].map(({ current }) => new X509Certificate(current.cert));
    expect(one?.subjectAltName).to.equal('IP Address:192.0.2.10, DNS:localhost');
    expect(other?.subjectAltName).to.contain('IP Address:2001:DB8:0:0:0:0:0:1');
    expect(one?.fingerprint256).to.not.equal(other?.fingerprint256);
    expect(one?.publicKey.asymmetricKeyDetails).to.deep.equal({ namedCurve: 'prime256v1' });
    expect(one?.verify(one.publicKey)).to.equal(true);
    expect(log.lines.map(({ level }) => level)).to.deep.equal(['warn', 'warn']);
    await Promise.all([certificates.close(), others.close()]);
  });
});
