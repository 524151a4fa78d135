import { expect } from 'chai';
import { checkPluginSettings } from '../../../container/plugins/plugin-settings.js';
import { settings as redirectSettings } from '../../../plugins/redirect/settings.js';
import { path, prefix, startRedirect } from './fixture.js';
import { send, startNode } from './scripted-node.js';

describe('settings of the redirect', () => {
  for (const [settings, key] of [
    [{ callcontroller: '192.0.2.11:6667' }, 'callcontroller'],
    [{ callcontroller: 'ftp://192.0.2.11' }, 'callcontroller'],
    [{ callcontroller: 'http://user:secret@192.0.2.11' }, 'callcontroller'],
    [{ callcontroller: 'http://192.0.2.11?a=b' }, 'callcontroller'],
    [{ callcontroller: 'http://192.0.2.11#' }, 'callcontroller'],
    [{ callcontroller: 7 }, 'callcontroller'],
    [{ callcontroller: 'https://192.0.2.11', ca: '/does/not/exist.pem' }, 'ca'],
    [{ callcontroller: 'https://192.0.2.11', ca: 'package.json' }, 'ca'],
    [{ callcontroller: 'http://192.0.2.11', ca: process.execPath }, 'ca'],
    [{ ca: process.execPath }, 'ca'],
    [{ timeoutMs: 99 }, 'timeoutMs'],
    [{ timeoutMs: '1000' }, 'timeoutMs'],
    [{ nodes: [] }, 'nodes'],
  ] as const) {
    it(`are refused in one line: ${JSON.stringify(settings)}`, () => {
      expect(() => checkPluginSettings('redirect', redirectSettings, settings))
        .to.throw(new RegExp(`^plugins\\.redirect\\.${key} \\(configuration\\): expected [^\n]+, found [^\n]+$`))
        .with.property('message')
        .that.does.not.contain('secret');
    });
  }

  it('stop the start when they are bad', async () => {
    const outcome = await startRedirect({ timeoutMs: 1 }).catch((error: unknown) => String(error));
    expect(outcome).to.match(/plugins\.redirect\.timeoutMs \(\/.*config\.json, line 1\): expected milliseconds/);
  });

  it('may lead below a path', async () => {
    const node = await startNode();
    const container = await startRedirect({ callcontroller: `${node.url}/cluster/` });
    try {
      await send(container.httpPort, prefix + path);
      expect(node.received.map(({ target }) => target)).to.deep.equal([`/cluster${path}`]);
    } finally {
      await container.stop();
      await node.close();
    }
  });
});
