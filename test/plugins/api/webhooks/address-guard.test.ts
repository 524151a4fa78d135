import { expect } from 'chai';
import { AddressGuard } from '../../../../plugins/api/webhooks/address-guard.js';

const forbidden = [
  'http://127.0.0.1:8080/x',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://10.1.2.3/',
  'http://172.31.0.1/',
  'http://192.168.1.1/',
  'http://169.254.169.254/latest',
  'http://100.64.0.1/',
  'http://0.0.0.0/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::127.0.0.1]/',
  'http://[::ffff:0:7f00:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:a00:1]/',
  'http://[::127.0.0.1]/',
  'http://[::ffff:0:127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[fd00::1]/',
  'http://[fe80::1]/',
];

describe('The guard of sinks', () => {
  for (const url of forbidden)
    it(`keeps a client away from ${url}`, async () => {
      expect(await new AddressGuard([]).addressOf(url)).to.equal(undefined);
    });

  it('takes public addresses, and private ones in the networks that are allowed', async () => {
    const guard = new AddressGuard(['10.1.0.0/16', '::1/128']);
    expect(await guard.addressOf('https://1.1.1.1/')).to.deep.equal({ address: '1.1.1.1', family: 4 });
    expect(await guard.addressOf('https://[2606:4700::1111]/')).to.deep.equal({
      address: '2606:4700::1111',
      family: 6,
    });
    expect(await guard.addressOf('http://10.1.2.3/')).to.deep.equal({ address: '10.1.2.3', family: 4 });
    expect(await guard.addressOf('http://[::1]/')).to.deep.equal({ address: '::1', family: 6 });
    expect(await guard.addressOf('http://10.2.2.3/')).to.equal(undefined);
  });

  it('refuses the public addresses of this host, whose services may trust connections from them', async () => {
    const guard = new AddressGuard(['1.1.1.2/32'], undefined, () => ['1.1.1.1/32', '1.1.1.2/32', '2606:4700::1/128']);
    for (const own of ['http://1.1.1.1:6667/', 'http://[::ffff:1.1.1.1]/', 'http://[2606:4700::1]/'])
      expect(await guard.addressOf(own), own).to.equal(undefined);
    expect(await guard.addressOf('http://1.1.1.2/')).to.deep.equal({ address: '1.1.1.2', family: 4 });
    expect(await guard.addressOf('http://1.1.1.3/')).to.deep.equal({ address: '1.1.1.3', family: 4 });
  });

  it('refuses a name that has one private address among others, and one that has none', async () => {
    const names = new Map([
      ['mixed.example', ['1.1.1.1', '10.0.0.1']],
      ['public.example', ['1.1.1.1', '1.0.0.1']],
    ]);
    const guard = new AddressGuard([], async (host) =>
      (names.get(host) ?? []).map((address) => ({ address, family: 4 })),
    );
    expect(await guard.addressOf('http://mixed.example/')).to.equal(undefined);
    expect(await guard.addressOf('http://nowhere.example/')).to.equal(undefined);
    expect(await guard.addressOf('http://public.example/')).to.deep.equal({ address: '1.1.1.1', family: 4 });
  });
});
