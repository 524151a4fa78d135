import { join } from 'node:path';
import { expect } from 'chai';
import { version } from '../../../container/version.js';
import { type Host, type LogLine, pluginFixture, startHost } from './host.js';

type File = 'package.json' | 'index.js';
type Case = readonly [folder: string, code: string, file: File, problem: string];

/** Enough for everything that does not hang, even on a slow machine. */
const LIMIT_MS = 2_000;

const keys = 'uriPrefix, securityLevel, remoteAuthenticationMethod, sipConvergenceName, serviceDescription';
const anyPlugin = `an object with ${keys} and dependsOn`;
const methods = 'HTTP-DIGEST, HTTP-BASIC or both in an array';
const inFolder = 'main: expected a module inside the plugin’s folder, found';
const imported = 'module: expected a module that can be imported, found';
const built = 'constructor: expected a plugin that can be built, found';
const prefixOf = 'sipxrest.uriPrefix: expected another than that of';
const noCircle = 'sipxrest.dependsOn: expected no circle, found';
const inTime = `no end after ${LIMIT_MS} ms`;

// Each folder in test/fixtures/plugins/broken, and its error in the log.
const cases: readonly Case[] = [
  [
    'bad-json',
    'PACKAGE_NOT_JSON',
    'package.json',
    'package.json: expected JSON, found Expected double-quoted property name in JSON at',
  ],
  ['bad-name', 'BAD_MANIFEST', 'package.json', 'name: expected a package name, found "Bad Name"'],
  [
    'circular-dependency',
    'CIRCULAR_DEPENDENCY',
    'package.json',
    `${noCircle} "circular-dependency → circular-dependency-back → circular-dependency"`,
  ],
  [
    'circular-dependency-back',
    'CIRCULAR_DEPENDENCY',
    'package.json',
    `${noCircle} "circular-dependency-back → circular-dependency → circular-dependency-back"`,
  ],
  [
    'depends-on-no-name',
    'BAD_MANIFEST',
    'package.json',
    'sipxrest.dependsOn: expected an array of plugin names, found "echo"',
  ],
  [
    'duplicate-convergence-name',
    'DUPLICATE_CONVERGENCE_NAME',
    'package.json',
    'sipxrest.sipConvergenceName: expected another than that of plugin echo, found "echo"',
  ],
  ['duplicate-name', 'DUPLICATE_NAME', 'package.json', 'name: expected another than that of plugin echo, found "echo"'],
  ['duplicate-prefix', 'DUPLICATE_PREFIX', 'package.json', `${prefixOf} plugin echo, found "/Echo"`],
  [
    'failed-dependency',
    'FAILED_DEPENDENCY',
    'package.json',
    'sipxrest.dependsOn: expected plugin throws-in-start to work, found "SIPXREST_PLUGIN_START_FAILED"',
  ],
  [
    'failed-manifest-dependency',
    'FAILED_DEPENDENCY',
    'package.json',
    'sipxrest.dependsOn: expected plugin wrong-type to work, found "SIPXREST_PLUGIN_BAD_MANIFEST"',
  ],
  ['hangs-in-import', 'IMPORT_TIMEOUT', 'index.js', `${imported} ${inTime}`],
  ['hangs-in-start', 'START_TIMEOUT', 'index.js', `start: expected start() to succeed, found ${inTime}`],
  [
    'long-description',
    'BAD_MANIFEST',
    'package.json',
    'sipxrest.serviceDescription: expected a text of 500 characters at the most, found "xxx',
  ],
  ['main-missing', 'NO_MAIN', 'package.json', `${inFolder} "./missing.js"`],
  ['main-outside', 'NO_MAIN', 'package.json', `${inFolder} "../../good/echo/index.js"`],
  [
    'missing-dependency',
    'MISSING_DEPENDENCY',
    'package.json',
    'sipxrest.dependsOn: expected plugins that are loaded, found "no-such-plugin"',
  ],
  ['missing-import', 'IMPORT_FAILED', 'index.js', `${imported} Cannot find package 'no-such-package'`],
  ['missing-key', 'BAD_MANIFEST', 'package.json', 'sipxrest.uriPrefix: expected a path such as /hello, found nothing'],
  [
    'no-authentication',
    'BAD_MANIFEST',
    'package.json',
    `sipxrest.remoteAuthenticationMethod: expected ${methods}, found []`,
  ],
  ['no-default-export', 'NO_DEFAULT_EXPORT', 'index.js', 'default export: expected a class, found nothing'],
  ['not-a-class', 'NOT_A_CLASS', 'index.js', 'default export: expected a class, found "function"'],
  ['not-an-object', 'BAD_MANIFEST', 'package.json', `sipxrest: expected ${anyPlugin}, found "yes"`],
  ['prefix-of-the-container', 'DUPLICATE_PREFIX', 'package.json', `${prefixOf} the container, found "/diagnostics"`],
  ['prefix-under-another', 'PREFIX_OVERLAP', 'package.json', `${prefixOf} plugin echo, found "/echo/deeper"`],
  [
    'prefix-without-slash',
    'BAD_MANIFEST',
    'package.json',
    'sipxrest.uriPrefix: expected a path such as /hello, found "hello"',
  ],
  [
    'range-that-is-none',
    'BAD_MANIFEST',
    'package.json',
    'peerDependencies.sipxrest: expected a range of versions such as ^1.0.0, found "the newest"',
  ],
  ['syntax-error', 'SYNTAX_ERROR', 'index.js', `${imported} `],
  ['takes-too-much', 'INJECTION_FAILED', 'index.js', `${built} TypeInfo not known for "Greedy"`],
  ['throws-in-constructor', 'CONSTRUCTOR_FAILED', 'index.js', `${built} the constructor failed`],
  ['throws-in-start', 'START_FAILED', 'index.js', 'start: expected start() to succeed, found the start failed'],
  ['throws-what-is-no-error', 'CONSTRUCTOR_FAILED', 'index.js', `${built} Symbol(odd)`],
  [
    'too-early',
    'WRONG_PHASE',
    'package.json',
    'sdk.inside(): expected the phase ready or draining or stopping, found "loading"',
  ],
  [
    'unknown-authentication',
    'BAD_MANIFEST',
    'package.json',
    `sipxrest.remoteAuthenticationMethod: expected ${methods}, found ["HTTP-DIGEST","NONE"]`,
  ],
  [
    'unknown-key',
    'UNKNOWN_KEY',
    'package.json',
    `sipxrest.uriPrefx: expected one of ${keys}, dependsOn; perhaps uriPrefix, found "/x"`,
  ],
  ['unresolvable-injection', 'INJECTION_FAILED', 'index.js', `${built} Cannot inject the dependency "other"`],
  [
    'wants-a-newer-sdk',
    'WRONG_VERSION',
    'package.json',
    `peerDependencies.sipxrest: expected a range with ${version()} in it, found "^99.0.0"`,
  ],
  [
    'wrong-type',
    'BAD_MANIFEST',
    'package.json',
    'sipxrest.securityLevel: expected LOCAL-AND-REMOTE or LOCAL-ONLY, found 5',
  ],
];

describe('A broken plugin', () => {
  let host: Host;

  before(async () => {
    const pluginDir = [pluginFixture('good'), pluginFixture('broken')];
    host = await startHost({ pluginDir, pluginTimeoutMs: LIMIT_MS });
  });

  after(() => host.stop());

  for (const [folder, code, file, problem] of cases) {
    it(`is named in one line with its code: ${folder}`, () => {
      const path = join(pluginFixture('broken'), folder, file);
      const name = folder === 'duplicate-name' ? 'echo' : folder;
      const lines = failures(host).filter(({ msg }) => new RegExp(`\\(${path}(?:, line \\d+)?\\)`).test(msg));
      expect(lines).to.have.length(1);
      const line = `SIPXREST_PLUGIN_${code}: plugin ${name} (${path}): ${problem}`;
      expect(lines[0]?.msg.replace(/, line \d+\)/, ')').slice(0, line.length)).to.equal(line);
      expect(lines[0]).to.include({ code: `SIPXREST_PLUGIN_${code}`, plugin: name });
    });
  }

  it('gets no other line', () => {
    expect(failures(host)).to.have.length(cases.length);
  });

  it('is in one table with all others, once the good ones have started', () => {
    const last = host.lines.filter(({ level }) => level === 'error').at(-1);
    expect(last?.msg).to.equal('Plugins were left out');
    const rows = last?.['plugins'] as Record<'plugin' | 'code' | 'file' | 'problem', string>[];
    expect(rows).to.have.length(cases.length);
    expect(rows).to.deep.include({
      plugin: 'wrong-type',
      code: 'SIPXREST_PLUGIN_BAD_MANIFEST',
      file: join(pluginFixture('broken'), 'wrong-type', 'package.json'),
      problem: 'sipxrest.securityLevel: expected LOCAL-AND-REMOTE or LOCAL-ONLY, found 5',
    });
  });

  it('whose code throws shows where', () => {
    const stack = failures(host).find(({ msg }) => msg.includes('the start failed'))?.['stack'];
    expect(stack).to.include('broken/throws-in-start/index.js:3');
  });

  it('does not keep the good ones beside it from being served', async () => {
    expect(await (await fetch(`${host.url}/echo/hi`)).text()).to.equal('hi');
    expect((await fetch(`${host.url}/callcontroller/user1/user2`)).status).to.equal(200);
    const catalogue = await (await fetch(`${host.url}/`)).text();
    expect(catalogue).to.include('<code>/callcontroller</code>').and.include('<code>/echo</code>');
    for (const [folder] of cases) expect(catalogue).not.to.include(`/${folder}<`);
  });

  it('is not served', async () => {
    for (const [folder] of cases) expect((await fetch(`${host.url}/${folder}`)).status, folder).to.equal(404);
  });

  it('that fails at its end is named then', async () => {
    await host.stop();
    const ends = failures(host).slice(cases.length);
    const stopped = 'stop: expected stop() to succeed, found';
    expect(ends.map(({ msg }) => msg)).to.deep.equal([
      `SIPXREST_PLUGIN_STOP_FAILED: plugin throws-in-stop (${module('throws-in-stop')}): ${stopped} the stop failed`,
      `SIPXREST_PLUGIN_STOP_TIMEOUT: plugin hangs-in-stop (${module('hangs-in-stop')}): ${stopped} ${inTime}`,
    ]);
  });
});

function module(folder: string): string {
  return join(pluginFixture('broken'), folder, 'index.js');
}

function failures({ lines }: Host): LogLine[] {
  return lines.filter(({ code }) => typeof code === 'string' && code.startsWith('SIPXREST_PLUGIN_'));
}
