import { expect } from 'chai';
import { type Container, type DirectoryUser, startContainer, usersOf } from '../support/container.js';
import { curl } from '../support/outside/curl.js';
import { md5 } from '../support/outside/digest.js';
import { type PeerDomain, startPeerDomain } from '../support/peers/domain.js';
import { requirePeers } from '../support/peers/programs.js';
import { freePorts } from '../support/ports.js';
import type { StatusLine } from '../support/status-lines.js';

const domain = 'example.com';
const path = '/callcontroller/user1/user2';
const eventTimeoutMs = 10_000;
const longEnoughMs = 60_000;

/** How a client outside asks, and what for. */
interface Login {
  readonly title: string;
  /** Options of curl. */
  readonly options: readonly string[];
  readonly query: string;
  /** Who places the call. */
  readonly agent: string;
  /** What curl's requests have to show. */
  readonly authorization: RegExp;
}

const basicOfUser1: Login = {
  title: 'Basic',
  options: ['-u', 'user1:123'],
  query: '?timeout=30',
  agent: 'user1',
  authorization: /^> Authorization: Basic /m,
};

const logins: readonly Login[] = [
  basicOfUser1,
  {
    title: 'Digest, which takes SHA-256',
    options: ['--digest', '-u', 'user1:123'],
    query: '',
    agent: 'user1',
    authorization: /^> Authorization: Digest .*algorithm=SHA-256/m,
  },
  {
    title: 'Basic for an agent',
    options: ['-u', 'user3:123'],
    query: '?agent=user3',
    agent: 'user3',
    authorization: /^> Authorization: Basic /m,
  },
  {
    title: 'Digest for an agent',
    options: ['--digest', '-u', 'user3:123'],
    query: '?agent=user3',
    agent: 'user3',
    authorization: /^> Authorization: Digest .*uri="[^"]*\?agent=user3"/m,
  },
];

/** The same users, of whose PINs only MD5 is known. */
function hashedUsers(): DirectoryUser[] {
  return usersOf(domain).map(({ pin, ...user }) => ({
    ...user,
    pintoken: md5(`${user.userName}:${domain}:${pin}`),
  }));
}

function urlOf(port: number, query: string): string {
  return `https://127.0.0.1:${port}/sipxconfig/rest/my/redirect${path}${query}`;
}

/** The container outside whose listener is asked, and the one whose call controller places the call. */
interface Cluster {
  readonly peers: PeerDomain;
  readonly port: number;
  readonly controller: Container;
}

/** A container that knows where the call controller is, and runs none itself. */
async function startAdmin(peers: PeerDomain, users: readonly DirectoryUser[]): Promise<[Container, Cluster]> {
  const port = await freePorts();
  const controller = peers.container;
  const plugins = { redirect: { callcontroller: controller.url }, callcontroller: false };
  return [await startContainer({ publicHttpPort: port, plugins, users }), { peers, port, controller }];
}

/** Places a call with curl, lets the phones talk, looks at it with curl, and has user1 hang up. */
async function expectCall({ peers, port, controller }: Cluster, login: Login): Promise<void> {
  const { user1, user2, kamailio } = peers;
  const past = new Set(user1.events);
  const url = urlOf(port, login.query);

  const post = await curl('-k', '-X', 'POST', ...login.options, url);
  expect([post.status, post.body]).to.deep.equal([200, '']);
  expect(post.trace).to.match(login.authorization);

  // The controller hangs up on user1 as soon as user2 has answered.
  const isLeft = (event: (typeof user1.events)[number]) =>
    event.type === 'CALL_CLOSED' && event.direction === 'incoming' && !past.has(event);
  await user1.waitForEvent(isLeft, eventTimeoutMs);
  const events = await controller.waitForStatus(path + login.query, isConnected, eventTimeoutMs);
  expect(await user1.calls()).to.deep.equal([{ state: 'ESTABLISHED', peer: 'sip:user2@example.com' }]);
  expect(await user2.calls()).to.deep.equal([{ state: 'ESTABLISHED', peer: 'sip:user1@example.com' }]);

  const invite = kamailio
    .requests()
    .find(
      ({ kind, method, callId }) => kind === 'authenticated' && method === 'INVITE' && callId === events[0]?.callId,
    );
  expect(invite).to.include({
    from: `sip:${login.agent}@example.com`,
    to: 'sip:user1@example.com',
    credentials: login.agent,
    source: `127.0.0.1:${controller.sipPort}`,
  });

  const get = await curl('-k', '-X', 'GET', ...login.options, url);
  expect(get.trace)
    .to.match(login.authorization)
    .and.to.match(/^< Content-Type: text\/xml/im);
  expect([get.status, get.body]).to.deep.equal([200, await (await controller.get(path + login.query)).text()]);

  await user1.hangUp();
  await user1.waitUntilIdle(eventTimeoutMs);
  await user2.waitUntilIdle(eventTimeoutMs);
}

function isConnected(events: readonly StatusLine[]): boolean {
  return events.some(({ method, statusLine }) => method === 'NOTIFY' && statusLine.startsWith('SIP/2.0 200 '));
}

describe('A call from outside between two baresip phones', function () {
  this.timeout(longEnoughMs);
  let peers: PeerDomain;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip', 'curl');
    peers = await startPeerDomain();
  });

  after(async () => {
    await peers?.stop();
  });

  describe('with the redirect in one process and the call controller in another', () => {
    let admin: Container;
    let cluster: Cluster;

    before(async () => {
      [admin, cluster] = await startAdmin(peers, usersOf(domain));
    });

    after(async () => {
      await admin?.stop();
    });

    for (const login of logins) {
      it(`is placed and watched with curl by ${login.title}`, async () => {
        await expectCall(cluster, login);
      });
    }

    it('is placed and watched with curl by Digest with MD5 where the PINs are known as MD5 only', async () => {
      const [hashed, itsCluster] = await startAdmin(peers, hashedUsers());
      try {
        await expectCall(itsCluster, {
          ...basicOfUser1,
          options: ['--digest', '-u', 'user1:123'],
          authorization: /^> Authorization: Digest .*algorithm=MD5/m,
        });
      } finally {
        await hashed.stop();
      }
    });

    for (const [who, status, options, query] of [
      ['nobody', 401, [], ''],
      ['a wrong PIN', 401, ['-u', 'user1:124'], ''],
      ['a wrong PIN in a digest', 401, ['--digest', '-u', 'user1:124'], ''],
      ['another user', 403, ['-u', 'user2:123'], ''],
      ['a user in the name of an agent', 403, ['-u', 'user1:123'], '?agent=user3'],
      ['an agent without a word of it', 403, ['-u', 'user3:123'], ''],
      ['an agent who is named twice', 400, ['-u', 'user3:123'], '?agent=user3&agent=user1'],
    ] as const) {
      it(`is not placed by ${who}: ${status}, and no telephone rings`, async () => {
        const count = peers.kamailio.requests().length;
        for (const method of ['POST', 'GET']) {
          const answer = await curl('-k', '-X', method, ...options, urlOf(cluster.port, query));
          expect(answer.status, method).to.equal(status);
          expect(answer.body).to.contain(`<error-code>${status}</error-code>`);
        }
        const later = peers.kamailio.requests().slice(count);
        expect(later.filter(({ method }) => method === 'INVITE')).to.deep.equal([]);
      });
    }
  });

  it('is placed and watched with curl with both in one process', async () => {
    const port = await freePorts();
    const users = usersOf(domain);
    const controller = await startContainer({ publicHttpPort: port, sipProxy: peers.kamailio.uri, users });
    try {
      await expectCall({ peers, port, controller }, basicOfUser1);
    } finally {
      await controller.stop();
    }
  });
});
