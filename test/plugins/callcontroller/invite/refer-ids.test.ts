import { expect } from 'chai';
import type { SipResponse } from '../../../../sdk/index.js';
import { ReferIds } from '../../../../plugins/callcontroller/invite/refer-ids.js';

const one = { name: 'one party' };
const other = { name: 'the other' };

/** The final response to a REFER, with its CSeq on the leg that it was carried to. */
function accepted(cseq: number): SipResponse {
  return { cseq, status: 202 } as SipResponse;
}

function eventOf(ids: ReferIds, referrer: object, event: string): string | undefined {
  return ids.notifyHeaders(referrer, [['Event', event]])[0]?.[1];
}

describe('the id of a NOTIFY forwarded to the referrer', () => {
  it('becomes the CSeq of the REFER that the referrer sent', () => {
    const ids = new ReferIds();
    ids.add(one, 4711)(accepted(3));
    expect(eventOf(ids, one, 'refer;id=3')).to.equal('refer;id=4711');
  });

  it('is known before the REFER is answered', () => {
    const ids = new ReferIds();
    ids.add(one, 4711);
    expect(eventOf(ids, one, 'refer;id=3')).to.equal('refer;id=4711');
  });

  it('distinguishes several REFERs of both parties', () => {
    const ids = new ReferIds();
    ids.add(one, 10)(accepted(3));
    ids.add(one, 11)(accepted(4));
    ids.add(other, 70)(accepted(3));
    expect(eventOf(ids, one, 'refer ; id = 3')).to.equal('refer ; id = 10');
    expect(eventOf(ids, one, 'refer;id=4')).to.equal('refer;id=11');
    expect(eventOf(ids, other, 'refer;id=3')).to.equal('refer;id=70');
  });

  it('is unchanged if there is no such REFER, or no id', () => {
    const ids = new ReferIds();
    ids.add(one, 10)(accepted(3));
    expect(eventOf(ids, one, 'refer;id=5')).to.equal('refer;id=5');
    expect(eventOf(ids, other, 'refer;id=3')).to.equal('refer;id=3');
    expect(eventOf(ids, one, 'refer')).to.equal('refer');
  });

  it('leaves all other headers alone', () => {
    const ids = new ReferIds();
    ids.add(one, 10)(accepted(3));
    const headers = [['Subscription-State', 'active;id=3'] as const, ['Event', 'refer;id=3'] as const];
    expect(ids.notifyHeaders(one, headers)).to.deep.equal([
      ['Subscription-State', 'active;id=3'],
      ['Event', 'refer;id=10'],
    ]);
  });

  it('remembers the latest 16 REFERs of a call', () => {
    const ids = new ReferIds();
    for (let cseq = 1; cseq <= 17; cseq++) ids.add(one, 100 + cseq)(accepted(cseq));
    expect(eventOf(ids, one, 'refer;id=1')).to.equal('refer;id=1');
    expect(eventOf(ids, one, 'refer;id=2')).to.equal('refer;id=102');
  });
});
