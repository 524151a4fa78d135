import { expect } from 'chai';
import fc from 'fast-check';
import {
  DEFAULT_FRAMING_LIMITS,
  type Frame,
  StreamFraming,
} from '../../../../container/sip/transport/stream-framing.js';

const limits = { maxHeadBytes: 400, maxMessageBytes: 1000 };

function message(body: string, contentLength = `Content-Length: ${Buffer.byteLength(body)}`): string {
  return `MESSAGE sip:a@b SIP/2.0\r\nSubject: l: 3 Content-Length: 9\r\n${contentLength}\r\nX: y\r\n\r\n${body}`;
}

/** The same stream in pieces, cut at these places. */
function pieces(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).toSorted((a, b) => a - b), stream.length];
  return places.slice(1).map((place, index) => stream.subarray(places[index], place));
}

function show(frame: Frame): string {
  if (frame.type === 'message') return frame.message.toString('utf8');
  return frame.type === 'fault' ? `${frame.fault.status} ${frame.fault.reason}` : frame.type;
}

function frames(stream: string, cuts: readonly number[] = [], framing = new StreamFraming(limits)): string[] {
  const found = pieces(Buffer.from(stream), cuts).flatMap((piece) => framing.push(piece));
  return found.map(show); // only now: what was cut out first must not have changed
}

const body = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constant('INVITE sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n'),
  fc.constant('\r\n\r\n'),
);
const lengthField = fc.constantFrom('Content-Length: ', 'l:', 'CONTENT-LENGTH\t:  ', 'content-length:\r\n ');
const messages = fc
  .tuple(body, lengthField)
  .map(([text, field]) => message(text, `${field}${Buffer.byteLength(text)}`));
const cuts = fc.array(fc.nat(5000), { maxLength: 40 });

describe('The framing of a SIP stream', () => {
  it('finds the same messages wherever the stream is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 8 }), cuts, (sent, places) => {
        expect(frames(sent.join(''), places)).to.deep.equal(sent);
      }),
    );
  });

  it('finds messages and keep-alives that arrive byte by byte', () => {
    const stream = `${message('one')}\r\n\r\n${message('two', 'l: 3')}\r\n\r\n\r\n\r\n${message('')}`;
    const everyByte = Array.from({ length: stream.length }, (_, index) => index);
    expect(frames(stream, everyByte)).to.deep.equal([
      message('one'),
      'ping',
      message('two', 'l: 3'),
      'ping',
      'ping',
      message(''),
    ]);
  });

  it('ignores a blank line before a message', () => {
    expect(frames(`\r\n${message('a')}\r\n${message('b')}\r\n`)).to.deep.equal([message('a'), message('b')]);
  });

  it('takes the first blank line after a ping for its answer, and only that one', () => {
    const framing = new StreamFraming(limits);
    framing.expectPong(true);
    expect(frames(`\r\n\r\n\r\n${message('a')}`, [1, 3], framing)).to.deep.equal(['pong', 'ping', message('a')]);
  });

  const faults = {
    'names no length': [message('', 'Subject: x'), '400 Missing Content-Length'],
    'names a length that is no number': [message('', 'Content-Length: 1x'), '400 Bad Content-Length'],
    'names a negative length': [message('', 'Content-Length: -1'), '400 Bad Content-Length'],
    'names a length of two lines': [message('', 'Content-Length: 1\r\n 0'), '400 Bad Content-Length'],
    'names two lengths': [message('abc', 'Content-Length: 3\r\nl: 2'), '400 Contradictory Content-Length'],
    'names a length beyond the limit': [message('', 'Content-Length: 999'), '513 Message Too Large'],
    'names an astronomical length': [message('', 'Content-Length: 9999999999'), '513 Message Too Large'],
    'has a header beyond the limit': [message('', `X: ${'x'.repeat(400)}`), '513 Header Too Large'],
    'has a header without an end': ['x'.repeat(401), '513 Header Too Large'],
  } as const;

  for (const [title, [stream, fault]] of Object.entries(faults)) {
    it(`ends at a message that ${title}, whatever follows`, () => {
      fc.assert(
        fc.property(cuts, (places) => {
          const all = `${message('before')}${stream}${message('after')}`;
          expect(frames(all, places)).to.deep.equal([message('before'), fault]);
        }),
      );
    });
  }

  it('gives the header of the message at which it ended, so that the request can be refused', () => {
    const [frame] = new StreamFraming(limits).push(Buffer.from(message('', 'Content-Length: 999')));
    expect(frame?.type === 'fault' && frame.fault.head?.toString()).to.equal(message('', 'Content-Length: 999'));
  });

  it('finds a message as large as the limits allow, and refuses one byte more', () => {
    const head = message('', 'l: 000').length;
    const fits = message('x'.repeat(1000 - head), `l: ${1000 - head}`);
    expect(frames(fits)).to.deep.equal([fits]);
    expect(frames(message('x'.repeat(1001 - head), `l: ${1001 - head}`))).to.deep.equal(['513 Message Too Large']);
  });

  it('finds a large message that arrives byte by byte', () => {
    const framing = new StreamFraming();
    const large = message('', `X: ${'x'.repeat(DEFAULT_FRAMING_LIMITS.maxHeadBytes - 200)}\r\nl: 30000`);
    const bytes = Buffer.from(large + 'y'.repeat(30_000));
    const found = Array.from(bytes, (_, index) => framing.push(bytes.subarray(index, index + 1))).flat();
    expect(found.map(show)).to.deep.equal([bytes.toString()]);
  });

  it('makes nothing of random bytes but messages that are in them, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 10 }), (chunks) => {
        const framing = new StreamFraming(limits);
        for (const chunk of chunks) framing.push(Buffer.from(chunk));
        expect(framing.push(Buffer.alloc(2000, 'z')).map(show)).to.satisfy(
          (found: string[]) => found.length === 0 || found.join() === '513 Header Too Large',
        );
      }),
    );
  });
});
