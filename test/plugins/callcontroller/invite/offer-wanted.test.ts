import { expect } from 'chai';
import { mock } from 'node:test';
import { InviteCall } from '../../../../plugins/callcontroller/invite/invite-call.js';
import type { CallRecord } from '../../../../plugins/callcontroller/model/call-record.js';
import { settingsSchema } from '../../../../plugins/callcontroller/settings.js';
import type { Body } from '../../../../sdk/index.js';
import { newRecord } from '../new-record.js';
import { request } from './call-request.js';
import { type ScriptedLeg, ScriptedSip, sdp } from './scripted-sip.js';

/** Who describes what: the port of the audio line. */
const portOf = (body: Body | undefined): string | undefined => /^m=audio (\d+)/m.exec(body?.content ?? '')?.[1];

const keyed = (name: string, port: number): Body => sdp(name, port, 'sendrecv', 'RTP/SAVP');

describe('A called phone that makes no offers', () => {
  let sip: ScriptedSip;
  let record: CallRecord;
  let call: InviteCall;
  let alice: ScriptedLeg;
  let bob: ScriptedLeg;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    sip = new ScriptedSip();
    record = newRecord();
    const owner = { record, onEnd: () => undefined, legBehind: () => undefined, mayReferTo: () => true };
    call = new InviteCall(request, sip, settingsSchema.parse({ liveness: 86_400 }), owner);
    alice = sip.leg('alice');
    alice.latest.answer(200, { body: sdp('alice', 4000, 'inactive') });
    bob = sip.leg('bob');
  });

  afterEach(() => mock.timers.reset());

  /** Alice offers, Bob answers. */
  function connect(): void {
    bob.latest.answer(488);
    alice.latest.answer(200, { body: sdp('alice', 4002) });
    bob.latest.answer(200, { body: sdp('bob', 5000) });
    expect(call.isConnected).to.equal(true);
  }

  for (const status of [400, 406, 415, 420, 488, 606]) {
    it(`gets the full offer of the calling phone after ${status}, and its answer goes back in the ACK`, () => {
      expect(bob.latest.options.body).to.equal(undefined);
      bob.latest.answer(status);
      expect([alice.latest.method, alice.latest.options.body]).to.deep.equal(['re-INVITE', undefined]);
      alice.latest.answer(200, { body: sdp('alice', 4002) });
      expect([bob.latest.method, portOf(bob.latest.options.body)]).to.deep.equal(['INVITE', '4002']);
      bob.latest.answer(180);
      expect(alice.acks).to.have.lengthOf(1);
      bob.latest.answer(200, { body: sdp('bob', 5000) });
      expect(portOf(alice.acks[1])).to.equal('5000');
      expect(bob.acks).to.deep.equal([undefined]);
      expect(record.status).to.equal('connected');
    });
  }

  it('rings for long: the offer is answered with silence in time, and a fresh one goes to the phone when it has answered', () => {
    bob.latest.answer(488);
    alice.latest.answer(200, { body: sdp('alice', 4002) });
    bob.latest.answer(180);
    mock.timers.tick(sip.transactionTimeoutMs / 2);
    expect(portOf(alice.acks[1])).to.equal('9');
    mock.timers.tick(60_000);
    bob.latest.answer(200, { body: sdp('bob', 5000) });
    alice.latest.answer(200, { body: sdp('alice', 4004) });
    expect([bob.latest.method, portOf(bob.latest.options.body)]).to.deep.equal(['re-INVITE', '4004']);
    bob.latest.answer(200, { body: sdp('bob', 5002) });
    expect(portOf(alice.acks[2])).to.equal('5002');
    expect(call.isConnected).to.equal(true);
  });

  it('rings for too long: it is cancelled, and the calling phone gets the reason', () => {
    bob.latest.answer(488);
    alice.latest.answer(200, { body: sdp('alice', 4002) });
    bob.latest.answer(180);
    mock.timers.tick(sip.transactionTimeoutMs / 2);
    mock.timers.tick(180_000);
    expect(bob.latest.method).to.equal('CANCEL');
    expect(alice.latest.header('Reason')).to.equal('SIP ;cause=408 ;text="Request Timeout"');
  });

  it('ends the call if the calling phone makes no offer either', () => {
    bob.latest.answer(488, { reason: 'Not Acceptable Here' });
    alice.latest.answer(488);
    expect(alice.latest.header('Reason')).to.equal('SIP ;cause=488 ;text="Not Acceptable Here"');
    expect(record.reason).to.deep.equal({ code: 'calleeFailure', sip: 488, text: 'Not Acceptable Here', by: 'callee' });
    expect(bob.methods).to.deep.equal(['INVITE']);
    expect(bob.isReleased).to.equal(true);
  });

  it('is not asked again after a refusal of the offer', () => {
    bob.latest.answer(488);
    alice.latest.answer(200, { body: sdp('alice', 4002) });
    bob.latest.answer(488);
    expect(alice.latest.method).to.equal('BYE');
    expect(bob.methods).to.deep.equal(['INVITE', 'INVITE']);
  });

  it('is not rung when the call is hung up while the calling phone is asked', () => {
    bob.latest.answer(488);
    call.abandon('hangUp');
    alice.requests.find(({ method }) => method === 're-INVITE')?.answer(200, { body: sdp('alice', 4002) });
    alice.latest.answer(200);
    expect(bob.methods).to.deep.equal(['INVITE']);
    expect([alice.isReleased, bob.isReleased]).to.deep.equal([true, true]);
  });

  it('is resumed with an offer of the calling phone', () => {
    connect();
    call.hold();
    alice.latest.answer(200, { body: sdp('alice', 4002, 'inactive') });
    bob.latest.answer(200, { body: sdp('bob', 5000, 'inactive') });
    call.resume();
    bob.latest.answer(415);
    alice.latest.answer(200, { body: sdp('alice', 4004) });
    expect(portOf(bob.latest.options.body)).to.equal('4004');
    expect(record.isHeld).to.equal(true);
    bob.latest.answer(200, { body: sdp('bob', 5002) });
    expect(portOf(alice.acks.at(-1))).to.equal('5002');
    expect(record.isHeld).to.equal(false);
  });

  it('is transferred with an offer of the target', () => {
    connect();
    call.transfer('carol@example.com', () => undefined);
    const carol = sip.leg('carol');
    carol.latest.answer(200, { body: sdp('carol', 6000, 'inactive') });
    bob.latest.answer(488);
    carol.latest.answer(200, { body: sdp('carol', 6002) });
    expect(portOf(bob.latest.options.body)).to.equal('6002');
    bob.latest.answer(200, { body: sdp('bob', 5004) });
    expect(portOf(carol.acks.at(-1))).to.equal('5004');
    expect(alice.latest.method).to.equal('BYE');
    expect(call.isConnected).to.equal(true);
  });
});

describe('A calling phone that accepts only media with keys', () => {
  let sip: ScriptedSip;
  let record: CallRecord;
  let call: InviteCall;
  let alice: ScriptedLeg;
  let bob: ScriptedLeg;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    sip = new ScriptedSip();
    record = newRecord();
    const owner = { record, onEnd: () => undefined, legBehind: () => undefined, mayReferTo: () => true };
    call = new InviteCall(request, sip, settingsSchema.parse({ liveness: 86_400 }), owner);
    alice = sip.leg('alice');
    alice.latest.answer(488);
    alice.latest.answer(488);
    alice.latest.answer(200, { body: keyed('alice', 4000) });
    bob = sip.leg('bob');
  });

  afterEach(() => mock.timers.reset());

  it('gets the key of the called phone and no other one', () => {
    expect([alice.acks.length, portOf(bob.latest.options.body)]).to.deep.equal([0, '4000']);
    expect(record.legs.map(({ role }) => role)).to.deep.equal(['caller', 'callee']);
    bob.latest.answer(180);
    bob.latest.answer(200, { body: keyed('bob', 5000) });
    expect(alice.acks.map(portOf)).to.deep.equal(['5000']);
    expect([record.status, call.isConnected]).to.deep.equal(['connected', true]);
  });

  it('gets the offer of a called phone that refuses keys', () => {
    bob.latest.answer(488);
    expect([bob.latest.method, bob.latest.options.body]).to.deep.equal(['INVITE', undefined]);
    bob.latest.answer(200, { body: sdp('bob', 5000) });
    expect(alice.acks.map(portOf)).to.deep.equal(['0']);
    expect([alice.latest.method, portOf(alice.latest.options.body)]).to.deep.equal(['re-INVITE', '5000']);
    alice.latest.answer(200, { body: sdp('alice', 4002) });
    expect(portOf(bob.acks[0])).to.equal('4002');
    expect(record.status).to.equal('connected');
  });

  it('ends the call if it hangs up while the called phone rings', () => {
    bob.latest.answer(180);
    alice.ask('BYE');
    expect(bob.latest.method).to.equal('CANCEL');
    bob.requests[0]?.answer(487);
    expect([alice.isReleased, bob.isReleased]).to.deep.equal([true, true]);
  });
});
