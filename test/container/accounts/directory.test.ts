import { expect } from 'chai';
import { once } from 'node:events';
import { renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Directory } from '../../../container/accounts/directory.js';
import type { Account } from '../../../sdk/accounts.js';
import { Folder, fixture } from '../config/folder.js';
import { RecordingLog } from './recording-log.js';

const one = JSON.stringify([{ userName: 'user1', sipPassword: 'old-password' }]);
const two = JSON.stringify([{ userName: 'user1', sipPassword: 'new-password' }, { userName: 'user2' }]);

describe('The user directory', () => {
  let folder: Folder;
  let log: RecordingLog;
  let directory: Directory | undefined;

  beforeEach(() => {
    folder = new Folder();
    log = new RecordingLog();
  });

  afterEach(async () => {
    await directory?.close();
    directory = undefined;
    folder.remove();
  });

  async function open(file: string): Promise<Directory> {
    directory = await Directory.open(file, { realm: 'example.com', domain: 'example.com', log, pollIntervalMs: 10 });
    return directory;
  }

  it('finds a user by user name, alias, identity, and alias at our own domain', async () => {
    const users = await open(fixture('users/users.json'));
    const user1 = users.find('user1');
    expect(user1).to.deep.equal({
      userName: 'user1',
      identity: 'user1@example.com',
      displayName: 'User One',
      aliases: ['201'],
      hasSipCredentials: true,
    });
    for (const name of ['201', 'user1@example.com', 'user1@EXAMPLE.com', '201@example.com']) {
      expect(users.find(name), name).to.equal(user1);
    }
    expect(users.find('three@other.example.org')?.userName).to.equal('user3');
  });

  it('does not find other names, other domains, or a user name in another case', async () => {
    const users = await open(fixture('users/users.json'));
    for (const name of [
      '',
      '@',
      'user',
      'USER1',
      'User1@example.com',
      'user1@other.example.org',
      '201@',
      'constructor',
    ]) {
      expect(users.find(name), name).to.equal(undefined);
    }
  });

  it('uses the user name at our domain as the identity if the file has none', async () => {
    expect((await open(fixture('users/users.json'))).find('user2')).to.include({
      identity: 'user2@example.com',
      displayName: '',
    });
  });

  it('keeps secrets apart: the password or its hash, the PIN or its hash', async () => {
    const users = await open(fixture('users/users.json'));
    const [user1, user2] = [accountOf(users, 'user1'), accountOf(users, 'user2')];
    expect(users.secretOf(user1)).to.deep.equal({ userName: 'user1', password: 'password-of-user1' });
    expect(users.pinOf(user1)).to.deep.equal({ userName: 'user1', pin: 'pin-of-user1' });
    expect(users.secretOf(user2)).to.deep.equal({ userName: 'user2', ha1: '0cc175b9c0f1b6a831c399e269772661' });
    expect(users.pinOf(user2)).to.deep.equal({ userName: 'user2', ha1: '3f1a4f2f0d4f3b0a9e0b8e6a4d1c2b3a' });
  });

  it('has no secrets for a user without any, or with empty ones', async () => {
    const users = await open(fixture('users/users.json'));
    for (const name of ['nobody', 'user3']) {
      const account = accountOf(users, name);
      expect(account.hasSipCredentials, name).to.equal(false);
      expect(users.secretOf(account), name).to.equal(undefined);
      expect(users.pinOf(account), name).to.equal(undefined);
    }
  });

  it('treats the hash of an empty PIN or password as missing', async () => {
    // printf 'user1:example.com:' | md5sum
    const empty = 'DDBB51B6568E1088A420A20FCB2B793F';
    const users = await open(
      folder.write('users.json', JSON.stringify([{ userName: 'user1', pintoken: empty, passtoken: empty }])),
    );
    expect(users.pinOf(accountOf(users, 'user1'))).to.equal(undefined);
    expect(accountOf(users, 'user1').hasSipCredentials).to.equal(false);
  });

  it('never shows a secret: not on an account, on the directory, or in the log', async () => {
    const users = await open(fixture('users/users.json'));
    const shown = [users.find('user1'), users.find('user2'), users, log.lines]
      .map((value) => inspect(value, { depth: 20, showHidden: true }) + jsonOf(value))
      .join('\n');
    expect(shown).to.include('user1@example.com');
    for (const secret of [
      'pin-of-user1',
      'password-of-user1',
      '0cc175b9c0f1b6a831c399e269772661',
      '3f1a4f2f',
      '3F1A4F2F',
    ]) {
      expect(shown).not.to.include(secret);
    }
  });

  it('reads validusers.xml and skips entries without a user name', async () => {
    const users = await open(fixture('users/validusers.xml'));
    const user1 = accountOf(users, 'user1');
    expect(user1).to.deep.equal({
      userName: 'user1',
      identity: 'user1@example.com',
      displayName: 'User & One',
      aliases: ['201', 'one'],
      hasSipCredentials: true,
    });
    expect(users.find('one@example.com')).to.equal(user1);
    expect(users.secretOf(user1)).to.deep.equal({ userName: 'user1', ha1: '0cc175b9c0f1b6a831c399e269772661' });
    expect(users.find('~~id~media')).to.include({ userName: '~~id~media', hasSipCredentials: false });
    expect(users.find('8000@example.com')).to.equal(undefined);
    expect(users.find('8001@example.com')).to.equal(undefined);
    expect(log.lines[0]).to.deep.include({ level: 'info', message: 'user directory read' });
    expect(log.lines[0]?.fields).to.include({ users: 2 });
  });

  describe('when its file changes', () => {
    it('uses the new version of a file that was written over', async () => {
      const file = folder.write('users.json', one);
      const users = await open(file);
      const before = accountOf(users, 'user1');
      const reloaded = once(users, 'reloaded');
      folder.write('users.json', two);
      await reloaded;

      expect(users.find('user2')).to.not.equal(undefined);
      expect(users.secretOf(accountOf(users, 'user1'))?.password).to.equal('new-password');
      expect(users.secretOf(before)?.password, 'of a call that is under way').to.equal('old-password');
    });

    it('uses the new version of a file that was replaced by renaming', async () => {
      const file = folder.write('users.json', one);
      const users = await open(file);
      for (const content of [two, one, two]) {
        const reloaded = once(users, 'reloaded');
        renameSync(folder.write('users.json.new', content), file);
        await reloaded;
        expect(users.find('user2') !== undefined).to.equal(content === two);
      }
    });

    it('follows a symbolic link that changes its target', async () => {
      const file = join(folder.path, 'users.json');
      symlinkSync(folder.write('old.json', one), file);
      const users = await open(file);
      const reloaded = once(users, 'reloaded');
      symlinkSync(folder.write('new.json', two), `${file}.new`);
      renameSync(`${file}.new`, file);
      await reloaded;
      expect(users.find('user2')).to.not.equal(undefined);
    });

    it('keeps the users when the file is removed, and uses it when it is there again', async () => {
      const file = folder.write('users.json', one);
      const users = await open(file);
      const rejected = once(users, 'rejected');
      unlinkSync(file);
      await rejected;
      expect(users.find('user1')).to.not.equal(undefined);
      expect(log.lines.at(-1)).to.deep.equal({
        level: 'error',
        message: 'user directory kept as it was, its new version cannot be used',
        fields: { reason: `users (${file}): expected a readable file, found ENOENT` },
      });

      const reloaded = once(users, 'reloaded');
      folder.write('users.json', two);
      await reloaded;
      expect(users.find('user2')).to.not.equal(undefined);
    });

    it('keeps the users when the new version is broken, says why in one line without secrets, and recovers', async () => {
      const file = folder.write('users.json', one);
      const users = await open(file);
      const before = users.find('user1');
      for (const [broken, reason] of [
        [
          '[{"userName": "user9", "sipPassword": secret}]',
          `users (${file}, line 1): expected JSON, found a syntax error: invalid symbol`,
        ],
        [
          '[{"userName": "user9", "sipPassword": 12345678}]',
          `users[0].sipPassword (${file}, line 1): expected a text on one line, found a number (not shown)`,
        ],
        ['', `users (${file}, line 1): expected JSON, found a syntax error: value expected`],
      ] as const) {
        const rejected = once(users, 'rejected');
        renameSync(folder.write('users.json.new', broken), file);
        expect(await rejected).to.deep.equal([reason]);
        expect(log.lines.at(-1)?.fields).to.deep.equal({ reason });
        expect(users.find('user1')).to.equal(before);
        expect(users.find('user9')).to.equal(undefined);
      }
      const reloaded = once(users, 'reloaded');
      folder.write('users.json', two);
      await reloaded;
      expect(users.find('user2')).to.not.equal(undefined);
    });

    it('does not miss a change that comes while the old version is being read', async () => {
      const file = folder.write('users.json', one);
      const opening = open(file);
      renameSync(folder.write('users.json.new', two), file);
      const users = await opening;
      if (users.find('user2') === undefined) await once(users, 'reloaded');
      expect(users.find('user2')).to.not.equal(undefined);
    });

    it('looks at the file no more once it is closed', async () => {
      const file = folder.write('users.json', one);
      const closed = await open(file);
      await closed.close();
      const watched = await open(file);
      const events: string[] = [];
      closed.on('reloaded', () => events.push('reloaded')).on('rejected', () => events.push('rejected'));
      for (const content of [two, one]) {
        const reloaded = once(watched, 'reloaded');
        renameSync(folder.write('users.json.new', content), file);
        await reloaded;
      }
      expect(events).to.deep.equal([]);
      rmSync(file);
    });
  });
});

function accountOf(users: Directory, name: string): Account {
  const account = users.find(name);
  if (account === undefined) throw new Error(`no user ${name}`);
  return account;
}

/** JSON with the contents of objects that JSON leaves out on a cycle. */
function jsonOf(value: unknown): string {
  const seen = new Set<unknown>();
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null) return inner;
    if (seen.has(inner)) return undefined;
    seen.add(inner);
    return inner;
  });
}
