import { join } from 'node:path';
import { expect } from 'chai';
import { installation, installationTimeoutMs, runProgram } from '../support/installation.js';

describe('The installed container', function () {
  this.timeout(installationTimeoutMs);

  it('starts with the plugins that come with it', async () => {
    const container = await (await installation()).start({ plugins: { sandbox: {} } });
    try {
      const catalogue = await (await container.get('/')).text();
      const prefixes = ['/callcontroller', '/sipxconfig/rest/my/redirect', '/sandbox'];
      for (const prefix of prefixes) expect(catalogue).to.include(`<code>${prefix}</code>`);
    } finally {
      await container.stop();
    }
  });

  it('loads a plugin installed beside the container only if plugins names it', async () => {
    const installed = await installation();
    const source = join(await installed.example('javascript-plugin'), 'javascript-plugin');
    await runProgram('npm', ['pack', '--pack-destination', installed.folder, source], installed.folder);
    const tarball = join(installed.folder, 'javascript-plugin-0.1.0.tgz');
    await runProgram('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], installed.folder);

    for (const [plugins, status] of [
      [{ 'javascript-plugin': {} }, 200],
      [{}, 404],
    ] as const) {
      const container = await installed.start({ plugins });
      try {
        expect((await container.get('/visits')).status).to.equal(status);
      } finally {
        await container.stop();
      }
    }
  });
});
