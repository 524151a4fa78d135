import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Container, startContainer } from '../support/container.js';
import { programPath, requirePeers } from '../support/peers/programs.js';
import { Program } from '../support/process.js';

/** Prints each datagram that comes to a Unix socket on a line, as systemd would take it. */
const LISTENER = `
import socket, sys
own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
own.bind(sys.argv[1])
print("bound", flush=True)
while True:
    text = own.recv(4096).decode()
    if "BARRIER" not in text: print(text.strip(), flush=True)
`;

describe('A container that systemd has started', function () {
  this.timeout(60_000);
  let folder: string;
  let systemd: Program;
  let container: Container | undefined;

  before(function () {
    requirePeers(this, 'systemdNotify', 'python');
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-notify-'));
    const socket = join(folder, 'notify');
    systemd = await Program.start('systemd', {
      command: programPath('python'),
      args: ['-c', LISTENER, socket],
      env: process.env,
    });
    await systemd.waitForLine((line) => line === 'bound' || undefined, 20_000, 'bound');
    container = await startContainer({}, { NOTIFY_SOCKET: socket });
  });

  afterEach(async () => {
    await container?.stop();
    await systemd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Waits until so many states were told, and gives all of them. */
  async function states(count: number): Promise<string[]> {
    const told: string[] = [];
    await systemd.waitForLine(
      (line) => {
        if (line.includes('=')) told.push(line);
        return told.length === count || undefined;
      },
      20_000,
      `${count} states`,
    );
    return told;
  }

  it('notifies systemd when it is ready, while it reloads its configuration, and when it stops', async () => {
    expect(await states(1)).to.deep.equal(['READY=1']);
    process.kill(container?.pid ?? 0, 'SIGHUP');
    expect(await states(3)).to.deep.equal(['READY=1', 'RELOADING=1', 'READY=1']);
    await container?.stop();
    container = undefined;
    expect((await states(4)).at(-1)).to.equal('STOPPING=1');
  });
});
