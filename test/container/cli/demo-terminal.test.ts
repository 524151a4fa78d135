import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const main = fileURLToPath(new URL('../../../container/main.js', import.meta.url));
const limitMs = 25_000;
const ESCAPE = '\u001b';
const CTRL_C = '\u0003';

describe('What sipxrest demo shows', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'demo-terminal-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  function environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const { NO_COLOR: _, ...own } = process.env;
    return { ...own, TERM: 'xterm', TMPDIR: folder, ...more };
  }

  /** The contents of a terminal of this width after the whole demo and Ctrl-C. */
  async function shownOn(columns: number, more: NodeJS.ProcessEnv = {}): Promise<string> {
    const command = `stty cols ${columns} && exec '${process.execPath}' '${main}' demo`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: environment(more),
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: limitMs,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const hadAll = output.includes('Ctrl-C ends it.');
      output += chunk.toString();
      if (!hadAll && output.includes('Ctrl-C ends it.')) child.stdin.write(CTRL_C);
    });
    await once(child, 'close');
    expect(child.exitCode, output).to.equal(0);
    return output.replaceAll('\r', '');
  }

  it('has colours on a terminal, and explains commands on the same line if the terminal is wide', async () => {
    const output = await shownOn(200);
    expect(output.replaceAll(ESCAPE, 'ESC')).to.match(/ESC\[33mINVITE SIP\/2\.0 407 [^\n]*ESC\[0m\n/);
    expect(output).to.match(/\n {2}curl -X POST '[^\n]*' +# another call\n/);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('has no colours with NO_COLOR, and commands on separate lines if the terminal is narrow', async () => {
    const output = await shownOn(60, { NO_COLOR: '1' });
    expect(output)
      .to.match(/\nINVITE SIP\/2\.0 407 /)
      .and.not.contain(ESCAPE);
    expect(output).to.match(/\n {2}# another call\n {2}curl -X POST '[^\n]*'\n/);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('ends it without a word, and leaves nothing behind, when nobody reads it any longer', async () => {
    const child = spawn(process.execPath, [main, 'demo'], {
      env: environment({}),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
    });
    const errors = text(child.stderr);
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await exited).to.deep.equal([1, null]);
    expect(await errors).to.equal('');
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
