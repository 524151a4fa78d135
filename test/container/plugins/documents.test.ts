import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { format, resolveConfig } from 'prettier';
import { errorsDocument } from './errors-document.js';
import { manifestSchema } from './manifest-schema.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** Compares a generated file with its source; `npm run docs` writes the file. */
async function expectUpToDate(path: string, content: string): Promise<void> {
  const file = ROOT + path;
  const text = await format(content, { ...(await resolveConfig(file)), filepath: file });
  if (process.env['UPDATE_DOCS']) writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).to.equal(text);
}

describe('docs/errors.md', () => {
  it('has every code with its meaning and remedy', () => expectUpToDate('docs/errors.md', errorsDocument()));
});

describe('plugin-manifest.schema.json', () => {
  it('describes what the container checks in a manifest', () =>
    expectUpToDate('plugin-manifest.schema.json', JSON.stringify(manifestSchema())));

  it('is named by the plugins that come with the container', () => {
    for (const name of ['callcontroller', 'redirect', 'sandbox']) {
      const file = new URL(`../../../../plugins/${name}/package.json`, import.meta.url);
      const { $schema } = JSON.parse(readFileSync(file, 'utf8')) as { $schema: string };
      expect(new URL($schema, file).href).to.equal(
        new URL('../../../../plugin-manifest.schema.json', import.meta.url).href,
      );
    }
  });
});
