import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { pluginFixture } from '../plugins/host.js';
import { configuration, sipxrest } from './command.js';

describe('sipxrest check-plugin', () => {
  it('prints what is right, and exits with 0', async () => {
    const folder = pluginFixture('dependent/middle');
    const { code, output, errors } = await sipxrest('check-plugin', folder).finished;
    expect(output).to.deep.equal([
      `ok ${join(folder, 'package.json')}`,
      `ok ${join(folder, 'index.js')}`,
      'ok plugin middle at /middle, LOCAL-ONLY',
    ]);
    expect([code, errors]).to.deep.equal([0, []]);
  });

  it('says which plugins are not at hand on which it depends', async () => {
    const { code, output } = await sipxrest('check-plugin', pluginFixture('broken/missing-dependency')).finished;
    expect(output.at(-1)).to.equal('-- depends on plugin no-such-plugin: looked for on the start');
    expect(code).to.equal(0);
  });

  it('prints an error of the plugin in one line with its code, then the place, and exits with 1', async () => {
    const folder = pluginFixture('broken/throws-in-constructor');
    const { code, output, errors } = await sipxrest('check-plugin', folder).finished;
    expect(errors.slice(0, 1)).to.deep.equal([
      `SIPXREST_PLUGIN_CONSTRUCTOR_FAILED: plugin throws-in-constructor (${join(folder, 'index.js')}): ` +
        'constructor: expected a plugin that can be built, found the constructor failed',
    ]);
    expect(errors.slice(-1)).to.deep.equal([
      `    at new default (${pathToFileURL(join(folder, 'index.js')).href}:3:11)`,
    ]);
    expect([code, output]).to.deep.equal([1, []]);
  });

  it('shows file, line and text of a syntax error', async () => {
    const folder = pluginFixture('broken/syntax-error');
    const { code, errors } = await sipxrest('check-plugin', folder).finished;
    expect(errors[1]).to.equal(`${pathToFileURL(join(folder, 'index.js')).href}:3`);
    expect(errors.at(-1)).to.match(/^SyntaxError: /);
    expect(code).to.equal(1);
  });

  it('gives the plugin the settings of a configuration', async () => {
    const { file, remove } = await configuration({ plugins: { hello: { greeting: 5 } } });
    try {
      const line = ['check-plugin', pluginFixture('third-party/hello'), '--config', file];
      const { code, errors } = await sipxrest(...line).finished;
      expect(errors).to.deep.equal([`plugins.hello.greeting (${file}, line 1): expected string, found 5`]);
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
