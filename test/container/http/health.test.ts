import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { programPath, requirePeers } from '../../support/peers/programs.js';
import { type Host, pluginFixture, startHost } from '../plugins/host.js';

describe('The health of the container', () => {
  let host: Host | undefined;

  afterEach(() => host?.stop());

  it('is good when all is well', async () => {
    host = await startHost();
    const alive = await fetch(`${host.url}/healthz`);
    expect([alive.status, await alive.json()]).to.deep.equal([200, { status: 'pass' }]);
    const ready = await fetch(`${host.url}/readyz`);
    expect([ready.status, await ready.json()]).to.deep.equal([
      200,
      {
        status: 'pass',
        checks: { container: { status: 'pass' }, plugins: { status: 'pass' }, users: { status: 'pass' } },
      },
    ]);
  });

  it('is a warning with a plugin that was left out', async () => {
    host = await startHost({ pluginDir: pluginFixture('broken/throws-in-start') });
    const ready = await fetch(`${host.url}/readyz`);
    const report = (await ready.json()) as { status: string; checks: Record<string, { output?: string }> };
    expect([ready.status, report.status]).to.deep.equal([200, 'warn']);
    expect(report.checks['plugins']?.output).to.match(/^left out: /);
  });

  it('is not ready, but alive, while plugins start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sipxrest-'));
    try {
      const port = await freePort();
      await writeSlowPlugin(folder);
      const starting = startHost({ httpPort: port, pluginDir: folder });
      const url = `http://127.0.0.1:${port}`;
      const ready = await answerOf(`${url}/readyz`);
      expect(ready.status).to.equal(503);
      expect(await ready.json()).to.deep.include({ status: 'fail' });
      expect((await fetch(`${url}/healthz`)).status).to.equal(200);
      const other = await fetch(`${url}/callcontroller/user1/user2`);
      expect([other.status, other.headers.get('retry-after')]).to.deep.equal([503, '1']);
      await fetch(`${url}/metrics`);
      await writeFile(join(folder, 'slow', 'go'), '');
      host = await starting;
      expect((await fetch(`${url}/readyz`)).status).to.equal(200);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('The metrics page', () => {
  let host: Host;
  let text: string;

  before(async () => {
    host = await startHost({ pluginDir: pluginFixture('good') });
    await fetch(`${host.url}/callcontroller/user1/user2`);
    await fetch(`${host.url}/callcontroller/user1`);
    await fetch(`${host.url}/nowhere/secret`);
    await fetch(`${host.url}/metrics`);
    const response = await fetch(`${host.url}/metrics`);
    expect(response.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8');
    text = await response.text();
  });

  after(() => host.stop());

  it('counts requests by route and status, and has no path that somebody made up', () => {
    const routes = text.split('\n').filter((line) => line.startsWith('sipxrest_http_requests_total{'));
    expect(routes).to.have.members([
      'sipxrest_http_requests_total{listener="inside",method="GET",route="/callcontroller/:callingUser/:calledUser",status="200"} 1',
      'sipxrest_http_requests_total{listener="inside",method="GET",route="none",status="404"} 2',
      'sipxrest_http_requests_total{listener="inside",method="GET",route="/metrics",status="200"} 1',
    ]);
    expect(text).not.to.include('user1');
    expect(text).not.to.include('secret');
  });

  it('names all metrics sipxrest_…', () => {
    const names = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => /^\w+/.exec(line)?.[0]);
    for (const name of names) expect(name).to.match(/^sipxrest_/);
    expect(names).to.include('sipxrest_build_info');
    expect(names).to.include('sipxrest_event_loop_delay_seconds');
  });

  it('has exactly the metrics that docs/operations.md lists', async () => {
    const file = new URL('../../../../docs/operations.md', import.meta.url);
    const document = await readFile(file, 'utf8');
    const rows = [...document.matchAll(/^\| `(sipxrest_\w+)`/gm)].map(([, name]) => name);
    const names = [...text.matchAll(/^# HELP (\w+)/gm)].map(([, name]) => name);
    expect(rows).to.have.members(names);
  });

  it('is in order for promtool', function () {
    requirePeers(this, 'promtool');
    const { stdout, stderr, status } = spawnSync(programPath('promtool'), ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    expect([stdout, stderr, status]).to.deep.equal(['', '', 0]);
  });
});

/** A plugin whose start waits for the file `go`. */
async function writeSlowPlugin(folder: string): Promise<void> {
  await mkdir(join(folder, 'slow'));
  await writeFile(
    join(folder, 'slow', 'package.json'),
    JSON.stringify({
      name: 'slow',
      type: 'module',
      main: './index.js',
      sipxrest: {
        uriPrefix: '/slow',
        securityLevel: 'LOCAL-ONLY',
        remoteAuthenticationMethod: 'HTTP-DIGEST',
        sipConvergenceName: 'slow',
        serviceDescription: '',
      },
    }),
  );
  await writeFile(
    join(folder, 'slow', 'index.js'),
    `import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export default class {
  async start() {
    while (!existsSync(new URL('go', import.meta.url))) await setTimeout(5);
  }
}
`,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Fetches as soon as somebody listens. */
async function answerOf(url: string): Promise<Response> {
  for (;;) {
    try {
      return await fetch(url);
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
