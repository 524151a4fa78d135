import { expect } from 'chai';
import { curl } from '../support/outside/curl.js';
import { digest, type DigestLogin, newNonce, nonceOf } from '../support/outside/digest.js';
import { ask, basic, type Reply, requestText } from '../support/outside/exchange.js';
import { aliasOf, domain, type OutsideRig, outsideUsers, pinOf, startOutside } from '../support/outside/rig.js';
import { requirePeers } from '../support/peers/programs.js';

const timeoutMs = 5_000;
/** A clock that signals set forward by ten minutes. */
const clock = `--import=data:text/javascript,${encodeURIComponent(
  'const now = performance.now.bind(performance); let ahead = 0; performance.now = () => now() + ahead;' +
    'process.on("SIGUSR2", () => { ahead += 600_000; });',
)}`;

describe('From outside', function () {
  let rig: OutsideRig;

  before(async () => {
    rig = await startOutside({}, { NODE_OPTIONS: clock });
  });

  after(async () => {
    await rig?.stop();
  });

  /** A GET of the user's own calls, with a Digest header. */
  async function get(userName: string, login: Partial<DigestLogin> & { nonce: string }): Promise<Reply> {
    const target = login.target ?? `/callcontroller/${userName}/user2`;
    const header = digest({ userName, pin: pinOf(userName), method: 'GET', ...login, target });
    return ask(rig.port, requestText('GET', target, [header]));
  }

  async function invited(userName: string): Promise<string> {
    return rig.proxy.waitFor((message) => message.startsWith(`INVITE sip:${userName}@${domain}`), timeoutMs);
  }

  describe('a call is placed by', () => {
    it('Basic with user name and PIN', async () => {
      const reply = await ask(
        rig.port,
        requestText('POST', '/callcontroller/user11/user2', [basic('user11', pinOf('user11'))]),
      );
      expect([reply.status, reply.body]).to.deep.equal([200, '']);
      expect(await invited('user11')).to.match(/^From: .*<sip:user11@example\.com>/m);
    });

    it('Basic with alias and PIN', async () => {
      const alias = aliasOf('user12');
      const reply = await ask(
        rig.port,
        requestText('POST', `/callcontroller/${alias}/user2`, [basic(alias, pinOf('user12'))]),
      );
      expect(reply.status).to.equal(200);
      await invited('user12');
    });

    it('Basic with the identity and PIN', async () => {
      const header = basic(`user17@${domain}`, pinOf('user17'));
      expect((await ask(rig.port, requestText('POST', '/callcontroller/user17/user2', [header]))).status).to.equal(200);
      await invited('user17');
    });

    for (const algorithm of ['SHA-256', 'MD5'] as const) {
      it(`Digest with ${algorithm}`, async () => {
        const userName = algorithm === 'MD5' ? 'user13' : 'user14';
        const target = `/callcontroller/${userName}/user2?timeout=5&agent=${aliasOf(userName)}`;
        const nonce = await newNonce(rig.port);
        const header = digest({ userName, pin: pinOf(userName), method: 'POST', target, nonce, algorithm });
        expect((await ask(rig.port, requestText('POST', target, [header]))).status).to.equal(200);
        await invited(userName);
      });
    }

    it('a third party as the agent', async () => {
      const target = '/callcontroller/user15/user2?agent=user16';
      const reply = await ask(rig.port, requestText('POST', target, [basic('user16', pinOf('user16'))]));
      expect(reply.status).to.equal(200);
      expect(await invited('user15')).to.match(/^From: .*<sip:user16@example\.com>/m);
    });
  });

  describe('a Digest', () => {
    it('is asked for with SHA-256 first, then MD5, then Basic, each in a header of its own', async () => {
      const reply = await ask(rig.port, requestText('GET', '/callcontroller/user1/user2'));
      expect(reply.status).to.equal(401);
      expect(reply.headers('www-authenticate').map((value) => value.replace(/nonce="[^"]*"/, 'nonce'))).to.deep.equal([
        'Digest realm="example.com", qop="auth", algorithm=SHA-256, nonce, charset=UTF-8',
        'Digest realm="example.com", qop="auth", algorithm=MD5, nonce, charset=UTF-8',
        'Basic realm="example.com", charset="UTF-8"',
      ]);
    });

    it('is good for several requests, each with a count of its own, in any order', async () => {
      const nonce = await newNonce(rig.port);
      for (const nc of ['00000001', '00000003', '00000002', '0000001f'])
        expect((await get('user21', { nonce, nc })).status, nc).to.equal(200);
    });

    it('is not valid twice with one count: the client gets a new nonce', async () => {
      const nonce = await newNonce(rig.port);
      expect((await get('user22', { nonce })).status).to.equal(200);
      const again = await get('user22', { nonce });
      expect(again.status).to.equal(401);
      expect(again.headers('www-authenticate')[0]).to.contain('stale=true');
      expect((await get('user22', { nonce: nonceOf(again) })).status).to.equal(200);
    });

    it('is not good twice with one count for another path either', async () => {
      const nonce = await newNonce(rig.port);
      expect((await get('user23', { nonce })).status).to.equal(200);
      expect((await get('user23', { nonce, target: '/callcontroller/user23/user3' })).status).to.equal(401);
    });

    it('is stale with a nonce that is not of this container, if the PIN is right, and just wrong if it is not', async () => {
      const nonce = 'AaIGjhdAa-9RQUWLEVJKJGi20DqGeTcDH6N4ESssQi0';
      const right = await get('user24', { nonce });
      const wrong = await get('user24', { nonce, pin: 'wrong' });
      expect([right.status, wrong.status]).to.deep.equal([401, 401]);
      expect(right.headers('www-authenticate')[0]).to.contain('stale=true');
      expect(wrong.headers('www-authenticate')[0]).to.not.contain('stale');
    });

    it('is stale after its nonce has run out', async () => {
      const nonce = await newNonce(rig.port);
      expect((await get('user25', { nonce })).status).to.equal(200);
      process.kill(rig.container.pid, 'SIGUSR2');
      const late = await get('user25', { nonce, nc: '00000002' });
      expect(late.status).to.equal(401);
      expect(late.headers('www-authenticate')[0]).to.contain('stale=true');
      expect((await get('user25', { nonce: nonceOf(late) })).status).to.equal(200);
    });
  });
});

describe('curl from outside', function () {
  let rig: OutsideRig;
  let base: string;

  before(async function () {
    requirePeers(this, 'curl');
    rig = await startOutside();
    base = `https://127.0.0.1:${rig.port}/callcontroller`;
  });

  after(async () => {
    await rig?.stop();
  });

  it('gets in with -u', async () => {
    const { status, trace } = await curl('-X', 'POST', '-u', `user1:${pinOf('user1')}`, `${base}/user1/user2`);
    expect(status).to.equal(200);
    expect(trace).to.match(/^> Authorization: Basic /m);
  });

  it('gets in with --digest, and chooses SHA-256', async () => {
    const { status, trace } = await curl('--digest', '-u', `user1:${pinOf('user1')}`, `${base}/user1/user2`);
    expect(status).to.equal(200);
    expect(trace).to.match(/^> Authorization: Digest .*algorithm=SHA-256/m);
  });

  it('logs in with --digest and MD5 if the PIN is known as an MD5 hash only', async () => {
    const args = ['-X', 'POST', '--digest', '-u', `hashed:${pinOf('hashed')}`, `${base}/hashed/user2`];
    const { status, trace } = await curl(...args);
    expect(status).to.equal(200);
    expect(trace).to.match(/^> Authorization: Digest .*algorithm=MD5/m);
  });

  it('logs in with -u if the PIN is known as an MD5 hash only, also by alias', async () => {
    for (const name of ['hashed', '3001']) {
      const { status } = await curl('-u', `${name}:${pinOf('hashed')}`, `${base}/${name}/user2`);
      expect(status, name).to.equal(200);
    }
  });

  it('gets in with --anyauth, and a body', async () => {
    const args = ['--anyauth', '-d', 'x=1', '-u', `user3:${pinOf('user3')}`, `${base}/user1/user2?agent=user3`];
    expect((await curl(...args)).status).to.equal(200);
  });

  it('gets an XML error for a wrong PIN', async () => {
    const { status, body } = await curl('--digest', '-u', 'user4:wrong', `${base}/user4/user2`);
    expect(status).to.equal(401);
    expect(body).to.contain('<error-code>401</error-code>');
  });
});

describe('Where no PIN is known in clear', () => {
  it('only MD5 is asked for, and curl gets in with the second request', async function () {
    requirePeers(this, 'curl');
    const rig = await startOutside({ users: outsideUsers().filter(({ userName }) => userName === 'hashed') });
    try {
      const url = `https://127.0.0.1:${rig.port}/callcontroller/hashed/user2`;
      const { status, trace } = await curl('--digest', '-u', `hashed:${pinOf('hashed')}`, url);
      expect(status).to.equal(200);
      expect(trace.match(/^> GET/gm)).to.have.length(2);
      expect(trace).to.not.contain('SHA-256');
    } finally {
      await rig.stop();
    }
  });
});
