import { expect } from 'chai';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostsFile } from '../../../../../container/sip/location/dns/hosts-file.js';

describe('The list of hosts', () => {
  let folder: string;
  let path: string;
  let hosts: HostsFile;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hosts-'));
    path = join(folder, 'hosts');
    hosts = new HostsFile(path);
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('gives the addresses of a name and its aliases, by family, whatever the case', async () => {
    await writeFile(
      path,
      '# 192.0.2.9 proxy\n127.0.0.1\tlocalhost\n192.0.2.1  Proxy.example.com proxy # ours\n192.0.2.2 proxy\n::2 proxy\n',
    );
    expect(await hosts.addresses('PROXY', 4)).to.deep.equal(['192.0.2.1', '192.0.2.2']);
    expect(await hosts.addresses('proxy.example.com', 4)).to.deep.equal(['192.0.2.1']);
    expect(await hosts.addresses('proxy', 6)).to.deep.equal(['::2']);
    expect(await hosts.addresses('localhost', 6)).to.deep.equal([]);
    expect(await hosts.addresses('ours', 4)).to.deep.equal([]);
  });

  it('skips lines that are not entries', async () => {
    await writeFile(path, '\n\u0000\nlocalhost\n300.1.1.1 bad\n192.0.2.1\n192.0.2.3 good\n');
    expect(await hosts.addresses('good', 4)).to.deep.equal(['192.0.2.3']);
    expect(await hosts.addresses('bad', 4)).to.deep.equal([]);
  });

  it('is read again when it was changed or taken away', async () => {
    await writeFile(path, '192.0.2.1 proxy\n');
    expect(await hosts.addresses('proxy', 4)).to.deep.equal(['192.0.2.1']);
    await writeFile(path, '192.0.2.10 proxy\n');
    expect(await hosts.addresses('proxy', 4)).to.deep.equal(['192.0.2.10']);
    await rm(path);
    expect(await hosts.addresses('proxy', 4)).to.deep.equal([]);
  });

  it('is not read when it is huge', async () => {
    await writeFile(path, '192.0.2.1 proxy\n');
    await truncate(path, 1024 * 1024 + 1);
    expect(await hosts.addresses('proxy', 4)).to.deep.equal([]);
  });
});
