import { expect } from 'chai';
import { digest, newNonce } from '../support/outside/digest.js';
import { ask, basic, type Reply, requestText } from '../support/outside/exchange.js';
import { type OutsideRig, pinOf, startOutside } from '../support/outside/rig.js';

const wrongPerUser = 10;
const wrongPerAddress = 50;

describe('Guessing PINs from outside', function () {
  let rig: OutsideRig;

  before(async () => {
    rig = await startOutside();
  });

  after(async () => {
    await rig?.stop();
  });

  // Each test has users and addresses of its own.
  const login = (userName: string, pin: string, from: string): Promise<Reply> => loginAt(rig, userName, pin, from);

  it('ends after ten wrong ones for a user; then the right one has to wait as well, wherever it comes from', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < wrongPerUser; count++)
      statuses.push((await login('user100', `guess-${count}`, `127.10.1.${count + 1}`)).status);
    expect(statuses).to.deep.equal(Array(wrongPerUser).fill(401));
    const right = await login('user100', pinOf('user100'), '127.10.2.1');
    expect(right.status).to.equal(429);
    expect(Number(right.header('retry-after'))).to.be.within(290, 300);
    expect(right.body).to.contain('<error-code>429</error-code>');
    expect((await login('user120', pinOf('user120'), '127.10.0.1')).status).to.equal(200);
  });

  it('ends after ten for a name that nobody has, so that nobody learns which names there are', async () => {
    for (let count = 0; count < wrongPerUser; count++)
      expect((await login('nobody', `guess-${count}`, `127.11.1.${count + 1}`)).status).to.equal(401);
    expect((await login('nobody', 'guess', '127.11.2.1')).status).to.equal(429);
  });

  it('is not made possible by many connections at once', async () => {
    const guesses = Array.from({ length: 100 }, (_, index) => (index === 60 ? pinOf('user102') : `guess-${index}`));
    const replies = await Promise.all(
      guesses.map((pin, index) => login('user102', pin, `127.12.3.${(index % 50) + 1}`)),
    );
    const counts = new Map<number, number>();
    for (const { status } of replies) counts.set(status, (counts.get(status) ?? 0) + 1);
    // The right one among them gets in only if it was one of the first.
    expect(counts.get(401)).to.equal(wrongPerUser);
    expect((counts.get(429) ?? 0) + (counts.get(200) ?? 0)).to.equal(guesses.length - wrongPerUser);
    expect(counts.get(200) ?? 0).to.be.at.most(1);
    expect((await login('user102', pinOf('user102'), '127.12.4.1')).status).to.equal(429);
  });

  it('ends after fifty from one address, for all users', async () => {
    for (let count = 0; count < wrongPerAddress; count++)
      expect((await login(`user${10 + count}`, 'guess', '127.13.0.1')).status).to.equal(401);
    expect((await login('user103', pinOf('user103'), '127.13.0.1')).status).to.equal(429);
    expect((await login('user103', pinOf('user103'), '127.13.0.2')).status).to.equal(200);
  });

  it('counts Digest and Basic together, and no request without a guess', async () => {
    const from = '127.14.0.1';
    const target = '/callcontroller/user104/user2';
    for (let count = 0; count < wrongPerUser / 2; count++) {
      const nonce = await newNonce(rig.port, { from });
      const header = digest({ userName: 'user104', pin: `guess-${count}`, method: 'GET', target, nonce });
      expect((await ask(rig.port, requestText('GET', target, [header]), { from })).status).to.equal(401);
      expect((await login('user104', `guess-${count}`, '127.14.0.1')).status).to.equal(401);
    }
    expect((await login('user104', pinOf('user104'), '127.14.0.1')).status).to.equal(429);
  });

  it('is not easier when the user logs in meanwhile', async () => {
    for (let count = 0; count < wrongPerUser; count++) {
      expect((await login('user105', `guess-${count}`, '127.15.0.1')).status).to.equal(401);
      if (count < wrongPerUser - 1)
        expect((await login('user105', pinOf('user105'), '127.15.2.1')).status).to.equal(200);
    }
    expect((await login('user105', 'guess', '127.15.0.1')).status).to.equal(429);
  });
});

describe('A user whose PIN is guessed from outside', () => {
  it('shows in the log with user, address and time, and without the PIN', async () => {
    const rig = await startOutside();
    try {
      for (let count = 0; count <= wrongPerUser; count++) await loginAt(rig, 'user106', `guess-${count}`, '127.16.0.1');
      await rig.container.waitForLog('Too many wrong PINs', 10_000);
      const lines = rig.container
        .logLines()
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ address }) => address === '127.16.0.1');
      const refused = lines.filter(({ msg }) => msg === 'Login refused: wrong user name or PIN');
      expect(refused).to.have.length(wrongPerUser);
      expect(refused[0]).to.include({ level: 'warn', user: 'user106' }).and.to.have.property('time');
      const locked = lines.filter(({ msg }) => msg === 'Too many wrong PINs: logins refused for a while');
      expect(locked).to.have.length(1);
      expect(locked[0]).to.include({ user: 'user106', limit: 'user' });
      expect(rig.container.logLines().join('\n')).to.not.contain('guess');
    } finally {
      await rig.stop();
    }
  });
});

async function loginAt({ port }: OutsideRig, userName: string, pin: string, from: string): Promise<Reply> {
  return ask(port, requestText('GET', `/callcontroller/${userName}/user2`, [basic(userName, pin)]), { from });
}
