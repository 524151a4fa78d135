import { expect } from 'chai';
import { parseMessage } from '../../../../../container/sip/message/parser/index.js';
import { CORPUS } from '../../../../fixtures/sip/corpus.js';
import { capturedMessages } from '../../../../fixtures/sip/message-files.js';
import { fields, parsedBySipJs, rawValues, typedValues } from '../../../../fixtures/sip/reading.js';

describe('parseMessage beside the parser of sip.js', () => {
  const captured = capturedMessages().map(([title, octets]) => ({
    title,
    text: withoutDifferences(octets.toString()),
  }));
  const messages = [...CORPUS, ...captured];

  it('is compared on 300 messages or more', () => {
    expect(messages.length).to.be.at.least(300);
  });

  for (const { title, text } of messages) {
    it(`reads the same from ${title}`, () => {
      const ours = parseMessage(Buffer.from(text));
      const theirs = parsedBySipJs(text);
      if (theirs === undefined) throw new Error('sip.js refused the message');
      expect(fields(ours)).to.deep.equal(fields(theirs));
      expect(rawValues(ours)).to.deep.equal(rawValues(theirs));
      expect(typedValues(ours)).to.deep.equal(typedValues(theirs));
    });
  }
});

/**
 * Real messages meet two of the known differences between the parsers: several Vias in one line, and an rport without a value.
 */
function withoutDifferences(text: string): string {
  return text.replaceAll(/^Via: .*$/gm, (line) =>
    line.replaceAll(/, */g, '\r\nVia: ').replaceAll(/;rport(?=[;\r]|$)/g, ''),
  );
}
