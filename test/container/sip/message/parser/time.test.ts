import { expect } from 'chai';
import { DEFAULT_LIMITS, SipParseError, parseMessage } from '../../../../../container/sip/message/parser/index.js';
import { request, response } from '../../../../fixtures/sip/messages.js';
import { parsedBySipJs } from '../../../../fixtures/sip/reading.js';

const MEGABYTE = 1024 * 1024;

/** So wide that nothing but the length of the message bounds the time. */
const NO_LIMITS = {
  maxMessageBytes: DEFAULT_LIMITS.maxMessageBytes,
  maxRequestUriLength: MEGABYTE,
  maxHeaders: MEGABYTE,
  maxHeaderLength: MEGABYTE,
  maxVias: MEGABYTE,
  maxAddresses: MEGABYTE,
};

/** Leaves room for the rest of a message. */
const FILLING_BYTES = 60 * 1024;

const NAMES = ['From', 'Contact', 'Via', 'Call-ID', 'Content-Type', 'WWW-Authenticate'];
const STARTS = ['', '<sip:a@b>', '"', 'sip:', 'SIP/2.0/UDP a', 'Digest a="'];
const REPEATED = [
  '"',
  '\\"',
  '<',
  '>',
  ',',
  ';',
  ';a',
  ';a=b',
  '=',
  '%41',
  ' ',
  '\t',
  '\r\n ',
  '@',
  ':',
  '[',
  '.',
  'a.',
  '&a=b',
  '?',
  '/',
];
const OTHER = [',<sip:a@b>', ', SIP/2.0/UDP a', ', a="b"', '(', '\r\nX-Y: z', '\r\n', '\u00e4', '0'];

/** Milliseconds of processor time: how busy the machine is does not count. */
function processorTimeMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function readAll(text: string): void {
  try {
    const message = parseMessage(Buffer.from(text), NO_LIMITS);
    for (const name of NAMES) message.parseHeader(name);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
}

describe('the time that parseMessage takes', () => {
  for (const repeated of [...REPEATED, ...OTHER]) {
    it(`grows no faster than a message full of ${JSON.stringify(repeated)}`, () => {
      // Work that grew with the square of 60 KiB would take seconds for a single message.
      const filling = repeated.repeat(Math.floor(FILLING_BYTES / Buffer.byteLength(repeated)));
      for (const name of NAMES) {
        for (const start of STARTS) {
          const text = request({ headers: { [name]: start + filling } });
          expect(
            processorTimeMs(() => readAll(text)),
            `${name}: ${start}`,
          ).to.be.below(500);
        }
      }
      expect(
        processorTimeMs(() => readAll(request({ uri: `sip:${filling}` }))),
        'Request-URI',
      ).to.be.below(500);
      expect(
        processorTimeMs(() => readAll(`${filling}\r\n\r\n`)),
        'whole message',
      ).to.be.below(500);
    });
  }

  it('is less than a thirtieth of what the parser of sip.js takes', () => {
    const text = response(200, 'OK', {
      lines: [
        'Record-Route: <sip:192.0.2.10;lr;ftag=1928301774;did=12.34>',
        'Contact: <sip:user2@192.0.2.4:5060;transport=udp>',
        'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY',
        'Supported: replaces, timer',
        'User-Agent: Phone/1.0',
      ],
      body: 'v=0\r\no=- 1 1 IN IP4 192.0.2.4\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0 8 101\r\n',
    });
    const datagram = Buffer.from(text);
    const rounds = 20;
    const warmUp = 2000;
    for (let round = 0; round < warmUp; round += 1) parseMessage(datagram);
    const ours = processorTimeMs(() => {
      for (let round = 0; round < rounds * 30; round += 1) parseMessage(datagram);
    });
    const theirs = processorTimeMs(() => {
      for (let round = 0; round < rounds; round += 1) parsedBySipJs(text);
    });
    expect(ours).to.be.below(theirs);
  });
});
