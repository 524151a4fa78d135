import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { z } from 'zod';
import type { CallInfo } from '../../sdk/index.js';
import { Redis } from '../support/cluster/redis.js';
import { freePorts } from '../support/ports.js';
import { Program } from '../support/process.js';

const main = fileURLToPath(new URL('../../container/main.js', import.meta.url));
const readyLine = z.object({ http: z.number(), workers: z.array(z.object({ sip: z.number() })) });

describe('sipxrest start --workers', function () {
  this.timeout(90_000);

  let folder: string;
  let redis: Redis;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-workers-'));
    redis = await Redis.start();
  });

  after(async () => {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('runs nodes with a SIP port each, which share the HTTP port and all calls', async () => {
    const sipPort = await freePorts(2);
    const program = await start(sipPort);
    try {
      const ready = await program.waitForLine(readReady, 60_000, 'ready line');
      expect(ready.workers.map(({ sip }) => sip)).to.deep.equal([sipPort, sipPort + 1]);
      const url = `http://127.0.0.1:${ready.http}/v1/calls`;
      const nodes = new Set<string>();
      for (let count = 0; count < 4; count++) {
        const body = JSON.stringify({ caller: 'user1', callee: `user${count}` });
        const headers = { 'content-type': 'application/json', connection: 'close' };
        const response = await fetch(url, { method: 'POST', body, headers });
        nodes.add(((await response.json()) as CallInfo).node);
      }
      expect([...nodes].toSorted()).to.deep.equal([`127.0.0.1:${sipPort}`, `127.0.0.1:${sipPort + 1}`]);
      const { items } = (await (await fetch(url, { headers: { connection: 'close' } })).json()) as {
        items: CallInfo[];
      };
      expect(items).to.have.length(4);
    } finally {
      expect(await program.stop(15_000)).to.equal(true);
    }
    expect(program.howItEnded).to.equal('exit code 0');
  });

  async function start(sipPort: number): Promise<Program> {
    const users = join(folder, 'users.json');
    const config = join(folder, 'config.json');
    const names = ['user0', 'user1', 'user2', 'user3'];
    const directory = names.map((userName) => ({ userName, identity: `${userName}@example.com`, sipPassword: '123' }));
    await writeFile(users, JSON.stringify(directory));
    const ports = { httpPort: 0, webPort: 0, publicHttpPort: 0, sipPort, drainSeconds: 0 };
    const sipProxy = `sip:127.0.0.1:${await freePorts()};lr`;
    const settings = { ...ports, sipxProxyDomain: 'example.com', sipProxy, users, redis: redis.url };
    await writeFile(config, JSON.stringify(settings));
    const args = [main, 'start', '--config', config, '--workers', '2'];
    return Program.start('workers', { command: process.execPath, args });
  }
});

function readReady(line: string): z.output<typeof readyLine> | undefined {
  return line.startsWith('{"ready":true') ? readyLine.parse(JSON.parse(line)) : undefined;
}
