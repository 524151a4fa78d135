import { expect } from 'chai';
import { ReferCall } from '../../../../plugins/callcontroller/refer/refer-call.js';
import { ReferRetries } from '../../../../plugins/callcontroller/refer/refer-retries.js';
import { settingsSchema } from '../../../../plugins/callcontroller/settings.js';
import type { SipResponse } from '../../../../sdk/index.js';
import { request } from '../invite/call-request.js';
import { newRecord } from '../new-record.js';
import { type ScriptedLeg, ScriptedSip, sdp } from '../invite/scripted-sip.js';

describe('The first INVITE of a Refer call', () => {
  let call: ReferCall;
  let alice: ScriptedLeg;

  beforeEach(() => {
    const sip = new ScriptedSip();
    const owner = { record: newRecord(), onEnd: () => undefined, onSettled: () => undefined };
    call = new ReferCall(request, sip, settingsSchema.parse({}), owner);
    alice = sip.leg('alice');
  });

  afterEach(() => {
    call.abandon('hangUp');
    alice.latest.answer(alice.latest.method === 'BYE' ? 200 : 487);
    call.forget();
  });

  it('offers one audio line for which the telephone does not count as held by itself', () => {
    const content = alice.latest.options.body?.content ?? '';
    expect(content.match(/^(?:m=|a=send).*/gm)).to.deep.equal(['m=audio 9 RTP/AVP 0 8', 'a=sendonly']);
  });

  for (const status of [400, 406, 415, 488, 606]) {
    it(`goes on to the other kinds of offer after ${status}, and then answers the telephone's own in the ACK`, () => {
      alice.latest.answer(status);
      expect(alice.latest.options.body?.content).to.match(/^v=0\r\n[^m]*$/);
      alice.latest.answer(status);
      expect(alice.latest.options.body).to.equal(undefined);
      alice.latest.answer(200, { body: sdp('alice', 4000) });
      expect(alice.acks[0]?.content).to.contain('m=audio 9 RTP/AVP 0\r\na=sendonly');
      expect(alice.methods).to.deep.equal(['INVITE', 'INVITE', 'INVITE', 'REFER']);
    });
  }

  it('is not repeated when the call itself is refused', () => {
    alice.latest.answer(486);
    expect(alice.methods).to.deep.equal(['INVITE']);
  });
});

function response(status: number, retryAfter?: string): SipResponse {
  return { status, header: () => retryAfter } as unknown as SipResponse;
}

describe('A REFER that is refused', () => {
  it('is sent again after 491, in the time of RFC 3261 section 14.1, four times', () => {
    const retries = new ReferRetries();
    const delays = [1, 2, 3, 4, 5].map(() => retries.delayMs(response(491)));
    for (const delayMs of delays.slice(0, 4)) expect(delayMs).to.be.within(2_100, 4_000);
    expect(delays[4]).to.equal(undefined);
  });

  it('is sent again when Retry-After says, once', () => {
    const retries = new ReferRetries();
    expect([1, 2].map(() => retries.delayMs(response(503, '3 (restart)')))).to.deep.equal([3_000, undefined]);
  });

  it('is not sent again without Retry-After, after a long time, or after another refusal', () => {
    const all = [response(503), response(503, '3600'), response(603, '3')];
    expect(all.map((each) => new ReferRetries().delayMs(each))).to.deep.equal([undefined, undefined, undefined]);
  });
});
