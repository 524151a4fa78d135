import { join } from 'node:path';
import { expect } from 'chai';
import { installation, installationTimeoutMs, projectFolder, runProgram } from '../support/installation.js';

describe('A newcomer with the package', function () {
  this.timeout(installationTimeoutMs);

  it('makes a plugin that builds, passes its test and the check, and is answered, and one in plain JavaScript', async () => {
    const { folder } = await installation();
    const output = await runProgram(join(projectFolder, '.ci/newcomer'), [folder], projectFolder);
    for (const step of ['sipxrest new-plugin greet', 'npm install', 'npm test', 'sipxrest start', 'curl'])
      expect(output).to.match(new RegExp(`^== .*${step}`, 'm'));
    expect(output)
      .to.match(/^# pass 2$/m)
      .and.to.match(/^ok plugin greet at \/greet, LOCAL-ONLY$/m)
      .and.to.match(/^ok plugin plain at \/plain, LOCAL-ONLY$/m);
    expect(output.trim().split('\n').at(-1)).to.equal('Hello User One');
  });
});
