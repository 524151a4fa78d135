import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { fields, startLine, UdpPeer } from '../plugins/sandbox/udp-peer.js';
import { type Container, type DirectoryUser, startContainer } from '../support/container.js';
import { curl } from '../support/outside/curl.js';
import { requirePeers } from '../support/peers/programs.js';
import { freePorts } from '../support/ports.js';
import { compileFolder } from '../support/type-check.js';
import { countBlocks, type Step, stepsOf } from './plugin-document.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const sipxrest = fileURLToPath(new URL('../../container/main.js', import.meta.url));
const document = readFileSync(join(root, 'docs/write-a-plugin.md'), 'utf8');
const steps = stepsOf(document);

// Follows docs/write-a-plugin.md step by step in a temporary folder, and expects the printed answers.
describe('docs/write-a-plugin.md', function () {
  this.timeout(120_000);
  let folder: string;
  let plugin: string;

  before(function () {
    requirePeers(this, 'curl');
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-write-'));
    plugin = join(folder, 'greet');
    await run(process.execPath, [sipxrest, 'new-plugin', 'greet'], { cwd: folder });
    // Replaces `npm install`.
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await mkdir(join(plugin, 'node_modules'));
    await symlink(root, join(plugin, 'node_modules/sipxrest'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  for (const [index, step] of steps.entries()) {
    if (step.exchanges.length === 0) continue;
    it(`has a plugin whose answers are as printed: ${step.title}`, async () => {
      for (const earlier of steps.slice(0, index + 1)) await write(earlier, plugin);
      expect(Object.fromEntries(await compileFolder(plugin))).to.deep.equal({});
      await withContainer(plugin, async (container, portOf) => {
        if (step.title === 'Take messages') await sendMessage(container.sipPort);
        for (const { command, printed } of step.exchanges) expect(await outputOf(command, portOf)).to.equal(printed);
      });
    });
  }

  it('begins with the plugin that new-plugin makes', async () => {
    const [first] = steps;
    expect(await readFile(join(plugin, 'src/index.ts'), 'utf8')).to.equal(first?.files.get('src/index.ts'));
    const { sipxrest: manifest } = JSON.parse(await readFile(join(plugin, 'package.json'), 'utf8')) as Package;
    expect(JSON.parse(first?.files.get('package.json') ?? '')).to.deep.equal(manifest);
  });

  it('has a plugin that check-plugin finds nothing wrong with', async () => {
    for (const step of steps) await write(step, plugin);
    await compileFolder(plugin);
    const { stdout } = await run(process.execPath, [sipxrest, 'check-plugin', plugin]);
    expect(stdout).to.include('ok plugin greet at /greet, LOCAL-ONLY');
  });

  it('has no command that does not exist', async () => {
    const commands = steps.flatMap((step) => step.commands);
    const [{ stdout: usage }, { scripts }] = await Promise.all([
      run(process.execPath, [sipxrest, '--help']),
      readFile(join(plugin, 'package.json'), 'utf8').then((text) => JSON.parse(text) as Package),
    ]);
    const own = commands.flatMap((command) => /^npx sipxrest (\S+)/.exec(command)?.[1] ?? []);
    expect(own).to.deep.equal(['new-plugin', 'check-plugin']);
    for (const name of own) expect(usage).to.match(new RegExp(`^  ${name}\\b`, 'm'));
    expect(Object.keys(scripts)).to.include.members(['start', 'test']);
  });

  it('has no block of code that this test does not run', () => {
    const tried = steps.map(
      ({ files, commands, exchanges }) => files.size + [commands, exchanges].filter(isUsed).length,
    );
    expect(tried.reduce((sum, count) => sum + count, 0)).to.equal(countBlocks(document));
  });
});

interface Package {
  readonly scripts: Readonly<Record<string, string>>;
  readonly sipxrest: unknown;
}

function isUsed({ length }: readonly unknown[]): boolean {
  return length > 0;
}

async function write({ files }: Step, folder: string): Promise<void> {
  for (const [path, content] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, path === 'package.json' ? await withManifest(file, content) : content);
  }
}

async function withManifest(file: string, manifest: string): Promise<string> {
  const content = JSON.parse(await readFile(file, 'utf8')) as Package;
  return JSON.stringify({ ...content, sipxrest: JSON.parse(manifest) as unknown });
}

/** Runs the plugin as `npm start` does, but on free ports. */
async function withContainer(
  folder: string,
  use: (container: Container, portOf: (documented: number) => number) => Promise<void>,
): Promise<void> {
  const dev = join(folder, 'dev');
  const port = await freePorts(2);
  const config = (await readFile(join(dev, 'sipxrest.json'), 'utf8'))
    .replaceAll('5070', String(port))
    .replaceAll('8443', String(port + 1));
  const users = JSON.parse(await readFile(join(dev, 'users.json'), 'utf8')) as DirectoryUser[];
  const container = await startContainer({ ...(JSON.parse(config) as object), users, pluginDir: join(dev, '..') });
  try {
    await use(container, (documented) => (documented === 8443 ? port + 1 : container.httpPort));
  } finally {
    await container.stop();
  }
}

async function outputOf(command: string, portOf: (documented: number) => number): Promise<string> {
  const [program, ...args] = command.split(' ');
  expect(program).to.equal('curl');
  const own = args.map((arg) => arg.replace(/(?<=^https?:\/\/127\.0\.0\.1:)\d+/, (port) => `${portOf(Number(port))}`));
  return (await curl(...own)).body.trim();
}

/** Sends a telephone's message as the proxy would forward it. */
async function sendMessage(sipPort: number): Promise<void> {
  const proxy = await UdpPeer.open();
  try {
    const lines = [
      `MESSAGE sip:greet@127.0.0.1:${sipPort} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${proxy.port};branch=z9hG4bK-message`,
      'Max-Forwards: 70',
      'From: <sip:user2@example.com>;tag=1',
      'To: <sip:greet@example.com>',
      'Call-ID: message@example.com',
      'CSeq: 1 MESSAGE',
      'Content-Type: text/plain',
      'Content-Length: 12',
    ];
    proxy.send(`${lines.join('\r\n')}\r\n\r\nHow are you?`, sipPort);
    const answer = await proxy.next();
    expect(startLine(answer)).to.equal('SIP/2.0 200 OK');
    expect(fields(answer, 'Call-ID')).to.deep.equal(['message@example.com']);
  } finally {
    await proxy.close();
  }
}
