import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { programPath, requirePeers } from '../support/peers/programs.js';

const folder = new URL('../../../deploy/prometheus/', import.meta.url);

describe('The alert rules for Prometheus', () => {
  it('fire and are silent as their tests say', function () {
    requirePeers(this, 'promtool');
    const file = fileURLToPath(new URL('alerts.test.yaml', folder));
    const { stdout, stderr, status } = spawnSync(programPath('promtool'), ['test', 'rules', file], {
      encoding: 'utf8',
    });
    expect(status, stdout + stderr).to.equal(0);
  });

  it('look at metrics that docs/operations.md has', async () => {
    const rules = await readFile(new URL('alerts.yaml', folder), 'utf8');
    const document = await readFile(new URL('../../docs/operations.md', folder), 'utf8');
    const used = new Set([...rules.matchAll(/sipxrest_\w+/g)].map(([name]) => name));
    expect(used.size).to.be.above(0);
    for (const name of used) expect(document).to.include(`| \`${name}\``);
  });
});
