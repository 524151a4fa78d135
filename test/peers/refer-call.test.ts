import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import type { PhoneCall } from '../support/peers/baresip.js';
import type { PhoneEvent } from '../support/peers/phone-control.js';
import { type PeerDomain, type ProxyOptions, startPeerDomain } from '../support/peers/domain.js';
import { programPath, requirePeers } from '../support/peers/programs.js';
import { type Heard, whatTheyHear } from '../support/peers/rtp.js';
import { type StatusLine, statusLines } from '../support/status-lines.js';

interface Case {
  readonly title: string;
  readonly query: string;
  /** Who places the call. */
  readonly agent: { readonly userName: string; readonly displayName: string };
  readonly proxy?: ProxyOptions;
  /** What the REFER is answered. */
  readonly refer: readonly string[];
}

const cases: readonly Case[] = [
  {
    title: 'that user1 places',
    query: '',
    agent: { userName: 'user1', displayName: 'User One' },
    refer: ['REFER 202'],
  },
  {
    title: 'that user3 places for user1',
    query: '?agent=user3',
    agent: { userName: 'user3', displayName: 'User Three' },
    refer: ['REFER 202'],
  },
  {
    title: 'where the proxy challenges each request anew',
    query: '',
    agent: { userName: 'user1', displayName: 'User One' },
    proxy: { challengeInDialog: ['REFER', 'BYE'], oneTimeNonces: true },
    refer: ['REFER 407', 'REFER 202'],
  },
];

/** What became of one call. */
interface Observed {
  readonly post: { readonly status: number; readonly body: string };
  readonly get: { readonly contentType: string | null; readonly xml: string };
  readonly heardAtOnce: { readonly one: Heard; readonly other: Heard };
  readonly heardLater: { readonly one: Heard; readonly other: Heard };
  /** The phones' calls two seconds after the controller left. */
  readonly calls: { readonly user1: PhoneCall[]; readonly user2: PhoneCall[] };
  readonly sipCounts: Readonly<Record<string, number>>;
  readonly startedAt: number;
  readonly endedAt: number;
}

const path = '/callcontroller/user1/user2';
const eventTimeoutMs = 10_000;

async function placeCall({ user1, user2, kamailio, container }: PeerDomain, query: string): Promise<Observed> {
  const startedAt = Date.now();
  const posted = await container.post(path + query);
  const post = { status: posted.status, body: await posted.text() };
  await user1.waitForEvent(({ type }) => type === 'CALL_RTPESTAB', eventTimeoutMs);
  await user2.waitForEvent(({ type }) => type === 'CALL_RTPESTAB', eventTimeoutMs);
  const heardAtOnce = await whatTheyHear(user1, user2, 500);

  // The controller hangs up on user1, whose phone shows that as the end of the call that it was called with.
  await kamailio.waitForRequest(({ method }) => method === 'BYE', eventTimeoutMs);
  await user1.waitForEvent(({ type, direction }) => type === 'CALL_CLOSED' && direction === 'incoming', eventTimeoutMs);
  const heardLater = await whatTheyHear(user1, user2, 2000);
  const calls = { user1: await user1.calls(), user2: await user2.calls() };

  const answer = await container.get(path + query);
  const get = { contentType: answer.headers.get('content-type'), xml: await answer.text() };
  const sipCounts = await container.sipCounts();
  return { post, get, heardAtOnce, heardLater, calls, sipCounts, startedAt, endedAt: Date.now() };
}

const isAnswered = ({ type, direction }: PhoneEvent) => type === 'CALL_ESTABLISHED' && direction === 'incoming';

/** Method and code of each event. Whether a phone rings before it answers by itself is its own affair. */
function outline(events: readonly StatusLine[]): string[] {
  return events
    .map(({ method, statusLine }) => `${method} ${/^SIP\/2\.0 (\d{3}) \S/.exec(statusLine)?.[1]}`)
    .filter((event) => event !== 'INVITE 180');
}

describe('A Refer call between two baresip phones at a Kamailio proxy', () => {
  for (const { title, query, agent, proxy, refer } of cases) {
    describe(title, function () {
      this.timeout(40_000);
      let peers: PeerDomain;
      let observed: Observed;

      before(async function () {
        requirePeers(this, 'kamailio', 'baresip', 'xmllint');
        peers = await startPeerDomain(proxy);
        observed = await placeCall(peers, query);
      });

      after(async () => {
        await peers?.stop();
      });

      it('answers the POST with 200 and an empty body', () => {
        expect(observed.post).to.deep.equal({ status: 200, body: '' });
      });

      it("calls user1's phone in the agent's name and with the agent's credentials", async () => {
        const invite = await peers.kamailio.waitForRequest(
          ({ kind, method, to }) => kind === 'authenticated' && method === 'INVITE' && to === 'sip:user1@example.com',
          eventTimeoutMs,
        );
        expect(invite).to.include({ from: `sip:${agent.userName}@example.com`, credentials: agent.userName });
        const answered = await peers.user1.waitForEvent(isAnswered, eventTimeoutMs);
        expect(answered).to.include({
          peeruri: `sip:${agent.userName}@example.com`,
          peerdisplayname: agent.displayName,
          id: invite.callId,
        });
      });

      it("makes user1's phone call user2's, in user1's own name", async () => {
        const answered = await peers.user2.waitForEvent(isAnswered, eventTimeoutMs);
        expect(answered.peeruri).to.equal('sip:user1@example.com');
        const invite = await peers.kamailio.waitForRequest(
          ({ kind, method, to }) => kind === 'authenticated' && method === 'INVITE' && to === 'sip:user2@example.com',
          eventTimeoutMs,
        );
        expect(invite).to.include({ from: 'sip:user1@example.com', credentials: 'user1' });
      });

      it('lets RTP flow both ways between the two phones', () => {
        expectTalk(observed.heardAtOnce, 500);
      });

      it('leaves the call, and the phones still talk two seconds later', () => {
        expectTalk(observed.heardLater, 2000);
        expect(observed.calls).to.deep.equal({
          user1: [{ state: 'ESTABLISHED', peer: 'sip:user2@example.com' }],
          user2: [{ state: 'ESTABLISHED', peer: 'sip:user1@example.com' }],
        });
        expect(observed.sipCounts).to.include({ dialogs: 0, retransmissions: 0 });
      });

      it('lists in GET how the call went, in order, under one Call-ID', () => {
        const events = statusLines(observed.get.xml);
        expect(outline(events)).to.deep.equal([
          'INVITE 100',
          'INVITE 407',
          'INVITE 100',
          'INVITE 200',
          ...refer,
          'NOTIFY 100',
          'NOTIFY 200',
        ]);
        const invite = peers.kamailio.requests().find(({ method }) => method === 'INVITE');
        expect(new Set(events.map(({ callId }) => callId))).to.deep.equal(new Set([invite?.callId]));
        const times = [observed.startedAt, ...events.map(({ timestamp }) => timestamp), observed.endedAt];
        expect(times).to.deep.equal(times.toSorted((a, b) => a - b));
      });

      it('shows in GET a well-formed XML document of the right namespace', () => {
        expect(observed.get.contentType).to.match(/^text\/xml\b/);
        execFileSync(programPath('xmllint'), ['--noout', '-'], { input: observed.get.xml, timeout: 5000 });
        expect(observed.get.xml).to.match(
          /<status-lines xmlns="http:\/\/www\.sipfoundry\.org\/sipX\/schema\/xml\/call-status-00-00">/,
        );
      });

      /** A phone sends 50 packets a second; the machine may be busy, so half of them may come late. */
      function expectTalk({ one, other }: Observed['heardAtOnce'], durationMs: number): void {
        const expected = durationMs / 20;
        expect(one.packets, 'packets that user1 got').to.be.at.least(expected / 2);
        expect(other.packets, 'packets that user2 got').to.be.at.least(expected / 2);
        expect(one.pitchHz, 'what user1 hears').to.be.closeTo(peers.user2.toneHz, 20);
        expect(other.pitchHz, 'what user2 hears').to.be.closeTo(peers.user1.toneHz, 20);
      }
    });
  }
});
