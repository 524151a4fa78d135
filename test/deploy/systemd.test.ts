import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { programPath, requirePeers } from '../support/peers/programs.js';

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

function analyze(...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(programPath('systemdAnalyze'), args, { encoding: 'utf8' });
  return stdout + stderr;
}
