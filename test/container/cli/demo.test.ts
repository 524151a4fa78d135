import { expect } from 'chai';
import { sipxrest } from './command.js';

describe('sipxrest demo', () => {
  it('--once places a call, shows the request and the record, and ends with exit code 0', async () => {
    const command = sipxrest('demo', '--once');
    try {
      expect(await command.firstLine).to.match(
        /^\$ curl -X POST http:\/\/127\.0\.0\.1:\d+\/callcontroller\/user1\/user2$/,
      );
      const { code, output, errors } = await command.finished;
      expect([code, errors]).to.deep.equal([0, []]);
      const text = output.join('\n');
      const methods = [...text.matchAll(/<method>(\w+)<\/method>\s*<status-line>SIP\/2\.0 (\d+)/g)];
      const events = methods.map(([, method = '', status = '']) => `${method} ${status}`);
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
});
