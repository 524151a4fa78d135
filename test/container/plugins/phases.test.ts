import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MetricsRegistry } from '../../../container/metrics/registry.js';
import { Lifecycle, type Phase } from '../../../container/plugins/lifecycle.js';
import { PluginError } from '../../../container/plugins/plugin-error.js';
import { withDefaults } from '../../../container/config/limits.js';
import { idleLoad } from '../../../container/load.js';
import { PluginSdk } from '../../../container/plugins/plugin-sdk.js';
import type { Sip } from '../../../sdk/index.js';
import { RecordingLog } from '../accounts/recording-log.js';

const dataDir = mkdtempSync(join(tmpdir(), 'sipxrest-phases-'));
const phases: readonly Phase[] = ['stopped', 'loading', 'starting', 'ready', 'draining', 'stopping'];

const calls: readonly (readonly [name: string, call: (sdk: PluginSdk) => unknown, allowed: readonly Phase[]])[] = [
  [
    'sdk.cache()',
    (sdk) => sdk.cache('one', { ttlMs: 1_000 }),
    ['loading', 'starting', 'ready', 'draining', 'stopping'],
  ],
  ['sdk.dataDir', (sdk) => sdk.dataDir, ['loading', 'starting', 'ready', 'draining', 'stopping']],
  ['sdk.answerWithin()', (sdk) => sdk.answerWithin(1_000), ['loading', 'starting']],
  ['sdk.inside()', (sdk) => sdk.inside(), ['ready', 'draining', 'stopping']],
  [
    'sdk.sip.onInvite()',
    (sdk) => sdk.sip.onInvite(() => ({})),
    ['loading', 'starting', 'ready', 'draining', 'stopping'],
  ],
  [
    'sdk.sip.open()',
    (sdk) => sdk.sip.open({ user: 'x', port: 0, proxy: 'x' }),
    ['starting', 'ready', 'draining', 'stopping'],
  ],
];

function sdkIn(phase: Phase): PluginSdk {
  const sip = {
    domain: 'example.com',
    onInvite: () => undefined,
    open: async () => undefined,
    close: async () => undefined,
  };
  return new PluginSdk({
    plugin: {
      manifest: {
        name: 'eager',
        packageName: 'eager',
        uriPrefix: '/eager',
        securityLevel: 'LOCAL-ONLY',
        remoteAuthenticationMethod: ['HTTP-DIGEST'],
        sipConvergenceName: 'eager',
        serviceDescription: '',
        dependsOn: [],
        main: 'index.js',
      },
      file: '/plugins/eager/package.json',
      module: '/plugins/eager/index.js',
    },
    sip: sip as unknown as Sip & { close(): Promise<void> },
    accounts: { find: () => undefined, search: () => [] },
    load: idleLoad(withDefaults({})),
    log: new RecordingLog(),
    traceLog: { isTraced: false, trace: () => undefined },
    metrics: new MetricsRegistry(new RecordingLog()),
    settings: {},
    settingsKey: 'eager',
    requestTimeoutMs: 1_000,
    dataDir,
    phase: () => phase,
    inside: () => ({ url: 'http://127.0.0.1:6667' }),
    provide: () => undefined,
  });
}

function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('A call of the SDK in the wrong phase', () => {
  after(() => rmSync(dataDir, { recursive: true }));

  for (const [name, call, allowed] of calls)
    for (const phase of phases) {
      const isAllowed = allowed.includes(phase);
      it(`${name} while ${phase} ${isAllowed ? 'works' : 'says which phase it is, and which it wants'}`, () => {
        const error = errorOf(() => call(sdkIn(phase)));
        if (isAllowed) expect(error).to.equal(undefined);
        else expect(String(error)).to.equal(complaint(name, allowed, phase));
        if (!isAllowed)
          expect(error).to.be.instanceOf(PluginError).and.include({ code: 'SIPXREST_PLUGIN_WRONG_PHASE' });
      });
    }

  it('comes from a plugin that was left out, while the container is ready', async () => {
    const sdk = sdkIn('ready');
    await sdk.close();
    for (const [name, call, allowed] of calls)
      expect(String(errorOf(() => call(sdk)))).to.equal(complaint(name, allowed, 'stopped'));
  });

  it('may be one of a cache that it has still', async () => {
    const sdk = sdkIn('ready');
    const cache = sdk.cache<number>('visits', { ttlMs: 1_000 });
    cache.set('one', 1);
    await sdk.close();
    const allowed: readonly Phase[] = ['loading', 'starting', 'ready', 'draining', 'stopping'];
    const error = errorOf(() => cache.set('two', 2));
    expect(String(error)).to.equal(complaint('set() of the cache visits', allowed, 'stopped'));
    expect(cache.size).to.equal(0);
  });

  it('does not include reads of constants', () => {
    expect(sdkIn('stopped').sip.domain).to.equal('example.com');
  });
});

describe('A second cache of one name', () => {
  it('is refused with a code', () => {
    const sdk = sdkIn('loading');
    sdk.cache('visits', { ttlMs: 1_000 });
    const error = errorOf(() => sdk.cache('visits', { ttlMs: 1_000 }));
    expect(error)
      .to.be.instanceOf(PluginError)
      .and.include({ code: 'SIPXREST_PLUGIN_DUPLICATE_CACHE', found: '"visits"' });
  });
});

describe('The phases of a container', () => {
  it('follow one another, and the end may come early', () => {
    for (const way of [['loading', 'starting', 'ready'], ['loading', 'starting'], ['loading']] as const) {
      const lifecycle = new Lifecycle();
      for (const phase of [...way, 'stopping', 'stopped'] as const) {
        lifecycle.enter(phase);
        expect(lifecycle.phase).to.equal(phase);
      }
    }
  });

  it('leave none out', () => {
    const lifecycle = new Lifecycle();
    expect(() => lifecycle.enter('ready')).to.throw('ready cannot follow stopped');
    expect(lifecycle.phase).to.equal('stopped');
  });
});

function complaint(name: string, allowed: readonly Phase[], phase: Phase): string {
  const where = 'plugin eager (/plugins/eager/package.json)';
  const problem = `${name}: expected the phase ${allowed.join(' or ')}, found "${phase}"`;
  return `PluginError: SIPXREST_PLUGIN_WRONG_PHASE: ${where}: ${problem}`;
}
