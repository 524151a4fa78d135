import { expect } from 'chai';
import type { PinSecret } from '../../../container/accounts/users.js';
import { parseAuthorization } from '../../../container/security/authorization-header.js';
import { isPin, isPinDigest } from '../../../container/security/pin.js';
import { md5 } from '../../support/outside/digest.js';

const realm = 'example.com';
const clear: PinSecret = { userName: 'user1', pin: '123' };
const hashed: PinSecret = { userName: 'user1', ha1: md5(`user1:${realm}:123`) };

/** RFC 7616 section 3.9.1. */
function mufasa(algorithm: string, response: string) {
  const credentials = parseAuthorization(
    `Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=${algorithm}, ` +
      'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ' +
      `cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="${response}", ` +
      'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  );
  if (credentials?.scheme !== 'Digest') throw new Error('not Digest');
  return credentials;
}

describe('A PIN', () => {
  it('is right in clear, also against its hash', () => {
    expect(isPin(clear, realm, '123')).to.equal(true);
    expect(isPin(hashed, realm, '123')).to.equal(true);
  });

  for (const pin of ['', '12', '1234', '124', ' 123', '１２３', hashed.ha1 ?? '', '\0'])
    it(`is not ${JSON.stringify(pin)}`, () => {
      expect(isPin(clear, realm, pin)).to.equal(false);
      expect(isPin(hashed, realm, pin)).to.equal(false);
      expect(isPin(undefined, realm, pin)).to.equal(false);
      expect(isPin({ userName: 'user1' }, realm, pin)).to.equal(false);
    });

  it('is never empty, even if an empty one is stored', () => {
    expect(isPin({ userName: 'user1', pin: '' }, realm, '')).to.equal(false);
    expect(isPin({ userName: 'user1', ha1: md5(`user1:${realm}:`) }, realm, '')).to.equal(false);
  });

  it('is right as a hash in its own realm only', () => {
    expect(isPin(hashed, 'example.org', '123')).to.equal(false);
  });

  for (const [algorithm, response] of [
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const) {
    const secret: PinSecret = { userName: 'Mufasa', pin: 'Circle of Life' };

    it(`answers a Digest with ${algorithm} as RFC 7616 does`, () => {
      expect(isPinDigest(secret, mufasa(algorithm, response), 'GET')).to.equal(true);
      expect(isPinDigest(secret, mufasa(algorithm, response.toUpperCase()), 'GET')).to.equal(true);
    });

    it(`answers it with ${algorithm} for one method, user and PIN only`, () => {
      expect(isPinDigest(secret, mufasa(algorithm, response), 'POST')).to.equal(false);
      expect(isPinDigest({ ...secret, pin: 'circle of life' }, mufasa(algorithm, response), 'GET')).to.equal(false);
      expect(isPinDigest(undefined, mufasa(algorithm, response), 'GET')).to.equal(false);
      for (const other of ['', response.slice(1), `${response}0`, response.replace('8', '9').replace('7', '8')])
        expect(isPinDigest(secret, mufasa(algorithm, other), 'GET'), other).to.equal(false);
    });
  }

  it('answers a Digest as a hash with MD5 and the user name only', () => {
    const ha1 = md5('Mufasa:http-auth@example.org:Circle of Life');
    const digest = mufasa('MD5', '8ca523f5e9506fed4657c9700eebdbec');
    expect(isPinDigest({ userName: 'Mufasa', ha1 }, digest, 'GET')).to.equal(true);
    expect(isPinDigest({ userName: 'Simba', ha1 }, digest, 'GET')).to.equal(false);
    const sha = mufasa('SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
    expect(isPinDigest({ userName: 'Mufasa', ha1 }, sha, 'GET')).to.equal(false);
  });

  it('takes as long to be wrong for a user that nobody knows', () => {
    const digest = mufasa('SHA-256', '0'.repeat(64));
    for (const check of [
      (secret?: PinSecret) => isPin(secret, realm, 'wrong'),
      (secret?: PinSecret) => isPinDigest(secret, digest, 'GET'),
    ]) {
      const samples: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
      for (let round = 0; round < 4_000; round++) {
        for (const [kind, secret] of [
          ['known', clear],
          ['unknown', undefined],
        ] as const) {
          const start = process.hrtime.bigint();
          check(secret);
          samples[kind].push(Number(process.hrtime.bigint() - start));
        }
      }
      expect(median(samples.unknown) / median(samples.known)).to.be.within(0.7, 1.4);
    }
  });
});

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
}
