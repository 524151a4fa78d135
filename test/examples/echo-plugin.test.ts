import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { z } from 'zod';
import type { Container } from '../support/container.js';
import { type Installation, installation, installationTimeoutMs } from '../support/installation.js';
import { type Phone, startPhone } from '../support/peers/baresip.js';
import { type Kamailio, startKamailio } from '../support/peers/kamailio.js';
import { requirePeers } from '../support/peers/programs.js';
import { register } from '../support/peers/registration.js';
import { whatTheyHear } from '../support/peers/rtp.js';
import { SipPeer } from '../support/sip-peer.js';

const domain = 'example.com';
const echo = { userName: 'echo', password: '123' };
const user = { userName: 'user1', password: '123' };
const timeoutMs = 10_000;
const callsSchema = z.array(z.object({ from: z.string(), since: z.string(), packets: z.number() }));

describe('examples/echo-plugin, built against the installed package', function () {
  this.timeout(3 * timeoutMs);
  let installed: Installation;
  let pluginDir: string;
  let container: Container;

  before(async function () {
    this.timeout(installationTimeoutMs);
    installed = await installation();
    pluginDir = await installed.example('echo-plugin');
  });

  const calls = async () => callsSchema.parse(await (await container.get('/echo')).json());

  describe('called by a phone', () => {
    let kamailio: Kamailio;
    let phone: Phone;

    before(async function () {
      requirePeers(this, 'kamailio', 'baresip');
      kamailio = await startKamailio({ domain, users: [user, echo] });
      container = await installed.start({ pluginDir, sipProxy: kamailio.uri });
      await register(kamailio, echo, container.sipPort);
      const account = { user: user.userName, password: user.password, domain, proxyPort: kamailio.port };
      phone = await startPhone({ ...account, answer: 'manual', toneHz: 440 });
    });

    after(async () => {
      await phone?.stop();
      await container?.stop();
      await kamailio?.stop();
    });

    it('lets it hear itself, shows the call, and forgets it when the phone hangs up', async () => {
      expect(await calls()).to.deep.equal([]);
      await phone.dial(`sip:echo@${domain}`);
      await phone.waitForEvent(({ type }) => type === 'CALL_RTPESTAB', timeoutMs);
      const { one: heard } = await whatTheyHear(phone, phone, 1000);
      expect(heard.packets).to.be.at.least(25);
      expect(heard.pitchHz).to.be.closeTo(phone.toneHz, 10);
      const [call, ...others] = await calls();
      expect(others).to.deep.equal([]);
      expect(call?.from).to.equal(`sip:user1@${domain}`);
      expect(call?.packets).to.be.at.least(25);
      await phone.hangUp();
      await phone.waitUntilIdle(timeoutMs);
      await kamailio.waitForRequest(({ method }) => method === 'BYE', timeoutMs);
      expect(await until(calls, (now) => now.length === 0)).to.deep.equal([]);
    });

    it('hangs up when the container stops', async () => {
      const past = new Set(phone.events);
      await phone.dial(`sip:echo@${domain}`);
      await phone.waitForEvent((event) => event.type === 'CALL_ESTABLISHED' && !past.has(event), timeoutMs);
      await container.stop();
      await phone.waitUntilIdle(timeoutMs);
    });
  });

  describe('called by hand', () => {
    let peer: SipPeer;

    before(async () => {
      peer = await SipPeer.open();
      container = await installed.start({ pluginDir, sipProxy: `sip:127.0.0.1:${peer.port};lr` });
    });

    after(async () => {
      await container.stop();
      await peer.close();
    });

    it('takes the audio of an offer with all its codecs, held as the caller holds it, and refuses the rest', async () => {
      const offer = ['m=video 7080 RTP/AVP 96', 'm=audio 7078 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000'];
      const answer = (await invite('held', [...offer, 'a=sendonly'])).split('\r\n');
      expect(answer).to.include.members(['m=video 0 RTP/AVP 96', 'a=rtpmap:101 telephone-event/8000', 'a=recvonly']);
      expect(answer.find((line) => line.startsWith('m=audio'))).to.match(/^m=audio [1-9]\d* RTP\/AVP 0 101$/);
      expect(answer).to.include('c=IN IP4 127.0.0.1');
    });

    it('refuses an offer without plain audio', async () => {
      send('INVITE', 'video', ['m=video 7080 RTP/AVP 96']);
      await peer.take('488 INVITE', timeoutMs);
    });

    it('is busy when twenty hear themselves already', async () => {
      const free = 20 - (await calls()).length;
      for (let index = 0; index < free; index++) await invite(`call-${index}`, ['m=audio 7078 RTP/AVP 0']);
      send('INVITE', 'one-too-many', ['m=audio 7078 RTP/AVP 0']);
      await peer.take('486 INVITE', timeoutMs);
      expect(await calls()).to.have.length(20);
    });

    /** Places a call. @returns the session description of the answer */
    async function invite(callId: string, media: readonly string[]): Promise<string> {
      send('INVITE', callId, media);
      const answer = await peer.take('200 INVITE', timeoutMs);
      send('ACK', callId, [], answer.header('To'));
      return answer.body;
    }

    function send(method: string, callId: string, media: readonly string[], to = `<sip:echo@${domain}>`): void {
      const body =
        media.length === 0 ? '' : ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', ...media, ''].join('\r\n');
      const uri = `sip:echo@127.0.0.1:${container.sipPort}`;
      const from = `<sip:caller@${domain}>;tag=caller`;
      peer.request({ method, uri, callId, cseq: 1, from, to, body }, container.sipPort);
    }
  });
});

/** Asks until the answer is as wanted, or time is up. @returns the last answer */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const untilMs = performance.now() + timeoutMs;
  let answer = await ask();
  while (!isWanted(answer) && performance.now() < untilMs) {
    await delay(20);
    answer = await ask();
  }
  return answer;
}
