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
    expect(String(message.parseHeader('contact'))).to.equal('<sip:c@d>');
    expect(Object.keys(message.headers)).to.include.members(['Via', 'X-Two', 'Contact']);
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
    it(`prints ${text} as it came, and a copy of it`, () => {
      expect([parseUri(text).toString(), parseUri(text).clone().toRaw()]).to.deep.equal([text, text]);
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

  it('prints what its owner changed', () => {
    const uri = parseUri('sip:a;b@Example.com:5070;lr?x=y');
    uri.user = 'c d';
    uri.host = 'other.example';
    uri.port = undefined;
    uri.setParam('transport', 'tcp');
    uri.clearHeaders();
    expect(uri.toRaw()).to.equal('sip:c%20d@other.example;lr;transport=tcp');
    expect(uri.clone().toRaw()).to.equal(uri.toRaw());
  });

  it('keeps what is added to one URI without parameters out of all others', () => {
    const [one, copy, other] = [parseUri('sip:a@b'), parseUri('sip:a@b').clone(), parseUri('sip:c@d')];
    one.setParam('lr', null);
    one.setHeader('h', '1');
    copy.setParam('x', 'y');
    expect([one, copy, other].map(String)).to.deep.equal(['sip:a@b;lr?H=1', 'sip:a@b;x=y', 'sip:c@d']);
  });

  it('gives a copy that shares nothing with it', () => {
    const uri = parseUri('sip:a;b@Example.com;x=y?h=1');
    const copy = uri.clone();
    copy.setParam('x', 'z');
    copy.setHeader('h', '2');
    copy.user = undefined;
    expect(uri.toRaw()).to.equal('sip:a;b@Example.com;x=y?H=1');
    expect(copy.toRaw()).to.equal('sip:Example.com;x=z?H=2');
  });
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

  it('keeps what is added to one address without parameters out of all others', () => {
    const [one, other] = [parseNameAddr('<sip:a@b>'), parseNameAddr('"x" <sip:c@d>')];
    one.setParam('tag', '1');
    one.uri.host = 'e';
    other.uri = one.uri;
    expect([one, other].map(String)).to.deep.equal(['<sip:a@e>;tag=1', '"x" <sip:a@e>']);
  });

  it('leaves the parameters behind an address without brackets to the header', () => {
    const address = parseNameAddr('sip:a@b.example;transport=tcp');
    expect([address.uri.toString(), address.getParam('transport')]).to.deep.equal(['sip:a@b.example', 'tcp']);
  });
});
