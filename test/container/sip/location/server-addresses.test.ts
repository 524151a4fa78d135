import { expect } from 'chai';
import { ServerAddresses } from '../../../../container/sip/location/server-addresses.js';
import type { Target } from '../../../../container/sip/transport/transport.js';

const hop = { host: 'example.com', port: undefined, transport: undefined, isSecure: false };
const at = (address: string): Target => ({ transport: 'UDP', address, port: 5060, host: 'example.com' });

describe('The addresses of a server', () => {
  it('are known when they were looked up once, and looked up again after a minute', async () => {
    let nowMs = 0;
    const answers = [Promise.resolve([at('192.0.2.1')]), Promise.resolve([at('192.0.2.2')])];
    const located = answers.map(async (answer) => answer);
    const addresses = new ServerAddresses({ locate: () => answers.shift() ?? [] }, hop, () => nowMs);
    expect(addresses.has('192.0.2.1')).to.equal(false);
    await located[0];
    await Promise.resolve();
    expect(addresses.has('192.0.2.1')).to.equal(true);
    nowMs = 60_000;
    addresses.has('192.0.2.2');
    await located[1];
    await Promise.resolve();
    expect(addresses.has('192.0.2.2')).to.equal(true);
  });

  it('stay unchanged if the look-up fails', async () => {
    let nowMs = 0;
    const locate = (): readonly Target[] => {
      if (nowMs > 0) throw new Error('no answer');
      return [at('192.0.2.1')];
    };
    const addresses = new ServerAddresses({ locate }, hop, () => nowMs);
    expect(addresses.has('192.0.2.1')).to.equal(true);
    nowMs = 60_000;
    expect(addresses.has('192.0.2.1')).to.equal(true);
  });
});
