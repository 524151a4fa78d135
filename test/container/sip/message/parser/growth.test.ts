import { DEFAULT_LIMITS, SipParseError, parseMessage } from '../../../../../container/sip/message/parser/index.js';
import { request } from '../../../../fixtures/sip/messages.js';

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

function readAll(text: string): void {
  try {
    const message = parseMessage(Buffer.from(text), NO_LIMITS);
    for (const name of NAMES) message.parseHeader(name);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
}

describe('parseMessage, given a message full of the same', () => {
  for (const repeated of [...REPEATED, ...OTHER]) {
    // Work that grew with the square of 60 KiB would take seconds for each of them, and minutes for all: mocha's limit ends it.
    it(`comes to its end with ${JSON.stringify(repeated)}`, () => {
      const filling = repeated.repeat(Math.floor(FILLING_BYTES / Buffer.byteLength(repeated)));
      for (const name of NAMES) {
        for (const start of STARTS) readAll(request({ headers: { [name]: start + filling } }));
      }
      readAll(request({ uri: `sip:${filling}` }));
      readAll(`${filling}\r\n\r\n`);
    });
  }
});
