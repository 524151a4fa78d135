import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Container, startContainer, usersOf } from '../support/container.js';
import { freePorts } from '../support/ports.js';

const folder = fileURLToPath(new URL('../../../examples/place-a-call/', import.meta.url));
const busy = { userName: 'busy', identity: 'busy@example.com', displayName: 'Busy', pin: '123', sipPassword: '123' };

describe('The examples that place a call', function () {
  this.timeout(60_000);
  let container: Container;

  before(async () => {
    const port = await freePorts();
    container = await startContainer({
      users: [...usersOf('example.com'), busy],
      sipProxy: `sip:127.0.0.1:${port};lr`,
      plugins: { sandbox: { port, ringMs: 10, answerMs: 50, talkMs: 5_000 } },
    });
  });

  after(async () => container.stop());

  for (const [language, command, file] of [
    ['curl', 'sh', 'place-call.sh'],
    ['JavaScript', process.execPath, 'place-call.mjs'],
    ['Python', 'python3', 'place_call.py'],
  ] as const) {
    it(`tell in ${language} that the two users are connected`, () => {
      const { status, stdout } = spawnSync(command, [folder + file, container.url, 'user1', 'user2'], {
        encoding: 'utf8',
      });
      expect(stdout).to.match(/connected|handedOver/);
      expect(status).to.equal(0);
    });

    it(`tell in ${language} that the called user was busy`, () => {
      const run = spawnSync(command, [folder + file, container.url, 'user2', 'busy'], { encoding: 'utf8' });
      expect(run.stdout + run.stderr).to.include('calleeBusy');
      expect(run.status).to.equal(1);
    });

    it(`tell in ${language} why a call was not placed`, () => {
      const run = spawnSync(command, [folder + file, container.url, 'nobody', 'user2'], { encoding: 'utf8' });
      expect(run.stdout + run.stderr).to.include('nobody');
      expect(run.status).to.equal(1);
    });
  }
});
