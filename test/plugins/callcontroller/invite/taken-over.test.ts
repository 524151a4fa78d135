import { expect } from 'chai';
import { mock } from 'node:test';
import { InviteCall, type InviteCallOwner } from '../../../../plugins/callcontroller/invite/invite-call.js';
import type { InviteSnapshot } from '../../../../plugins/callcontroller/invite/invite-snapshot.js';
import { settingsSchema } from '../../../../plugins/callcontroller/settings.js';
import type { Header } from '../../../../sdk/index.js';
import { newRecord } from '../new-record.js';
import { request } from './call-request.js';
import { type ScriptedLeg, ScriptedSip, sdp } from './scripted-sip.js';

const KNOWS_UPDATE: Header = ['Allow', 'INVITE, ACK, BYE, UPDATE'];
const settings = settingsSchema.parse({ liveness: 86_400 });

describe('An Invite call taken over by another node', () => {
  let first: ScriptedSip;
  let second: ScriptedSip;
  let call: InviteCall;
  let changes: number;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    first = new ScriptedSip();
    second = new ScriptedSip();
    changes = 0;
    call = new InviteCall(request, first, settings, { ...newOwner(), onChange: () => (changes += 1) });
  });

  afterEach(() => mock.timers.reset());

  /** Joins the two; Alice's phone knows UPDATE, and refreshes nothing by itself. */
  function join(): void {
    const headers: Header[] = [KNOWS_UPDATE, ['Session-Expires', '200;refresher=uac']];
    first.leg('alice').latest.answer(200, { headers, body: sdp('alice', 4000, 'inactive') });
    first.leg('bob').latest.answer(200, { body: sdp('bob', 5000) });
    first.leg('alice').latest.answer(200, { headers, body: sdp('alice', 4000) });
  }

  function goOn(
    owner = newOwner(),
    refreshAfterMs?: number,
  ): { restored: InviteCall; alice: ScriptedLeg; bob: ScriptedLeg } {
    const snapshot = JSON.parse(JSON.stringify(call.snapshot())) as InviteSnapshot;
    const restored = new InviteCall(snapshot.request, second, settings, owner, { snapshot, refreshAfterMs });
    return { restored, alice: second.leg('alice'), bob: second.leg('bob') };
  }

  it('has a snapshot while it is connected and stable, and reports a new one', async () => {
    expect(call.snapshot()).to.equal(undefined);
    join();
    await Promise.resolve();
    expect(changes).to.be.greaterThan(0);
    const before = changes;
    call.hold();
    expect(call.snapshot()).to.equal(undefined);
    first.leg('alice').latest.answer(200, { body: sdp('alice', 4000, 'inactive') });
    first.leg('bob').latest.answer(200, { body: sdp('bob', 5000, 'inactive') });
    await Promise.resolve();
    expect(changes).to.be.greaterThan(before);
    expect(call.snapshot()?.called.description).to.include('a=inactive');
  });

  it('is refreshed at once: by UPDATE if the phone knows it, else by re-INVITE with the current description', () => {
    join();
    const { restored, alice, bob } = goOn();
    expect(restored.isConnected).to.equal(true);
    expect(restored.document()).to.equal(call.document());
    expect(alice.latest.method).to.equal('UPDATE');
    expect(alice.latest.header('Session-Expires')).to.equal('200;refresher=uac');
    expect(bob.latest.method).to.equal('re-INVITE');
    expect(bob.latest.options.body).to.deep.equal(first.leg('bob').acks.at(-1));
  });

  it('tries the refresh again that came at a bad time', () => {
    join();
    const { alice } = goOn();
    alice.latest.answer(491);
    mock.timers.tick(4_000);
    expect(alice.methods).to.deep.equal(['UPDATE', 'UPDATE']);
  });

  it('is steered before its turn to be refreshed, and says then nothing to those whom that has refreshed', () => {
    join();
    const { restored, alice, bob } = goOn(newOwner(), 1_000);
    expect(restored.isConnected).to.equal(true);
    restored.hold();
    alice.latest.answer(200, { body: sdp('alice', 4000, 'inactive') });
    bob.latest.answer(200, { body: sdp('bob', 5000, 'inactive') });
    mock.timers.tick(5_000);
    expect([alice.methods, bob.methods]).to.deep.equal([['re-INVITE'], ['re-INVITE']]);
  });

  it('is not resumed by a refresh that crossed its being held', () => {
    join();
    const { restored, bob, alice } = goOn(newOwner(), 1_000);
    restored.hold();
    mock.timers.tick(1_000);
    bob.latest.answer(491);
    alice.requests[0]?.answer(200, { body: sdp('alice', 4000, 'inactive') });
    bob.latest.answer(200, { body: sdp('bob', 5000, 'inactive') });
    mock.timers.tick(10_000);
    expect(bob.methods).to.deep.equal(['re-INVITE', 're-INVITE', 're-INVITE']);
    expect(bob.latest.options.body?.content).to.include('a=inactive');
  });

  it('keeps the origin of its descriptions, with a higher version', () => {
    join();
    const origin = /^o=- (\d+) (\d+) (.*)$/m;
    const [, id, version, address] = origin.exec(first.leg('bob').acks.at(-1)?.content ?? '') ?? [];
    const { restored, alice, bob } = goOn();
    alice.latest.answer(200);
    bob.latest.answer(200, { body: sdp('bob', 5000) });
    restored.hold();
    alice.latest.answer(200, { body: sdp('alice', 4000, 'inactive') });
    const [, newId, newVersion, newAddress] = origin.exec(bob.latest.options.body?.content ?? '') ?? [];
    expect([newId, newAddress]).to.deep.equal([id, address]);
    expect(Number(newVersion)).to.be.greaterThan(Number(version));
  });

  it('ends for one phone when the other has gone', () => {
    join();
    const { restored, alice, bob } = goOn();
    alice.latest.answer(481);
    expect(bob.latest.method).to.equal('BYE');
    expect(restored.hasEnded).to.equal(true);
  });

  it('ends after its longest duration, counted from when it was connected', () => {
    call = new InviteCall({ ...request, more: { maxDurationMs: 60_000 } }, first, settings, newOwner());
    first.legs.shift();
    join();
    const owner = newOwner();
    owner.record.connectedAtMs = Date.now() - 50_000;
    const { bob } = goOn(owner);
    mock.timers.tick(9_000);
    expect(bob.methods).not.to.include('BYE');
    mock.timers.tick(1_000);
    expect(bob.methods).to.include('BYE');
  });

  it('is hung up as far as it can be restored', () => {
    join();
    const snapshot = call.snapshot() as InviteSnapshot;
    const { leg } = snapshot.called;
    const called = { ...snapshot.called, leg: { ...leg, dialog: { ...leg.dialog, remoteTarget: '' } } };
    const restore = (): unknown =>
      new InviteCall(request, second, settings, newOwner(), { snapshot: { ...snapshot, called } });
    expect(restore).to.throw();
    expect(second.leg('alice').latest.method).to.equal('BYE');
  });
});

function newOwner(): InviteCallOwner {
  return { record: newRecord(), onEnd: () => undefined, legBehind: () => undefined, mayReferTo: () => true };
}
