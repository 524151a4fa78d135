import { expect } from 'chai';
import { OfferAnswer, type OfferEvent } from '../../../../container/sip/dialog/offer-answer.js';

/** From a dialog that an INVITE of the other side has begun. */
function after(...events: OfferEvent[]): OfferAnswer {
  const offers = new OfferAnswer('early');
  for (const event of events) offers.step(event);
  return offers;
}

describe('The exchange of offer and answer', () => {
  it('is over with the 2xx that answers the first INVITE, and then either side may offer', () => {
    expect(after('answered').step('send')).to.equal(undefined);
    expect(after('answered').step('invited')).to.equal(undefined);
    expect(after('answered').step('updated')).to.equal(undefined);
  });

  it('waits for the ACK if the 2xx has the offer', () => {
    expect(after('offers').step('invited')).to.equal(500);
    expect(after('offers').step('updated')).to.equal(491);
    expect(after('offers').step('send')).to.equal(491);
    expect(after('offers', 'over').step('send')).to.equal(undefined);
  });

  it('refuses with 491 an offer that crosses our INVITE (RFC 3261 section 14.2, RFC 3311 section 5.2)', () => {
    for (const event of ['send', 'invited', 'updated'] as const)
      expect(after('answered', 'send').step(event), event).to.equal(491);
  });

  it('refuses with 500 an offer before the INVITE of the other side is answered', () => {
    for (const event of ['invited', 'updated'] as const) {
      expect(after().step(event), event).to.equal(500);
      expect(after('answered', 'invited').step(event), event).to.equal(500);
    }
    expect(after('answered', 'invited').step('send')).to.equal(491);
  });

  it('accepts offers again when the exchange is over, and none before the first INVITE is answered', () => {
    expect(after('answered', 'send', 'over').state).to.equal('stable');
    expect(after('answered', 'invited', 'over').state).to.equal('stable');
    expect(after('over').state).to.equal('early');
  });
});
