import { expect } from 'chai';
import { settings } from '../../../plugins/sandbox/settings.js';

describe("the sandbox's settings", () => {
  it('need nothing: the documented telephones, all with the password 123', () => {
    const { users, ...times } = settings.parse({});
    expect(times).to.deep.equal({ port: 0, ringMs: 100, answerMs: 1000, talkMs: 10_000, patienceMs: 30_000 });
    expect(users.map(({ userName, password, behaviour }) => `${userName} ${password} ${behaviour}`)).to.deep.equal([
      'user1 123 answer',
      'user2 123 answer',
      'user3 123 answer',
      'busy 123 busy',
      'noanswer 123 noanswer',
      'reject 123 reject',
    ]);
  });

  it('let a telephone answer unless they say otherwise', () => {
    const { users } = settings.parse({ users: [{ userName: 'alice', password: 'secret' }] });
    expect(users).to.deep.equal([{ userName: 'alice', password: 'secret', behaviour: 'answer' }]);
  });

  for (const [bad, key, expected] of [
    [{ port: 65_536 }, 'port', 'a port, an integer from 0 to 65535'],
    [{ answerMs: -1 }, 'answerMs', 'milliseconds, an integer from 0 to 3600000'],
    [{ users: [{ userName: 'a b', password: 'x' }] }, 'users.0.userName', 'a user name of 1 to 64 letters'],
    [{ users: [{ userName: 'a', password: '' }] }, 'users.0.password', 'a password of 1 to 128 characters'],
    [
      { users: [{ userName: 'a', password: 'x', behaviour: 'sing' }] },
      'users.0.behaviour',
      'one of answer, busy, noanswer, reject',
    ],
    [
      {
        users: [
          { userName: 'a', password: 'x' },
          { userName: 'a', password: 'y' },
        ],
      },
      'users',
      'no two with the same userName',
    ],
  ] as const) {
    it(`report the expected value of ${key}: ${expected}`, () => {
      const [issue] = settings.safeParse(bad).error!.issues;
      expect(issue!.path.join('.')).to.equal(key);
      expect(issue!.message).to.contain(expected);
    });
  }
});
