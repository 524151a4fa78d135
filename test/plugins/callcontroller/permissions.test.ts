import { expect } from 'chai';
import type { CallRequest } from '../../../plugins/callcontroller/http/call-request.js';
import { checkPermission, mayReferTo } from '../../../plugins/callcontroller/permissions.js';
import { settingsSchema } from '../../../plugins/callcontroller/settings.js';
import type { Account, Accounts } from '../../../sdk/index.js';

const account = (userName: string): Account => ({
  userName,
  identity: `${userName}@example.com`,
  displayName: '',
  aliases: [],
  hasSipCredentials: true,
});
const users = ['user1', 'user2', 'user3'].map((name) => account(name));
const accounts: Pick<Accounts, 'find'> = { find: (name) => users.find(({ identity }) => identity === name) };

describe('A call that somebody outside places', () => {
  it('may ring a telephone of somebody else, unless a setting forbids it', () => {
    expect(statusOf('user2', 'user1', false)).to.equal(200);
    expect(statusOf('user2', 'user1', false, 'own')).to.equal(403);
    expect(statusOf('user2', 'user2', false, 'own')).to.equal(200);
    expect(statusOf('user2', '5551234', false, 'own')).to.equal(403);
  });

  it('makes no telephone pick up by itself but the own one', () => {
    expect(statusOf('user2', 'user1', true)).to.equal(403);
    expect(statusOf('user2', '5551234', true)).to.equal(403);
    expect(statusOf('user2', 'user2', true)).to.equal(200);
    expect(statusOf('user2', 'user1', true, { user2: 'any' })).to.equal(403);
  });

  it('may come from the telephones that the setting names for its agent, and from its own', () => {
    const setting = { user1: 'any', user2: ['user3'] };
    expect(statusOf('user1', '5551234', false, setting)).to.equal(200);
    expect(statusOf('user2', 'user3', false, setting)).to.equal(200);
    expect(statusOf('user2', 'user1', false, setting)).to.equal(403);
    expect(statusOf('user3', 'user1', false, setting)).to.equal(403);
    expect(statusOf('user3', 'user3', false, setting)).to.equal(200);
  });
});

describe('A telephone that refers the other one to somebody', () => {
  const directory: Pick<Accounts, 'find'> = {
    find: (name) => (['200', '200@example.com', 'user1@example.com'].includes(name) ? users[0] : undefined),
  };
  const may = (uri: string, setting: 'users' | 'any' = 'users'): boolean => mayReferTo(uri, directory, setting);

  it('may name users of the directory, and names', () => {
    for (const uri of ['sip:user1@example.com', 'sips:200@example.com;user=phone', 'sip:carol:x@example.org:5070'])
      expect(may(uri), uri).to.equal(true);
  });

  it('may name a number only if the setting allows', () => {
    const numbers = ['0900', '+1900', '%2B1900', '%30900', '*72', '#31', '1900;ext=1', '201:200', '(0)900'];
    for (const uri of [...numbers.map((user) => `sip:${user}@example.com`), 'sip:200@example.org', 'sip:example.com']) {
      expect(may(uri), uri).to.equal(false);
      expect(may(uri, 'any'), uri).to.equal(true);
    }
  });
});

function statusOf(agent: string, calling: string, autoAnswer: boolean, agentsMayCall?: unknown): number {
  const settings = settingsSchema.parse(agentsMayCall === undefined ? {} : { agentsMayCall });
  const request: Pick<CallRequest, 'agentAccount' | 'calling' | 'autoAnswer'> = {
    agentAccount: account(agent),
    calling: `${calling}@example.com`,
    autoAnswer,
  };
  try {
    checkPermission(request as CallRequest, accounts, settings.agentsMayCall);
    return 200;
  } catch (error) {
    return (error as { status: number }).status;
  }
}
