import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Container, startContainer, usersOf } from '../support/container.js';
import { compile, runProgram } from '../support/installation.js';
import { freePorts } from '../support/ports.js';

/** The generator needs a TypeScript of its own, older than the project's. */
const packages = ['openapi-typescript@7', 'openapi-fetch@0.17', 'typescript@5'];
const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    types: [],
    lib: ['es2023', 'dom'],
  },
  files: ['client.ts'],
};

const client = `
import createClient from 'openapi-fetch';
import type { components, paths } from './v1.js';

declare const process: { argv: string[]; exitCode: number };
const { GET, POST } = createClient<paths>({ baseUrl: process.argv[2] ?? '' });
const order: components['schemas']['Order'] = { caller: 'user1', callee: 'user2', method: 'refer' };
const { data, error } = await POST('/v1/calls', { body: order, params: { header: { Prefer: 'wait=20' } } });
const shown = data && (await GET('/v1/calls/{id}', { params: { path: { id: data.id } } }));
console.log(error ? error.detail : shown?.data?.status);
const bad = await POST('/v1/calls', { body: { ...order, timeoutSeconds: -1 } });
console.log(bad.error?.errors?.map(({ pointer }) => pointer).join());
// @ts-expect-error the description has no such method
const wrong: components['schemas']['Order'] = { caller: 'user1', callee: 'user2', method: 'shout' };
process.exitCode = wrong === undefined ? 1 : 0;
`;

describe('A client that is generated from the OpenAPI description', function () {
  this.timeout(240_000);
  let folder: string;
  let container: Container;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-client-'));
    const port = await freePorts();
    container = await startContainer({
      users: usersOf('example.com'),
      sipProxy: `sip:127.0.0.1:${port};lr`,
      plugins: { sandbox: { port, ringMs: 10, answerMs: 50 } },
    });
  });

  after(async () => {
    await container?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('compiles, places a call, and gets the errors of an invalid one', async () => {
    const file = (name: string): string => join(folder, name);
    await writeFile(file('package.json'), '{ "private": true, "type": "module" }');
    await writeFile(file('openapi.json'), await (await container.get('/v1/openapi.json')).text());
    await writeFile(file('client.ts'), client);
    await writeFile(file('tsconfig.json'), JSON.stringify(tsconfig));
    await runProgram('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], folder);
    await runProgram(file('node_modules/.bin/openapi-typescript'), ['openapi.json', '-o', 'v1.ts'], folder);
    await compile(folder);
    const { stdout, stderr, status } = spawnSync(process.execPath, [file('client.js'), container.url], {
      encoding: 'utf8',
    });
    expect(stderr).to.equal('');
    expect(stdout.split('\n').slice(0, 2)).to.deep.equal(['connected', '/timeoutSeconds']);
    expect(status).to.equal(0);
  });
});
