import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import { configuration, type Finished, sipxrest } from './command.js';

const packageFile = new URL('../../../../package.json', import.meta.url);
const commands = ['start', 'demo', 'call', 'calls', 'hangup', 'check-plugin', 'new-plugin'] as const;
const helpLines = commands.map((command) => `${command} --help`);
const versionLines = ['--version', '-v', ...commands.map((command) => `${command} --version`)];
const refusals = [
  ['dial', 'Unknown command: dial', ''],
  ['strt', 'Unknown command: strt, perhaps start', ''],
  ['chek-plugin greet', 'Unknown command: chek-plugin, perhaps check-plugin', ''],
  ['start now', 'Expected nothing but options, found now', 'start'],
  ['--verbose', "Unknown option '--verbose'", 'start'],
  ['start --config', "Option '-c, --config <value>' argument missing", 'start'],
  ['start --once', "Unknown option '--once'", 'start'],
  ['demo --config x.json', "Unknown option '--config'", 'demo'],
  ['call user1', 'Expected FROM TO, found user1', 'call FROM TO'],
  ['call user1 ..', 'FROM and TO must be users', 'call FROM TO'],
  ['call user1 user2 --url ftp://h', '--url must be a URL such as http://127.0.0.1:6667', 'call FROM TO'],
  ['call user1 user2 --url http://me:secret@h', '--url must be a URL such as', 'call FROM TO'],
  ['call user1 user2 --timeout soon', '--timeout must be a number of seconds, found soon', 'call FROM TO'],
  ['call user1 user2 --user user1', '--user needs the PIN', 'call FROM TO'],
  ['calls --state dead', '--state must be live, ended, all', 'calls'],
  ['calls --limit 501', '--limit must be a number from 1 to 500', 'calls'],
  ['hangup', 'Expected ID, found nothing', 'hangup ID'],
  ['check-plugin', 'Expected DIR, found nothing', 'check-plugin DIR'],
  ['new-plugin', 'Expected NAME, found nothing', 'new-plugin NAME'],
  ['new-plugin ../greet', 'NAME must be of small letters', 'new-plugin NAME'],
  ['new-plugin Greet', 'NAME must be of small letters', 'new-plugin NAME'],
  ['new-plugin callcontroller', 'NAME is taken by sipxrest: callcontroller', 'new-plugin NAME'],
] as const;
const missingFile = 'start --config no-such-file.json';
const lines = [
  '--help',
  'help',
  'help call',
  ...helpLines,
  ...versionLines,
  ...refusals.map(([line]) => line),
  missingFile,
];

describe('The sipxrest command', () => {
  const results = new Map<string, Finished>();

  before(async function () {
    this.timeout(120_000);
    // One after the other: each is a process of its own.
    for (const line of lines) results.set(line, await sipxrest(...line.split(' ')).finished);
  });

  function result(line: string): Finished {
    return results.get(line) ?? expect.fail(`${line} was not run`);
  }

  it('lists its commands on standard output', () => {
    const { code, output, errors } = result('--help');
    expect(output[0]).to.equal('Usage: sipxrest COMMAND [options]');
    for (const command of commands) expect(output.join('\n')).to.match(new RegExp(`^ {2}${command} `, 'm'));
    expect([code, errors]).to.deep.equal([0, []]);
  });

  it('does so when it is asked for help', () => {
    expect(result('help')).to.deep.equal(result('--help'));
    expect(result('help call')).to.deep.equal(result('call --help'));
  });

  it('prints the usage without a command and a configuration', async () => {
    const { code, output, errors } = await sipxrest().finished;
    expect([code, output]).to.deep.equal([2, []]);
    expect(errors.slice(0, 3)).to.deep.equal([
      'Nothing says what to do, and there is no configuration.',
      '',
      'Usage: sipxrest COMMAND [options]',
    ]);
  });

  for (const command of commands) {
    it(`prints the usage of ${command}`, () => {
      const { code, output, errors } = result(`${command} --help`);
      expect(output[0]).to.match(new RegExp(`^Usage: sipxrest ${command} .*\\[options\\]$`));
      expect([code, errors]).to.deep.equal([0, []]);
    });
  }

  it('prints its version, whatever the command', async () => {
    const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
    for (const line of versionLines) expect(result(line)).to.deep.equal({ code: 0, output: [version], errors: [] });
  });

  for (const [line, complaint, usage] of refusals) {
    it(`refuses with exit code 2 and the usage: ${line}`, () => {
      const { code, output, errors } = result(line);
      expect(errors[0]).to.satisfy((text: string) => text.startsWith(complaint), errors[0]);
      expect(errors[2]).to.equal(`Usage: sipxrest ${usage || 'COMMAND'} [options]`);
      expect(errors.join()).not.to.include('secret');
      expect([code, output]).to.deep.equal([2, []]);
    });
  }

  it('ends with exit code 1 and one line when the configuration cannot be read', () => {
    const { code, output, errors } = result(missingFile);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.match(/^sipxrest: configuration file .*no-such-file\.json/);
    expect([code, output]).to.deep.equal([1, []]);
  });

  it('ends with exit code 1 and one line when a value in it is bad, or a port is taken', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    const sip = createSocket('udp4').bind(0, '127.0.0.1');
    await Promise.all([once(http, 'listening'), once(sip, 'listening')]);
    const httpPort = (http.address() as AddressInfo).port;
    const sipPort = sip.address().port;
    try {
      const [bad, noHttp, noSip] = await Promise.all([
        errorLine({ httpPort: 'abc' }),
        errorLine({ httpPort }),
        errorLine({ sipPort }),
      ]);
      const expected = 'expected a port, an integer from 0 to 65535, found "abc"';
      expect(bad).to.match(new RegExp(`^sipxrest: httpPort \\(/.*/config.json, line \\d+\\): ${expected}$`));
      expect(noHttp).to.match(new RegExp(`^sipxrest: httpPort: .*EADDRINUSE.*127\\.0\\.0\\.1:${httpPort}$`));
      expect(noSip).to.match(new RegExp(`^sipxrest: sipPort: .*EADDRINUSE.*127\\.0\\.0\\.1:${sipPort}$`));
    } finally {
      http.close();
      sip.close();
    }
  });

  it('ends with exit code 1 and one line that names ipAddress when the host has no such address', async () => {
    expect(await errorLine({ ipAddress: '192.0.2.1' })).to.match(/^sipxrest: ipAddress: .*EADDRNOTAVAIL.*192\.0\.2\.1/);
  });
});

/** Makes a failing start with these settings; returns its only line of output. */
async function errorLine(settings: Readonly<Record<string, unknown>>): Promise<string> {
  const { file, remove } = await configuration({ logLevel: 'warn', ...settings });
  try {
    const { code, output, errors } = await sipxrest('start', '--config', file).finished;
    expect([code, output, errors.length], errors.join('\n')).to.deep.equal([1, [], 1]);
    return errors[0] ?? '';
  } finally {
    await remove();
  }
}
