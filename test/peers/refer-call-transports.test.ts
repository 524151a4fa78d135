import { expect } from 'chai';
import { type Authority, createAuthority } from '../support/certificates.js';
import { startContainer } from '../support/container.js';
import { type PeerDomain, startPeerDomain } from '../support/peers/domain.js';
import { type Kamailio, type KamailioOptions, startKamailio } from '../support/peers/kamailio.js';
import { requirePeers } from '../support/peers/programs.js';
import { whatTheyHear } from '../support/peers/rtp.js';
import { freePorts } from '../support/ports.js';
import type { StatusLine } from '../support/status-lines.js';

const path = '/callcontroller/user1/user2';
const timeoutMs = 10_000;

describe('A Refer call at a Kamailio proxy', function () {
  this.timeout(40_000);
  let authority: Authority;

  before(async function () {
    requirePeers(this, 'kamailio', 'kamailioTls', 'baresip');
    authority = await createAuthority();
  });

  after(async () => {
    await authority?.remove();
  });

  for (const reachedBy of ['tcp', 'tls', 'sips'] as const) {
    describe(`that is reached by ${reachedBy}`, () => {
      let peers: PeerDomain;
      let sipTlsPort: number;

      before(async () => {
        const own = await authority.issue('127.0.0.1');
        const tls = { key: own.keyFile, cert: own.certFile, ca: authority.caFile };
        sipTlsPort = reachedBy === 'tcp' ? 0 : await freePorts();
        const settings = { tls, sipTlsPort };
        peers = await startPeerDomain({ reachedBy, certificate: own, settings });
      });

      after(async () => {
        await peers?.stop();
      });

      it('makes the phones talk, keeps the same transport to the end, and leaves nothing behind', async () => {
        const { container, kamailio, user1, user2 } = peers;
        expect(container.sipTlsPort).to.equal(sipTlsPort);
        expect((await container.post(path)).status).to.equal(200);
        await user1.waitForEvent(({ type }) => type === 'CALL_RTPESTAB', timeoutMs);
        await user2.waitForEvent(({ type }) => type === 'CALL_RTPESTAB', timeoutMs);
        const bye = await kamailio.waitForRequest(({ method }) => method === 'BYE', timeoutMs);
        const { one, other } = await whatTheyHear(user1, user2, 500);
        expect(Math.min(one.packets, other.packets), 'packets heard').to.be.above(15);

        const record = await container.waitForStatus(path, (lines) => outline(lines).includes('NOTIFY 200'), timeoutMs);
        expect(outline(record)).to.include.members(['INVITE 407', 'INVITE 200', 'REFER 202', 'NOTIFY 200']);
        const ours = kamailio.requests().filter(({ kind, callId, source, method }) => {
          const isPhones = source.endsWith(`:${user1.sipPort}`);
          return kind === 'request' && callId === bye.callId && !isPhones && method !== 'NOTIFY';
        });
        expect(ours.map(({ method }) => method)).to.deep.equal(['INVITE', 'INVITE', 'ACK', 'REFER', 'BYE']);
        expect(new Set(ours.map(({ protocol }) => protocol))).to.deep.equal(
          new Set([reachedBy === 'sips' ? 'tls' : reachedBy]),
        );
        expect(new Set(ours.map(({ source }) => source)).size, 'connections').to.equal(1);
        expect(await container.sipCounts()).to.include({ dialogs: 0, retransmissions: 0 });
      });
    });
  }

  describe('that shows a certificate', () => {
    let kamailio: Kamailio | undefined;

    afterEach(async () => {
      await kamailio?.stop();
      kamailio = undefined;
    });

    /** The record of a call through a proxy with this certificate, and the log line that tells why. */
    async function callThrough(
      certificate: KamailioOptions['certificate'],
    ): Promise<{ record: string[]; reason: string }> {
      const proxy = await startKamailio({ domain: 'example.com', users, reachedBy: 'tls', certificate });
      kamailio = proxy;
      const own = await authority.issue('127.0.0.1');
      const container = await startContainer({
        sipProxy: proxy.uri,
        sipTlsPort: await freePorts(),
        tls: { key: own.keyFile, cert: own.certFile, ca: authority.caFile },
      });
      try {
        await container.post(path);
        const record = await container.waitForStatus(path, (lines) => lines.length > 0, timeoutMs);
        await container.waitForLog('SIP request not sent', timeoutMs);
        const logged = container.logLines().find((line) => line.includes('SIP request not sent')) ?? '{}';
        expect(proxy.requests(), 'requests that reached the proxy').to.deep.equal([]);
        const { reason }: { reason?: string } = JSON.parse(logged);
        return { record: record.map(({ method, statusLine }) => `${method} ${statusLine}`), reason: reason ?? '' };
      } finally {
        await container.stop();
      }
    }

    const users = [{ userName: 'user1', password: '123' }];
    const refused = ['INVITE SIP/2.0 503 Service Unavailable'];

    it('for another name is not placed: the record says 503, the log why', async () => {
      const { record, reason } = await callThrough(await authority.issue('proxy.example.net'));
      expect(record).to.deep.equal(refused);
      expect(reason).to.match(/not match certificate's altnames: IP: 127\.0\.0\.1 is not in the cert's list/);
    });

    it('of another authority is not placed: the record says 503, the log why', async () => {
      const stranger = await createAuthority();
      const { record, reason } = await callThrough(await stranger.issue('127.0.0.1'));
      await stranger.remove();
      expect(record).to.deep.equal(refused);
      expect(reason).to.match(/certificate signature failure|unable to/);
    });

    it('that has expired is not placed: the record says 503, the log why', async () => {
      const { record, reason } = await callThrough(await authority.issueExpired('127.0.0.1'));
      expect(record).to.deep.equal(refused);
      expect(reason).to.include('certificate has expired');
    });
  });
});

function outline(lines: readonly StatusLine[]): string[] {
  return lines.map(({ method, statusLine }) => `${method} ${statusLine.split(' ')[1]}`);
}
