import { expect } from 'chai';
import { parseMessage } from '../../../../container/sip/parser/index.js';
import { CORPUS } from '../../../fixtures/sip/corpus.js';
import { fields, parsedBySipJs, rawValues, typedValues } from '../../../fixtures/sip/reading.js';

describe('parseMessage beside the parser of sip.js', () => {
  it('is compared on 150 messages or more', () => {
    expect(CORPUS.length).to.be.at.least(150);
  });

  for (const { title, text } of CORPUS) {
    it(`reads the same from ${title}`, () => {
      const ours = parseMessage(Buffer.from(text));
      const theirs = parsedBySipJs(text);
      if (theirs === undefined) throw new Error('sip.js refused the message');
      expect(ours.constructor).to.not.equal(theirs.constructor);
      expect(ours).to.be.instanceOf(theirs.constructor);
      expect(fields(ours)).to.deep.equal(fields(theirs));
      expect(rawValues(ours)).to.deep.equal(rawValues(theirs));
      expect(typedValues(ours)).to.deep.equal(typedValues(theirs));
    });
  }
});
