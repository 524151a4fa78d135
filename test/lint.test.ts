import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../', import.meta.url));
const report = z.object({
  diagnostics: z.array(
    z.object({
      code: z.string(),
      filename: z.string(),
      labels: z.tuple([z.object({ span: z.object({ line: z.number() }) })]),
    }),
  ),
});

type Diagnostic = z.infer<typeof report>['diagnostics'][number];

// The folders in test/fixtures/lint are laid out as the project's. Each import that has to be refused says so behind it.
describe('The linter', () => {
  let folder: string;
  let diagnostics: Diagnostic[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-lint-'));
    await cp(join(root, 'test/fixtures/lint'), folder, { recursive: true });
    await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    diagnostics = await lint(folder);
  });

  after(() => rm(folder, { recursive: true }));

  for (const [folderName, rule] of [
    ['sdk', 'the SDK imports nothing of the project'],
    ['container', 'the container imports the SDK, and no plugin'],
    ['plugins', 'a plugin imports the SDK and its own files, no other plugin and not the container'],
    ['testing', 'what tests of plugins get imports the SDK and the container, and no plugin'],
    ['examples', 'a package of its own imports the SDK by its name'],
  ] as const) {
    it(`holds imports to one direction: ${rule}`, async () => {
      const marked = await markedImports(folder, folderName);
      expect(marked).not.to.deep.equal([]);
      expect(refused(folderName, 'no-restricted-imports')).to.have.members(marked);
    });
  }

  for (const layer of ['message', 'transport', 'location', 'transaction', 'dialog', 'user-agent']) {
    it(`lets ${layer}/ of the SIP stack import the layers below it only`, async () => {
      const folderName = `container/sip/${layer}`;
      const marked = await markedImports(folder, folderName);
      expect(marked).not.to.deep.equal([]);
      expect(refused(folderName, 'no-restricted-imports')).to.have.members(marked);
    });
  }

  it('refuses files that import each other, types alone too', async () => {
    const marked = await markedImports(folder, 'circle');
    expect(marked).to.have.length(2);
    expect(refused('circle', 'no-cycle')).to.have.members(marked);
  });

  it('reaches every file: no folder lies deeper than its rules', async () => {
    const depths = { sdk: 1, container: 4, plugins: 4, examples: 3, templates: 3 };
    for (const [folderName, depth] of Object.entries(depths)) {
      const paths = await readdir(join(root, folderName), { recursive: true });
      for (const path of paths.filter((each) => each.endsWith('.ts') && !each.includes('node_modules')))
        expect(path.split(sep).length, path).to.be.at.most(depth);
    }
  });

  /** What a rule finds wrong in a folder, as `file:line`. */
  function refused(folderName: string, rule: string): string[] {
    return diagnostics
      .filter(({ code, filename }) => code.includes(rule) && filename.startsWith(`${folderName}/`))
      .map(({ filename, labels: [{ span }] }) => `${filename}:${span.line}`);
  }
});

async function lint(folder: string): Promise<Diagnostic[]> {
  const output = await new Promise<string>((resolve) => {
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
    execFile(process.execPath, [oxlint, '--format', 'json'], { cwd: folder }, (_, stdout) => resolve(stdout));
  });
  return report.parse(JSON.parse(output)).diagnostics;
}

async function markedImports(folder: string, folderName: string): Promise<string[]> {
  const paths = await readdir(join(folder, folderName), { recursive: true });
  const files = paths.filter((path) => /\.[jt]s$/.test(path)).map((path) => join(folderName, path));
  const texts = await Promise.all(files.map(async (file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text, index) =>
    text.split('\n').flatMap((line, number) => (line.endsWith('// refused') ? `${files[index]}:${number + 1}` : [])),
  );
}
