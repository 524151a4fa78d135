import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const fixtures = join(root, 'test/fixtures/types');
/** The SDK's types as they are published. */
const sdk = fileURLToPath(new URL('../../sdk/index.d.ts', import.meta.url));

// Each file in test/fixtures/types but good.ts has one misuse. Its line ends with the error that the compiler has to give for it.
describe('The TypeScript compiler', () => {
  const files = readdirSync(fixtures);
  let found: Map<string, string[]>;

  before(async () => {
    found = await compile(files.map((file) => join(fixtures, file)));
  });

  it('takes a plugin that uses the SDK as it is meant', () => {
    expect(files).to.include('good.ts');
    expect(found.get('good.ts') ?? []).to.deep.equal([]);
  });

  for (const file of files.filter((name) => name !== 'good.ts')) {
    it(`holds a plugin to this: ${file.replace('.ts', '').replaceAll('-', ' ')}`, async () => {
      const expected = markedErrors(await readFile(join(fixtures, file), 'utf8'));
      expect(expected).to.have.length(1);
      expect(found.get(file)).to.deep.equal(expected);
    });
  }
});

/** What the compiler finds wrong, as `line: code`, by file name. */
async function compile(paths: readonly string[]): Promise<Map<string, string[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'sipxrest-types-'));
  try {
    const compilerOptions = {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      paths: { 'sipxrest/sdk': [sdk] },
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: paths }));
    return errorsByFile(await runCompiler(folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runCompiler(folder: string): Promise<string> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const args = [compiler, '-p', folder, '--pretty', 'false'];
  return new Promise((resolve) => execFile(process.execPath, args, { cwd: folder }, (_, stdout) => resolve(stdout)));
}

function errorsByFile(output: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, path = '', line, code] of output.matchAll(/^(\S.*?)\((\d+),\d+\): error (TS\d+):/gm)) {
    const file = basename(path);
    found.set(file, [...(found.get(file) ?? []), `${line}: ${code}`]);
  }
  return found;
}

function markedErrors(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const [, code] = / \/\/ (TS\d+)$/.exec(line) ?? [];
    return code === undefined ? [] : [`${index + 1}: ${code}`];
  });
}
