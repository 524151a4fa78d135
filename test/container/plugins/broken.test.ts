import { join } from 'node:path';
import { expect } from 'chai';
import { type Host, pluginFixture, startHost } from './host.js';

type Case = readonly [folder: string, file: 'package.json' | 'index.js', problem: string];

const keys = 'uriPrefix, securityLevel, remoteAuthenticationMethod, sipConvergenceName';
const anyPlugin = `an object with ${keys} and serviceDescription`;
const methods = 'HTTP-DIGEST, HTTP-BASIC or both in an array';

// One folder each in test/fixtures/plugins/broken, and what the log says about it after the file.
const cases: readonly Case[] = [
  ['bad-json', 'package.json', 'package.json: expected JSON, found Expected double-quoted property name in JSON at'],
  ['bad-name', 'package.json', 'name: expected a package name, found "Bad Name"'],
  [
    'duplicate-convergence-name',
    'package.json',
    'sipxrest.sipConvergenceName: expected another than that of plugin echo, found "echo"',
  ],
  ['duplicate-name', 'package.json', 'name: expected another than that of plugin echo, found "echo"'],
  ['duplicate-prefix', 'package.json', 'sipxrest.uriPrefix: expected another than that of plugin echo, found "/Echo"'],
  [
    'long-description',
    'package.json',
    'sipxrest.serviceDescription: expected a text of 500 characters at the most, found "xxx',
  ],
  ['main-missing', 'package.json', 'main: expected a module inside the plugin’s folder, found "./missing.js"'],
  [
    'main-outside',
    'package.json',
    'main: expected a module inside the plugin’s folder, found "../../good/echo/index.js"',
  ],
  [
    'missing-import',
    'index.js',
    "module: expected a module that can be imported, found Cannot find package 'no-such-package'",
  ],
  ['missing-key', 'package.json', 'sipxrest.uriPrefix: expected a path such as /hello, found nothing'],
  ['no-default-export', 'index.js', 'default export: expected a class, found nothing'],
  ['not-a-class', 'index.js', 'default export: expected a class, found "function"'],
  ['not-an-object', 'package.json', `sipxrest: expected ${anyPlugin}, found "yes"`],
  [
    'prefix-of-the-container',
    'package.json',
    'sipxrest.uriPrefix: expected another than that of the container, found "/diagnostics"',
  ],
  [
    'prefix-under-another',
    'package.json',
    'sipxrest.uriPrefix: expected another than that of plugin echo, found "/echo/deeper"',
  ],
  ['prefix-without-slash', 'package.json', 'sipxrest.uriPrefix: expected a path such as /hello, found "hello"'],
  ['syntax-error', 'index.js', 'module: expected a module that can be imported, found '],
  [
    'takes-too-much',
    'index.js',
    'constructor: expected a plugin that can be built, found TypeInfo not known for "Greedy"',
  ],
  [
    'throws-in-constructor',
    'index.js',
    'constructor: expected a plugin that can be built, found the constructor failed',
  ],
  ['throws-in-start', 'index.js', 'start: expected start() to succeed, found the start failed'],
  ['throws-what-is-no-error', 'index.js', 'constructor: expected a plugin that can be built, found Symbol(odd)'],
  [
    'unknown-authentication',
    'package.json',
    `sipxrest.remoteAuthenticationMethod: expected ${methods}, found ["HTTP-DIGEST","NONE"]`,
  ],
  ['unknown-key', 'package.json', `sipxrest.uriPrefx: expected one of ${keys}, serviceDescription, found "/x"`],
  [
    'unresolvable-injection',
    'index.js',
    'constructor: expected a plugin that can be built, found Cannot inject the dependency "other"',
  ],
  ['wrong-type', 'package.json', 'sipxrest.securityLevel: expected LOCAL-AND-REMOTE or LOCAL-ONLY, found 5'],
];

describe('A broken plugin', () => {
  let host: Host;
  let errors: string[];

  before(async () => {
    host = await startHost({ pluginDir: [pluginFixture('good'), pluginFixture('broken')] });
    errors = host.lines.filter(({ level }) => level === 'error').map(({ msg }) => msg);
  });

  after(() => host.stop());

  for (const [folder, file, problem] of cases) {
    it(`is named in one line: ${folder}`, () => {
      const path = join(pluginFixture('broken'), folder, file);
      const name = folder === 'duplicate-name' ? 'echo' : folder;
      const lines = errors.filter((line) => line.includes(path));
      expect(lines).to.have.length(1);
      expect(lines[0]).to.satisfy((line: string) => line.startsWith(`plugin ${name} (${path}): ${problem}`), lines[0]);
    });
  }

  it('gets no other line', () => {
    expect(errors).to.have.length(cases.length);
  });

  it('whose code throws shows where', () => {
    const stack = host.lines.find(({ msg }) => msg.includes('the start failed'))?.['stack'];
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
});
