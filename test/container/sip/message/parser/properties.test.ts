import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  SipParseError,
  parseMessage,
  parseNameAddr,
  parseUri,
  splitList,
} from '../../../../../container/sip/message/parser/index.js';
import { nameAddrText, uriText, via, viaText } from '../../../../fixtures/sip/arbitraries.js';
import { CORPUS } from '../../../../fixtures/sip/corpus.js';
import { request } from '../../../../fixtures/sip/messages.js';

/** Seen in a hostile message sooner than any other character. */
const DELIMITERS = [
  '\r\n',
  '\r',
  '\n',
  '\0',
  ' ',
  '\t',
  ',',
  ';',
  ':',
  '"',
  '\\',
  '<',
  '>',
  '@',
  '=',
  '%',
  '[',
  ']',
  '?',
  '*',
  'ü',
  '\ud800',
];

const change = fc.record({
  position: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat({ max: 40 }),
  inserted: fc.oneof(
    fc.constantFrom(...DELIMITERS),
    fc.string({ maxLength: 6 }),
    fc.constantFrom(...CORPUS).map(({ text }) => text.slice(0, 200)),
  ),
});

/** A valid message with a few places cut out, put in or overwritten. */
const mutated = fc
  .tuple(fc.constantFrom(...CORPUS), fc.array(change, { minLength: 1, maxLength: 4 }))
  .map(([{ text }, changes]) => {
    let result = text;
    for (const { position, removed, inserted } of changes) {
      const at = Math.floor(position * result.length);
      result = result.slice(0, at) + inserted + result.slice(at + removed);
    }
    return result;
  });

function refusesOnlyWithParseError(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
}

/** Parses and asks for everything that can be asked for: what is lazy has to be as safe as what is not. */
function readAll(datagram: Buffer): void {
  const message = parseMessage(datagram);
  for (const name of message.headerNames) {
    for (const [index] of message.getHeaders(name).entries()) {
      const value: unknown = message.parseHeader(name, index);
      String(value);
    }
  }
  for (const address of [message.from, message.to]) parseNameAddr(address.toString());
  if ('ruri' in message) message.ruri?.toRaw();
}

describe('the parser, for any input', () => {
  it('prints a URI as it was read', () => {
    fc.assert(
      fc.property(uriText, (text) => {
        expect(parseUri(text).toRaw()).to.equal(text);
      }),
      { numRuns: 200 },
    );
  });

  it('prints a name address as it was read', () => {
    fc.assert(
      fc.property(nameAddrText, (text) => {
        expect(parseNameAddr(text).toString()).to.equal(text);
      }),
      { numRuns: 200 },
    );
  });

  it('reads a Via as it was printed', () => {
    fc.assert(
      fc.property(fc.array(via, { minLength: 1, maxLength: 3 }), (values) => {
        const message = parseMessage(Buffer.from(request({ headers: { Via: values.map(viaText).join(', ') } })));
        expect(values.map((_, index) => message.parseHeader('via', index))).to.deep.equal(values);
      }),
      { numRuns: 200 },
    );
  });

  it('gives a body of any characters back as it was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (body) => {
        expect(parseMessage(Buffer.from(`${request({ body })}behind it`)).body).to.equal(body);
      }),
    );
  });

  it('throws nothing but SipParseError for random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        refusesOnlyWithParseError(() => readAll(Buffer.from(bytes)));
        refusesOnlyWithParseError(() =>
          readAll(Buffer.from(`INVITE sip:a SIP/2.0\r\n${Buffer.from(bytes).toString('latin1')}`)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('throws nothing but SipParseError for changed messages', () => {
    fc.assert(
      fc.property(mutated, (text) => refusesOnlyWithParseError(() => readAll(Buffer.from(text)))),
      { numRuns: 2000 },
    );
  });

  it('throws nothing but SipParseError for any text given to a helper', () => {
    const fragment = fc.array(
      fc.oneof(fc.constantFrom(...DELIMITERS, 'sip:', 'tel:', 'SIP/2.0 ', '200'), fc.string({ maxLength: 4 })),
    );
    fc.assert(
      fc.property(fragment, (parts) => {
        for (const helper of [parseUri, parseNameAddr, splitList]) {
          refusesOnlyWithParseError(() => helper(parts.join('')));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
