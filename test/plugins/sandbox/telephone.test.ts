import { mock } from 'node:test';
import { expect } from 'chai';
import type { Behaviour } from '../../../plugins/sandbox/settings.js';
import { Telephone } from '../../../plugins/sandbox/telephone.js';
import type { Log } from '../../../sdk/index.js';
import { type PlayedCaller, PlayedDomain } from './played-domain.js';
import { fields, startLine } from './udp-peer.js';

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const times = { ringMs: 100, answerMs: 1000, talkMs: 5000, patienceMs: 9000 };
const offer =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\nm=video 4002 RTP/AVP 31\r\n';
const answer = 'v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4004 RTP/AVP 0\r\n';

describe('a telephone of the sandbox', () => {
  let domain: PlayedDomain;
  let telephone: Telephone;
  let caller: PlayedCaller;

  beforeEach(async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    domain = await PlayedDomain.open();
    await install('answer');
  });

  afterEach(async () => {
    await switchOff();
    await domain.close();
    mock.timers.reset();
  });

  async function install(behaviour: Behaviour): Promise<void> {
    const user = { userName: 'user1', password: '123', behaviour };
    telephone = new Telephone({
      proxy: domain.proxy,
      domain: 'example.com',
      telephone: user,
      times,
      log: silent,
    });
    await telephone.start();
    domain.telephone = telephone.endpoint;
    caller = domain.caller();
  }

  /** Nobody answers what the telephone sends then. */
  async function switchOff(): Promise<void> {
    const closed = telephone.close();
    mock.timers.tick(1000);
    await closed;
  }

  async function replace(behaviour: Behaviour): Promise<void> {
    await switchOff();
    await install(behaviour);
  }

  /** The telephone answers. Settles when it has the ACK. */
  async function talk(): Promise<void> {
    await caller.invite(offer);
    mock.timers.tick(times.ringMs);
    await caller.expect('180');
    mock.timers.tick(times.answerMs - times.ringMs);
    await caller.expect('200');
    caller.ack();
    await domain.settled();
  }

  /** The telephone follows a REFER. Settles with its INVITE. */
  async function refer(headers: readonly string[] = [], referTo = '<sip:user2@example.com>'): Promise<string> {
    caller.request('REFER', [`Refer-To: ${referTo}`, ...headers]);
    await caller.expect('202');
    await notified('SIP/2.0 100 Trying');
    return domain.expect('INVITE ');
  }

  /** The telephone's next message is a NOTIFY with this status line, and gets this response. */
  async function notified(statusLine: string, response = '200 OK'): Promise<string> {
    const notify = await domain.expect('NOTIFY sip:caller@');
    expect(notify.split('\r\n\r\n')[1]).to.equal(`${statusLine}\r\n`);
    domain.respond(notify, response);
    return notify;
  }

  /** The called party answers, and the telephone talks to it. */
  async function connect(invite: string): Promise<void> {
    domain.respond(invite, '200 OK', [], answer);
    await domain.expect('ACK ');
    await notified('SIP/2.0 200 OK');
  }

  async function hangUp(): Promise<void> {
    caller.request('BYE');
    await caller.expect('200');
  }

  const state = (): string => telephone.view().state;
  const calls = (): string[] => telephone.view().calls.map((call) => `${call.state} with ${call.with}`);

  it('rings, answers and is idle again when the caller hangs up', async () => {
    expect(state()).to.equal('idle');
    await caller.invite(offer);
    mock.timers.tick(times.ringMs);
    await caller.expect('180 Ringing');
    expect(state()).to.equal('ringing');
    mock.timers.tick(times.answerMs - times.ringMs);
    await caller.expect('200 OK');
    expect(calls()).to.deep.equal(['talking with sip:caller@example.com']);
    caller.ack();
    await hangUp();
    expect(state()).to.equal('idle');
  });

  it('answers an offer line by line: silent audio, no video', async () => {
    await caller.invite(offer);
    mock.timers.tick(times.answerMs);
    const accepted = await domain.until('SIP/2.0 200');
    const media = accepted.split('\r\n').filter((line) => /^(m=|a=inactive)/.test(line));
    expect(media).to.deep.equal(['m=audio 9 RTP/AVP 0', 'a=inactive', 'm=video 0 RTP/AVP 31']);
  });

  it('makes an offer of its own when the caller made none', async () => {
    await caller.invite();
    mock.timers.tick(times.answerMs);
    await caller.expect('180');
    expect(await caller.expect('200')).to.contain('m=audio 9 RTP/AVP 0');
    caller.ack(answer);
    await hangUp();
  });

  it('stops ringing when the caller gives up', async () => {
    await caller.invite(offer);
    mock.timers.tick(times.ringMs);
    await caller.expect('180');
    caller.cancel();
    await domain.expect('SIP/2.0 200');
    await domain.expect('SIP/2.0 487');
    expect(state()).to.equal('idle');
  });

  it('repeats its answer when no ACK comes, and hangs up in the end', async () => {
    await caller.invite(offer);
    mock.timers.tick(times.answerMs);
    await caller.expect('180');
    await caller.expect('200');
    mock.timers.tick(500);
    await caller.expect('200');
    mock.timers.tick(31_500);
    await domain.until('BYE ');
    expect(state()).to.equal('idle');
  });

  for (const [behaviour, status] of [
    ['busy', '486'],
    ['reject', '603'],
  ] as const) {
    it(`declines with ${status} when its behaviour is ${behaviour}`, async () => {
      await replace(behaviour);
      await caller.invite(offer);
      await caller.expect(status);
      expect(state()).to.equal('idle');
    });
  }

  it('keeps ringing if nobody answers', async () => {
    await replace('noanswer');
    await caller.invite(offer);
    mock.timers.tick(600_000);
    await caller.expect('180');
    expect(state()).to.equal('ringing');
    caller.cancel();
    await domain.until('SIP/2.0 487');
    expect(state()).to.equal('idle');
  });

  it("follows REFER with the proxy's challenge, and reports each response of the called party", async () => {
    await talk();
    const first = await refer(['Referred-By: <sip:referrer@example.com>']);
    domain.respond(first, '407 Challenge', ['Proxy-Authenticate: Digest realm="example.com", nonce="1", qop="auth"']);
    await domain.expect('ACK ');
    const invite = await domain.expect('INVITE sip:user2@example.com SIP/2.0');
    expect(fields(invite, 'Proxy-Authorization')[0]).to.contain('username="user1", realm="example.com"');
    expect(fields(invite, 'From')[0]).to.contain('<sip:user1@example.com>');
    expect(fields(invite, 'To')).to.deep.equal(['<sip:user2@example.com>']);
    expect(fields(invite, 'Referred-By')).to.deep.equal(['<sip:referrer@example.com>']);
    expect(invite).to.contain('m=audio 9 RTP/AVP 0');
    domain.respond(invite, '100 Trying');
    domain.respond(invite, '180 Ringing');
    const ringing = await notified('SIP/2.0 180 Ringing');
    expect(fields(ringing, 'Event')).to.deep.equal(['refer']);
    expect(fields(ringing, 'Subscription-State')).to.deep.equal(['active;expires=60']);
    domain.respond(invite, '200 OK', [], answer);
    await domain.expect('ACK ');
    const last = await notified('SIP/2.0 200 OK');
    expect(fields(last, 'Subscription-State')).to.deep.equal(['terminated;reason=noresource']);
    expect(calls()).to.deep.equal(['talking with sip:caller@example.com', 'talking with sip:user2@example.com']);
  });

  it('reports the outcome also after the BYE of the referrer', async () => {
    await talk();
    const invite = await refer();
    await hangUp();
    expect(calls()).to.deep.equal(['calling with sip:user2@example.com']);
    await connect(invite);
  });

  it('sends no further reports when the referrer refuses one', async () => {
    await talk();
    const invite = await refer();
    domain.respond(invite, '180 Ringing');
    await notified('SIP/2.0 180 Ringing', '481 Call/Transaction Does Not Exist');
    domain.respond(invite, '486 Busy Here');
    await domain.expect('ACK ');
    await hangUp();
  });

  it('hangs up the call that it placed after a while', async () => {
    await talk();
    await connect(await refer());
    mock.timers.tick(times.talkMs);
    await domain.expect('BYE sip:called@');
    expect(calls()).to.deep.equal(['talking with sip:caller@example.com']);
  });

  it('frees the call that it placed when the other side hangs up first', async () => {
    await talk();
    const invite = await refer();
    await connect(invite);
    const dialog = ['Call-ID', 'From'].map((name) => fields(invite, name)[0]);
    domain.request('BYE', [
      'From: <sip:user2@example.com>;tag=called',
      `To: ${dialog[1]}`,
      `Call-ID: ${dialog[0]}`,
      'CSeq: 1 BYE',
    ]);
    await domain.expect('SIP/2.0 200');
    expect(calls()).to.deep.equal(['talking with sip:caller@example.com']);
    mock.timers.tick(times.talkMs);
    await hangUp();
  });

  it('reports that the called party is busy', async () => {
    await talk();
    domain.respond(await refer(), '486 Busy Here');
    await domain.expect('ACK ');
    await notified('SIP/2.0 486 Busy Here');
    expect(calls()).to.deep.equal(['talking with sip:caller@example.com']);
  });

  it('gives up when the called party does not answer', async () => {
    await talk();
    const invite = await refer();
    domain.respond(invite, '180 Ringing');
    await notified('SIP/2.0 180 Ringing');
    mock.timers.tick(times.patienceMs);
    domain.respond(await domain.expect('CANCEL '), '200 OK');
    domain.respond(invite, '487 Request Terminated');
    await domain.expect('ACK ');
    await notified('SIP/2.0 487 Request Terminated');
    expect(calls()).to.deep.equal(['talking with sip:caller@example.com']);
  });

  it('reports 408 when nothing at all follows its CANCEL', async () => {
    await talk();
    domain.respond(await refer(), '180 Ringing');
    await notified('SIP/2.0 180 Ringing');
    mock.timers.tick(times.patienceMs);
    await domain.expect('CANCEL ');
    await domain.settled();
    mock.timers.tick(32_000);
    await notified('SIP/2.0 408 Request Timeout');
    expect(calls()).to.deep.equal(['talking with sip:caller@example.com']);
  });

  it('hangs up at once when an answer crosses its CANCEL, and reports 487', async () => {
    await talk();
    const invite = await refer();
    domain.respond(invite, '180 Ringing');
    await notified('SIP/2.0 180 Ringing');
    mock.timers.tick(times.patienceMs);
    await domain.expect('CANCEL ');
    domain.respond(invite, '200 OK', [], answer);
    await domain.expect('ACK ');
    await domain.expect('BYE ');
    await notified('SIP/2.0 487 Request Terminated');
  });

  it('distinguishes a second referral in the same call from the first', async () => {
    await talk();
    await refer();
    caller.request('REFER', ['Refer-To: <sip:user3@example.com>']);
    const accepted = await caller.expect('202');
    const [cseq] = fields(accepted, 'CSeq')[0]!.split(' ');
    expect(fields(await notified('SIP/2.0 100 Trying'), 'Event')).to.deep.equal([`refer;id=${cseq}`]);
  });

  it('takes extension header fields out of Refer-To, and no others', async () => {
    await talk();
    const referTo = '<sip:user2@example.com?X-ConfPin=12%2034&Route=%3Csip:evil%3E&X-Bad=a%0D%0Ab>';
    const invite = await refer([], referTo);
    expect(startLine(invite)).to.equal('INVITE sip:user2@example.com SIP/2.0');
    expect(fields(invite, 'X-ConfPin')).to.deep.equal(['12 34']);
    expect(fields(invite, 'Route')).to.deep.equal([]);
    expect(fields(invite, 'X-Bad')).to.deep.equal([]);
  });

  for (const referTo of ['<sips:user2@example.com>', '<sip:user2@example.com;method=BYE>']) {
    it(`answers 400 to Refer-To "${referTo}"`, async () => {
      await talk();
      caller.request('REFER', [`Refer-To: ${referTo}`]);
      await caller.expect('400');
      await hangUp();
    });
  }

  for (const referTo of ['', 'user2', '<tel:+1555>', '<sip:user 2@example.com>']) {
    it(`is not led astray by Refer-To "${referTo}", which SIP.js drops`, async () => {
      await talk();
      caller.request('REFER', [`Refer-To: ${referTo}`]);
      await hangUp();
    });
  }

  it('answers re-INVITE, OPTIONS and INFO, and refuses unknown methods', async () => {
    await talk();
    for (const [method, status] of [
      ['OPTIONS', '200'],
      ['INFO', '200'],
      ['UPDATE', '405'],
      ['PUBLISH', '405'],
    ] as const) {
      caller.request(method);
      await caller.expect(status);
    }
    caller.request('INVITE', [], offer);
    expect(await caller.expect('200')).to.contain('a=inactive');
    caller.ack();
    await hangUp();
  });

  it('lives on after a message that SIP.js throws at', async () => {
    await talk();
    caller.request('PRACK', ['RAck: 1 1 INVITE']);
    await hangUp();
  });

  it('is busy when all its lines are taken', async () => {
    for (let line = 0; line < 200; line++) await domain.caller().invite(offer);
    await caller.invite(offer);
    await caller.expect('486');
  });

  it('ends every call when it is switched off, and accepts no more', async () => {
    await talk();
    const invite = await refer();
    domain.respond(invite, '180 Ringing');
    await notified('SIP/2.0 180 Ringing');
    const ringing = domain.caller();
    await ringing.invite(offer);
    const closed = telephone.close();
    const bye = await domain.expect('BYE sip:caller@');
    const cancel = await domain.expect('CANCEL ');
    await ringing.expect('480');
    const late = domain.caller();
    await late.invite(offer);
    await late.expect('486');
    domain.respond(bye, '200 OK');
    domain.respond(cancel, '200 OK');
    domain.respond(invite, '487 Request Terminated');
    await domain.expect('ACK ');
    await closed;
    expect(state()).to.equal('idle');
  });

  it('is switched off also when nobody answers its BYE', async () => {
    await talk();
    const closed = telephone.close();
    await domain.expect('BYE ');
    mock.timers.tick(1000);
    await closed;
    expect(state()).to.equal('idle');
  });
});
