import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import { configuration, type Finished, sipxrest } from './command.js';

const packageFile = new URL('../../../../package.json', import.meta.url);
const commandLines = [
  '--help',
  '--version',
  'call',
  'start now',
  '--verbose',
  'start --config',
  'start --once',
  'demo --config x.json',
  'start --config no-such-file.json',
] as const;

describe('The sipxrest command', () => {
  let results: ReadonlyMap<string, Finished>;

  before(async () => {
    results = new Map(await Promise.all(commandLines.map(finished)));
  });

  function result(line: (typeof commandLines)[number]): Finished {
    return results.get(line) ?? expect.fail(`${line} was not run`);
  }

  it('tells on standard output how it is used', () => {
    const { code, output, errors } = result('--help');
    expect(output[0]).to.match(/^Usage: sipxrest start /);
    expect([code, errors]).to.deep.equal([0, []]);
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
    expect(result('--version')).to.deep.equal({ code: 0, output: [version], errors: [] });
  });

  for (const [line, complaint] of [
    ['call', 'Unknown command: call'],
    ['start now', 'Unknown command: start now'],
    ['--verbose', "Unknown option '--verbose'"],
    ['start --config', "Option '-c, --config <value>' argument missing"],
    ['start --once', '--once is no option of start'],
    ['demo --config x.json', '--config is no option of demo'],
  ] as const) {
    it(`refuses with exit code 2 and its usage: ${line}`, () => {
      const { code, output, errors } = result(line);
      expect(errors[0]).to.satisfy((text: string) => text.startsWith(complaint), errors[0]);
      expect(errors[2]).to.match(/^Usage: sipxrest start /);
      expect([code, output]).to.deep.equal([2, []]);
    });
  }

  it('ends with exit code 1 and one line when the configuration cannot be read', () => {
    const { code, output, errors } = result('start --config no-such-file.json');
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
      expect(bad).to.match(new RegExp(`^sipxrest: httpPort \\(/.*/config.json\\): ${expected}$`));
      expect(noHttp).to.match(new RegExp(`^sipxrest: httpPort: .*EADDRINUSE.*127\\.0\\.0\\.1:${httpPort}$`));
      expect(noSip).to.match(new RegExp(`^sipxrest: sipPort: .*EADDRINUSE.*127\\.0\\.0\\.1:${sipPort}$`));
    } finally {
      http.close();
      sip.close();
    }
  });
});

async function finished(line: string): Promise<[line: string, result: Finished]> {
  return [line, await sipxrest(...line.split(' ')).finished];
}

/** Starts with such settings, to no avail; returns the one line that it prints. */
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
