import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { parseMessage } from '../../../../../container/sip/message/parser/index.js';
import { response } from '../../../../fixtures/sip/messages.js';

const KIB = 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A large answer, of which only that is kept which the dialog needs. */
function kept(index: number): unknown {
  const message = parseMessage(
    Buffer.from(
      response(183, 'Session Progress', {
        headers: { To: `<sip:user2@example.com>;tag=a-tag-of-many-letters-${index}` },
        lines: [
          `Record-Route: <sip:proxy-${index}.example.com;lr>`,
          `Contact: <sip:user-of-many-letters-${index}@phone.example.com>`,
          `X-Large: ${'x'.repeat(7 * KIB)}`,
        ],
        body: 'v=0\r\n',
      }),
    ),
  );
  const uri = message.parseHeader('Contact')?.uri;
  return [message.toTag, uri, message.getHeaders('record-route'), message.getHeader('content-type'), message.body];
}

describe('what is kept of a parsed message', () => {
  it('is no more than the tag, the target, the route and the body of a dialog', () => {
    const count = 500;
    const all = [kept(0)];
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let index = 1; index <= count; index += 1) all.push(kept(index));
    collect();
    const each = (process.memoryUsage().heapUsed - before) / count;
    expect(all).to.have.length(count + 1);
    expect(each, 'bytes').to.be.below(2 * KIB);
  });
});
