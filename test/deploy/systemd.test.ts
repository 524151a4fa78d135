import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { programPath, requirePeers } from '../support/peers/programs.js';
import { SystemdMachine } from '../support/systemd-machine.js';

const folder = new URL('../../../deploy/systemd/', import.meta.url);

describe('The units for systemd', function () {
  this.timeout(60_000);
  let copies: string;

  before(async function () {
    requirePeers(this, 'systemdAnalyze');
    copies = await mkdtemp(join(tmpdir(), 'sipxrest-units-'));
  });

  after(async () => {
    if (copies) await rm(copies, { recursive: true, force: true });
  });

  /** A copy whose Node is the one that is there. */
  async function copyOf(unit: string, name = unit): Promise<string> {
    const text = await readFile(new URL(unit, folder), 'utf8');
    const file = join(copies, name);
    await writeFile(file, text.replace('/usr/bin/node', process.execPath));
    return file;
  }

  for (const [unit, name] of [
    ['sipxrest.service', 'sipxrest.service'],
    ['sipxrest@.service', 'sipxrest@one.service'],
  ] as const)
    it(`are valid, and as closed as docs/operations.md says: ${unit}`, async () => {
      const file = await copyOf(unit, name);
      const complaints = analyze('verify', '--man=no', file);
      expect(complaints.split('\n').filter((line) => line.includes('sipxrest'))).to.deep.equal([]);
      const document = await readFile(new URL('../../docs/operations.md', folder), 'utf8');
      const [, documented] = /rates it ([\d.]+) \(OK\) of 10/.exec(document) ?? [];
      const [, exposure] = /exposure level .*: ([\d.]+) /.exec(analyze('security', '--offline=true', file)) ?? [];
      expect(exposure).to.equal(documented);
    });
});

describe('The units in a systemd', function () {
  this.timeout(180_000);
  let configuration: string;
  let machine: SystemdMachine;

  before(async function () {
    requirePeers(this, 'systemdAnalyze', 'systemdNotify', 'curl', 'ip');
    const obstacle = SystemdMachine.obstacle();
    if (obstacle !== undefined) {
      process.stderr.write(`skipped: ${obstacle}\n`);
      this.skip();
    }
    configuration = await mkdtemp(join(tmpdir(), 'sipxrest-etc-'));
    const settings = { sipxProxyDomain: 'example.com', users: 'users.json', publicHttpPort: 0, drainSeconds: 0 };
    const other = { ...settings, httpPort: 7667, webPort: 7680, sipPort: 7050 };
    await writeFile(join(configuration, 'users.json'), '[{"userName":"user1","identity":"user1@example.com"}]');
    await writeFile(join(configuration, 'sipxrest.json'), JSON.stringify(settings));
    await writeFile(join(configuration, 'one.json'), JSON.stringify(other));
    machine = await SystemdMachine.boot(configuration, fileURLToPath(folder));
  });

  after(async () => {
    await machine?.stop();
    if (configuration) await rm(configuration, { recursive: true, force: true });
  });

  async function start(unit: string, port: number): Promise<void> {
    const started = await machine.run('systemctl', 'start', unit);
    expect(started, await machine.journal(unit)).to.deep.equal({ exitCode: 0, output: '' });
    const ready = await machine.run('curl', '--silent', '--fail', `http://127.0.0.1:${port}/readyz`);
    expect(ready.output).to.include('"status":"pass"');
  }

  it('start as a user of their own, read their configuration again, and stop', async () => {
    await start('sipxrest', 6680);
    const pid = (await machine.show('sipxrest')).get('MainPID') ?? '';
    const { output: status } = await machine.run('cat', `/proc/${pid}/status`);
    expect(status)
      .to.match(/^Uid:\t(?!0\t)\d+/m)
      .and.to.match(/^CapEff:\t0+$/m);

    expect((await machine.run('systemctl', 'reload', 'sipxrest')).exitCode).to.equal(0);
    await until(async () => (await machine.journal('sipxrest')).includes('Configuration read again'));

    expect((await machine.run('systemctl', 'stop', 'sipxrest')).exitCode).to.equal(0);
    const stopped = await machine.show('sipxrest');
    expect([stopped.get('ActiveState'), stopped.get('Result')]).to.deep.equal(['inactive', 'success']);
  });

  it('have a configuration each if there are several, and restart after the container was killed', async () => {
    await start('sipxrest@one', 7680);
    await machine.run('systemctl', 'kill', '--signal=KILL', 'sipxrest@one');
    await until(async () => {
      const unit = await machine.show('sipxrest@one');
      return unit.get('NRestarts') === '1' && unit.get('ActiveState') === 'active';
    });
  });
});

/** @throws Error when it is not so in time */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error('systemd has not done it in time');
    await delay(100);
  }
}

function analyze(...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(programPath('systemdAnalyze'), args, { encoding: 'utf8' });
  return stdout + stderr;
}
