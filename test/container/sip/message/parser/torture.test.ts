import { expect } from 'chai';
import {
  parseMessage,
  type ReceivedMessage,
  RefusedRequest,
  RequestMessage,
  ResponseMessage,
  SipParseError,
} from '../../../../../container/sip/message/parser/index.js';
import { tortureMessages } from '../../../../fixtures/sip/message-files.js';

type Outcome = 'read' | 'dropped' | number;

/** A status: answered with it. RFC 4475 would have some of the dropped ones answered with 400 where that can be done. */
const OUTCOMES: Record<string, Outcome> = {
  wsinv: 'read',
  intmeth: 'read',
  esc01: 'read',
  escnull: 'read',
  esc02: 'read',
  lwsdisp: 'read',
  longreq: 'read',
  dblreq: 'read',
  semiuri: 'read',
  transports: 'read',
  mpart01: 'read',
  unreason: 'read',
  noreason: 'read',
  badinv01: 'dropped',
  clerr: 400,
  ncl: 400,
  scalar02: 400,
  scalarlg: 'dropped',
  quotbal: 400,
  ltgtruri: 400,
  lwsruri: 400,
  lwsstart: 400,
  trws: 400,
  // Whether a Request-URI may have headers is for the server to say.
  escruri: 'read',
  baddate: 'read',
  regbadct: 400,
  badaspec: 400,
  baddn: 400,
  badvers: 505,
  mismatch01: 400,
  mismatch02: 400,
  bigcode: 'dropped',
  badbranch: 'read',
  insuf: 400,
  unkscm: 'read',
  novelsc: 'read',
  unksm2: 'read',
  bext01: 'read',
  invut: 'read',
  regaut01: 'read',
  multi01: 400,
  mcl01: 400,
  bcast: 'read',
  zeromf: 'read',
  cparam01: 'read',
  cparam02: 'read',
  regescrt: 'read',
  sdp01: 'read',
  inv2543: 'read',
};

const messages = tortureMessages('rfc4475');

function octetsOf(name: string): Buffer {
  const octets = messages.get(name);
  if (octets === undefined) throw new Error(`There is no message ${name}`);
  return octets;
}

function outcome(octets: Buffer): Outcome {
  try {
    parseMessage(octets);
    return 'read';
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return error instanceof RefusedRequest ? error.status : 'dropped';
  }
}

function read(name: string): ReceivedMessage {
  return parseMessage(octetsOf(name));
}

function requestUri(name: string): string | undefined {
  const message = read(name);
  return message instanceof RequestMessage ? message.ruri?.toString() : undefined;
}

describe('parseMessage, given the torture messages of RFC 4475', () => {
  it('has an outcome for each of them', () => {
    expect([...messages.keys()].toSorted()).to.deep.equal(Object.keys(OUTCOMES).toSorted());
  });

  for (const [name, expected] of Object.entries(OUTCOMES)) {
    it(`${typeof expected === 'number' ? `says ${expected} to` : expected === 'read' ? 'reads' : 'drops'} ${name}`, () => {
      expect(outcome(octetsOf(name))).to.equal(expected);
    });
  }

  it('finds the values of wsinv behind all its white space', () => {
    const message = read('wsinv');
    expect(message.to.toString()).to.equal('<sip:vivekg@chair-dnrc.example.com>;tag=1918181833n');
    expect([message.from.displayName, message.fromTag]).to.deep.equal(['J Rosenberg \\\\\\"', '98asjd8']);
    expect([message.cseq, message.method, message.parseHeader('Max-Forwards')]).to.deep.equal([9, 'INVITE', 68]);
    expect(
      [0, 1, 2].map((index) => message.parseHeader('Via', index)).map((via) => [via?.host, via?.branch]),
    ).to.deep.equal([
      ['192.0.2.2', '390skdjuw'],
      ['spindle.example.com', 'z9hG4bK9ikj8'],
      ['192.168.255.111', 'z9hG4bK30239'],
    ]);
    expect(String(message.parseHeader('Contact'))).to.equal(
      '"Quoted string \\"\\"" <sip:jdrosen@example.com>;newparam=newvalue;secondparam;q=0.33',
    );
    expect(message.getHeader('UnknownHeaderWithUnusualValue')).to.equal(';;,,;;,;');
    expect(message.getHeader('NewFangledHeader')).to.equal('newfangled value continued newfangled value');
    expect([message.getHeader('Subject'), message.body.length]).to.deep.equal(['', 150]);
  });

  it('takes escapes in URIs for what they stand for, and nothing else for an escape', () => {
    expect(requestUri('esc01')).to.equal('sip:sips%3Auser%40example.com@example.net');
    expect(read('esc01').to.uri.user).to.equal('user');
    expect(read('esc02').method).to.equal('RE%47IST%45R');
    expect(read('esc02').getHeaders('Contact')).to.have.length(2);
    expect(read('escnull').parseHeader('Contact', 1)?.uri.user).to.equal('\0\0');
    expect(requestUri('semiuri')).to.equal('sip:user;par=u%40example.net@example.com');
  });

  it('reads the first of two requests in one datagram', () => {
    expect([read('dblreq').method, read('dblreq').body]).to.deep.equal(['REGISTER', '']);
  });

  it('reads all Vias, whatever their transport', () => {
    expect(read('longreq').getHeaders('Via')).to.have.length(34);
    expect(read('transports').parseHeader('Via', 3)?.transport).to.equal('UNKNOWN');
  });

  it('reads reason phrases of any characters, and empty ones', () => {
    const phrases = [read('unreason'), read('noreason')].map((message) =>
      message instanceof ResponseMessage ? message.reasonPhrase : undefined,
    );
    expect(phrases).to.deep.equal(['= 2**3 * 5**2 но сто девяносто девять - простое', '']);
  });

  it('keeps URIs of schemes that it does not know', () => {
    expect(requestUri('novelsc')).to.equal('soap.beep://192.0.2.103:3002');
    const { to, from } = read('unksm2');
    expect([to.uri.scheme, from.toString()]).to.deep.equal(['isbn', '<http://www.example.com>;tag=3234233']);
  });

  it('gives the parameters behind an address to the header or to the URI as the brackets say', () => {
    expect(read('cparam01').parseHeader('Contact')?.parameters).to.deep.equal({ unknownparam: null });
    expect(read('cparam02').parseHeader('Contact')?.uri.getParam('unknownparam')).to.equal(null);
    expect(String(read('regescrt').parseHeader('Contact')?.uri)).to.include('?Route=%3Csip:sip.example.com%3E');
  });

  it('reads a request of RFC 2543, without branch, tag or length', () => {
    const message = read('inv2543');
    expect([message.viaBranch, message.fromTag, message.body.length]).to.deep.equal(['', '', 105]);
  });
});
