import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { ask, basic, requestText } from '../../support/outside/exchange.js';
import { Program } from '../../support/process.js';
import { sipxrest } from './command.js';

const longEnoughMs = 30_000;

describe('sipxrest demo', () => {
  it('--once places a call, shows the request and the record, and ends with exit code 0', async () => {
    const command = sipxrest('demo', '--once');
    try {
      expect(await command.firstLine).to.match(
        /^\$ curl -X POST http:\/\/127\.0\.0\.1:\d+\/callcontroller\/user1\/user2$/,
      );
      const { code, output, errors } = await command.finished;
      expect([code, errors]).to.deep.equal([0, []]);
      const events = output.map((line) => line.replace(/^(\w+) SIP\/2\.0 (\d+) .*$/, '$1 $2'));
      expect(events).to.include.members(['INVITE 407', 'INVITE 200', 'REFER 202', 'NOTIFY 200']);
      expect(output.at(-1)).to.equal('user1 and user2 talk to each other.');
    } finally {
      await command.kill();
    }
  });

  it('ends on Ctrl-C also while the call is being placed', async () => {
    const command = sipxrest('demo');
    try {
      await command.firstLine;
      process.kill(command.pid, 'SIGINT');
      const { code, errors } = await command.finished;
      expect([code, errors]).to.deep.equal([1, []]);
    } finally {
      await command.kill();
    }
  });

  it('shows requests from outside that are answered as it says', async () => {
    const main = fileURLToPath(new URL('../../../container/main.js', import.meta.url));
    const program = await Program.start('demo', { command: process.execPath, args: [main, 'demo'] });
    try {
      await program.waitForLine((line) => line.startsWith('Ctrl-C') || undefined, 20_000, 'last line');
      const shown = program.lines.filter((line) => line.startsWith('  curl -k ') && !line.includes('--digest'));
      const outcomes: string[] = [];
      for (const line of shown) {
        const [, method = 'GET', name = '', pin = '', port, target = ''] =
          /curl -k (?:-X (\w+) )?-u (\w+):(\w+) 'https:\/\/127\.0\.0\.1:(\d+)([^' ]+)'/.exec(line) ?? [];
        const { status } = await ask(Number(port), requestText(method, target, [basic(name, pin)]));
        outcomes.push(`${method} ${name}:${pin} ${status}`);
      }
      expect(outcomes).to.deep.equal([
        'POST user1:123 200',
        'GET user1:123 200',
        'GET user2:123 403',
        'GET user1:1234 401',
      ]);
    } finally {
      await program.stop();
    }
  }).timeout(longEnoughMs);
});
