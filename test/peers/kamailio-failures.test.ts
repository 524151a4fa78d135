import { expect } from 'chai';
import { usersOf } from '../support/container.js';
import type { Phone } from '../support/peers/baresip.js';
import { type PeerDomain, startPeerDomain } from '../support/peers/domain.js';
import type { ProxiedRequest } from '../support/peers/kamailio.js';
import type { PhoneEvent } from '../support/peers/phone-control.js';
import { requirePeers } from '../support/peers/programs.js';
import type { StatusLine } from '../support/status-lines.js';

interface Call {
  /** Waits for an event on a phone; those of earlier calls are left out. */
  happens(phone: Phone, type: string): Promise<PhoneEvent>;
  /** What GET shows when it has shown so many events: method and code of each. */
  record(length: number): Promise<string[]>;
  /** The BYE with which the controller left. */
  bye(): Promise<ProxiedRequest>;
}

const timeoutMs = 5000;
const outline = ({ method, statusLine }: StatusLine) => `${method} ${statusLine.split(' ')[1]}`;

const invited = ['INVITE 100', 'INVITE 407', 'INVITE 100', 'INVITE 180'];
const referred = [...invited, 'INVITE 200', 'REFER 202', 'NOTIFY 100'];

/** user3 has another SIP password by now than the container's directory knows. */
const directory = usersOf('example.com').map((user) =>
  user.userName === 'user3' ? { ...user, sipPassword: 'outdated' } : user,
);

describe('A Refer call at a Kamailio proxy that comes to nothing', function () {
  this.timeout(30_000);
  let peers: PeerDomain;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip');
    peers = await startPeerDomain({ answer: 'manual', directory });
  });

  after(async () => {
    await peers?.stop();
  });

  afterEach('each phone is idle again', async () => {
    await peers.user1.waitUntilIdle(timeoutMs);
    await peers.user2.waitUntilIdle(timeoutMs);
  });

  async function place(path: string): Promise<Call> {
    const { container, kamailio, user1, user2 } = peers;
    const past = new Set([...user1.events, ...user2.events]);
    expect((await container.post(path)).status).to.equal(200);
    return {
      happens: async (phone, type) =>
        await phone.waitForEvent((event) => event.type === type && !past.has(event), timeoutMs),
      record: async (length) =>
        (await container.waitForStatus(path, (events) => events.length >= length, timeoutMs)).map(outline),
      bye: async () => {
        const [event] = await container.statusLines(path);
        return await kamailio.waitForRequest(
          ({ method, callId }) => method === 'BYE' && callId === event?.callId,
          timeoutMs,
        );
      },
    };
  }

  it("ends user1's call with the reason when the called user does not exist", async () => {
    const call = await place('/callcontroller/user1/nobody');
    await call.happens(peers.user1, 'CALL_INCOMING');
    await peers.user1.accept();
    expect(await call.record(8)).to.deep.equal([...referred, 'NOTIFY 404']);
    expect((await call.bye()).reason).to.equal('SIP ;cause=404 ;text="Not Found"');
  });

  it("ends user1's call with the reason when user2 declines", async () => {
    const call = await place('/callcontroller/user1/user2');
    await call.happens(peers.user1, 'CALL_INCOMING');
    await peers.user1.accept();
    await call.happens(peers.user2, 'CALL_INCOMING');
    await peers.user2.hangUp();
    expect(await call.record(8)).to.deep.equal([...referred, 'NOTIFY 486']);
    expect((await call.bye()).reason).to.match(/^SIP ;cause=486 ;text="[^"]+"$/);
  });

  it('records 486 when user1 declines, and user2 never rings', async () => {
    const call = await place('/callcontroller/user1/user2');
    await call.happens(peers.user1, 'CALL_INCOMING');
    await peers.user1.hangUp();
    expect(await call.record(5)).to.deep.equal([...invited, 'INVITE 486']);
    expect(await peers.user2.calls()).to.deep.equal([]);
  });

  it("stops user1's phone ringing when the timeout runs out", async () => {
    const call = await place('/callcontroller/user1/user2?timeout=1');
    await call.happens(peers.user1, 'CALL_INCOMING');
    await call.happens(peers.user1, 'CALL_CLOSED');
    expect(await call.record(6)).to.deep.equal([...invited, 'INVITE 408', 'INVITE 487']);
  });

  it("takes a second POST as a new attempt: user1's phone rings for that one only", async () => {
    const first = await place('/callcontroller/user1/user2');
    const ringing = await first.happens(peers.user1, 'CALL_INCOMING');
    const second = await place('/callcontroller/user1/user2');
    const closed = await second.happens(peers.user1, 'CALL_CLOSED');
    const again = await second.happens(peers.user1, 'CALL_INCOMING');
    expect(closed.id).to.equal(ringing.id).and.not.equal(again.id);
    expect(await peers.user1.calls()).to.have.length(1);
    await peers.user1.hangUp();
    expect(await second.record(5)).to.deep.equal([...invited, 'INVITE 486']);
  });

  it('records 480 when the calling user has no phone registered', async () => {
    const call = await place('/callcontroller/user3/user2?agent=user1');
    expect(await call.record(3)).to.deep.equal(['INVITE 100', 'INVITE 407', 'INVITE 480']);
  });

  it('rings nobody when the proxy refuses the credentials of the agent', async () => {
    const call = await place('/callcontroller/user1/user2?agent=user3');
    expect(await call.record(4)).to.deep.equal(['INVITE 100', 'INVITE 407', 'INVITE 100', 'INVITE 407']);
    expect(await peers.user1.calls()).to.deep.equal([]);
  });
});
