import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { fields, startLine, UdpPeer } from '../../plugins/sandbox/udp-peer.js';
import { freePorts } from '../../support/ports.js';
import { pluginFixture } from '../plugins/host.js';
import { type Command, configuration, type Finished, sipxrest, sipxrestTo, sipxrestWith } from './command.js';

interface Running {
  readonly ports: Readonly<Record<string, unknown>>;
  readonly url: string;
  readonly end: (signal: NodeJS.Signals) => Promise<Finished>;
}

describe('sipxrest start', () => {
  let undo: (() => Promise<unknown>)[];

  beforeEach(() => {
    undo = [];
  });

  afterEach(async () => {
    for (const step of undo.toReversed()) await step();
  });

  async function started(
    settings: Readonly<Record<string, unknown>>,
    run: (...args: string[]) => Command = sipxrest,
  ): Promise<Running> {
    const { file, remove } = await configuration(settings);
    undo.push(remove);
    const command = run('start', '--config', file);
    undo.push(() => command.kill());
    const ports = JSON.parse(await command.firstLine) as Record<string, unknown>;
    const end = async (signal: NodeJS.Signals): Promise<Finished> => {
      process.kill(command.pid, signal);
      return command.finished;
    };
    return { ports, url: `http://127.0.0.1:${String(ports['http'])}`, end };
  }

  it('prints one line of JSON with the ports that it got, and ends with exit code 0 on SIGINT', async () => {
    const { ports, url, end } = await started({});
    expect(ports).to.include({ ready: true, publicHttp: 0, sipTls: 0 });
    expect(ports['sip']).to.be.a('number').above(0);
    expect((await fetch(`${url}/diagnostics`)).status).to.equal(200);
    const { code, output, errors } = await end('SIGINT');
    expect(code, errors.join('\n')).to.equal(0);
    expect(output).to.have.length(1);
    for (const line of errors) expect(JSON.parse(line)).to.include.keys('level', 'time', 'msg');
  });

  it('cancels the call of a telephone that rings when it gets SIGTERM, and ends with exit code 0', async () => {
    const phone = await UdpPeer.open();
    undo.push(() => phone.close());
    const { ports, url, end } = await started({ sipProxy: `sip:127.0.0.1:${phone.port};lr` });
    const answer = (request: string, status: string): void =>
      phone.send(response(request, status), Number(ports['sip']));

    expect((await fetch(`${url}/callcontroller/user1/user1`, { method: 'POST' })).status).to.equal(200);
    const invite = await phone.next();
    answer(invite, '180 Ringing');
    await until(async () => (await (await fetch(`${url}/callcontroller/user1/user1`)).text()).includes('180 Ringing'));

    const ended = end('SIGTERM');
    const cancel = await nextOf(phone, 'CANCEL');
    expect(fields(cancel, 'Call-ID')).to.deep.equal(fields(invite, 'Call-ID'));
    answer(cancel, '200 OK');
    answer(invite, '487 Request Terminated');
    await nextOf(phone, 'ACK');
    expect(await ended).to.deep.include({ code: 0 });
  });

  describe('while it drains', () => {
    let phone: UdpPeer;
    let running: Running;
    let invite: string;

    /** A call rings, and the container gets SIGTERM. */
    beforeEach(async () => {
      phone = await UdpPeer.open();
      undo.push(() => phone.close());
      running = await started({ sipProxy: `sip:127.0.0.1:${phone.port};lr`, drainSeconds: 20 });
      const { url } = running;
      expect((await fetch(`${url}/callcontroller/user1/user1`, { method: 'POST' })).status).to.equal(200);
      invite = await phone.next();
      phone.send(response(invite, '180 Ringing'), Number(running.ports['sip']));
      await until(async () =>
        (await (await fetch(`${url}/callcontroller/user1/user1`)).text()).includes('180 Ringing'),
      );
    });

    it('is not ready, refuses new calls, and ends when the call in setup has finished', async () => {
      const { url, end, ports } = running;
      const ended = end('SIGTERM');
      await until(async () => (await fetch(`${url}/readyz`)).status === 503);
      expect((await fetch(`${url}/healthz`)).status).to.equal(200);
      const refused = await fetch(`${url}/callcontroller/user1/user2`, { method: 'POST' });
      expect(refused.status).to.equal(503);
      expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 20);
      const body = JSON.stringify({ caller: 'user1', callee: 'user2' });
      const headers = { 'content-type': 'application/json' };
      for (const answer of [
        await fetch(`${url}/v1/calls`, { method: 'POST', headers, body }),
        await fetch(`${url}/v1/events`),
      ]) {
        expect(answer.headers.get('content-type')).to.equal('application/problem+json');
        expect(answer.headers.get('retry-after')).to.match(/^\d+$/);
        expect(await answer.json()).to.include({ status: 503, code: 'draining' });
      }
      expect(await (await fetch(`${url}/callcontroller/user1/user1`)).text()).to.include('180 Ringing');

      phone.send(response(invite, '486 Busy Here'), Number(ports['sip']));
      await nextOf(phone, 'ACK');
      const beganMs = performance.now();
      expect(await ended).to.deep.include({ code: 0 });
      expect(performance.now() - beganMs).to.be.below(10_000);
    });

    it('ends at once on a second signal', async () => {
      const { url, end } = running;
      const ended = end('SIGTERM');
      await until(async () => (await fetch(`${url}/readyz`)).status === 503);
      // A terminal's Ctrl-C may arrive twice: a signal counts as the second one after half a second.
      await delay(600);
      await end('SIGTERM');
      expect(await ended).to.deep.include({ code: 130 });
    });
  });

  it('ends at once without calls, however long it may drain', async () => {
    const { end } = await started({ drainSeconds: 3_600 });
    expect(await end('SIGTERM')).to.deep.include({ code: 0 });
  });

  it('ends at once when the telephones of the sandbox have heard of it', async () => {
    const port = await freePorts();
    const { url, end } = await started({
      sipProxy: `sip:127.0.0.1:${port};lr`,
      plugins: {
        sandbox: { port, users: [{ userName: 'user1', password: 'password-of-user1', behaviour: 'noanswer' }] },
      },
    });
    await fetch(`${url}/callcontroller/user1/user1`, { method: 'POST' });
    await until(async () => (await (await fetch(`${url}/sandbox`)).text()).includes('"state":"ringing"'));
    const beganMs = performance.now();
    const { code, errors } = await end('SIGTERM');
    expect(code, errors.join('\n')).to.equal(0);
    // A call controller without answers waits for 3 seconds.
    expect(performance.now() - beganMs).to.be.below(2_500);
  });

  for (const [what, openLog] of [
    ['the disk is full', openFullDevice],
    ['nobody reads the pipe', openStalledPipe],
  ] as const) {
    it(`serves, and ends, though its log cannot be written: ${what}`, async () => {
      const { descriptor, close } = await openLog();
      undo.push(close);
      const { url, end } = await started({ logLevel: 'debug' }, (...args) => sipxrestTo(descriptor, ...args));
      for (let index = 0; index < 20; index++)
        expect((await fetch(`${url}/callcontroller/nobody/nobody`, { method: 'POST' })).status).to.equal(403);
      expect(await end('SIGTERM')).to.include({ code: 0 });
    });
  }

  it('reads its configuration again on SIGHUP, says what needs a restart, and opens no debugger on SIGUSR1', async () => {
    const { file, remove } = await configuration({});
    undo.push(remove);
    const command = sipxrest('start', '--config', file);
    undo.push(() => command.kill());
    const { http, sip } = JSON.parse(await command.firstLine) as { readonly http: number; readonly sip: number };
    const post = async (): Promise<Response> =>
      fetch(`http://127.0.0.1:${http}/callcontroller/user1/user1`, { method: 'POST' });

    const settings = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    const changed = { ...settings, realm: 'other', sipProxy: `sip:127.0.0.1:${sip};lr`, limits: { callsPerSecond: 1 } };
    await writeFile(file, JSON.stringify(changed));
    process.kill(command.pid, 'SIGUSR1');
    process.kill(command.pid, 'SIGHUP');
    let answer: Response;
    do answer = await post();
    while (answer.headers.get('RateLimit-Policy')?.includes('"callsPerSecond";q=1;') !== true);

    process.kill(command.pid, 'SIGTERM');
    const { code, errors } = await command.finished;
    expect(code, errors.join('\n')).to.equal(0);
    expect(errors.join('\n'))
      .to.match(/"keys":\["sipProxy","realm"\]/)
      .and.not.match(/Debugger|inspector/i);
  });

  it('goes on starting when it gets SIGHUP and SIGUSR1 before anything is loaded, and opens no debugger', async () => {
    const { file, remove } = await configuration({});
    undo.push(remove);
    const signals = new URL('../../support/early-signals.js', import.meta.url);
    const command = sipxrestWith({ NODE_OPTIONS: `--import ${signals.href}` }, 'start', '--config', file);
    undo.push(() => command.kill());
    expect(await command.firstLine).to.equal('signals sent');
    await command.line(/"ready":true/);
    process.kill(command.pid, 'SIGTERM');
    const { code, errors } = await command.finished;
    expect(code, errors.join('\n')).to.equal(0);
    expect(errors.join('\n')).to.not.match(/Debugger|inspector/i);
  });

  it('ends though a plugin has left a timer running, and says so', async () => {
    const { end } = await started({ pluginDir: pluginFixture('careless') });
    const { code, errors } = await end('SIGTERM');
    expect(code).to.equal(0);
    expect(errors.at(-1)).to.match(/"resources":\[.*"Timeout".*\],"msg":"Left open at the end"/);
  });
});

/** A full disk. */
async function openFullDevice(): Promise<{ descriptor: number; close: () => Promise<void> }> {
  const device = await open('/dev/full', 'a');
  return { descriptor: device.fd, close: () => device.close() };
}

/** A full pipe with a stalled reader. */
async function openStalledPipe(): Promise<{ descriptor: number; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sipxrest-'));
  const name = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [name]);
  const reader = await open(name, constants.O_RDONLY | constants.O_NONBLOCK);
  const filler = await open(name, constants.O_WRONLY | constants.O_NONBLOCK);
  await fill(filler);
  await filler.close();
  const writer = await open(name, constants.O_WRONLY);
  return {
    descriptor: writer.fd,
    close: async () => {
      await Promise.all([reader.close(), writer.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

async function fill(pipe: FileHandle): Promise<void> {
  try {
    for (;;) await pipe.write(Buffer.alloc(4_096));
  } catch (error) {
    expect(error).to.have.property('code', 'EAGAIN');
  }
}

/** The next request of a method; other messages, for example retransmissions, are ignored. */
async function nextOf(phone: UdpPeer, method: string): Promise<string> {
  for (;;) {
    const message = await phone.next();
    if (startLine(message).startsWith(`${method} `)) return message;
  }
}

/** A response with the headers copied from its request (RFC 3261 section 8.2.6.2). */
function response(request: string, status: string): string {
  const copied = request.split('\r\n').filter((line) => /^(?:Via|From|Call-ID|CSeq):/i.test(line));
  const to = `To: ${fields(request, 'To')[0]};tag=phone`;
  return [`SIP/2.0 ${status}`, ...copied, to, 'Content-Length: 0', '\r\n'].join('\r\n');
}

/** Polls until the condition holds; each answer of the container takes a turn of the event loop. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) continue;
}
