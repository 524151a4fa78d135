import { expect } from 'chai';
import { type Authority, createAuthority } from '../support/certificates.js';
import { type Container, startContainer } from '../support/container.js';
import { ask, basic, requestText } from '../support/outside/exchange.js';
import { requirePeers } from '../support/peers/programs.js';
import { type Slapd, startSlapd } from '../support/peers/slapd.js';
import { freePorts } from '../support/ports.js';

const domain = 'example.com';
const longEnoughMs = 40_000;

/** The container's users; what they log in with is the directory's affair, but for `operator`, who is local-only. */
const users = ['user1', 'user2', 'user3', 'twin', 'missing', 'operator'].map((userName) => ({
  userName,
  identity: `${userName}@${domain}`,
  ...(userName === 'user1' && { aliases: ['201', 'first'] }),
  ...(userName === 'operator' && { localOnly: true }),
  pin: 'pin-of-the-file',
  sipPassword: '123',
}));

/** A container whose listener outside asks an LDAP server. */
interface Rig {
  readonly container: Container;
  /** Status of a request that a user makes for himself. */
  readonly login: (name: string, password: string, userName?: string) => Promise<number>;
}

async function startRig(ldap: Readonly<Record<string, unknown>>): Promise<Rig> {
  const port = await freePorts();
  const container = await startContainer({ publicHttpPort: port, users, ldap });
  return {
    container,
    login: async (name, password, userName = name) => {
      const target = `/callcontroller/${encodeURIComponent(userName)}/user2`;
      return (await ask(port, requestText('GET', target, [basic(name, password)]))).status;
    },
  };
}

describe('Logins that an LDAP server checks', function () {
  this.timeout(longEnoughMs);
  let slapd: Slapd;

  before(async function () {
    requirePeers(this, 'slapd');
    slapd = await startSlapd([
      { uid: 'user1', password: 'ldap-secret' },
      { uid: 'user2', password: 'pässwörd:with colon' },
      { uid: 'user3', password: '*' },
      { uid: 'twin', password: 'same' },
      { uid: 'twin', password: 'same', unit: 'guests' },
      { uid: 'stranger', password: 'ldap-secret' },
      { uid: 'operator', password: 'ldap-secret' },
    ]);
  });

  after(async () => {
    await slapd?.stop();
  });

  const settings = () => ({
    base: slapd.base,
    bindDn: slapd.reader.dn,
    bindPassword: slapd.reader.password,
    ca: slapd.caFile,
  });

  for (const [how, url] of [
    ['over StartTLS', () => slapd.url],
    ['over ldaps', () => slapd.ldapsUrl],
  ] as const) {
    describe(how, () => {
      let rig: Rig;

      before(async () => {
        rig = await startRig({ ...settings(), url: url() });
      });

      after(async () => {
        await rig?.container.stop();
      });

      for (const [name, password, userName] of [
        ['user1', 'ldap-secret', 'user1'],
        ['201', 'ldap-secret', 'user1'],
        ['first', 'ldap-secret', '201'],
        ['user2', 'pässwörd:with colon', 'user2'],
        ['user3', '*', 'user3'],
      ] as const) {
        it(`lets ${name} in with the right password`, async () => {
          expect(await rig.login(name, password, userName)).to.equal(200);
        });
      }

      for (const [who, name, password] of [
        ['a user with a wrong password', 'user1', 'wrong'],
        ['a user with the PIN of the file', 'user1', 'pin-of-the-file'],
        ['a user with an empty password', 'user1', ''],
        ['a user with a password in another case', 'user1', 'LDAP-SECRET'],
        ['a user with * as a password', 'user1', '*'],
        ['a user that only the container knows', 'missing', 'pin-of-the-file'],
        ['a user that only the directory knows', 'stranger', 'ldap-secret'],
        ['a user that nobody knows', 'nobody', 'ldap-secret'],
        ['a user that the directory has twice', 'twin', 'same'],
        ['an empty user name', '', 'ldap-secret'],
        ['*', '*', 'ldap-secret'],
        ['user*', 'user*', 'ldap-secret'],
        [')(uid=*', ')(uid=*', 'ldap-secret'],
        ['user1)(uid=*', 'user1)(uid=*', 'ldap-secret'],
        ['user1 and a NUL', 'user1\0', 'ldap-secret'],
        ['the DN of a user', 'uid=user1,ou=people,dc=example,dc=com', 'ldap-secret'],
        ['the reader', 'reader', 'of-the-reader'],
      ] as const) {
        it(`keeps out ${who}`, async () => {
          expect(await rig.login(name, password, 'user1')).to.be.oneOf([400, 401]);
        });
      }

      it('lets a user act for nobody else', async () => {
        expect(await rig.login('user1', 'ldap-secret', 'user2')).to.equal(403);
      });

      it('never asks the directory with an empty password', async () => {
        const count = slapd.operations().length;
        expect(await rig.login('user1', '')).to.equal(401);
        expect(slapd.operations().length).to.equal(count);
      });

      it('never asks the directory about a local-only user', async () => {
        const count = slapd.operations().length;
        expect(await rig.login('operator', 'ldap-secret')).to.equal(401);
        expect(await rig.login('operator', 'pin-of-the-file')).to.equal(200);
        expect(slapd.operations().length).to.equal(count);
      });

      it('writes no password into the log', async () => {
        await rig.login('user1', 'wrong-and-secret');
        await rig.container.waitForLog('wrong user name or PIN', 10_000);
        const log = rig.container.logLines().join('\n');
        for (const secret of ['wrong-and-secret', 'ldap-secret', 'of-the-reader']) expect(log).not.to.contain(secret);
      });
    });
  }

  describe('while the directory', () => {
    let rig: Rig;

    before(async () => {
      rig = await startRig({ ...settings(), url: slapd.url });
    });

    after(async () => {
      await rig?.container.stop();
    });

    it('is down, get 503, and work again as soon as it is back', async () => {
      expect(await rig.login('user1', 'ldap-secret')).to.equal(200);
      await slapd.halt();
      try {
        expect(await rig.login('user1', 'ldap-secret')).to.equal(503);
        expect(await rig.login('user1', 'wrong')).to.equal(503);
        expect(await rig.login('operator', 'pin-of-the-file'), 'local-only').to.equal(200);
      } finally {
        await slapd.resume();
      }
      expect(await rig.login('user1', 'ldap-secret')).to.equal(200);
      expect(await rig.login('user1', 'wrong')).to.equal(401);
    });

    it('was restarted between two of them, work on', async () => {
      expect(await rig.login('user1', 'ldap-secret')).to.equal(200);
      await slapd.halt();
      await slapd.resume();
      expect(await rig.login('user1', 'ldap-secret')).to.equal(200);
    });
  });

  describe('at a directory that cannot be trusted or asked', () => {
    let stranger: Authority;

    before(async () => {
      stranger = await createAuthority();
    });

    after(async () => {
      await stranger?.remove();
    });

    for (const [what, change, reason] of [
      [
        'whose StartTLS certificate another authority issued',
        () => ({ url: slapd.url, ca: stranger.caFile }),
        /certificate/,
      ],
      [
        'whose ldaps certificate another authority issued',
        () => ({ url: slapd.ldapsUrl, ca: stranger.caFile }),
        /certificate/,
      ],
      ['whose certificate nobody vouches for', () => ({ url: slapd.url, ca: undefined }), /certificate/],
      [
        'whose certificate is for another name',
        () => ({ url: slapd.url.replace('127.0.0.1', 'localhost') }),
        /altnames/,
      ],
      ['that does not take the reader', () => ({ url: slapd.url, bindPassword: 'wrong' }), /Code: 0x31/],
      ['that takes no password in clear', () => ({ url: slapd.url, startTls: false }), /confidentiality/],
    ] as const) {
      it(`are answered 503: one ${what}`, async () => {
        const { container, login } = await startRig({ ...settings(), ...change() });
        const count = slapd.operations().length;
        try {
          expect(await login('user1', 'ldap-secret')).to.equal(503);
          expect(await login('operator', 'pin-of-the-file'), 'local-only').to.equal(200);
          await container.waitForLog('The LDAP server cannot be asked', 10_000);
          const log = container.logLines().find((line) => line.includes('The LDAP server cannot be asked'));
          expect(log).to.match(reason);
          expect(slapd.operations().slice(count).join('\n')).not.to.contain('uid=user1');
        } finally {
          await container.stop();
        }
      });
    }
  });
});
