import { expect } from 'chai';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { tortureMessages } from '../../../fixtures/sip/message-files.js';
import { Rig } from '../rig.js';

/** The status of the answer to each message; undefined if the message is dropped. */
type Answers = Readonly<Record<string, number | undefined>>;

/** The container knows none of the called users, has no registrar, and accepts no MESSAGE for unknown users. */
const RFC_4475: Answers = {
  wsinv: 481,
  intmeth: 405,
  esc01: 404,
  escnull: 405,
  esc02: 405,
  lwsdisp: 404,
  longreq: 404,
  dblreq: 405,
  semiuri: 404,
  transports: 404,
  mpart01: 405,
  unreason: undefined,
  noreason: undefined,
  // Its Via cannot be read, so there is no address for an answer.
  badinv01: undefined,
  clerr: 400,
  ncl: 400,
  scalar02: 400,
  scalarlg: undefined,
  quotbal: 400,
  ltgtruri: 400,
  lwsruri: 400,
  lwsstart: 400,
  trws: 400,
  escruri: 404,
  baddate: 404,
  regbadct: 400,
  badaspec: 400,
  baddn: 400,
  badvers: 505,
  mismatch01: 400,
  mismatch02: 400,
  bigcode: undefined,
  badbranch: 404,
  insuf: 400,
  unkscm: 416,
  novelsc: 416,
  unksm2: 405,
  bext01: 420,
  invut: 404,
  regaut01: 405,
  multi01: 400,
  mcl01: 400,
  bcast: undefined,
  zeromf: 404,
  cparam01: 405,
  cparam02: 405,
  regescrt: 405,
  sdp01: 404,
  // Without a Contact there is nowhere to send the BYE to.
  inv2543: 400,
};

const RFC_5118: Answers = {
  'ipv6-good': 405,
  'ipv6-bad': 400,
  'port-ambiguous': 405,
  'port-unambiguous': 405,
  'via-received-param-with-delim': 481,
  'via-received-param-no-delim': 200,
  'ipv6-in-sdp': 404,
  'mult-ip-in-header': 481,
  'mult-ip-in-sdp': 404,
  'ipv4-mapped-ipv6': 404,
  // The RFC says "may exhibit robustness"; we refuse an invalid address.
  'ipv6-bug-abnf-3-colons': 400,
  'ipv6-correct-abnf-2-colons': 404,
};

describe('A SIP address of the container, sent the torture messages', () => {
  let rig: Rig;
  let socket: Socket;
  const answers: string[] = [];

  before(async () => {
    rig = await Rig.open();
    socket = createSocket('udp4').bind(0, '127.0.0.1');
    socket.on('message', (datagram) => answers.push(datagram.toString()));
    await once(socket, 'listening');
  });

  after(async () => {
    socket.close();
    await rig.close();
    expect(new Set(rig.log.lines)).to.deep.equal(new Set(['SIP message refused or dropped: it cannot be read']));
  });

  for (const [rfc, expected] of [
    ['rfc4475', RFC_4475],
    ['rfc5118', RFC_5118],
  ] as const) {
    describe(`of ${rfc.toUpperCase().replace('C', 'C ')}`, () => {
      const messages = tortureMessages(rfc);

      it('has a verdict on each of them', () => {
        expect([...messages.keys()].toSorted()).to.deep.equal(Object.keys(expected).toSorted());
      });

      for (const [name, octets] of messages) {
        it(`${expected[name] === undefined ? 'drops' : `answers ${expected[name]} to`} ${name}`, async () => {
          expect(await statusOf(octets)).to.equal(expected[name]);
        });
      }
    });
  }

  /** The answer to a message, if there is one before the answer to a later OPTIONS. */
  async function statusOf(message: Buffer): Promise<number | undefined> {
    answers.length = 0;
    socket.send(withWayBack(message), rig.stack.port, '127.0.0.1');
    socket.send(OPTIONS, rig.stack.port, '127.0.0.1');
    while (!answers.at(-1)?.includes('Call-ID: after\r\n'))
      await once(socket, 'message', { signal: AbortSignal.timeout(5000) });
    expect(answers.length).to.be.at.most(2);
    const status = answers.length === 2 ? answers[0]?.split(' ')[1] : undefined;
    return status === undefined ? undefined : Number(status);
  }
});

const OPTIONS = [
  'OPTIONS sip:controller@127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKafter',
  'From: <sip:caller@example.com>;tag=after',
  'To: <sip:controller@example.com>',
  'Call-ID: after',
  'CSeq: 1 OPTIONS',
  'Max-Forwards: 70',
  'Content-Length: 0\r\n\r\n',
].join('\r\n');

/** Asks for the answer at this socket (RFC 3581): the hosts that the messages name do not exist. */
function withWayBack(message: Buffer): Buffer {
  const topVia = /^(?:v|via)\s*:\s*SIP\s*\/\s*[\d.]+\s*\/\s*\S+\s+[^\s;,]+/im;
  return Buffer.from(message.toString('latin1').replace(topVia, '$&;rport'), 'latin1');
}
