import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from '../../../sdk/index.js';
import { Authenticator, type LoginRequest } from '../../../container/security/authenticator.js';
import type { Method } from '../../../container/security/challenges.js';
import { basic } from '../../support/outside/exchange.js';
import { digest } from '../../support/outside/digest.js';
import { RecordingLog } from '../accounts/recording-log.js';

const realm = 'example.com';
const methods: readonly Method[] = ['HTTP-DIGEST', 'HTTP-BASIC'];
const target = '/callcontroller/user1/user2';

function account(userName: string, aliases: readonly string[] = []): Account {
  return { userName, aliases, identity: `${userName}@${realm}`, displayName: '', hasSipCredentials: true };
}

const accounts = [account('user1', ['201']), account('operator')];

const directory = {
  hasClearPins: true,
  find: (name: string) =>
    accounts.find(({ userName, aliases, identity }) => [userName, ...aliases, identity].includes(name)),
  pinOf: ({ userName }: Account) => ({ userName, pin: `pin-of-${userName}` }),
  isLocalOnly: ({ userName }: Account) => userName === 'operator',
};

/** A directory server whose passwords are `ldap-of-USER`. */
class Ldap {
  readonly asked: string[] = [];
  isDown = false;

  async isPassword(userName: string, password: string): Promise<boolean> {
    this.asked.push(userName);
    await delay(20);
    if (this.isDown) throw Object.assign(new Error('down'), { status: 503 });
    return password === `ldap-of-${userName}`;
  }
}

function request(authorization: string, method = 'GET'): LoginRequest {
  const header = authorization.replace('Authorization: ', '');
  return { method, target, authorization: [header], remoteAddress: '192.0.2.1' };
}

async function outcome(login: Promise<Account>): Promise<unknown> {
  try {
    return (await login).userName;
  } catch (error) {
    return (error as { status?: number }).status;
  }
}

/** Scheme and algorithm of each challenge. */
async function challenges(login: Promise<Account>): Promise<string[]> {
  const headers = await wwwAuthenticate(login);
  return headers.map((text) => text.replace(/ .*algorithm=([^,]*).*/, ' $1').replace(/^Basic .*/, 'Basic'));
}

describe('Who logs in', () => {
  let authenticator: Authenticator;

  beforeEach(() => {
    authenticator = new Authenticator({ directory, realm, ldap: undefined, log: new RecordingLog() });
  });

  it('is known by user name, alias or identity', async () => {
    for (const [name, expected] of [
      ['user1', 'user1'],
      ['201', 'user1'],
      ['user1@example.com', 'user1'],
      ['user1@elsewhere.example', 401],
      ['nobody', 401],
    ] as const)
      expect(await outcome(authenticator.authenticate(request(basic(name, 'pin-of-user1')), methods)), name).to.equal(
        expected,
      );
  });

  it('gets the challenges that the plugin’s manifest names, strongest first', async () => {
    const none = { ...request(''), authorization: [] };
    expect(await challenges(authenticator.authenticate(none, ['HTTP-BASIC', 'HTTP-DIGEST']))).to.deep.equal([
      'Digest SHA-256',
      'Digest MD5',
      'Basic',
    ]);
    expect(await challenges(authenticator.authenticate(none, ['HTTP-DIGEST']))).to.deep.equal([
      'Digest SHA-256',
      'Digest MD5',
    ]);
    expect(await challenges(authenticator.authenticate(none, ['HTTP-BASIC']))).to.deep.equal(['Basic']);
  });

  it('cannot log in by another method than those, even with the right PIN', async () => {
    const right = request(basic('user1', 'pin-of-user1'));
    expect(await outcome(authenticator.authenticate(right, ['HTTP-DIGEST']))).to.equal(401);
    const nonce = 'x';
    const header = digest({ userName: 'user1', pin: 'pin-of-user1', method: 'GET', target, nonce });
    expect(await outcome(authenticator.authenticate(request(header), ['HTTP-BASIC']))).to.equal(401);
  });
});

describe('With LDAP', () => {
  let ldap: Ldap;
  let authenticator: Authenticator;

  beforeEach(() => {
    ldap = new Ldap();
    authenticator = new Authenticator({ directory, realm, ldap, log: new RecordingLog() });
  });

  const login = async (name: string, password: string): Promise<unknown> =>
    outcome(authenticator.authenticate(request(basic(name, password)), methods));

  it('the password is checked under the user name, also for a login by alias', async () => {
    expect(await login('201', 'ldap-of-user1')).to.equal('user1');
    expect(await login('user1', 'pin-of-user1')).to.equal(401);
    expect(ldap.asked).to.deep.equal(['user1', 'user1']);
  });

  it('the server is not asked about local-only and unknown users, and their refusal takes equally long', async () => {
    expect(await login('operator', 'pin-of-operator')).to.equal('operator');
    for (const name of ['operator', 'nobody', 'user1']) {
      const start = performance.now();
      expect(await login(name, 'wrong')).to.equal(401);
      expect(performance.now() - start, name).to.be.at.least(490);
    }
    expect(ldap.asked).to.deep.equal(['user1']);
  });

  it('only local-only users log in while the server is down', async () => {
    ldap.isDown = true;
    expect(await login('user1', 'ldap-of-user1')).to.equal(503);
    expect(await login('user1', 'pin-of-user1')).to.equal(503);
    expect(await login('operator', 'pin-of-operator')).to.equal('operator');
  });

  it('many requests with one password are one question, and one attempt', async () => {
    const logins = await Promise.all(Array.from({ length: 50 }, async () => login('user1', 'ldap-of-user1')));
    expect(new Set(logins)).to.deep.equal(new Set(['user1']));
    expect(ldap.asked).to.deep.equal(['user1']);
    expect(await login('user1', 'ldap-of-user1')).to.equal('user1');
    expect(ldap.asked).to.deep.equal(['user1', 'user1']);
  });

  it('a hundred guesses at once are ten questions', async () => {
    const guesses = Array.from({ length: 100 }, async (_, index) => login('user1', `guess-${index}`));
    const statuses = await Promise.all(guesses);
    expect(statuses.filter((status) => status === 429)).to.have.length(90);
    expect(ldap.asked).to.have.length(10);
  });

  it('only local-only users can use Digest, since nobody knows a PIN of the others', async () => {
    expect(await digestLogin(authenticator, 'operator')).to.equal('operator');
    expect(await digestLogin(authenticator, 'user1')).to.equal(401);
  });
});

async function digestLogin(authenticator: Authenticator, userName: string): Promise<unknown> {
  const none = { ...request(''), authorization: [] };
  const [challenge = ''] = await wwwAuthenticate(authenticator.authenticate(none, methods));
  const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1] ?? '';
  const header = digest({ userName, pin: `pin-of-${userName}`, method: 'GET', target, nonce });
  return outcome(authenticator.authenticate(request(header), methods));
}

async function wwwAuthenticate(login: Promise<Account>): Promise<string[]> {
  const error = (await login.catch((caught: unknown) => caught)) as { headers: Record<string, string[]> };
  return error.headers['WWW-Authenticate'] ?? [];
}
