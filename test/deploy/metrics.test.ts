import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { startContainer } from '../support/container.js';

const top = new URL('../../../', import.meta.url);

describe('The metrics that a container exposes', function () {
  this.timeout(60_000);
  let exposed: ReadonlySet<string>;

  before(async () => {
    const container = await startContainer();
    try {
      const text = await (await container.get('/metrics')).text();
      exposed = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name));
    } finally {
      await container.stop();
    }
  });

  it('are those that docs/operations.md explains', async () => {
    const document = await readFile(new URL('docs/operations.md', top), 'utf8');
    const explained = [...document.matchAll(/^\| `(sipxrest_\w+)`/gm)].map(([, name]) => name);
    expect(explained).to.have.members([...exposed]);
  });

  for (const file of ['deploy/grafana/sipxrest.json', 'deploy/prometheus/alerts.yaml'])
    it(`are the only ones that ${file} asks for`, async () => {
      const text = await readFile(new URL(file, top), 'utf8');
      const used = new Set([...text.matchAll(/\bsipxrest_\w+/g)].map(([name]) => name.replace(/_bucket$/, '')));
      expect(used.size).to.be.above(5);
      expect([...used].filter((name) => !exposed.has(name))).to.deep.equal([]);
    });

  it('are all on the dashboard', async () => {
    const text = await readFile(new URL('deploy/grafana/sipxrest.json', top), 'utf8');
    expect([...exposed].filter((name) => !text.includes(name))).to.deep.equal([]);
  });
});
