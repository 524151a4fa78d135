import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { sipxrestIn } from './command.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

// test/package builds, tests and runs the generated plugin, as its user would.
describe('sipxrest new-plugin', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-new-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function textOf(file: string): Promise<string> {
    return readFile(join(folder, file), 'utf8');
  }

  it('makes a folder in which everything bears the name of the plugin, and says how to go on', async () => {
    const { code, output, errors } = await sipxrestIn(folder, 'new-plugin', 'hot-line').finished;
    expect([code, errors]).to.deep.equal([0, []]);
    expect(output[0]).to.match(/^Made hot-line, /);
    expect(output.map((line) => line.trim())).to.include.members(['cd hot-line', 'npm install', 'npm test']);

    expect(await textOf('hot-line/src/index.ts'))
      .to.include('class HotLine ')
      .and.include('/hot-line/user1');
    const files = await readdir(join(folder, 'hot-line'), { recursive: true });
    expect(files).to.include.members(['.gitignore', 'README.md', 'test/index.test.ts', 'dev/users.json']);
    for (const file of files.filter((each) => each.includes('.') && !each.endsWith('dev')))
      expect(await textOf(join('hot-line', file)), file).not.to.match(/my-?plugin/i);
  });

  it('has it depend on the sipxrest that made it, and on the compiler that it was made for', async () => {
    await sipxrestIn(folder, 'new-plugin', 'greet').finished;
    const { name, sipxrest, peerDependencies, devDependencies } = JSON.parse(await textOf('greet/package.json'));
    const { version, devDependencies: own } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect([name, sipxrest.uriPrefix]).to.deep.equal(['greet', '/greet']);
    expect(peerDependencies).to.deep.equal({ sipxrest: `^${version}` });
    expect(devDependencies).to.deep.equal({
      '@types/node': own['@types/node'],
      sipxrest: `file:${relative(join(folder, 'greet'), root)}`,
      typescript: own.typescript,
    });
  });

  it('makes one of a scope in the folder of its name, under the path of its name', async () => {
    expect((await sipxrestIn(folder, 'new-plugin', '@acme/greet').finished).code).to.equal(0);
    const { name, sipxrest } = JSON.parse(await textOf('greet/package.json'));
    expect([name, sipxrest.uriPrefix]).to.deep.equal(['@acme/greet', '/greet']);
    const check = await sipxrestIn(folder, 'new-plugin', '@acme/../greet').finished;
    expect(check.code).to.equal(2);
  });

  it('makes one in plain JavaScript that can be loaded without a build', async () => {
    expect((await sipxrestIn(folder, 'new-plugin', '--javascript', 'greet').finished).code).to.equal(0);
    const files = await readdir(join(folder, 'greet'), { recursive: true });
    expect(files).to.include.members(['index.js', 'test/index.test.js', 'dev/users.json', '.gitignore']);
    expect(files.filter((file) => /\.ts$|tsconfig/.test(file))).to.deep.equal([]);
    const { devDependencies } = JSON.parse(await textOf('greet/package.json'));
    expect(Object.keys(devDependencies)).to.deep.equal(['sipxrest']);
    const { output } = await sipxrestIn(folder, 'check-plugin', 'greet').finished;
    expect(output.at(-1)).to.equal('ok plugin greet at /greet, LOCAL-ONLY');
  });

  it('does not overwrite an existing folder', async () => {
    await writeFile(join(folder, 'greet'), 'mine');
    const { code, output, errors } = await sipxrestIn(folder, 'new-plugin', 'greet').finished;
    expect(errors).to.have.length(1);
    expect(errors[0]).to.match(/^sipxrest: .*\/greet is there already$/);
    expect([code, output]).to.deep.equal([1, []]);
    expect(await textOf('greet')).to.equal('mine');
  });
});
