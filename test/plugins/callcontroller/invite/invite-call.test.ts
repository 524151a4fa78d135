import { newRecord } from '../new-record.js';
import { expect } from 'chai';
import { mock } from 'node:test';
import { InviteCall, type InviteCallOwner } from '../../../../plugins/callcontroller/invite/invite-call.js';
import { settingsSchema } from '../../../../plugins/callcontroller/settings.js';
import type { Header } from '../../../../sdk/index.js';
import { dialogs } from '../../../support/dialogs.js';
import { request } from './call-request.js';
import { type ScriptedLeg, ScriptedSip, sdp } from './scripted-sip.js';

const owner: InviteCallOwner = {
  record: newRecord(),
  onEnd: () => undefined,
  legBehind: () => undefined,
  mayReferTo: () => true,
};
const KNOWS_UPDATE: Header = ['Allow', 'INVITE, ACK, BYE, UPDATE'];
const interval = (value: string): Header => ['Session-Expires', value];

function passS(seconds: number): void {
  mock.timers.tick(seconds * 1_000);
}

describe('An Invite call as time goes by', () => {
  let sip: ScriptedSip;
  let ends: number;
  let call: InviteCall;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    sip = new ScriptedSip();
    ends = 0;
    const settings = settingsSchema.parse({ liveness: 86_400 });
    call = new InviteCall(request, sip, settings, { ...owner, onEnd: () => (ends += 1) });
  });

  afterEach(() => mock.timers.reset());

  const record = (): string[] => dialogs(call.document()).map(({ state, statusLine }) => `${state} ${statusLine}`);

  /** Joins the two; the calling phone's first 200 has these headers. */
  function join(...headers: Header[]): { alice: ScriptedLeg; bob: ScriptedLeg } {
    const alice = sip.leg('alice');
    alice.latest.answer(200, { headers, body: sdp('alice', 4000, 'inactive') });
    const bob = sip.leg('bob');
    bob.latest.answer(200, { body: sdp('bob', 5000) });
    alice.latest.answer(200, { headers, body: sdp('alice', 4000) });
    expect(call.isConnected).to.equal(true);
    return { alice, bob };
  }

  it('refreshes the session by UPDATE after half the interval, again and again, as the phone wishes', () => {
    const { alice } = join(KNOWS_UPDATE, interval('200;refresher=uac'));
    passS(99);
    expect(alice.methods).to.deep.equal(['INVITE', 're-INVITE']);
    passS(1);
    expect(alice.latest.method).to.equal('UPDATE');
    expect(alice.latest.header('Session-Expires')).to.equal('200;refresher=uac');
    expect(alice.latest.options.body).to.equal(undefined);
    alice.latest.answer(200, { headers: [interval('120;refresher=uac')] });
    passS(60);
    expect(alice.methods).to.deep.equal(['INVITE', 're-INVITE', 'UPDATE', 'UPDATE']);
  });

  it('refreshes by re-INVITE with exactly the same description if the phone does not know UPDATE', () => {
    const { alice, bob } = join(interval('200;refresher=uac'));
    const [, agreed] = alice.requests;
    passS(100);
    expect(alice.latest.method).to.equal('re-INVITE');
    expect(alice.latest.options.body).to.deep.equal(agreed?.options.body);
    alice.latest.answer(200, { headers: [interval('200;refresher=uac')], body: sdp('alice', 4000) });
    expect(alice.acks.at(-1)).to.equal(undefined);
    expect(bob.methods).to.deep.equal(['INVITE']);
  });

  it('tries a refresh again that crosses a re-INVITE, and with a longer interval after 422', () => {
    const { alice } = join(interval('200;refresher=uac'));
    passS(100);
    alice.latest.answer(491);
    passS(4);
    alice.latest.answer(422, { headers: [['Min-SE', '600']] });
    expect(alice.latest.header('Session-Expires')).to.equal('600;refresher=uac');
    expect(alice.latest.header('Min-SE')).to.equal('600');
    alice.latest.answer(200, { headers: [interval('600;refresher=uac')], body: sdp('alice', 4000) });
    passS(300);
    expect(alice.methods.filter((method) => method === 're-INVITE')).to.have.lengthOf(5);
    expect(call.isConnected).to.equal(true);
  });

  it('ends both legs when the phone does not refresh in time', () => {
    const { alice, bob } = join(interval('180;refresher=uas'));
    passS(147);
    expect(call.isConnected).to.equal(true);
    passS(1);
    expect([alice, bob].map(({ latest }) => latest.method)).to.deep.equal(['BYE', 'BYE']);
    expect(bob.latest.header('Reason')).to.equal('SIP ;cause=408 ;text="Request Timeout"');
    alice.latest.answer(408, { local: true });
    bob.latest.answer(200);
    expect(record()).to.deep.equal([
      'Terminated Dialog SIP/2.0 408 Session Expired',
      'Terminated Dialog SIP/2.0 200 Because',
    ]);
    expect({ ends, released: [alice.isReleased, bob.isReleased] }).to.deep.equal({ ends: 1, released: [true, true] });
  });

  it('goes on as long as the phone refreshes, and without a timer when the phone ends it', () => {
    const { alice, bob } = join(interval('180;refresher=uas'));
    passS(147);
    const replies = alice.ask('UPDATE', [['Supported', 'timer'], interval('180;refresher=uac')]);
    bob.latest.answer(200);
    expect(replies.map(({ status, options }) => [status, ...(options.headers ?? [])])).to.deep.equal([
      [200, ['Require', 'timer'], interval('180;refresher=uac')],
    ]);
    passS(147);
    alice.ask('UPDATE', [['Supported', 'timer']]);
    bob.latest.answer(200);
    passS(10_000);
    expect(call.isConnected).to.equal(true);
  });

  it('ends at the end of the interval when the phone refuses every refresh', () => {
    const { bob } = join(KNOWS_UPDATE, interval('180;refresher=uac'));
    passS(90);
    sip.leg('alice').latest.answer(500);
    passS(57);
    expect(call.isConnected).to.equal(true);
    passS(1);
    expect(bob.latest.method).to.equal('BYE');
  });

  it('ends at once when the phone does not know the call any more', () => {
    const { bob } = join(KNOWS_UPDATE, interval('180;refresher=uac'));
    passS(90);
    sip.leg('alice').latest.answer(481);
    expect(bob.latest.method).to.equal('BYE');
  });

  it('ends both legs when the phone never acknowledges an answer', () => {
    const { alice, bob } = join();
    alice.ask('INVITE', [], sdp('alice', 4002));
    bob.latest.answer(200, { body: sdp('bob', 5002) });
    alice.missAck();
    expect([alice, bob].map(({ latest }) => latest.method)).to.deep.equal(['BYE', 'BYE']);
    expect(bob.latest.header('Reason')).to.equal('SIP ;cause=408 ;text="Request Timeout"');
    alice.missAck();
    alice.latest.answer(200);
    bob.latest.answer(200);
    expect(record()[0]).to.equal('Terminated Dialog SIP/2.0 408 Request Timeout');
    expect({ ends, released: [alice.isReleased, bob.isReleased] }).to.deep.equal({ ends: 1, released: [true, true] });
  });

  it('cancels a called party that rings for three minutes, and gives the calling party the reason', () => {
    sip.leg('alice').latest.answer(200, { body: sdp('alice', 4000) });
    sip.leg('bob').latest.answer(180);
    passS(180);
    expect(sip.leg('bob').methods).to.deep.equal(['INVITE', 'CANCEL']);
    expect(sip.leg('alice').latest.header('Reason')).to.equal('SIP ;cause=408 ;text="Request Timeout"');
    sip.leg('alice').latest.answer(200);
    passS(32);
    expect(record()[1]).to.equal('Terminated Dialog SIP/2.0 408 Request Timeout');
    expect({ ends, released: sip.leg('bob').isReleased }).to.deep.equal({ ends: 1, released: true });
  });

  it('takes a re-INVITE back that rings for three minutes', () => {
    const { alice } = join();
    call.hold();
    alice.latest.answer(180);
    passS(179);
    expect(alice.latest.isCancelled).to.equal(false);
    passS(1);
    expect(alice.latest.isCancelled).to.equal(true);
    alice.latest.answer(487);
    expect(call.isConnected).to.equal(true);
  });

  it('gives a change up that crosses others five times', () => {
    const { alice } = join();
    call.hold();
    for (let i = 0; i < 5; i++) {
      alice.latest.answer(491);
      passS(4);
    }
    expect(alice.methods).to.have.lengthOf(7);
    expect(call.isConnected).to.equal(true);
  });
});

describe('The liveness check of an Invite call', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('probes again only after the last answer, and accepts any answer except 408 and 481', () => {
    const sip = new ScriptedSip();
    const call = new InviteCall(request, sip, settingsSchema.parse({ liveness: 10 }), owner);
    const alice = sip.leg('alice');
    alice.latest.answer(200, { body: sdp('alice', 4000) });
    for (const status of [200, 405, 501, 500]) {
      mock.timers.tick(10_000);
      expect(alice.latest.method).to.equal('OPTIONS');
      mock.timers.tick(30_000);
      alice.latest.answer(status);
    }
    expect(alice.methods).to.have.lengthOf(5);
    expect(call.hasEnded).to.equal(false);
    mock.timers.tick(10_000);
    alice.latest.answer(481);
    expect(call.hasEnded).to.equal(true);
    expect(alice.methods.slice(-2)).to.deep.equal(['OPTIONS', 'BYE']);
  });
});
