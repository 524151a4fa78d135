import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { type Container, startContainer } from '../support/container.js';
import { type DnsServer, startDnsServer } from '../support/peers/dns.js';
import { type Kamailio, startKamailio } from '../support/peers/kamailio.js';
import { requirePeers } from '../support/peers/programs.js';
import { register } from '../support/peers/registration.js';
import { type Sipp, startSipp } from '../support/sipp/sipp.js';
import type { StatusLine } from '../support/status-lines.js';

const domain = 'example.com';
const user = { userName: 'user1', password: '123' };
const callTimeoutMs = 15_000;
/** 8*T1 of the container: how long a call waits for a proxy that is silent. */
const silenceMs = 8 * 500;

/** What GET shows in the end of a call that went well. */
const success = ['INVITE 200', 'REFER 202', 'NOTIFY 100', 'NOTIFY 180', 'NOTIFY 200'];

interface Outcome {
  /** Method and status of the last entries of the record. */
  readonly end: readonly string[];
  /** From the POST to the last entry, in milliseconds. */
  readonly tookMs: number;
}

describe('A domain with two proxies', function () {
  this.timeout(90_000);
  const stops: (() => Promise<void>)[] = [];
  let phone: Sipp;
  let container: Container;
  let calls = 0;

  before(function () {
    requirePeers(this, 'kamailio', 'sipp', 'dnsmasq');
  });

  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });

  async function started<T extends { stop(): Promise<void> }>(peer: Promise<T>): Promise<T> {
    const result = await peer;
    stops.push(() => result.stop());
    return result;
  }

  /** Two proxies of the same rank, and a telephone that is registered with both. */
  async function startProxies(): Promise<[Kamailio, Kamailio]> {
    phone = await started(startSipp({ scenario: 'behind-a-proxy', calls: 1000, timeoutS: 80, underLoad: true }));
    const one = await started(startKamailio({ domain, users: [user] }));
    const other = await started(startKamailio({ domain, users: [user] }));
    for (const proxy of [one, other]) await register(proxy, user, phone.port);
    return [one, other];
  }

  /** The container, which finds the proxies by their SRV records; `ranks` are their priorities. */
  async function startWith(proxies: readonly Kamailio[], ranks: readonly number[]): Promise<DnsServer> {
    const dns = await started(
      startDnsServer({
        addresses: [{ name: 'proxy.example.com', address: '127.0.0.1' }],
        services: proxies.map(({ port }, index) => ({
          name: '_sip._udp.example.com',
          target: 'proxy.example.com',
          port,
          priority: ranks[index] ?? 0,
          weight: 1,
        })),
      }),
    );
    container = await started(startContainer({ sipxProxyDomain: domain, resolver: dns.address }));
    return dns;
  }

  /** Places a call, and waits for its end. */
  async function call(): Promise<Outcome> {
    const path = `/callcontroller/user1/called${++calls}`;
    const startMs = performance.now();
    const response = await container.post(path);
    expect(response.status, await response.text()).to.equal(200);
    const isOver = (events: readonly StatusLine[]): boolean => outline(events).join() === success.join();
    const events = await container.waitForStatus(path, isOver, callTimeoutMs);
    return { end: outline(events), tookMs: performance.now() - startMs };
  }

  /** Places calls at ten a second. */
  async function callTimes(count: number): Promise<Promise<Outcome>[]> {
    const placed: Promise<Outcome>[] = [];
    for (let index = 0; index < count; index++) {
      const outcome = call();
      outcome.catch(() => undefined); // whoever wants it awaits it
      placed.push(outcome);
      await delay(100);
    }
    return placed;
  }

  it('carries every call when the first one is dead from the start', async () => {
    const [dead, living] = await startProxies();
    await dead.kill();
    await startWith([dead, living], [1, 2]);
    const outcomes = await Promise.all(await callTimes(20));
    expect(outcomes).to.have.length(20);
    for (const { tookMs } of outcomes) expect(tookMs).to.be.below(silenceMs);
    expect(invitesAt(living)).to.equal(20);
  });

  it('connects every call that is placed after one of them was killed', async () => {
    const [one, other] = await startProxies();
    await startWith([one, other], [1, 1]);
    await Promise.all(await callTimes(20));
    expect(invitesAt(one), 'calls of the one').to.be.above(0);
    expect(invitesAt(other), 'calls of the other').to.be.above(0);
    void (await callTimes(5)); // what becomes of those that are under way is not asked
    await one.kill();
    const afterwards = await Promise.all(await callTimes(40));
    expect(afterwards).to.have.length(40);
    for (const { tookMs } of afterwards) expect(tookMs).to.be.below(silenceMs);
  });
});

/** Method and status of the last five entries. */
function outline(events: readonly StatusLine[]): string[] {
  return events.slice(-success.length).map(({ method, statusLine }) => `${method} ${statusLine.split(' ')[1]}`);
}

function invitesAt(proxy: Kamailio): number {
  return proxy.requests().filter(({ kind, method }) => kind === 'authenticated' && method === 'INVITE').length;
}
