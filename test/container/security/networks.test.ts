import { expect } from 'chai';
import { Networks } from '../../../container/security/networks.js';
import { clientKey, plainAddress } from '../../../container/sip/transport/client-key.js';

describe('Networks', () => {
  const cases: readonly (readonly [network: string, address: string, isIn: boolean])[] = [
    ['127.0.0.0/8', '127.255.0.1', true],
    ['127.0.0.0/8', '128.0.0.1', false],
    ['127.0.0.0/8', '::ffff:127.0.0.1', true],
    ['127.0.0.0/8', '::ffff:128.0.0.1', false],
    ['127.0.0.0/8', '::1', false],
    ['192.0.2.10/32', '192.0.2.10', true],
    ['192.0.2.10/32', '192.0.2.11', false],
    ['192.0.2.10/28', '192.0.2.1', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::1/128', '::1', true],
    ['::1/128', '::2', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['10.0.0.0/8', 'not an address', false],
  ];
  for (const [network, address, isIn] of cases)
    it(`${network} ${isIn ? 'has' : 'has not'} ${address}`, () => {
      expect(new Networks([network]).has(address)).to.equal(isIn);
    });

  it('contain no closed socket, and an empty list contains nobody', () => {
    expect(new Networks(['0.0.0.0/0', '::/0']).has(undefined)).to.equal(false);
    expect(new Networks([]).has('127.0.0.1')).to.equal(false);
  });

  it('count clients of IPv6 by their /64, of IPv4 by their address', () => {
    expect(plainAddress('::ffff:192.0.2.1')).to.equal('192.0.2.1');
    for (const [address, key] of [
      ['192.0.2.1', '192.0.2.1'],
      ['::ffff:192.0.2.1', '192.0.2.1'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
      ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
      ['2001:db8::1', '2001:db8:0:0::/64'],
      ['::1', '0:0:0:0::/64'],
      ['::', '0:0:0:0::/64'],
      ['fe80::1%eth0', 'fe80:0:0:0::/64'],
      ['1::', '1:0:0:0::/64'],
    ])
      expect(clientKey(address ?? ''), address).to.equal(key);
  });
});
