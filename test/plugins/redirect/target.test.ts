import { expect } from 'chai';
import { parseTarget } from '../../../plugins/redirect/target.js';
import { callAgent, Query } from '../../../sdk/index.js';

const prefix = '/sipxconfig/rest/my/redirect';

describe('target of a request to the redirect', () => {
  for (const [rest, path, query, callingUser] of [
    ['/callcontroller/user1/user2', '/callcontroller/user1/user2', undefined, 'user1'],
    ['/callcontroller/user1/user2?', '/callcontroller/user1/user2', '', 'user1'],
    ['/callcontroller/user1/user2?agent=user3', '/callcontroller/user1/user2', 'agent=user3', 'user1'],
    ['/callcontroller/a%40b.c/%2B1555', '/callcontroller/a%40b.c/%2B1555', undefined, 'a@b.c'],
    ['/callcontroller/user1/user2/', '/callcontroller/user1/user2/', undefined, 'user1'],
    ['/callcontroller/user1/user2/?a=b', '/callcontroller/user1/user2/', 'a=b', 'user1'],
    ['/callcontroller/a@b.c/+1555', '/callcontroller/a@b.c/+1555', undefined, 'a@b.c'],
    ['/callcontroller/%C3%A9/b', '/callcontroller/%C3%A9/b', undefined, 'é'],
    ['/callcontroller/a%252fb/c', '/callcontroller/a%252fb/c', undefined, 'a%2fb'],
    ['/callcontroller/.a../...', '/callcontroller/.a../...', undefined, '.a..'],
    ['/callcontroller/a/b?c=/../?d&e;f%00', '/callcontroller/a/b', 'c=/../?d&e;f%00', 'a'],
  ] as const) {
    it(`is passed on unchanged: ${rest}`, () => {
      expect(parseTarget(prefix + rest)).to.deep.equal({ path, query, callingUser });
    });
  }

  for (const target of [
    '',
    '/',
    '*',
    prefix,
    `${prefix}/`,
    `${prefix}/callcontroller`,
    `${prefix}/callcontroller/`,
    `${prefix}/callcontroller/a`,
    `${prefix}/callcontroller/a/`,
    `${prefix}/callcontroller//b`,
    `${prefix}/callcontroller/a//b`,
    `${prefix}//callcontroller/a/b`,
    `/${prefix}/callcontroller/a/b`,
    `${prefix}/callcontroller/a/b//`,
    `${prefix}/callcontroller/a/b/c`,
    `${prefix}/callcontroller/a/..`,
    `${prefix}/callcontroller/./b`,
    `${prefix}/callcontroller/../a/b`,
    `${prefix}/callcontroller/../../b`,
    `${prefix}/callcontroller/%2e%2e/b`,
    `${prefix}/callcontroller/.%2E/b`,
    `${prefix}/callcontroller/a%2fb/c`,
    `${prefix}/callcontroller/a/b%2Fc`,
    `${prefix}/callcontroller/a%5cb/c`,
    `${prefix}/callcontroller/a\\b/c`,
    `${prefix}/callcontroller/..;/b`,
    `${prefix}/callcontroller;x/a/b`,
    `${prefix}/callcontroller/a;agent=c/b`,
    `${prefix}/callcontroller/a/b#c`,
    `${prefix}/callcontroller/a/b c`,
    `${prefix}/callcontroller/a/%`,
    `${prefix}/callcontroller/a/%zz`,
    `${prefix}/callcontroller/a/b\u00e9`,
    `${prefix}/callcontroller/a/b\u0000`,
    `${prefix}/callcontroller/a/b\n`,
    `${prefix}/Callcontroller/a/b`,
    `${prefix}/%63allcontroller/a/b`,
    `${prefix}/sandbox/a/b`,
    `${prefix}/diagnostics`,
    `${prefix.toUpperCase()}/callcontroller/a/b`,
    '/callcontroller/a/b',
    '/sipxconfig/rest/my/callcontroller/a/b',
    `http://127.0.0.1:6667${prefix}/callcontroller/a/b`,
    `//127.0.0.1${prefix}/callcontroller/a/b`,
    '127.0.0.1:6667',
  ]) {
    it(`leads nowhere: ${JSON.stringify(target)}`, () => {
      expect(() => parseTarget(target))
        .to.throw()
        .with.property('status', 404);
    });
  }

  for (const rest of ['%ff/b', 'a/b?agent=c#d', 'a/b?agent=\u00e9', 'a/b?a b']) {
    it(`is refused if percent-encoding is missing or wrong: ${JSON.stringify(rest)}`, () => {
      expect(() => parseTarget(`${prefix}/callcontroller/${rest}`))
        .to.throw('not properly percent-encoded')
        .with.property('status', 400);
    });
  }
});

describe('agent of a call', () => {
  for (const [query, agent] of [
    ['', 'user1'],
    ['timeout=5', 'user1'],
    ['agent=user3', 'user3'],
    ['timeout=5&agent=user3', 'user3'],
    ['%61gent=user%33', 'user3'],
    ['agent=', ''],
    ['agent', ''],
    ['xagent=user3', 'user1'],
    ['xagent=user3&agent=user2', 'user2'],
    ['Agent=user3', 'user1'],
    ['agent%3Duser3', 'user1'],
    ['timeout=5;agent=user3', 'user1'],
    ['timeout=5%26agent=user3', 'user1'],
    ['?agent=user3', 'user1'],
    ['agent=user3+', 'user3 '],
  ] as const) {
    it(`is "${agent}" for ?${query}`, () => {
      expect(callAgent('user1', new Query(query))).to.equal(agent);
    });
  }

  for (const query of [
    'agent=user1&agent=user3',
    'agent=user1&%61gent=user1',
    'agent&agent',
    'agent=%zz',
    'agent=%ff',
  ]) {
    it(`is nobody for ?${query}`, () => {
      expect(() => callAgent('user1', new Query(query)))
        .to.throw()
        .with.property('status', 400);
    });
  }
});
