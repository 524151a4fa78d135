import { join } from 'node:path';
import { expect } from 'chai';
import { installation, installationTimeoutMs, runProgram } from '../support/installation.js';

describe('A plugin that is installed as a package beside sipxrest', () => {
  it('is loaded when its name is in plugins, and only then', async function () {
    this.timeout(installationTimeoutMs);
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
