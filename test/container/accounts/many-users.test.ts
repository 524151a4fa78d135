import { expect } from 'chai';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Directory } from '../../../container/accounts/directory.js';
import { Folder } from '../config/folder.js';
import { Program } from '../../support/process.js';
import { RecordingLog } from './recording-log.js';

const home = { realm: 'example.com', domain: 'example.com' };
function users(count: number, displayName: string): string {
  const pintoken = '0123456789abcdef0123456789abcdef';
  return JSON.stringify(
    Array.from({ length: count }, (_, index) => ({
      userName: `user${index}`,
      displayName,
      aliases: [String(200_000 + index)],
      pintoken,
      passtoken: pintoken,
    })),
  );
}

describe('A user directory of 100,000 users', function () {
  this.timeout(120_000);

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

  it('is read again without standing in the way of timers', async () => {
    const file = folder.write('users.json', users(1, 'Old'));
    directory = await Directory.open(file, { ...home, log, pollIntervalMs: 20 });
    folder.write('users.json', users(100_000, 'New'));
    const reloaded = once(directory, 'reloaded');
    const over = new AbortController();
    const turns = turnsUntil(over.signal);
    await reloaded;
    over.abort();
    const { count, longestPart } = await turns;
    // On any machine: reading the file at once would take one long turn and about ten short ones.
    expect(count).to.be.above(200);
    expect(longestPart).to.be.below(0.25);
    expect(directory.find('user99999@example.com')?.displayName).to.equal('New');
    expect(directory.find('299999')?.userName).to.equal('user99999');
    expect(directory.search('user99999', 10).map(({ userName }) => userName)).to.deep.equal(['user99999']);
  });

  it('is reported like a short one if it is broken, and the old version stays', async () => {
    const file = folder.write('users.json', users(1, 'Old'));
    directory = await Directory.open(file, { ...home, log, pollIntervalMs: 20 });
    const rejected = once(directory, 'rejected');
    folder.write('users.json', users(2_000, 'New').replace('"user1999"', '"user 1999"'));
    expect(await rejected).to.deep.equal([
      `users[1999].userName (${file}, line 1): expected a SIP user name, without spaces and @, found "user 1999"`,
    ]);
    expect(directory.find('user0')?.displayName).to.equal('Old');
  });

  it('can be closed while it is being read', async () => {
    const file = folder.write('users.json', users(20_000, 'Old'));
    directory = await Directory.open(file, { ...home, log });
    const reloading = directory.reload();
    await directory.close();
    expect(await reloading).to.equal('done');
    expect(log.lines.map(({ level }) => level)).to.deep.equal(['info']);
  });
});

/** Number of turns of the event loop, and the share of its longest turn in the whole time. */
async function turnsUntil(over: AbortSignal): Promise<{ count: number; longestPart: number }> {
  const startMs = performance.now();
  let count = 0;
  let longestMs = 0;
  let lastMs = startMs;
  while (!over.aborted) {
    await delay(2);
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
    count += 1;
  }
  return { count, longestPart: longestMs / (lastMs - startMs) };
}

describe('A user directory that changes while the process has no file descriptor left', function () {
  this.timeout(30_000);

  it('is read as soon as there is one', async () => {
    const folder = new Folder();
    const file = folder.write('users.json', users(1, 'Old'));
    const script = new URL('./few-descriptors.js', import.meta.url).pathname;
    const program = await Program.start('few descriptors', {
      command: 'bash',
      args: ['-c', 'ulimit -n 256 && exec "$@"', 'bash', process.execPath, script, file],
    });
    try {
      expect(await program.waitForLine((line) => (line === 'read' ? line : undefined), 20_000, 'read')).to.equal(
        'read',
      );
      expect(program.lines).to.deep.equal(['tried again', 'read']);
    } finally {
      await program.stop();
      folder.remove();
    }
  });
});
