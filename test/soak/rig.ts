import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { usersOf } from '../support/container.js';
import { type Phone, startPhone } from '../support/peers/baresip.js';
import { type Kamailio, startKamailio } from '../support/peers/kamailio.js';
import { Program } from '../support/process.js';

const domain = 'example.com';
const password = '123';
const command = fileURLToPath(new URL('../../container/main.js', import.meta.url));
const readyLine = z.object({ ready: z.literal(true), http: z.number() });
const diagnostics = z.object({
  sip: z.record(z.string(), z.number()),
  caches: z.record(z.string(), z.number()),
});
const collector = new URL('collect-garbage.js', import.meta.url);
const collectedLine = z.object({ collections: z.number(), heapUsedBytes: z.number() });
/** How many events the log keeps: few, so that the log is full, and grows no more, before the heap is measured. */
const EVENTS_KEPT = 50;
const PHONES = ['user1', 'user2'] as const;

/** A container, Kamailio and two baresips, with faults for each. */
export class SoakRig {
  readonly #phones = new Map<string, Phone>();
  #collections = 0;

  private constructor(
    private readonly folder: string,
    readonly container: Program,
    private readonly httpPort: number,
    private readonly logReader: Program,
    private proxy: Kamailio,
  ) {}

  static async open(): Promise<SoakRig> {
    const folder = await mkdtemp(join(tmpdir(), 'sipxrest-soak-'));
    const [users, config, log] = ['users.json', 'config.json', 'log'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const proxy = await startProxy();
    await promisify(execFile)('mkfifo', [log]);
    const logReader = await Program.start('log reader', { command: 'sh', args: ['-c', `exec cat ${log} >/dev/null`] });
    await writeFile(users, JSON.stringify(usersOf(domain)));
    const ports = { httpPort: 0, webPort: 0, publicHttpPort: 0, sipPort: 0, drainSeconds: 0, sipT1Ms: 100 };
    const domainSettings = { sipxProxyDomain: domain, sipProxy: proxy.uri, users, logLevel: 'debug' };
    const plugins = { api: { eventsKept: EVENTS_KEPT } };
    await writeFile(config, JSON.stringify({ ...ports, ...domainSettings, plugins }));
    const container = await Program.start('container', {
      command: 'sh',
      args: ['-c', `exec ${process.execPath} --import ${collector.href} ${command} start --config ${config} 2>${log}`],
    });
    const { http } = await container.waitForLine(readReady, 20_000, 'ready line');
    const rig = new SoakRig(folder, container, http, logReader, proxy);
    for (const user of PHONES) await rig.#startPhone(user);
    return rig;
  }

  async request(method: string, path: string): Promise<{ status: number; text: string }> {
    const url = `http://127.0.0.1:${this.httpPort}${path}`;
    const response = await fetch(url, { method, signal: AbortSignal.timeout(15_000) });
    return { status: response.status, text: await response.text() };
  }

  /** Live objects of the SIP stack, and kept records of calls, by name. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    const { sip, caches } = await this.#diagnostics();
    return { ...sip, ...caches };
  }

  /** Heap in use, in bytes, after a garbage collection. */
  async liveBytes(): Promise<number> {
    const number = (this.#collections += 1);
    process.kill(this.container.pid, 'SIGUSR2');
    const find = (line: string) => {
      const collected = line.startsWith('{"collections"') ? collectedLine.parse(JSON.parse(line)) : undefined;
      return collected?.collections === number ? collected : undefined;
    };
    return (await this.container.waitForLine(find, 60_000, 'collection of the garbage')).heapUsedBytes;
  }

  async descriptors(): Promise<number> {
    return (await readdir(`/proc/${this.container.pid}/fd`)).length;
  }

  /** Kills the proxy and restarts it on the same port, without registrations. */
  async restartProxy(): Promise<void> {
    const { port } = this.proxy;
    await this.proxy.kill();
    this.proxy = await startProxy(port);
    for (const user of PHONES) await this.replacePhone(user);
  }

  /** The telephone vanishes in the midst of its calls; another one takes its place. */
  async replacePhone(user: string): Promise<void> {
    await this.#phones.get(user)?.kill();
    this.#phones.delete(user);
    await this.#startPhone(user);
  }

  /** Stops reading the log. @returns a function that continues */
  stallLog(): () => void {
    process.kill(this.logReader.pid, 'SIGSTOP');
    return () => void process.kill(this.logReader.pid, 'SIGCONT');
  }

  async replaceUsers(): Promise<void> {
    const next = join(this.folder, 'users.next');
    await writeFile(next, JSON.stringify(usersOf(domain)));
    await rename(next, join(this.folder, 'users.json'));
  }

  async close(): Promise<void> {
    for (const phone of this.#phones.values()) await phone.stop();
    await this.container.stop(20_000);
    await this.proxy.stop();
    await this.logReader.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #diagnostics(): Promise<z.output<typeof diagnostics>> {
    return diagnostics.parse(JSON.parse((await this.request('GET', '/diagnostics')).text));
  }

  async #startPhone(user: string): Promise<void> {
    const { port: proxyPort } = this.proxy;
    const toneHz = user === 'user1' ? 400 : 700;
    this.#phones.set(user, await startPhone({ user, password, domain, proxyPort, answer: 'auto', toneHz }));
  }
}

async function startProxy(port?: number): Promise<Kamailio> {
  const users = PHONES.map((userName) => ({ userName, password }));
  return await startKamailio({ domain, users, ...(port !== undefined && { port }) });
}

function readReady(line: string): z.output<typeof readyLine> | undefined {
  return line.startsWith('{"ready"') ? readyLine.parse(JSON.parse(line)) : undefined;
}
