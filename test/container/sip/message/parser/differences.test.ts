import { expect } from 'chai';
import { parseMessage } from '../../../../../container/sip/message/parser/index.js';
import { request, response } from '../../../../fixtures/sip/messages.js';
import { type AnyMessage, parsedBySipJs, plain } from '../../../../fixtures/sip/reading.js';

interface Difference {
  /** What the parser does, and why. */
  readonly title: string;
  readonly text: string;
  /** What is looked at in the message. */
  readonly look: (message: AnyMessage) => unknown;
  readonly ours: unknown;
  /** What sip.js's parser says; `refused` where it takes the message for broken. */
  readonly theirs: unknown;
}

const refused = Symbol('refused');

function looker(name: string, index = 0): (message: AnyMessage) => unknown {
  return (message) => plain(message.parseHeader(name, index));
}

const TWO_VIAS = 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa, SIP/2.0/TCP 192.0.2.2;branch=z9hG4bKb';
const CHALLENGES = ['WWW-Authenticate: Digest realm="a", nonce="1"', 'WWW-Authenticate: Digest realm="b", nonce="2"'];

const DIFFERENCES: readonly Difference[] = [
  {
    title: 'gives each of several Vias in one line an entry of its own (RFC 3261 section 7.3.1)',
    text: request({ headers: { Via: TWO_VIAS } }),
    look: (message) => [message.viaBranch, message.getHeaders('Via')],
    ours: ['z9hG4bKa', TWO_VIAS.split(', ')],
    theirs: ['z9hG4bKb', [TWO_VIAS]],
  },
  {
    title: 'gives each of several Routes in one line an entry of its own',
    text: request({ headers: { Route: '<sip:a.example.com;lr>, <sip:b.example.com;lr>' } }),
    look: (message) => message.getHeaders('Route'),
    ours: ['<sip:a.example.com;lr>', '<sip:b.example.com;lr>'],
    theirs: ['<sip:a.example.com;lr>, <sip:b.example.com;lr>'],
  },
  {
    title: 'keeps every challenge (RFC 3261 section 22.3 lets several proxies ask)',
    text: response(401, 'Unauthorized', { lines: CHALLENGES }),
    look: (message) => [0, 1].map((index) => plain(message.parseHeader('WWW-Authenticate', index))),
    ours: [
      { realm: 'a', nonce: '1' },
      { realm: 'b', nonce: '2' },
    ],
    theirs: [{ realm: 'b', nonce: '2' }, undefined],
  },
  {
    title: 'takes qop without quotes, which some servers send',
    text: response(401, 'Unauthorized', { lines: ['WWW-Authenticate: Digest realm="a", nonce="1", qop=auth'] }),
    look: looker('WWW-Authenticate'),
    ours: { realm: 'a', nonce: '1', qop: ['auth'] },
    theirs: { realm: 'a', nonce: '1' },
  },
  {
    title: 'keeps a challenge that it cannot read as text',
    text: response(401, 'Unauthorized', { lines: ['WWW-Authenticate: Digest'] }),
    look: (message) => [message.parseHeader('WWW-Authenticate'), message.getHeader('WWW-Authenticate')],
    ours: [undefined, 'Digest'],
    theirs: refused,
  },
  {
    title: 'joins a folded field with one space (RFC 3261 section 7.3.1), so that it can be sent on',
    text: request({ headers: { Subject: 'one\r\n two\r\n\t three  ' } }),
    look: (message) => message.getHeader('Subject'),
    ours: 'one two three',
    theirs: 'one\r\n two\r\n\t three',
  },
  {
    title: 'reads a tel URI in From (RFC 3966)',
    text: request({ headers: { From: '<tel:+1-201-555-0123;phone-context=x>;tag=1' } }),
    look: (message) => [message.from.uri.scheme, message.from.uri.user, message.from.toString(), message.fromTag],
    ours: ['tel', '+1-201-555-0123', '<tel:+1-201-555-0123;phone-context=x>;tag=1', '1'],
    theirs: refused,
  },
  {
    title: 'reads a tel URI without brackets in Refer-To',
    text: request({ method: 'REFER', headers: { 'Refer-To': 'tel:+15550123;x=y' } }),
    look: (message) => String(message.parseHeader('Refer-To')),
    ours: '<tel:+15550123>;x=y',
    theirs: refused,
  },
  {
    title: 'takes a Contact of * for what it is in a REGISTER (RFC 3261 section 10.2.2)',
    text: request({ method: 'REGISTER', headers: { Contact: '*' } }),
    look: (message) => [message.getHeaders('Contact'), message.parseHeader('Contact')],
    ours: [['*'], undefined],
    theirs: refused,
  },
  {
    title: 'shows an rport without a value as an empty one (RFC 3581 section 3)',
    text: request({ headers: { Via: 'SIP/2.0/UDP 192.0.2.1;rport;branch=z9hG4bKa' } }),
    look: (message) => [message.parseHeader('Via').rport, message.parseHeader('Via').params],
    ours: ['', undefined],
    theirs: [undefined, { rport: undefined }],
  },
  {
    title: 'does not take maddr for the sent-by of a Via',
    text: request({ headers: { Via: 'SIP/2.0/UDP 192.0.2.1;maddr=192.0.2.99;branch=z9hG4bKa' } }),
    look: (message) => message.parseHeader('Via')?.host,
    ours: '192.0.2.1',
    theirs: '192.0.2.99',
  },
  {
    title: 'does not take maddr for the host of a URI',
    text: request({ uri: 'sip:user1@example.com;maddr=192.0.2.99' }),
    look: (message) => 'ruri' in message && message.ruri?.toString(),
    ours: 'sip:user1@example.com;maddr=192.0.2.99',
    theirs: 'sip:user1@192.0.2.99;maddr=192.0.2.99',
  },
  {
    title: 'does not take the method parameter of the Request-URI for the method of the request',
    text: request({ uri: 'sip:user1@example.com;method=REGISTER' }),
    look: (message) => message.method,
    ours: 'INVITE',
    theirs: 'REGISTER',
  },
  {
    title: 'keeps ttl among the parameters of the URI',
    text: request({ headers: { Contact: '<sip:a@example.com;ttl=5>' } }),
    look: (message) => message.parseHeader('Contact').uri.parameters,
    ours: { ttl: '5' },
    theirs: {},
  },
  {
    title: 'does not give the next Contact the headers of the one before it',
    text: request({ headers: { Contact: '<sip:a@example.com?a=b>, <sip:c@example.com>' } }),
    look: (message) => message.parseHeader('Contact', 1).uri.headers,
    ours: {},
    theirs: { A: ['b'] },
  },
  {
    title: 'takes a domain that ends with a dot (RFC 3261 section 25.1)',
    text: request({ headers: { From: '<sip:user1@example.com.>;tag=1' } }),
    look: (message) => message.from.uri.host,
    ours: 'example.com.',
    theirs: refused,
  },
  {
    title: 'sends a user part on with the reserved characters that it came with (RFC 3261 section 19.1.4)',
    text: request({ headers: { Contact: '<sip:+1555;ext=2@example.com>' } }),
    look: (message) => message.parseHeader('Contact').uri.toRaw(),
    ours: 'sip:+1555;ext=2@example.com',
    theirs: 'sip:+1555%3Bext%3D2@example.com',
  },
  {
    title: 'sends a user part on that has an escaped percent sign twice escaped',
    text: request({ headers: { Contact: '<sip:100%2541@example.com>' } }),
    look: (message) => message.parseHeader('Contact').uri.toString(),
    ours: 'sip:100%2541@example.com',
    theirs: 'sip:100A@example.com',
  },
  {
    title: 'keeps the parameters of an address in order',
    text: request({ headers: { From: '<sip:user1@example.com>;tag=1;x=y' } }),
    look: (message) => message.from.toString(),
    ours: '<sip:user1@example.com>;tag=1;x=y',
    theirs: '<sip:user1@example.com>;x=y;tag=1',
  },
  {
    title: 'keeps the text of q and expires',
    text: request({ headers: { Contact: '<sip:user1@example.com>;q=0.50;expires=0060' } }),
    look: (message) => message.parseHeader('Contact').parameters,
    ours: { q: '0.50', expires: '0060' },
    theirs: { q: '0.5', expires: '60' },
  },
  {
    title: 'prints the scheme of a URI in lower case also where the rest is as it came',
    text: request({ headers: { Contact: '<SIP:user1@EXAMPLE.com>' } }),
    look: (message) => message.parseHeader('Contact').uri.toRaw(),
    ours: 'sip:user1@EXAMPLE.com',
    theirs: 'SIP:user1@EXAMPLE.com',
  },
  {
    title: 'reads retry-after of Subscription-State by its name, and states in any case (RFC 6665 section 4.1.3)',
    text: request({
      method: 'NOTIFY',
      headers: { 'Subscription-State': 'Terminated;reason=Probation;retry-after=20' },
    }),
    look: looker('Subscription-State'),
    ours: { state: 'terminated', reason: 'probation', retry_after: 20 },
    theirs: { state: 'Terminated', reason: 'Probation', params: { 'retry-after': '20' } },
  },
  {
    title: 'keeps the handling of Content-Disposition',
    text: request({ headers: { 'Content-Disposition': 'session;handling=optional' } }),
    look: looker('Content-Disposition'),
    ours: { type: 'session', params: { handling: 'optional' } },
    theirs: { type: 'session' },
  },
  {
    title: 'takes a status line without the space before its empty reason, which some phones send',
    text: response(200, '', { startLine: 'SIP/2.0 200' }),
    look: (message) => 'statusCode' in message && [message.statusCode, message.reasonPhrase],
    ours: [200, ''],
    theirs: refused,
  },
  {
    title: 'takes any printable character in a reason phrase, as RFC 4475 section 3.1.1.10 has it',
    text: response(486, '= "Busy" <here> [1]'),
    look: (message) => 'statusCode' in message && message.reasonPhrase,
    ours: '= "Busy" <here> [1]',
    theirs: refused,
  },
  {
    title: 'counts the bytes of a body, not its characters (RFC 3261 section 20.14)',
    text: `${request({ body: 'äöü' })}xyz`,
    look: (message) => message.body,
    ours: 'äöü',
    theirs: 'äöüxyz',
  },
  {
    title: 'leaves the body of a response out when nobody can know what it is (RFC 3261 section 20.15)',
    text: response(404, 'Not Found', { body: 'gone', headers: { 'Content-Type': undefined } }),
    look: (message) => message.body,
    ours: '',
    theirs: 'gone',
  },
  {
    title: 'takes letters beyond ASCII in a display name without quotes, which some phones send',
    text: request({ headers: { From: 'Jürgen Ä <sip:user1@example.com>;tag=1' } }),
    look: (message) => message.from.displayName,
    ours: 'Jürgen Ä',
    theirs: refused,
  },
  {
    title: 'skips blank lines before the start line (RFC 3261 section 7.5)',
    text: `\r\n\r\n${request()}`,
    look: (message) => message.callId,
    ours: 'a84b4c76e66710@pc33.example.com',
    theirs: refused,
  },
  {
    title: 'knows the compact forms of every header (RFC 3261 section 7.3.3)',
    text: request({ method: 'NOTIFY', lines: ['o: refer', 'k: timer', 's: x', 'u: refer', 'b: <sip:a@b>', 'x: 90'] }),
    look: (message) =>
      ['Event', 'Supported', 'Subject', 'Allow-Events', 'Referred-By', 'Session-Expires'].map((name) =>
        message.getHeader(name),
      ),
    ours: ['refer', 'timer', 'x', 'refer', '<sip:a@b>', '90'],
    theirs: [undefined, undefined, undefined, undefined, undefined, undefined],
  },
];

describe('where parseMessage reads on purpose what the parser of sip.js does not', () => {
  for (const { title, text, look, ours, theirs } of DIFFERENCES) {
    it(title, () => {
      const message = parsedBySipJs(text);
      expect(message === undefined ? refused : look(message), 'sip.js').to.deep.equal(theirs);
      expect(look(parseMessage(Buffer.from(text))), 'ours').to.deep.equal(ours);
    });
  }

  it('prints a URI whose escapes make sip.js throw', () => {
    const text = request({ headers: { From: '<sip:100%25@example.com>;tag=1' } });
    expect(() => parsedBySipJs(text)?.from.toString()).to.throw(URIError);
    expect(parseMessage(Buffer.from(text)).from.toString()).to.equal('<sip:100%25@example.com>;tag=1');
  });
});
