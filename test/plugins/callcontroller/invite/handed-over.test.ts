import { newRecord } from '../new-record.js';
import { expect } from 'chai';
import { InviteCall } from '../../../../plugins/callcontroller/invite/invite-call.js';
import { ReferCall } from '../../../../plugins/callcontroller/refer/refer-call.js';
import { settingsSchema } from '../../../../plugins/callcontroller/settings.js';
import { request } from './call-request.js';
import { type ScriptedLeg, ScriptedSip, sdp } from './scripted-sip.js';

describe('A Refer call that is answered', () => {
  let sip: ScriptedSip;
  let call: ReferCall;
  let alice: ScriptedLeg;
  let goesOn: InviteCall | undefined;
  let ends: number;

  /** Places the call, and lets Alice answer it. */
  function place(isAuto: boolean): void {
    const settings = settingsSchema.parse({});
    const record = newRecord();
    const owner = { record, onEnd: () => (ends += 1), legBehind: () => undefined, mayReferTo: () => true };
    call = new ReferCall(request, sip, settings, {
      record,
      onEnd: owner.onEnd,
      onSettled: () => undefined,
      ...(isAuto && {
        onHandOver: (answered) => {
          goesOn = new InviteCall(request, sip, settings, owner, { answered });
        },
      }),
    });
    alice = sip.leg('alice');
    alice.latest.answer(200, { body: sdp('alice', 4000, 'inactive') });
  }

  beforeEach(() => {
    sip = new ScriptedSip();
    goesOn = undefined;
    ends = 0;
  });

  afterEach(() => call.forget());

  it('is over when the phone never acknowledges the answer to its re-INVITE', () => {
    place(false);
    expect(alice.ask('INVITE', [], sdp('alice', 4002)).map(({ status }) => status)).to.deep.equal([200]);
    alice.missAck();
    expect(ends).to.equal(1);
  });

  it('goes on as an Invite call whose phone can take a re-INVITE back, and has to acknowledge', () => {
    place(true);
    alice.latest.answer(603);
    const bob = sip.leg('bob');
    bob.latest.answer(200, { body: sdp('bob', 5000) });
    alice.latest.answer(200, { body: sdp('alice', 4000) });
    expect(goesOn?.isConnected).to.equal(true);

    alice.ask('INVITE', [], sdp('alice', 4002));
    alice.cancelReinvite();
    expect(bob.latest.isCancelled).to.equal(true);
    alice.missAck();
    expect([alice, bob].map(({ latest }) => latest.method)).to.deep.equal(['BYE', 'BYE']);
    for (const leg of [alice, bob]) leg.latest.answer(200);
    expect(ends).to.equal(1);
  });
});
