import { expect } from 'chai';
import { networkInterfaces } from 'node:os';
import { OwnHost } from '../../../../container/sip/location/own-host.js';

describe('The addresses of this host', () => {
  const ownHost = new OwnHost();

  for (const address of ['127.0.0.1', '127.8.9.1', '0.0.0.0', '::1', '0:0:0:0:0:0:0:1', '::', '::ffff:127.0.0.1']) {
    it(`have ${address} among them`, () => expect(ownHost.has(address)).to.equal(true));
  }

  it('are those of its interfaces, in any spelling', () => {
    for (const { address, family } of Object.values(networkInterfaces()).flatMap((each) => each ?? [])) {
      expect(ownHost.has(address), address).to.equal(true);
      if (family === 'IPv4') expect(ownHost.has(`::ffff:${address}`), address).to.equal(true);
      else expect(ownHost.has(`${address.toUpperCase()}%eth0`), address).to.equal(true);
    }
  });

  for (const address of ['192.0.2.77', '203.0.113.1', '12.7.0.1', '2001:db8::77', '::ffff:203.0.113.1']) {
    it(`do not have ${address} among them`, () => expect(ownHost.has(address)).to.equal(false));
  }
});
