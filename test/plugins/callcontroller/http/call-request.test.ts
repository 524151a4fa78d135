import { expect } from 'chai';
import { parseCallQuery, parseCallRequest } from '../../../../plugins/callcontroller/http/call-request.js';
import { Parameters } from '../../../../plugins/callcontroller/http/parameters.js';
import type { Account } from '../../../../sdk/index.js';

const user1: Account = {
  userName: 'user1',
  identity: 'user1@example.com',
  displayName: 'User One',
  aliases: ['201'],
  hasSipCredentials: true,
};
const guest: Account = {
  ...user1,
  userName: 'guest',
  identity: 'guest@example.com',
  aliases: [],
  hasSipCredentials: false,
};

const known = new Map([
  ['user1', user1],
  ['201', user1],
  ['user1@example.com', user1],
  ['guest', guest],
]);
const names = { domain: 'example.com', accounts: { find: (name: string) => known.get(name) } };
const path = { calling: '201', called: '+15551234' };

describe('request for a call', () => {
  it('has the documented defaults', () => {
    expect(parseCallRequest(path, new Parameters(''), names)).to.deep.equal({
      agent: 'user1@example.com',
      agentAccount: user1,
      calling: 'user1@example.com',
      called: '+15551234@example.com',
      action: 'Call',
      sipMethod: 'Refer',
      target: undefined,
      timeoutMs: 180_000,
      resultCacheTimeMs: 180_000,
      subject: undefined,
      isForwardingAllowed: false,
      confpin: undefined,
      autoAnswer: false,
    });
  });

  it('takes every parameter, its words in any case', () => {
    const query =
      'sipMethod=REFER&action=call&timeout=0&resultCacheTime=86400&agent=user1&subject=a%20b%C3%A9&isForwardingAllowed=TRUE&confpin=12%23';
    expect(parseCallRequest({ calling: 'x', called: 'y' }, new Parameters(query), names)).to.deep.include({
      timeoutMs: 0,
      resultCacheTimeMs: 86_400_000,
      agent: 'user1@example.com',
      subject: 'a bé',
      isForwardingAllowed: true,
      confpin: '12#',
    });
  });

  it('ignores parameters that it does not know', () => {
    const parameters = new Parameters('onBehalfOf=evil&foo=1&foo=2');
    expect(parseCallRequest(path, parameters, names).agent).to.equal('user1@example.com');
  });

  it('takes the parameters of a form as those of the query', () => {
    const parameters = new Parameters('timeout=5', 'subject=a+b&sipMethod=Invite');
    expect(parseCallRequest(path, parameters, names)).to.include({
      timeoutMs: 5_000,
      subject: 'a b',
      sipMethod: 'Invite',
    });
  });

  for (const [name, meant] of [
    ['Agent', 'agent'],
    ['sipmethod', 'sipMethod'],
    ['xagent', 'agent'],
    ['agnt', 'agent'],
    ['agint', 'agent'],
    ['agents', 'agent'],
    ['TIEMOUT', 'timeout'],
  ] as const) {
    it(`is refused with ${name}, which was meant to be ${meant}`, () => {
      expect(() => parseCallRequest(path, new Parameters(`${name}=user1`), names))
        .to.throw(`The parameter "${name}" is unknown: ${meant} is spelt in this way`)
        .with.property('status', 400);
    });
  }

  for (const [text, address] of [
    ['933013402561', '933013402561@example.com'],
    ['bob@Other.Example', 'bob@other.example'],
    ['bob@10.0.0.1', 'bob@10.0.0.1'],
    ['bob@[::1]', 'bob@[::1]'],
    ['user1@EXAMPLE.com', 'user1@example.com'],
    ["a-_.!~*'()&=+$,;?/z", "a-_.!~*'()&=+$,;?/z@example.com"],
  ] as const) {
    it(`calls ${address} when asked for ${text}`, () => {
      expect(parseCallRequest({ calling: 'user1', called: text }, new Parameters(''), names).called).to.equal(address);
    });
  }

  for (const [what, calling, query, status, text] of [
    ['a user with a line break', 'a\r\nb', '', 400, 'callingUser must be'],
    ['an escape that was encoded twice', 'a%0d', '', 400, 'callingUser must be'],
    ['two hosts', 'a@b@c', '', 400, 'callingUser must be'],
    ['an empty host', 'a@', '', 400, 'callingUser must be'],
    ['a host with a port', 'a@b:5060', '', 400, 'callingUser must be'],
    ['a host with two dots', 'a@b..c', '', 400, 'callingUser must be'],
    ['a broken IPv6 reference', 'a@[::g]', '', 400, 'callingUser must be'],
    ['a broken query', 'user1', 'subject=%zz', 400, 'not properly percent-encoded'],
    [
      'a timeout beyond the bound',
      'user1',
      'timeout=3601',
      400,
      'timeout must be an integer from 0 to 3600, got "3601"',
    ],
    ['a repeated parameter', 'user1', 'timeout=1&timeout=1', 400, 'timeout must be given once, got it 2 times'],
    ['an unknown method', 'user1', 'sipMethod=Foo', 406, 'Call Setup Method Foo not supported'],
    ['a transfer without a target', 'user1', 'action=Transfer', 400, 'target is needed'],
    [
      'an agent without credentials',
      'user1',
      'agent=guest',
      403,
      'There are no SIP credentials for agent "guest@example.com"',
    ],
    ['an unknown agent', 'user1', 'agent=nobody', 403, 'There are no SIP credentials'],
    ['a calling user without credentials', 'nobody', '', 403, 'There are no SIP credentials'],
  ] as const) {
    it(`is refused with ${status} for ${what}`, () => {
      expect(() => parseCallRequest({ calling, called: 'user2' }, new Parameters(query), names))
        .to.throw(text)
        .with.property('status', status);
    });
  }

  it('quotes no more than the beginning of a long value', () => {
    expect(() => parseCallRequest(path, new Parameters(`timeout=${'9'.repeat(10_000)}`), names)).to.throw(/^.{1,140}$/);
  });
});

describe('query for a call', () => {
  it('resolves aliases and leaves the agent open', () => {
    expect(parseCallQuery(path, new Parameters('timeout=abc&timeout=2'), names)).to.deep.equal({
      calling: 'user1@example.com',
      called: '+15551234@example.com',
      agent: undefined,
    });
  });

  it('chooses by agent', () => {
    expect(parseCallQuery(path, new Parameters('agent=201'), names).agent).to.equal('user1@example.com');
  });
});
