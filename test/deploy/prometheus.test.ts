import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { z } from 'zod';
import { programPath, requirePeers } from '../support/peers/programs.js';

const folder = new URL('../../../deploy/', import.meta.url);
const dashboard = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
});

describe('The folder deploy, for Prometheus,', function () {
  this.timeout(60_000);

  before(function () {
    requirePeers(this, 'promtool');
  });

  it('has alert rules that fire and are silent as their tests say', () => {
    check('test', 'rules', fileURLToPath(new URL('prometheus/alerts.test.yaml', folder)));
  });

  it('has queries on the dashboard that Prometheus can read', async () => {
    const { panels } = dashboard.parse(JSON.parse(await readFile(new URL('grafana/sipxrest.json', folder), 'utf8')));
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(queries.length).to.be.above(20);
    const rules = queries.map((expr, index) => ({
      record: `query_${index}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'),
    }));
    const copies = await mkdtemp(join(tmpdir(), 'sipxrest-queries-'));
    try {
      const file = join(copies, 'rules.yaml');
      await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
      check('check', 'rules', file);
    } finally {
      await rm(copies, { recursive: true, force: true });
    }
  });
});

function check(...args: readonly string[]): void {
  const { stdout, stderr, status } = spawnSync(programPath('promtool'), args, { encoding: 'utf8' });
  expect(status, stdout + stderr).to.equal(0);
}
