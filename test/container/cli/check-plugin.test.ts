import { join } from 'node:path';
import { expect } from 'chai';
import { pluginFixture } from '../plugins/host.js';
import { configuration, sipxrest } from './command.js';

describe('sipxrest check-plugin', () => {
  it('says what it found good, and exits with 0', async () => {
    const folder = pluginFixture('dependent/middle');
    const { code, output, errors } = await sipxrest('check-plugin', folder).finished;
    expect(output).to.deep.equal([
      `ok ${join(folder, 'package.json')}`,
      `ok ${join(folder, 'index.js')}`,
      'ok plugin middle at /middle, LOCAL-ONLY',
      '-- depends on plugin last-found: looked for on the start',
    ]);
    expect([code, errors]).to.deep.equal([0, []]);
  });

  it('says what is wrong in one line with its code, and exits with 1', async () => {
    const folder = pluginFixture('broken/throws-in-constructor');
    const { code, output, errors } = await sipxrest('check-plugin', folder).finished;
    expect(errors).to.deep.equal([
      `SIPXREST_PLUGIN_CONSTRUCTOR_FAILED: plugin throws-in-constructor (${join(folder, 'index.js')}): ` +
        'constructor: expected a plugin that can be built, found the constructor failed',
    ]);
    expect([code, output]).to.deep.equal([1, []]);
  });

  it('gives the plugin the settings of a configuration', async () => {
    const { file, remove } = await configuration({ plugins: { hello: { greeting: 5 } } });
    try {
      const line = ['check-plugin', pluginFixture('third-party/hello'), '--config', file];
      const { code, errors } = await sipxrest(...line).finished;
      expect(errors).to.deep.equal(['plugins.hello.greeting (configuration): expected string, found 5']);
      expect(code).to.equal(1);
    } finally {
      await remove();
    }
  });

  it('ends though the plugin leaves a timer behind, and says so', async () => {
    const { code, errors } = await sipxrest('check-plugin', pluginFixture('restless/times-in-constructor')).finished;
    expect(errors).to.have.length(1);
    expect(errors[0]).to.include('Left open at the end').and.include('Timeout');
    expect(code).to.equal(0);
  });
});
