import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import { expect } from 'chai';
import { installation, installationTimeoutMs, projectFolder, runProgram } from '../support/installation.js';

describe('The package', function () {
  this.timeout(installationTimeoutMs);

  let folder: string;
  let files: string[];

  before(async () => {
    folder = join((await installation()).folder, 'node_modules/sipxrest');
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  });

  it('has the container, the built-in plugins, the SDK and the template, with their documents, and nothing else', () => {
    const topLevel = new Set(files.map((file) => file.split(sep)[0]));
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'docs'];
    expect([...topLevel]).to.have.members([
      ...documents,
      'dist',
      'package.json',
      'plugin-manifest.schema.json',
      'templates',
    ]);
    const built = new Set(files.filter((file) => file.startsWith('dist/')).map((file) => file.split(sep)[1]));
    expect([...built]).to.have.members(['container', 'plugins', 'sdk', 'testing']);
    for (const plugin of ['api', 'callcontroller', 'console', 'redirect', 'sandbox'])
      expect(files).to.include.members([`dist/plugins/${plugin}/package.json`, `dist/plugins/${plugin}/index.js`]);
    expect(files).to.include.members([
      'templates/shared/gitignore',
      'templates/typescript/test/index.test.ts',
      'templates/javascript/index.js',
    ]);
  });

  it('has no sources except the templates, and only the types of sipxrest/sdk and sipxrest/testing', () => {
    const sources = files.filter((file) => /\.(?:ts|map)$/.test(file) && !file.startsWith('templates/'));
    const types = files.filter((file) => /^dist\/(?:sdk|testing)\/[a-z-]+\.d\.ts$/.test(file));
    expect(types).to.include('dist/sdk/index.d.ts');
    expect(sources).to.have.members(types);
  });

  it('says nothing of the machine on which it was packed', async () => {
    for (const file of files) {
      const text = await readFile(join(folder, file), 'utf8');
      for (const path of [projectFolder, join(homedir(), sep)])
        expect(text.includes(path), `${file}: ${path}`).to.equal(false);
    }
  });

  it('has every document that its README names', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\((docs\/[^)#]+)/g)].map(([, link = '']) => link);
    expect(links).not.to.deep.equal([]);
    expect(files).to.include.members(links);
  });

  it('brings the sipxrest command', async () => {
    const { folder: installed, command } = await installation();
    expect((await stat(command)).mode & 0o111).to.equal(0o111);
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
    expect(await runProgram('npx', ['--no', '--', 'sipxrest', '--version'], installed)).to.equal(`${version}\n`);
  });
});
