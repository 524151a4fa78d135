import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { compile, installation, installationTimeoutMs } from '../support/installation.js';

const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true };

describe('The types of sipxrest/sdk, in the project of a plugin', function () {
  this.timeout(installationTimeoutMs);

  let folder: string;

  before(async () => {
    folder = (await installation()).folder;
  });

  async function compiled(name: string, source: string, options = {}): Promise<void> {
    const project = join(folder, name);
    await mkdir(project);
    await writeFile(join(project, 'index.ts'), source);
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files: ['index.ts'] }),
    );
    await compile(project);
  }

  it('need no package but sipxrest, and are whole', async () => {
    const source = `
      import { z } from 'zod';
      import { type Cache, type Plugin, Query, Sdk, callAgent } from 'sipxrest/sdk';
      export default class Calls implements Plugin {
        readonly calls: Cache<number>;
        constructor(sdk: Sdk) {
          const { limit } = sdk.config(z.object({ limit: z.int() }));
          this.calls = sdk.cache('calls', { ttlMs: 1000 });
          sdk.routes.get('/:user', (ctx) => {
            const user: string = callAgent(ctx.params.user, new Query(ctx.querystring));
            ctx.body = { user, limit: limit.toFixed() };
          });
        }
        stop(): void {}
      }`;
    await compiled('whole', source, { skipLibCheck: false });
  });

  it('infer types from handlers and schemas, so that mistakes do not compile', async () => {
    const source = `
      import { z } from 'zod';
      import type { Sdk } from 'sipxrest/sdk';
      export function use(sdk: Sdk): void {
        sdk.routes.get('/:user', (ctx) => { ctx.status = ctx.params.user; });
        sdk.config(z.object({ limit: z.int() })).limit.toUpperCase();
      }`;
    const failure = await compiled('slips', source, { skipLibCheck: true }).then(
      () => 'it compiled',
      ({ message }: Error) => message,
    );
    const slips = [...failure.matchAll(/index\.ts\((\d+),\d+\): error (TS\d+)/g)];
    expect(slips.map(([, line, code]) => `${line} ${code}`)).to.deep.equal(['5 TS2322', '6 TS2339']);
  });
});
