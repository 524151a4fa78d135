import { expect } from 'chai';
import type { Diagnostics } from '../../../container/diagnostics.js';
import { cataloguePage } from '../../../container/http/catalogue.js';
import { type Host, pluginFixture, startHost } from '../plugins/host.js';

describe('The pages of the container', () => {
  let host: Host;

  before(async () => {
    host = await startHost({ pluginDir: pluginFixture('good') });
  });

  after(() => host.stop());

  it('list each plugin with its prefix, security, convergence name and description', async () => {
    const response = await fetch(`${host.url}/`);
    expect(response.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    const page = await response.text();
    expect(page).to.include(
      '<tr><td><code>/echo</code></td><td>echo</td><td>LOCAL-ONLY</td><td>HTTP-DIGEST, HTTP-BASIC</td><td><code>echo</code></td>' +
        '<td>Echoes &lt;b&gt;&amp;&quot;quotes&quot;&#39;&lt;/b&gt;</td></tr>',
    );
    expect(page).to.include('<td><code>/callcontroller</code></td>');
  });

  it('are whole HTML: every element that is opened is closed, in order', async () => {
    const page = await (await fetch(`${host.url}/`)).text();
    const open: string[] = [];
    for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (name === 'meta' || name === 'link') continue;
      if (slash) expect(open.pop()).to.equal(name);
      else open.push(name);
    }
    expect(open).to.deep.equal([]);
    expect(page).to.match(/^<!DOCTYPE html>\n<html lang="en">/);
  });

  it('say so when there is one plugin, or none', () => {
    expect(cataloguePage([])).to.include('<p>0 plugins are loaded.</p>');
  });

  it('show as JSON how the container is, without any secret', async () => {
    const text = await (await fetch(`${host.url}/diagnostics`)).text();
    const { plugins, limits, users, node } = JSON.parse(text) as Diagnostics;
    expect(plugins).to.deep.include({ name: 'echo', state: 'running', uriPrefix: '/echo' });
    expect(limits).to.have.keys(
      'callsPerSecond',
      'callsPerSecondPerAgent',
      'callsInSetup',
      'callsHeld',
      'recordsKept',
      'eventLoopDelayMs',
    );
    expect(limits['callsHeld']).to.include({ used: 0 });
    expect(Date.parse(users.readAt)).to.be.closeTo(Date.now(), 60_000);
    expect(users.users).to.be.above(0);
    expect(node).to.match(/^127\.0\.0\.1:\d+$/);
    expect(text).not.to.match(/pin|password/i);
  });

  it('show the live objects of the process as JSON', async () => {
    const response = await fetch(`${host.url}/diagnostics`);
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8');
    const found = (await response.json()) as Record<string, unknown>;
    expect(found).to.include.all.keys('phase', 'uptimeSeconds', 'sip', 'caches', 'timers', 'sockets', 'heapUsedBytes');
    expect(found['phase']).to.equal('ready');
    expect(found['sip']).to.include({ userAgentCores: 0, dialogs: 0, transactions: 0, retransmissions: 0 });
    expect(found['caches']).to.include({ 'callcontroller.calls': 0 });
    const sockets = found['sockets'] as Record<string, number>;
    expect(sockets['udp']).to.be.at.least(1);
    expect(sockets['tcp']).to.be.at.least(1);
    expect(sockets['listening']).to.be.at.least(1);
  });

  it('come without a body for HEAD', async () => {
    for (const path of ['/', '/diagnostics']) {
      const response = await fetch(host.url + path, { method: 'HEAD' });
      expect([response.status, await response.text()]).to.deep.equal([200, '']);
      expect(Number(response.headers.get('content-length'))).to.be.above(100);
    }
  });
});
