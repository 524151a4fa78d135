import { expect } from 'chai';
import { freePorts } from '../../support/ports.js';
import { type Host, pluginFixture, startHost } from './host.js';

/** Starts a container; returns the prefixes of its plugins, and the errors about missing plugins in the log. */
async function served(
  settings: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv = {},
): Promise<{ prefixes: string[]; errors: string[] }> {
  const host: Host = await startHost({ pluginDir: pluginFixture('good'), ...settings }, env);
  try {
    const catalogue = await (await fetch(`${host.url}/`)).text();
    const prefixes = [...catalogue.matchAll(/<tr><td><code>([^<]*)/g)].map(([, prefix = '']) => prefix);
    return { prefixes, errors: host.lines.filter(({ level }) => level === 'error').map(({ msg }) => msg) };
  } finally {
    await host.stop();
  }
}

describe('Which plugins are loaded', () => {
  it('all that are found, but the sandbox only when it is named', async () => {
    const { prefixes, errors } = await served({});
    expect(prefixes).to.include.members(['/callcontroller', '/echo']).and.not.include('/sandbox');
    expect(errors).to.deep.equal([]);
  });

  it('the one whose own folder is a plugin folder', async () => {
    const { prefixes, errors } = await served({ pluginDir: pluginFixture('good/echo') });
    expect(prefixes).to.include('/echo');
    expect(errors).to.deep.equal([]);
  });

  it('the sandbox with settings of its own, though they are empty', async () => {
    const { prefixes } = await served({ plugins: { sandbox: {} } });
    expect(prefixes).to.include.members(['/callcontroller', '/sandbox', '/echo']);
  });

  it('all but those that are false', async () => {
    const { prefixes } = await served({ plugins: { callcontroller: false, 'not-installed': false } });
    expect(prefixes).to.include('/echo').and.not.include('/callcontroller');
  });

  it('only those that SIPXREST_PLUGINS lists, whatever the file says', async () => {
    const env = { SIPXREST_PLUGINS: 'sandbox,echo' };
    expect((await served({ plugins: { echo: false } }, env)).prefixes).to.deep.equal(['/sandbox', '/echo']);
  });

  it('a broken one set to false is skipped, by the name in its package.json or that of its folder', async () => {
    const plugins = Object.fromEntries(brokenNames.map((name) => [name, false]));
    const { errors } = await served({ pluginDir: pluginFixture('broken'), plugins, pluginTimeoutMs: 100 });
    expect(errors.filter((line) => brokenNames.some((name) => line.includes(`/${name}/`)))).to.deep.equal([]);
  });

  it('a named one that is not found is reported', async () => {
    const { errors } = await served({ plugins: { weather: {}, other: false } }, { SIPXREST_PLUGINS: 'dialler' });
    const expected = 'expected the name of a plugin in a plugin folder, or of an installed npm package';
    const code = 'SIPXREST_PLUGIN_NOT_FOUND';
    expect(errors).to.deep.equal([
      `${code}: plugin weather (configuration): plugins: ${expected}, found "weather"`,
      `${code}: plugin dialler (configuration): SIPXREST_PLUGINS: ${expected}, found "dialler"`,
      'Plugins were left out',
    ]);
  });

  for (const [settings, env, message] of [
    [
      { plugins: { redirct: false } },
      {},
      /: plugins\.redirct \(\/.*config\.json\): .*, perhaps redirect, found "redirct"$/,
    ],
    [
      { requiredPlugins: ['sandbx'] },
      {},
      /: requiredPlugins \(\/.*config\.json\): .*, perhaps sandbox, found "sandbx"$/,
    ],
    [{}, { SIPXREST_PLUGINS: 'callcontroler' }, /: plugins \(SIPXREST_PLUGINS\): .*, perhaps callcontroller, found /],
  ] as const) {
    it(`one whose name is misspelt stops the start: ${JSON.stringify({ ...settings, ...env })}`, async () => {
      const error = await startHost(settings, env).then(
        async (host) => host.stop(),
        (reason: unknown) => reason,
      );
      expect(String(error))
        .to.match(/^ConfigurationError: /)
        .and.match(message);
    });
  }

  it('settings that a plugin cannot use stop the start, and the SIP port is free again', async () => {
    const sipPort = await freePorts();
    const plugins = { hello: { greeting: 5 } };
    const error = await startHost({ sipPort, pluginDir: pluginFixture('third-party'), plugins }).then(
      async (host) => host.stop(),
      (reason: unknown) => reason,
    );
    expect(String(error)).to.match(
      /^ConfigurationError: plugins\.hello\.greeting \(\/.*config\.json\): expected string, found 5$/,
    );
    const next = await startHost({ sipPort });
    await next.stop();
  });
});

const brokenNames = ['bad-json', 'missing-key', 'syntax-error', 'throws-in-start'];
