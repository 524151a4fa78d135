import { expect } from 'chai';
import { textLine } from '../../../container/log/text-line.js';

const line = (fields: Readonly<Record<string, unknown>>): string =>
  textLine(JSON.stringify({ level: 'warn', time: '2024-05-06T07:08:09.123Z', ...fields }));

describe('A log line on a terminal', () => {
  it('has time, level, plugin, message and fields', () => {
    expect(line({ plugin: 'redirect', port: 5060, user: 'user1', text: 'two words', msg: 'Not reached' })).to.equal(
      '07:08:09.123 WARN  redirect: Not reached port=5060 user=user1 text="two words"\n',
    );
  });

  it('has the stack of an error below it', () => {
    const error = { name: 'TypeError', message: 'bad', stack: 'TypeError: bad\n    at here\n    at there' };
    expect(line({ error, msg: 'Failed' })).to.equal(
      '07:08:09.123 WARN  Failed error="TypeError: bad"\n    at here\n    at there\n',
    );
    expect(line({ error: error.stack, msg: 'Failed' })).to.equal(
      '07:08:09.123 WARN  Failed error="TypeError: bad"\n    at here\n    at there\n',
    );
  });

  it('contains no control characters from the network', () => {
    const text = line({ user: 'a\u001b[2Jb\nINFO forged\u009b', msg: '\u001b[31mred' });
    expect(text).to.match(/^[\x20-\x7e]+\n$/);
  });
});
