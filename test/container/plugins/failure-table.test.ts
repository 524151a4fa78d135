import { expect } from 'chai';
import { failureTable } from '../../../container/plugins/failure-table.js';
import { PluginError } from '../../../container/plugins/plugin-error.js';

describe('The table of plugins that were left out', () => {
  it('has a line for each, in columns', () => {
    const greet = { plugin: 'greet', file: '/p/greet/index.js', key: 'start', expected: 'start() to succeed' };
    const echo = { plugin: 'the-echo', file: '/p/echo/package.json', key: 'main', expected: 'a module' };
    const table = failureTable([
      new PluginError('SIPXREST_PLUGIN_START_FAILED', { ...greet, found: new Error('no\nluck') }),
      new PluginError('SIPXREST_PLUGIN_NO_MAIN', { ...echo, found: './x.js' }),
    ]);
    expect(table).to.equal(
      [
        'PLUGIN    CODE                          FILE                  PROBLEM',
        'greet     SIPXREST_PLUGIN_START_FAILED  /p/greet/index.js     start: expected start() to succeed, found no luck',
        'the-echo  SIPXREST_PLUGIN_NO_MAIN       /p/echo/package.json  main: expected a module, found "./x.js"',
        '',
      ].join('\n'),
    );
  });

  it('is empty if no plugin failed', () => {
    expect(failureTable([])).to.equal('');
  });
});
