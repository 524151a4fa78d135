import { expect } from 'chai';
import type { DiscoveredPlugin } from '../../../container/plugins/discovered-plugin.js';
import { run } from '../../../container/plugins/loader.js';

const plugin: DiscoveredPlugin = {
  manifest: {
    name: 'slow',
    packageName: 'slow',
    uriPrefix: '/slow',
    securityLevel: 'LOCAL-ONLY',
    remoteAuthenticationMethod: ['HTTP-DIGEST'],
    sipConvergenceName: 'slow',
    serviceDescription: '',
    dependsOn: [],
    main: 'index.js',
  },
  file: '/plugins/slow/package.json',
  module: '/plugins/slow/index.js',
};

describe('A plugin that hangs', () => {
  for (const step of ['start', 'stop'] as const) {
    it(`in ${step}() is named when its time is over, and the others go on`, async () => {
      const hangs = { [step]: () => new Promise<void>(() => undefined) };
      const error = await run(plugin, step, hangs, 5).catch((reason: unknown) => String(reason));
      const where = `SIPXREST_PLUGIN_${step.toUpperCase()}_TIMEOUT: plugin slow (/plugins/slow/index.js)`;
      expect(error).to.equal(`PluginError: ${where}: ${step}: expected ${step}() to succeed, found no end after 5 ms`);
    });
  }
});
