import { expect } from 'chai';
import { once } from 'node:events';
import { InviteCall, type InviteCallOwner } from '../../plugins/callcontroller/invite/invite-call.js';
import type { InviteSnapshot } from '../../plugins/callcontroller/invite/invite-snapshot.js';
import { settingsSchema } from '../../plugins/callcontroller/settings.js';
import { CSEQ_LEAP } from '../../container/sip/dialog/restored-dialog.js';
import { SipStack } from '../../container/sip/stack.js';
import type { Log, Sip } from '../../sdk/index.js';
import { request } from '../plugins/callcontroller/invite/call-request.js';
import { newRecord } from '../plugins/callcontroller/new-record.js';
import { type Phone, startPhone } from '../support/peers/baresip.js';
import { expectSilence, expectTalk } from '../support/peers/invite-call.js';
import { type Kamailio, type ProxiedRequest, startKamailio } from '../support/peers/kamailio.js';
import { requirePeers } from '../support/peers/programs.js';

const domain = 'example.com';
const password = '123';
const timeoutMs = 10_000;
const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const call = {
  ...request,
  agent: `user1@${domain}`,
  calling: `user1@${domain}`,
  called: `user2@${domain}`,
  agentAccount: { ...request.agentAccount, userName: 'user1', identity: `user1@${domain}` },
};

/** A controller on a SIP address of its own. */
interface Node {
  readonly stack: SipStack;
  readonly sip: Sip;
}

for (const [reachedBy, challenged] of [
  ['udp', []],
  ['tcp', ['UPDATE', 'INVITE', 'BYE']],
] as const) {
  describe(`An Invite call whose controller has died, at a proxy that is reached by ${reachedBy}`, function () {
    this.timeout(60_000);
    const passed = challenged.length > 0 ? 'authenticated' : 'request';
    let kamailio: Kamailio;
    let phones: [Phone, Phone, Phone];
    let dead: Node;
    let alive: Node;
    let ended: EventTarget;
    let latest: InviteSnapshot | undefined;

    before(async function () {
      requirePeers(this, 'kamailio', 'baresip');
      const users = ['user1', 'user2', 'user3'].map((userName) => ({ userName, password }));
      kamailio = await startKamailio({ domain, users, reachedBy, challengeInDialog: challenged });
      const start = (user: string, toneHz: number): Promise<Phone> =>
        startPhone({ user, toneHz, password, domain, proxyPort: kamailio.port, answer: 'auto' });
      phones = [await start('user1', 400), await start('user2', 700), await start('user3', 1000)];
    });

    after(async () => {
      for (const phone of phones ?? []) await phone.stop();
      await kamailio?.stop();
    });

    beforeEach(async () => {
      dead = await openNode();
      alive = await openNode();
      ended = new EventTarget();
      latest = undefined;
    });

    afterEach(async () => {
      await dead.stack.close();
      await alive.stack.close();
    });

    async function openNode(): Promise<Node> {
      const stack = await SipStack.open({
        host: '127.0.0.1',
        port: 0,
        t1Ms: 500,
        domain,
        proxy: kamailio.uri,
        log: silent,
        secretOf: ({ userName }) => ({ userName, password }),
      });
      return { stack, sip: stack.forPlugin('callcontroller', silent) };
    }

    function ownedBy(onChange?: InviteCallOwner['onChange']): InviteCallOwner {
      const record = newRecord();
      return {
        record,
        onEnd: () => ended.dispatchEvent(new Event('end')),
        legBehind: () => undefined,
        mayReferTo: () => true,
        ...(onChange && { onChange }),
      };
    }

    /** Connects user1 and user2, and kills the node. */
    async function orphan(): Promise<InviteSnapshot> {
      const owner = ownedBy((changed) => (latest = changed.snapshot()));
      new InviteCall(call, dead.sip, settingsSchema.parse({}), owner);
      await expectTalk(phones[0], phones[1]);
      await dead.stack.close();
      return JSON.parse(JSON.stringify(latest)) as InviteSnapshot;
    }

    /** Goes on with the call on the other node, until both phones know its address. */
    async function takeOver(snapshot: InviteSnapshot): Promise<InviteCall> {
      const restored = new InviteCall(snapshot.request, alive.sip, settingsSchema.parse({}), ownedBy(), { snapshot });
      for (const { dialog } of [snapshot.calling.leg, snapshot.called.leg])
        await kamailio.waitForRequest((seen) => seen.callId === dialog.callId && isAckOfRefresh(seen), timeoutMs);
      return restored;
    }

    /** Baresip is refreshed by re-INVITE. The ACK of a challenge has the CSeq of an INVITE that was not let pass. */
    function isAckOfRefresh({ method, callId, cseq }: ProxiedRequest): boolean {
      const isOfRefresh = (seen: ProxiedRequest): boolean =>
        seen.kind === passed && seen.method === 'INVITE' && seen.callId === callId && seen.cseq === cseq;
      return method === 'ACK' && cseq > CSEQ_LEAP && kamailio.requests().some(isOfRefresh);
    }

    /** Hangs up, and counts what the phones were told. */
    async function expectOneByeEach(restored: InviteCall, hangUp: () => void | Promise<void>): Promise<void> {
      const end = once(ended, 'end', { signal: AbortSignal.timeout(timeoutMs) });
      await hangUp();
      await end;
      for (const phone of phones) await phone.waitUntilIdle(timeoutMs);
      for (const { dialog } of [latest?.calling.leg, latest?.called.leg].filter((leg) => leg !== undefined)) {
        const byes = kamailio
          .requests()
          .filter((seen) => seen.kind === passed && seen.method === 'BYE' && seen.callId === dialog.callId);
        expect(byes.length, `BYEs of ${dialog.remoteUri}`).to.equal(1);
      }
      expect(restored.hasEnded).to.equal(true);
    }

    it('talks on, is held, resumed, transferred and hung up, with one BYE for each phone', async () => {
      const [user1, user2, user3] = phones;
      const restored = await takeOver(await orphan());
      await expectTalk(user1, user2);
      restored.hold();
      await expectSilence(user1, user2);
      restored.resume();
      await expectTalk(user1, user2);
      restored.transfer(`user3@${domain}`, () => undefined);
      await expectTalk(user3, user2);
      await user1.waitUntilIdle(timeoutMs);
      await expectOneByeEach(restored, () => restored.abandon('hangUp'));
    });

    it('is held and resumed by a phone, which then hangs up', async () => {
      const [user1, user2] = phones;
      const restored = await takeOver(await orphan());
      await user2.hold();
      await expectSilence(user1, user2);
      await user2.resume();
      await expectTalk(user1, user2);
      await expectOneByeEach(restored, () => user2.hangUp());
    });

    it('ends for the other phone when one of them has gone meanwhile', async () => {
      const [user1] = phones;
      const snapshot = await orphan();
      await user1.hangUp();
      await user1.waitUntilIdle(timeoutMs);
      const end = once(ended, 'end', { signal: AbortSignal.timeout(timeoutMs) });
      new InviteCall(snapshot.request, alive.sip, settingsSchema.parse({}), ownedBy(), { snapshot });
      await end;
      for (const phone of phones) await phone.waitUntilIdle(timeoutMs);
    });
  });
}

function ignore(): void {
  // the phones tell what matters
}
