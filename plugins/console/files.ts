import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LIBRARIES } from './libraries.js';

export interface StaticFile {
  readonly type: string;
  readonly content: Buffer;
  readonly etag: string;
}

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const STYLES = 'text/css; charset=utf-8';

/** The compiled modules of `browser/`. */
const modulesFolder = new URL('./browser/', import.meta.url);
const stylesheet = new URL('./console.css', import.meta.url);

/** All that the page loads, by name. There are few files, so they stay in memory. */
export async function staticFiles(): Promise<ReadonlyMap<string, StaticFile>> {
  const modules = (await readdir(modulesFolder)).filter((name) => name.endsWith('.js'));
  return new Map(
    await Promise.all([
      ...modules.map((name) => readStatic(name, new URL(name, modulesFolder), JAVASCRIPT)),
      ...[...LIBRARIES].map(([, { name, url }]) => readStatic(name, url, JAVASCRIPT)),
      readStatic('console.css', stylesheet, STYLES),
      readStatic('uplot.css', new URL('./uPlot.min.css', import.meta.resolve('uplot')), STYLES),
    ]),
  );
}

async function readStatic(name: string, url: URL, type: string): Promise<readonly [string, StaticFile]> {
  const content = withoutSourceMap(await readFile(fileURLToPath(url)), type);
  const etag = createHash('sha256').update(content).digest('base64url').slice(0, 22);
  return [name, { type, content, etag }];
}

/** The maps are not served: a browser with its tools open would ask for them in vain. */
function withoutSourceMap(content: Buffer, type: string): Buffer {
  if (type !== JAVASCRIPT) return content;
  return Buffer.from(content.toString().replace(/^\/\/# sourceMappingURL=.*$/m, ''));
}
