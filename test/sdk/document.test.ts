import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkTypes, sdkTypes } from '../support/type-check.js';

const documentFile = fileURLToPath(new URL('../../../docs/sdk.md', import.meta.url));

describe('docs/sdk.md', () => {
  let text: string;
  /** The section of each export, by name. */
  let sections: Map<string, string>;
  let declarations: string;

  before(async () => {
    text = await readFile(documentFile, 'utf8');
    sections = new Map(
      text
        .split(/^(?=#{2,3} )/m)
        .flatMap((section) => [...section.matchAll(/^### `(\w+)`/g)].map(([, name = '']) => [name, section] as const)),
    );
    declarations = await readDeclarations();
  });

  it('has a section for each export, and for nothing else', () => {
    expect([...sections.keys()]).to.have.members(exportsOf(declarations));
  });

  it('names each member of each, and no others', () => {
    for (const [name, section] of sections) {
      const members = membersOf(declarations, name);
      const named = [...section.matchAll(/`(\w+)/g)].map(([, word]) => word);
      expect(named, name).to.include.members(members);
      expect(members, name).to.include.members(tabulated(section));
    }
  });

  it('has links that lead somewhere', () => {
    const anchors = [...text.matchAll(/^#+ `?(.*?)`?$/gm)].map(([, title = '']) => slug(title));
    const links = [...text.matchAll(/\]\(#([\w-]+)\)/g)].map(([, link]) => link);
    expect(links).not.to.deep.equal([]);
    expect(anchors).to.include.members(links);
  });

  it('has examples that compile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sipxrest-examples-'));
    try {
      const examples = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);
      expect(examples).not.to.deep.equal([]);
      const given = "import { z } from 'zod';\nimport type { Sdk } from 'sipxrest/sdk';\ndeclare const sdk: Sdk;\n";
      const files = examples.map((_, index) => join(folder, `example-${index}.mts`));
      await Promise.all(files.map(async (file, index) => writeFile(file, `${given}export { z };\n${examples[index]}`)));
      expect(Object.fromEntries(await checkTypes(files))).to.deep.equal({});
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** All that `sdk/index.d.ts` and `testing/index.d.ts` pass on, as one text. */
async function readDeclarations(): Promise<string> {
  const folders = [sdkTypes, join(sdkTypes, '../testing')];
  return (await Promise.all(folders.map(declarationsIn))).join('\n');
}

async function declarationsIn(folder: string): Promise<string> {
  const index = await readFile(join(folder, 'index.d.ts'), 'utf8');
  const lines = index.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
  const files = lines.map((line) => /^export \* from '\.\/([\w-]+)\.js';$/.exec(line)?.[1] ?? line);
  const texts = await Promise.all(files.map(async (file) => readFile(join(folder, `${file}.d.ts`), 'utf8')));
  return texts.join('\n');
}

function exportsOf(declarations: string): string[] {
  const exported = /^export (?:declare )?(?:abstract )?(?:class|interface|type|function|const) (\w+)/gm;
  return [...declarations.matchAll(exported)].map(([, name = '']) => name);
}

/** The members that a class or an interface has beside those that it inherits. */
function membersOf(declarations: string, name: string): string[] {
  const [, body = ''] =
    new RegExp(`^export (?:declare abstract class|declare class|interface) ${name}\\b[^{]*\\{\n(.*?)^\\}`, 'ms').exec(
      declarations,
    ) ?? [];
  return [...body.matchAll(/^ {4}(?:abstract |readonly |get )*(\w+)\??[(:<]/gm)]
    .map(([, member = '']) => member)
    .filter((member) => member !== 'constructor');
}

/** The names in the first column of a section's table of members. */
function tabulated(section: string): string[] {
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)/g)].map(([, name = '']) => name));
}

/** The anchor that GitHub derives from a title. */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
