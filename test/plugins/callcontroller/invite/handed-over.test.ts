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

  it('goes on as an Invite call after each refusal of the REFER that leaves its dialog and its phone in place', () => {
    const outcomes = [
      302, 400, 403, 405, 406, 415, 420, 421, 429, 480, 486, 488, 489, 500, 501, 503, 580, 600, 603, 606,
    ];
    for (const status of outcomes) {
      place(true);
      alice.latest.answer(status);
      expect([status, goesOn !== undefined, alice.methods.at(-1)]).to.deep.equal([status, true, 'REFER']);
      goesOn?.letGo();
      [sip, goesOn] = [new ScriptedSip(), undefined];
    }
  });

  it('is over if a refusal says that the dialog or the phone is gone, or if the REFER cannot be sent', () => {
    const outcomes = [[401], [404], [407], [408], [481], [484], [502], [503, true]] as const;
    for (const [status, local = false] of outcomes) {
      place(true);
      alice.latest.answer(status, { local });
      expect([status, goesOn, alice.methods.at(-1)]).to.deep.equal([status, undefined, 'BYE']);
      alice.latest.answer(200);
      sip = new ScriptedSip();
    }
    expect(ends).to.equal(outcomes.length);
  });

  it('continues as an Invite call, in which the phone may cancel a re-INVITE and has to acknowledge', () => {
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
