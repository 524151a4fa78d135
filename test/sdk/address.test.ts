import { expect } from 'chai';
import { plainAddress } from '../../sdk/index.js';

describe('plainAddress', () => {
  for (const [text, plain] of [
    ['tel:+49 30 1234-56', '+4930123456'],
    ['030 123456', '030123456'],
    ['(030) 12.34-56', '030123456'],
    ['(030) 1234/56', '030123456'],
    ['user/12', 'user/12'],
    ['+49\u00a030\u00a0123', '+4930123'],
    ['\u202a+49\u201130\u2009123\u202c', '+4930123'],
    ['030\u00ad12 \u2013 3', '030123'],
    ['tel: +49 30 1', '+49301'],
    ['a\u2013b', 'a\u2013b'],
    ['*72#', '*72%23'],
    ['sip:user2@example.com', 'user2@example.com'],
    ['SIPS:+49 30 1@example.com', '+49301@example.com'],
    [' user1 ', 'user1'],
    ['j.doe-2', 'j.doe-2'],
    ['J\u00fcrgen', 'J%C3%BCrgen'],
    ['Ju\u0308rgen', 'J%C3%BCrgen'],
    ['12\r\n3', '12\r\n3'],
    ['a b', 'a b'],
    ['', ''],
  ] as const) {
    it(`makes ${JSON.stringify(plain)} of ${JSON.stringify(text)}`, () => {
      expect(plainAddress(text)).to.equal(plain);
    });
  }
});
