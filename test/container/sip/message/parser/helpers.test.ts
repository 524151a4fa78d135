import { expect } from 'chai';
import {
  SipParseError,
  parseMessage,
  parseNameAddr,
  parseUri,
  splitList,
} from '../../../../../container/sip/message/parser/index.js';
import { response } from '../../../../fixtures/sip/messages.js';

describe('a message that was parsed', () => {
  it('shows the header fields that were put into it later, like those that came', () => {
    const message = parseMessage(Buffer.from(response(200, 'OK')));
    message.addHeader('x-two', '1');
    message.addHeader('X-Two', '2');
    message.setHeader('contact', '<sip:a@b>');
    message.setHeader('m', '<sip:c@d>');
    expect(message.getHeaders('X-TWO')).to.deep.equal(['1', '2']);
    expect(message.getHeaders('Contact')).to.deep.equal(['<sip:c@d>']);
    expect(message.parseHeader('Contact')?.toString()).to.equal('<sip:c@d>');
    expect(message.headerNames).to.include.members(['Via', 'X-Two', 'Contact']);
  });
});

describe('splitList', () => {
  const LISTS: readonly (readonly [text: string, parts: string[]])[] = [
    ['', ['']],
    ['a', ['a']],
    [' a , b,c ', ['a', 'b', 'c']],
    ['a,,b,', ['a', '', 'b', '']],
    ['"a,b" <sip:x,y@z>;p="1,2", <sip:,>', ['"a,b" <sip:x,y@z>;p="1,2"', '<sip:,>']],
    ['"a\\",b", c', ['"a\\",b"', 'c']],
    ['<a"b>, "c<d", e', ['<a"b>', '"c<d"', 'e']],
  ];

  for (const [text, parts] of LISTS) {
    it(`splits ${text === '' ? 'nothing' : text}`, () => {
      expect(splitList(text)).to.deep.equal(parts);
    });
  }

  for (const text of ['a, "b', 'a, "b\\"', 'a, <b', 'a, b\\"c']) {
    it(`refuses ${text}`, () => {
      expect(() => splitList(text)).to.throw(SipParseError);
    });
  }
});

describe('parseUri', () => {
  const OTHERS = ['tel:+1-201-555-0123', 'http://example.com/a?b=c&d', 'urn:service:sos', 'mailto:a@b.example', 'im:x'];

  for (const text of OTHERS) {
    it(`prints ${text} as it came`, () => {
      expect([parseUri(text).toString(), parseUri(text).toRaw()]).to.deep.equal([text, text]);
    });
  }

  for (const text of [
    '',
    ':',
    'sip',
    'sip:',
    'sip: a',
    'tel:',
    'tel:;x',
    '1x:y',
    'x:',
    'x:a b',
    'x:<',
    'x:%4',
    'sip:a@b;x=y z',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseUri(text)).to.throw(SipParseError);
    });
  }
});

describe('parseNameAddr', () => {
  for (const text of [
    '',
    '<>',
    '""',
    'a <sip:b',
    '"a" sip:b@c',
    '<sip:b@c> d',
    '<sip:b@c>;"x"',
    'a, b <sip:b@c>',
    'a\\b <sip:b@c>',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseNameAddr(text)).to.throw(SipParseError);
    });
  }

  it('leaves the parameters behind an address without brackets to the header', () => {
    const address = parseNameAddr('sip:a@b.example;transport=tcp');
    expect([address.uri.toString(), address.getParam('transport')]).to.deep.equal(['sip:a@b.example', 'tcp']);
  });
});
