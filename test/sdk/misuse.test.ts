import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkTypes } from '../support/type-check.js';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/types', import.meta.url));

// Each file in test/fixtures/types but good.ts has one misuse. Its line ends with the error that the compiler has to give for it.
describe('The TypeScript compiler', () => {
  const files = readdirSync(fixtures);
  let found: Map<string, string[]>;

  before(async () => {
    found = await checkTypes(files.map((file) => join(fixtures, file)));
  });

  it('accepts a plugin that uses the SDK correctly', () => {
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

function markedErrors(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const [, code] = / \/\/ (TS\d+)$/.exec(line) ?? [];
    return code === undefined ? [] : [`${index + 1}: ${code}`];
  });
}
