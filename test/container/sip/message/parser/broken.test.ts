import { expect } from 'chai';
import {
  DEFAULT_LIMITS,
  SipParseError,
  parseMessage,
  RefusedRequest,
  type RequestMessage,
} from '../../../../../container/sip/message/parser/index.js';
import { request, response } from '../../../../fixtures/sip/messages.js';
import type { MessageOptions } from '../../../../fixtures/sip/messages.js';

function errorOf(datagram: string | Buffer): SipParseError {
  try {
    parseMessage(Buffer.from(datagram));
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
  throw new Error('The message was not refused');
}

function withHeader(name: string, value: string | undefined): MessageOptions {
  return { headers: { [name]: value } };
}

function times(count: number, line: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => line(index));
}

const LONG = 'a'.repeat(DEFAULT_LIMITS.maxHeaderLength);

/** Requests of which enough can be read to answer them. */
const ANSWERED: readonly (readonly [title: string, status: number, text: string])[] = [
  ['another SIP version', 505, request({ startLine: 'INVITE sip:user2@example.com SIP/7.0' })],
  ['a later minor version', 505, request({ startLine: 'INVITE sip:user2@example.com SIP/2.1' })],
  ['a Request-URI of 3000 characters', 414, request({ uri: `sip:${'a'.repeat(3000)}@example.com` })],
  ['a Request-URI in angle brackets', 400, request({ uri: '<sip:user2@example.com>' })],
  ['a Request-URI with a space', 400, request({ uri: 'sip:user2@example.com; lr' })],
  ['two spaces before the Request-URI', 400, request({ startLine: 'INVITE  sip:user2@example.com SIP/2.0' })],
  ['two spaces before the version', 400, request({ startLine: 'INVITE sip:user2@example.com  SIP/2.0' })],
  ['a tab before the version', 400, request({ startLine: 'INVITE sip:user2@example.com\t SIP/2.0' })],
  ['a space after the version', 400, request({ startLine: 'INVITE sip:user2@example.com SIP/2.0  ' })],
  ['no Request-URI', 400, request({ startLine: 'INVITE SIP/2.0' })],
  ['an empty Request-URI', 400, request({ uri: '' })],
  ['a Request-URI without a scheme', 400, request({ uri: 'user2@example.com' })],
  ['a Request-URI without a host', 400, request({ uri: 'sip:user2@' })],
  ['a Request-URI with two @', 400, request({ uri: 'sip:a@b@example.com' })],
  ['port 0', 400, request({ uri: 'sip:user2@example.com:0' })],
  ['port 65536', 400, request({ uri: 'sip:user2@example.com:65536' })],
  ['an empty port', 400, request({ uri: 'sip:user2@example.com:' })],
  ['a port of letters', 400, request({ uri: 'sip:user2@example.com:sip' })],
  ['an IPv6 address without its bracket', 400, request({ uri: 'sip:user2@[2001:db8::1' })],
  ['an IPv6 address that is none', 400, request({ uri: 'sip:user2@[2001:db8:::1]' })],
  ['an IPv6 zone', 400, request({ uri: 'sip:user2@[fe80::1%25eth0]' })],
  ['a host with an empty label', 400, request({ uri: 'sip:user2@example..com' })],
  ['the method of the CSeq another one', 400, request(withHeader('CSeq', '1 BYE'))],
  ['a CSeq of 2^31', 400, request(withHeader('CSeq', '2147483648 INVITE'))],
  ['a CSeq of 2^32 - 1', 400, request(withHeader('CSeq', '4294967295 INVITE'))],
  ['a To with a tag without a value', 400, request(withHeader('To', '<sip:user2@example.com>;tag'))],
  ['two Call-IDs', 400, request({ lines: ['i: other@example.com'] })],
  ['two CSeqs', 400, request({ lines: ['CSeq: 314159 INVITE'] })],
  ['two Froms', 400, request({ lines: ['f: <sip:x@example.com>;tag=2'] })],
  ['two Tos', 400, request({ lines: ['t: <sip:x@example.com>'] })],
  ['two Refer-Tos', 400, request({ method: 'REFER', lines: ['r: <sip:a@b.example>', 'r: <sip:c@b.example>'] })],
  ['two Content-Lengths that differ', 400, request({ lines: ['l: 5'] })],
  ['a Content-Length greater than the datagram', 400, request({ body: 'x', headers: { 'Content-Length': '2' } })],
  ['a negative Content-Length', 400, request(withHeader('Content-Length', '-1'))],
  ['a Content-Length of letters', 400, request(withHeader('Content-Length', '0x10'))],
  ['a Content-Length with a sign', 400, request(withHeader('Content-Length', '+0'))],
  ['a Content-Length of 30 digits', 400, request(withHeader('Content-Length', '9'.repeat(30)))],
  ['a body without a Content-Type', 400, request({ body: 'x', headers: { 'Content-Type': undefined } })],
  ['a header of more than 8 KiB', 400, request({ lines: [`Subject: ${LONG}`] })],
  ['a folded header of more than 8 KiB', 400, request({ lines: [`Subject: x${'\r\n y'.repeat(3000)}`] })],
  ['101 headers', 400, request({ lines: times(101, (index) => `X-Header-${index}: x`) })],
  ['71 Contacts', 400, request({ lines: [`Contact: ${times(71, () => '<sip:a@b>').join()}`] })],
  ['71 Record-Routes', 400, request({ lines: [`Record-Route: ${times(71, () => '<sip:a@b>').join()}`] })],
  ['no blank line', 400, request().replace('\r\n\r\n', '\r\n')],
  ['a header cut off', 400, request().slice(0, -10)],
  ['a Contact of * among others', 400, request({ method: 'REGISTER', headers: { Contact: '*, <sip:a@b>' } })],
  [
    'a Contact off its grammar in a REGISTER',
    400,
    request({ method: 'REGISTER', headers: { Contact: 'sip:a@b?c=d' } }),
  ],
  ['a Refer-To without a URI', 400, request({ method: 'REFER', headers: { 'Refer-To': '"x"' } })],
];

/** Requests of which not even a response could be made. */
const UNANSWERABLE: readonly (readonly [title: string, text: string])[] = [
  ['no Via', request(withHeader('Via', undefined))],
  ['a Via without a host', request(withHeader('Via', 'SIP/2.0/UDP ;branch=z9hG4bKa'))],
  ['a Via without a transport', request(withHeader('Via', 'SIP/2.0 192.0.2.1;branch=z9hG4bKa'))],
  ['a Via with two branches', request(withHeader('Via', 'SIP/2.0/UDP a;branch=z9hG4bKa;branch=z9hG4bKb'))],
  ['a Via with a branch and one without a value', request(withHeader('Via', 'SIP/2.0/UDP a;branch=z9hG4bKa;branch'))],
  ['71 Vias', request({ lines: times(70, (index) => `Via: SIP/2.0/UDP 192.0.2.1;branch=${index}`) })],
  ['71 Vias in one line', request({ lines: [`Via: ${times(70, () => 'SIP/2.0/UDP a').join()}`] })],
  ['a first Via that cannot be read', request({ headers: { Via: 'x' }, lines: ['Via: SIP/2.0/UDP 192.0.2.9'] })],
  [
    'a bare LF in its first Via',
    request({ headers: { Via: 'SIP/2.0/UDP a\nb' }, lines: ['v: SIP/2.0/UDP 192.0.2.9'] }),
  ],
  ['a quote not closed in its second Via', request({ lines: ['Via: SIP/2.0/UDP a;x=",'] })],
];

/** A response to them repeats what cannot be read as received, and leaves out what is not there. */
const HALF_READ: readonly (readonly [title: string, text: string])[] = [
  ...['From', 'To', 'Call-ID', 'CSeq'].map((name): [string, string] => [
    `no ${name}`,
    request(withHeader(name, undefined)),
  ]),
  ['a From that cannot be read', request(withHeader('From', '"Mr. User <sip:user1@example.com>;tag=1'))],
  ['a To whose name has a comma without quotes', request(withHeader('To', 'Watson, Thomas <sip:t@example.com>'))],
  ['a To of two addresses', request(withHeader('To', '<sip:a@b.example>, <sip:c@d.example>'))],
  ['a From with two tags that differ', request(withHeader('From', '<sip:a@b.example>;tag=1;tag=2'))],
  ['a From with an empty tag', request(withHeader('From', '<sip:a@b.example>;tag='))],
  ['a From with text after the address', request(withHeader('From', '<sip:a@b.example> x'))],
  ['a bare CR in From', request(withHeader('From', '<sip:a@b.example>\rVia: x;tag=1'))],
  ['a NUL in To', request(withHeader('To', '"\0" <sip:a@b.example>'))],
  ['a Call-ID with a space', request(withHeader('Call-ID', 'a b'))],
  ['an empty Call-ID', request(withHeader('Call-ID', ''))],
  ['a CSeq without a method', request(withHeader('CSeq', '1'))],
  ['a CSeq without a number', request(withHeader('CSeq', 'INVITE'))],
  ['a CSeq of 20 digits', request(withHeader('CSeq', '36893488147419103232 INVITE'))],
];

const DROPPED: readonly (readonly [title: string, datagram: string | Buffer])[] = [
  ['nothing', ''],
  ['a keep-alive', '\r\n\r\n'],
  ['a NUL', '\0'],
  ['text without a line break', 'INVITE sip:user2@example.com SIP/2.0'],
  ['another protocol', 'GET / HTTP/1.1\r\nHost: example.com\r\n\r\n'],
  ['a TLS handshake', Buffer.from('160301020001000001fc0303', 'hex')],
  ['a STUN request', Buffer.from('000100002112a442b7e7a701bc34d686fa87dfae', 'hex')],
  ['a method that is no token', request({ startLine: 'IN(VITE sip:user2@example.com SIP/2.0' })],
  ['a start line of one word', request({ startLine: 'INVITE' })],
  ['a status of 1000', response(0, '', { startLine: 'SIP/2.0 1000 OK' })],
  ['a status of 99', response(0, '', { startLine: 'SIP/2.0 99 OK' })],
  ['a status of 099', response(99, 'x', { startLine: 'SIP/2.0 099 OK' })],
  ['a status of 700', response(700, 'x')],
  ['a status of 4294967301', response(4294967301, 'better not break the receiver')],
  ['a response of another version', response(0, '', { startLine: 'SIP/3.0 200 OK' })],
  ['a response without a CSeq', response(200, 'OK', withHeader('CSeq', undefined))],
  ['a response with a CSeq of 2^31', response(200, 'OK', withHeader('CSeq', '2147483648 INVITE'))],
  ['a response cut off in its body', response(200, 'OK', { body: 'v=0\r\n' }).slice(0, -1)],
];

describe('parseMessage, given a broken message', () => {
  for (const [title, status, text] of ANSWERED) {
    it(`says ${status} and what to answer to a request with ${title}`, () => {
      const error = errorOf(text);
      expect(error.status).to.equal(status);
      expect(partialOf(error)?.callId).to.equal('a84b4c76e66710@pc33.example.com');
      expect(partialOf(error)?.fromTag).to.equal('1928301774');
      expect(partialOf(error)?.getHeaders('Via')[0]).to.contain('branch=z9hG4bK776asdhds');
      expect(partialOf(error)?.to.uri.user).to.equal('user2');
      expect(partialOf(error)?.cseq).to.be.a('number');
    });
  }

  for (const [title, text] of UNANSWERABLE) {
    it(`leaves nothing to answer of a request with ${title}`, () => {
      const error = errorOf(text);
      expect(error.status).to.equal(400);
      expect(partialOf(error)).to.equal(undefined);
    });
  }

  for (const [title, text] of HALF_READ) {
    it(`says 400 to a request with ${title}, and where to`, () => {
      const error = errorOf(text);
      expect(error.status).to.equal(400);
      expect(partialOf(error)?.getHeaders('Via')[0]).to.contain('branch=z9hG4bK776asdhds');
    });
  }

  for (const [title, datagram] of DROPPED) {
    it(`drops ${title}`, () => {
      const error = errorOf(datagram);
      expect(error.status).to.equal(undefined);
      expect(partialOf(error)).to.equal(undefined);
    });
  }

  it('says 513 to more than 64 KiB without looking at it', () => {
    expect(errorOf(Buffer.alloc(DEFAULT_LIMITS.maxMessageBytes + 1, 'x')).status).to.equal(513);
  });

  it('accepts messages just within the limits', () => {
    const lines = times(DEFAULT_LIMITS.maxHeaders - 7, (index) => `X-Header-${index}: x`);
    const vias = times(69, () => 'SIP/2.0/UDP a').join();
    const text = request({ headers: { Via: `SIP/2.0/UDP b, ${vias}`, Subject: LONG.slice(9) }, lines: lines.slice(1) });
    expect(parseMessage(Buffer.from(text)).getHeaders('Via')).to.have.length(70);
  });

  it('obeys limits of its caller', () => {
    const limits = { ...DEFAULT_LIMITS, maxHeaders: 6 };
    expect(() => parseMessage(Buffer.from(request()), limits)).to.throw(SipParseError, 'Too Many Header Fields');
  });

  it('never repeats text from the network in a reason', () => {
    const reasons = ANSWERED.map(([, , text]) => errorOf(text).reason);
    expect(reasons.filter((reason) => !/^[A-Z][A-Za-z0-9 -]{2,40}$/.test(reason))).to.deep.equal([]);
  });

  it('leaves out a header with a control character, so that nothing can carry it on', () => {
    for (const control of ['\0', '\r', '\n', '\u001b', '\u007f']) {
      const message = parseMessage(Buffer.from(request({ lines: [`Subject: a${control}Via: x`, 'X-Other: y'] })));
      expect(message.getHeader('Subject'), JSON.stringify(control)).to.equal(undefined);
      expect(message.getHeader('X-Other')).to.equal('y');
    }
  });

  it('keeps the text of a To that it cannot read, but none with a control character', () => {
    expect(toOf(request(withHeader('To', '"x <sip:a@b.example>')))).to.equal('"x <sip:a@b.example>');
    expect(toOf(request(withHeader('To', '"\0" <sip:a@b.example>')))).to.equal(undefined);
    expect(toOf(request(withHeader('To', '<sip:a@b.example>\rVia: x')))).to.equal(undefined);
  });

  it('takes escaped control characters in a quoted string that ends, other than CR and LF', () => {
    expect(subjectOf('"a\\\0\\\x07b"')).to.equal('"a\\\0\\\x07b"');
    for (const value of ['"a\0"', '\\\0', '"a" \\\0', '"a\\\0', '"a\\\r"', '"a\\\n"'])
      expect(subjectOf(value), JSON.stringify(value)).to.equal(undefined);
  });

  it('keeps the text of every Via but the first without reading it, because a response repeats them', () => {
    const message = parseMessage(Buffer.from(request({ lines: ['Via: SIP/2.0/UDP, SIP/2.0/UDP a'] })));
    expect(message.getHeaders('Via').slice(1)).to.deep.equal(['SIP/2.0/UDP', 'SIP/2.0/UDP a']);
  });

  it('leaves a Request-URI of a scheme that it does not know to its caller', () => {
    const message = parseMessage(Buffer.from(request({ uri: 'nobodyKnowsThisScheme:totallyopaquecontent' })));
    expect('ruri' in message && message.ruri?.toString()).to.equal('nobodyknowsthisscheme:totallyopaquecontent');
  });

  it('takes two Content-Lengths that are the same', () => {
    expect(parseMessage(Buffer.from(request({ lines: ['l: 0'] }))).body).to.equal('');
  });
});

function toOf(text: string): string | undefined {
  return partialOf(errorOf(text))?.getHeader('To');
}

function subjectOf(value: string): string | undefined {
  const text = request({ headers: { Subject: value } });
  return parseMessage(Buffer.from(text)).getHeader('Subject');
}

function partialOf(error: SipParseError): RequestMessage | undefined {
  return error instanceof RefusedRequest ? error.partial : undefined;
}
