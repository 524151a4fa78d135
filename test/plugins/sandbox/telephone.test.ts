import { mock } from 'node:test';
import { expect } from 'chai';
import type { Behaviour } from '../../../plugins/sandbox/settings.js';
import { Telephone } from '../../../plugins/sandbox/telephone.js';
import type { Header, Log } from '../../../sdk/index.js';
import { ScriptedAgent, ScriptedIncomingLeg } from './scripted-agent.js';

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const times = { ringMs: 100, answerMs: 1000, talkMs: 5000, patienceMs: 9000 };
const offer = {
  contentType: 'application/sdp',
  content: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\nm=video 4002 RTP/AVP 31\r\n',
};

describe('a telephone of the sandbox', () => {
  let agent: ScriptedAgent;
  let telephone: Telephone;
  let leg: ScriptedIncomingLeg;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    install('answer');
  });

  afterEach(() => mock.timers.reset());

  function install(behaviour: Behaviour): void {
    agent = new ScriptedAgent();
    const user = { userName: 'user1', password: '123', behaviour };
    telephone = new Telephone({ agent, domain: 'example.com', telephone: user, times, log: silent });
    leg = new ScriptedIncomingLeg(offer);
  }

  function talk(): void {
    agent.ring(leg);
    mock.timers.tick(times.answerMs);
    leg.listener.onAck?.(undefined);
  }

  function refer(referTo = '<sip:user2@example.com>', more: readonly Header[] = [], cseq = 2): void {
    leg.listener.onRequest?.(leg.request('REFER', [['Refer-To', referTo], ...more], undefined, cseq));
  }

  function bye(): void {
    leg.listener.onRequest?.(leg.request('BYE'));
  }

  const state = (): string => telephone.view().state;
  const notified = (): string[] => leg.deeds.filter((deed) => deed.startsWith('NOTIFY'));

  it('rings, answers and is idle again when the caller hangs up', () => {
    expect(state()).to.equal('idle');
    agent.ring(leg);
    mock.timers.tick(times.ringMs);
    expect(leg.deeds).to.deep.equal(['180']);
    expect(state()).to.equal('ringing');
    mock.timers.tick(times.answerMs - times.ringMs);
    expect(leg.deeds).to.deep.equal(['180', 'accept']);
    expect(telephone.view().calls).to.deep.equal([{ state: 'talking', with: 'sip:caller@example.com' }]);
    bye();
    expect(leg.deeds).to.deep.equal(['180', 'accept', 'release']);
    expect(state()).to.equal('idle');
  });

  it('answers an offer line by line: silent audio, no video', () => {
    talk();
    const media = leg.accepted!.content.split('\r\n').filter((line) => /^(m=|a=inactive)/.test(line));
    expect(media).to.deep.equal(['m=audio 9 RTP/AVP 0', 'a=inactive', 'm=video 0 RTP/AVP 31']);
  });

  it('makes an offer of its own when the caller made none', () => {
    leg = new ScriptedIncomingLeg();
    talk();
    expect(leg.accepted!.content).to.contain('m=audio 9 RTP/AVP 0');
  });

  it('stops ringing when the caller gives up', () => {
    agent.ring(leg);
    mock.timers.tick(times.ringMs);
    leg.listener.onCancel?.();
    mock.timers.tick(times.answerMs);
    expect(leg.deeds).to.deep.equal(['180', 'release']);
    expect(state()).to.equal('idle');
  });

  it('hangs up when its answer is never acknowledged', () => {
    agent.ring(leg);
    mock.timers.tick(times.answerMs);
    leg.listener.onAckTimeout?.();
    expect(leg.deeds).to.deep.equal(['180', 'accept', 'BYE']);
    leg.respond(200);
    expect(leg.deeds.at(-1)).to.equal('release');
  });

  for (const [behaviour, status] of [
    ['busy', 486],
    ['reject', 603],
  ] as const) {
    it(`declines with ${status} when its behaviour is ${behaviour}`, () => {
      install(behaviour);
      agent.ring(leg);
      expect(leg.deeds).to.deep.equal([`reject ${status}`, 'release']);
      expect(state()).to.equal('idle');
    });
  }

  it('rings and rings when nobody is to answer', () => {
    install('noanswer');
    agent.ring(leg);
    mock.timers.tick(600_000);
    expect(leg.deeds).to.deep.equal(['180']);
    leg.listener.onCancel?.();
    expect(leg.deeds).to.deep.equal(['180', 'release']);
  });

  it('follows REFER and reports each response of the called party', () => {
    talk();
    refer('<sip:user2@example.com>', [['Referred-By', '<sip:user1@example.com>']]);
    const [second] = agent.placed;
    expect(second!.invitation).to.deep.include({ uri: 'sip:user2@example.com', to: 'sip:user2@example.com' });
    expect(second!.invitation.from.uri).to.equal('sip:user1@example.com');
    expect(second!.invitation.credentials).to.deep.include({ userName: 'user1', password: '123' });
    expect(second!.invitation.headers).to.deep.equal([['Referred-By', '<sip:user1@example.com>']]);
    second!.answer(407, 'Proxy Authentication Required', false);
    second!.answer(100, 'Trying');
    second!.answer(180, 'Ringing');
    second!.answer(200, 'OK');
    expect(leg.deeds).to.deep.equal([
      '180',
      'accept',
      '202 to REFER',
      'NOTIFY SIP/2.0 100 Trying',
      'NOTIFY SIP/2.0 180 Ringing',
      'NOTIFY SIP/2.0 200 OK',
    ]);
    const states = leg.requests.map(({ options }) => options.headers!.at(-1)![1]);
    expect(states).to.deep.equal(['active;expires=60', 'active;expires=60', 'terminated;reason=noresource']);
    expect(second!.deeds).to.deep.equal(['ACK']);
  });

  it('reports the outcome also after the BYE of the referrer, and only then lets go of the call', () => {
    talk();
    refer();
    agent.placed[0]!.answer(180, 'Ringing');
    bye();
    agent.placed[0]!.answer(200, 'OK');
    expect(notified().at(-1)).to.equal('NOTIFY SIP/2.0 200 OK');
    expect(leg.deeds).to.not.contain('release');
    leg.respond(200);
    expect(leg.deeds.at(-1)).to.equal('release');
  });

  it('sends no further reports when the referrer refuses one', () => {
    talk();
    refer();
    bye();
    leg.respond(481);
    expect(leg.deeds.at(-1)).to.equal('release');
    agent.placed[0]!.answer(180, 'Ringing');
    agent.placed[0]!.answer(200, 'OK');
    expect(notified()).to.deep.equal(['NOTIFY SIP/2.0 100 Trying']);
  });

  it('hangs up the call that it placed after a while', () => {
    talk();
    refer();
    const [second] = agent.placed;
    second!.answer(200, 'OK');
    mock.timers.tick(times.talkMs);
    expect(second!.deeds).to.deep.equal(['ACK', 'BYE']);
    second!.respond(200);
    expect(second!.deeds.at(-1)).to.equal('release');
    expect(telephone.view().calls).to.have.length(1);
  });

  it('lets go of the call that it placed when the other side hangs up first', () => {
    talk();
    refer();
    const [second] = agent.placed;
    second!.answer(200, 'OK');
    second!.listener.onRequest?.(leg.request('BYE'));
    mock.timers.tick(times.talkMs);
    expect(second!.deeds).to.deep.equal(['ACK', 'release']);
  });

  it('reports that the called party is busy', () => {
    talk();
    refer();
    agent.placed[0]!.answer(486, 'Busy Here');
    expect(notified().at(-1)).to.equal('NOTIFY SIP/2.0 486 Busy Here');
    expect(agent.placed[0]!.deeds).to.deep.equal(['release']);
  });

  it('gives up when the called party does not answer', () => {
    talk();
    refer();
    const [second] = agent.placed;
    second!.answer(180, 'Ringing');
    mock.timers.tick(times.patienceMs);
    expect(second!.deeds).to.deep.equal(['CANCEL']);
    second!.answer(487, 'Request Terminated');
    expect(second!.deeds).to.deep.equal(['CANCEL', 'release']);
    expect(notified().at(-1)).to.equal('NOTIFY SIP/2.0 487 Request Terminated');
  });

  it('reports 408 when nothing at all follows its CANCEL', () => {
    talk();
    refer();
    mock.timers.tick(times.patienceMs);
    mock.timers.tick(32_000);
    expect(notified().at(-1)).to.equal('NOTIFY SIP/2.0 408 Request Timeout');
    expect(agent.placed[0]!.deeds).to.deep.equal(['CANCEL', 'release']);
  });

  it('hangs up at once when an answer crosses its CANCEL', () => {
    talk();
    refer();
    const [second] = agent.placed;
    mock.timers.tick(times.patienceMs);
    second!.answer(200, 'OK');
    mock.timers.tick(1);
    expect(second!.deeds).to.deep.equal(['CANCEL', 'ACK', 'BYE']);
  });

  it('tells a second referral in the same call from the first', () => {
    talk();
    refer();
    refer('<sip:user3@example.com>', [], 7);
    const events = leg.requests.map(({ options }) => options.headers![0]![1]);
    expect(events).to.deep.equal(['refer', 'refer;id=7']);
  });

  it('takes extension header fields out of Refer-To, and no others', () => {
    talk();
    refer('<sip:user2@example.com?X-ConfPin=12%2034&Route=%3Csip:evil%3E&X-Bad=a%0D%0Ab>');
    const [second] = agent.placed;
    expect(second!.invitation.uri).to.equal('sip:user2@example.com');
    expect(second!.invitation.headers).to.deep.equal([['X-ConfPin', '12 34']]);
  });

  for (const referTo of [
    '',
    'user2',
    '<tel:+1555>',
    '<sip:user2@example.com;method=BYE>',
    '<sip:user 2@example.com>',
  ]) {
    it(`answers 400 to Refer-To "${referTo}"`, () => {
      talk();
      refer(referTo);
      expect(leg.deeds.at(-1)).to.equal('400 to REFER');
      expect(agent.placed).to.have.length(0);
    });
  }

  it('answers 400 to a REFER whose target the stack cannot call, and can still hang up', () => {
    talk();
    refer('<sip:user2@exa_mple.com>');
    expect(leg.deeds.at(-1)).to.equal('400 to REFER');
    bye();
    expect(leg.deeds.at(-1)).to.equal('release');
  });

  it('takes part in a re-INVITE, answers OPTIONS and refuses what it does not know', () => {
    talk();
    for (const method of ['INVITE', 'UPDATE', 'OPTIONS', 'PUBLISH']) leg.listener.onRequest?.(leg.request(method));
    expect(leg.deeds.slice(2)).to.deep.equal(['200 to INVITE', '200 to UPDATE', '200 to OPTIONS', '405 to PUBLISH']);
  });

  it('is busy when all its lines are taken', () => {
    for (let line = 0; line < 200; line++) agent.ring(new ScriptedIncomingLeg(offer));
    agent.ring(leg);
    expect(leg.deeds).to.deep.equal(['reject 486', 'release']);
  });

  it('ends every call when it is switched off, and takes no more', async () => {
    talk();
    refer();
    const ringing = new ScriptedIncomingLeg(offer);
    agent.ring(ringing);
    const closed = telephone.close();
    expect(ringing.deeds).to.deep.equal(['reject 480', 'release']);
    expect(agent.placed[0]!.deeds).to.deep.equal(['CANCEL', 'release']);
    expect(leg.deeds.at(-1)).to.equal('BYE');
    leg.respond(200);
    await closed;
    expect(leg.deeds.at(-1)).to.equal('release');
    const late = new ScriptedIncomingLeg(offer);
    agent.ring(late);
    expect(late.deeds).to.deep.equal(['reject 486', 'release']);
    mock.timers.runAll();
    expect(ringing.deeds).to.have.length(2);
    expect(state()).to.equal('idle');
  });

  it('is switched off also when nobody answers its BYE', async () => {
    talk();
    const closed = telephone.close();
    mock.timers.tick(1000);
    await closed;
    expect(leg.deeds.slice(-2)).to.deep.equal(['BYE', 'release']);
  });
});
