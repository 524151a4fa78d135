import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Received } from '../../../support/sip-peer.js';
import { Listener, newCallId, NOTHING_LEFT, nothingLeft, Rig, SDP, takeCalls } from '../rig.js';

const T1_MS = 20;
const T2_MS = 8 * T1_MS;

/**
 * Each test takes 64*T1, so they run in parallel, each with a stack of its own. The intervals are tested with a
 * manual clock; here the tests check the messages, their number, and the outcome.
 */
const scenarios: Readonly<Record<string, (rig: Rig) => Promise<void>>> = {
  'sends an INVITE seven times and gives up with one 408': async (rig) => {
    const listener = new Listener();
    rig.invite(listener).release();
    await listener.hears('408 final local');
    expect(listener.heard).to.deep.equal(['408 final local']);
    const copies = rig.peer.all('INVITE');
    expect(copies.length).to.be.within(6, 7);
    expect(new Set(copies.map(({ text }) => text)).size).to.equal(1);
  },

  'sends an INVITE no more once a 100 came': async (rig) => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    rig.peer.reply(await rig.peer.take('INVITE'), 100);
    await listener.hears('100');
    leg.release();
    await expectNoMore(rig, 'INVITE');
  },

  'sends another request eleven times and gives up with one 408': async (rig) => {
    const { leg } = await rig.talk();
    const listener = new Listener();
    leg.send('INFO', {}, listener.response);
    await listener.hears('408 final local');
    leg.release();
    expect(listener.heard).to.deep.equal(['408 final local']);
    const copies = rig.peer.all('INFO');
    expect(copies.length).to.be.within(5, 11);
    expect(new Set(copies.map(({ text }) => text)).size).to.equal(1);
  },

  'sends another request every T2 once a 100 came': async (rig) => {
    const { leg } = await rig.talk();
    const listener = new Listener();
    leg.send('INFO', {}, listener.response);
    rig.peer.reply(await rig.peer.take('INFO'), 100);
    await listener.hears('100');
    const before = rig.peer.all('INFO').length;
    await listener.hears('408 final local');
    leg.release();
    expect(rig.peer.all('INFO').length - before).to.be.within(6, 9);
  },

  'sends another request no more once it was answered': async (rig) => {
    const { leg } = await rig.talk();
    const listener = new Listener();
    leg.send('INFO', {}, listener.response);
    rig.peer.reply(await rig.peer.take('INFO'), 200);
    await listener.hears('200 final');
    leg.release();
    await expectNoMore(rig, 'INFO');
  },

  'shows a 408 that came from the network as it is': async (rig) => {
    const { leg } = await rig.talk();
    const listener = new Listener();
    leg.send('INFO', {}, listener.response);
    rig.peer.reply(await rig.peer.take('INFO'), 408, { reason: 'Too Late', headers: ['X-Who: me'] });
    await listener.hears('408 final');
    leg.release();
    expect(listener.responses[0]?.statusLine).to.equal('SIP/2.0 408 Too Late');
    expect(listener.responses[0]?.header('X-Who')).to.equal('me');
  },

  'answers each copy of a 2xx with the same ACK': async (rig) => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    const answer = rig.peer.reply(invite, 200);
    await listener.hears('200 final');
    leg.ack(SDP);
    leg.release();
    for (let copy = 1; copy <= 3; copy++) {
      await rig.peer.count('ACK', copy);
      rig.peer.send(answer, rig.stack.port);
    }
    const acks = await rig.peer.count('ACK', 4);
    expect(new Set(acks.map(({ text }) => text)).size).to.equal(1);
    expect(acks[0]?.body).to.equal(SDP.content);
    expect(listener.heard).to.deep.equal(['200 final']);
  },

  'answers each copy of a 2xx without a To tag with the same ACK': async (rig) => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const answer = rig.peer.reply(await rig.peer.take('INVITE'), 200, { tag: null });
    await listener.hears('200 final');
    leg.ack();
    leg.release();
    await rig.peer.count('ACK', 1);
    rig.peer.send(answer, rig.stack.port);
    const [first, second] = await rig.peer.count('ACK', 2);
    expect(second?.text).to.equal(first?.text);
  },

  'answers each copy of a refusal with the same ACK, and shows it once': async (rig) => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    const refusal = rig.peer.reply(invite, 486);
    await listener.hears('486 final');
    leg.release();
    for (let copy = 1; copy <= 3; copy++) {
      await rig.peer.count('ACK', copy);
      rig.peer.send(refusal, rig.stack.port);
    }
    const acks = await rig.peer.count('ACK', 4);
    expect(new Set(acks.map(({ text }) => text)).size).to.equal(1);
    expect(acks[0]?.header('Via')).to.equal(invite.header('Via'));
    expect(listener.heard).to.deep.equal(['486 final']);
  },

  'acknowledges a challenge that comes again as the first time, not as the new INVITE': async (rig) => {
    const listener = new Listener();
    const leg = rig.invite(listener, { credentials: { userName: 'agent', password: 'x' } });
    const invite = await rig.peer.take('INVITE');
    const challenge = rig.peer.reply(invite, 407, {
      headers: ['Proxy-Authenticate: Digest realm="example.com", nonce="1"'],
    });
    rig.peer.reply(await rig.peer.take('INVITE'), 100);
    rig.peer.send(challenge, rig.stack.port);
    const [first, second] = await rig.peer.count('ACK', 2);
    leg.release();
    expect(second?.text).to.equal(first?.text);
    expect(second?.header('Via')).to.equal(invite.header('Via'));
    expect(second?.cseq).to.equal(invite.cseq);
  },

  'shows a provisional response that is sent again once': async (rig) => {
    const listener = new Listener();
    const leg = rig.invite(listener);
    const invite = await rig.peer.take('INVITE');
    rig.peer.reply(invite, 180);
    rig.peer.reply(invite, 180);
    rig.peer.reply(invite, 180, { headers: ['X-Changed: yes'] });
    rig.peer.reply(invite, 486);
    await listener.hears('486 final');
    leg.release();
    expect(listener.heard).to.deep.equal(['180', '180', '486 final']);
  },

  'sends its 200 until the ACK comes': async (rig) => {
    const taken = takeCalls(rig.sip, (leg) => leg.accept(SDP));
    const callId = newCallId();
    rig.call({ callId });
    const { leg, listener } = await taken();
    const copies = await rig.peer.count('200 INVITE', 4);
    acknowledge(rig, callId, copies[0]);
    await listener.hears('ack');
    await expectNoMore(rig, '200 INVITE');
    expect(listener.heard).to.deep.equal(['ack']);
    leg.release();
  },

  'sends its refusal until the ACK comes, also when the INVITE comes again in between': async (rig) => {
    const taken = takeCalls(rig.sip, (leg) => leg.reject(486));
    const callId = newCallId();
    const invite = rig.call({ callId, branch: 'z9hG4bKrefused' });
    const { leg, listener } = await taken();
    leg.release();
    await rig.peer.count('486 INVITE', 2);
    rig.peer.send(invite, rig.stack.port);
    const copies = await rig.peer.count('486 INVITE', 5);
    expect(rig.stack.counts.retransmissions).to.equal(1);
    acknowledge(rig, callId, copies[0], 'z9hG4bKrefused');
    while (rig.stack.counts.retransmissions > 0) await sleep(T1_MS);
    await expectNoMore(rig, '486 INVITE');
    expect(listener.heard).to.deep.equal([]);
  },

  'sends its refusal for 64*T1 at most when no ACK comes': async (rig) => {
    const taken = takeCalls(rig.sip, (leg) => leg.reject(600));
    rig.call();
    const { leg } = await taken();
    leg.release();
    await rig.peer.take('600 INVITE');
    await nothingLeft(rig.stack);
    expect(rig.peer.all('600 INVITE').length).to.be.within(5, 11);
  },

  'ends a call whose ACK never comes with BYE, and forgets it though its owner does not release it': async (rig) => {
    const taken = takeCalls(rig.sip, (leg) => leg.accept(SDP));
    rig.call();
    const { listener } = await taken();
    const bye = await rig.peer.take('BYE');
    rig.peer.reply(bye, 200);
    expect(await nothingLeft(rig.stack, 5000)).to.deep.equal(NOTHING_LEFT);
    expect(different(rig, 'BYE')).to.equal(1);
    expect(listener.heard).to.deep.equal(['no ACK']);
  },

  'sends the BYE of a call that nobody acknowledged once, whoever asks for it': async (rig) => {
    const taken = takeCalls(rig.sip, (leg) => leg.accept(SDP));
    rig.call();
    const { leg } = await taken();
    const listener = new Listener();
    leg.bye({ headers: [['Reason', 'SIP ;cause=480']] }, listener.response);
    await sleep(5 * T1_MS);
    expect(rig.peer.all('BYE')).to.have.length(0);
    const bye = await rig.peer.take('BYE');
    leg.bye({}, listener.response);
    rig.peer.reply(bye, 200);
    await listener.hears('200 final', 2);
    leg.bye({}, listener.response);
    expect(listener.heard).to.deep.equal(['200 final', '200 final']);
    await listener.hears('200 final', 3);
    leg.release();
    leg.bye({}, listener.response);
    await listener.hears('200 final', 4);
    expect(bye.header('Reason')).to.equal('SIP ;cause=480');
    expect(different(rig, 'BYE')).to.equal(1);
  },

  'ends a call whose re-INVITE is never acknowledged': async (rig) => {
    const talk = await rig.talk();
    rig.ask(talk, 'INVITE', 7, { body: SDP.content });
    await talk.listener.hears('INVITE');
    talk.listener.requests[0]?.reply(200, { body: SDP });
    const bye = await rig.peer.take('BYE');
    rig.peer.reply(bye, 200);
    expect(rig.peer.all('200 INVITE').length).to.be.at.least(5);
    expect(talk.listener.heard.at(-1)).to.equal('no ACK');
    expect(await nothingLeft(rig.stack, 5000)).to.deep.equal(NOTHING_LEFT);
  },
};

describe('Over UDP the SIP stack', () => {
  const running = new Map<string, Promise<void>>();

  before(async () => {
    const rigs = await Promise.all(Object.keys(scenarios).map(async () => Rig.open({ t1Ms: T1_MS })));
    for (const [title, scenario] of Object.entries(scenarios)) {
      const run = perform(scenario, rigs.pop());
      run.catch(() => undefined); // its test tells
      running.set(title, run);
    }
  });

  for (const title of Object.keys(scenarios)) it(title, async () => running.get(title));
});

async function perform(scenario: (rig: Rig) => Promise<void>, rig: Rig | undefined): Promise<void> {
  if (!rig) throw new Error('a stack for each scenario');
  try {
    await scenario(rig);
    expect(rig.log.lines).to.deep.equal([]);
  } finally {
    await rig.close();
  }
}

/** Number of messages of a kind without retransmissions, because on a busy machine our own answers come late. */
function different(rig: Rig, kind: string): number {
  return new Set(rig.peer.all(kind).map(({ text }) => text)).size;
}

/** One retransmission may be in flight at the beginning. */
async function expectNoMore(rig: Rig, kind: string): Promise<void> {
  const sent = rig.peer.all(kind).length;
  await sleep(2 * T2_MS);
  expect(rig.peer.all(kind).length).to.be.at.most(sent + 1);
}

function acknowledge(rig: Rig, callId: string, response: Received | undefined, branch?: string): void {
  const to = response?.header('To') ?? '';
  rig.call({ method: 'ACK', callId, to, ...(branch === undefined ? {} : { branch }) });
}
