import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { type Authority, createAuthority } from '../support/certificates.js';
import { Redis } from '../support/cluster/redis.js';
import { Sentinel } from '../support/cluster/sentinel.js';
import { nameOf, placeCall, steer, waitForCall } from '../support/cluster/service.js';
import { Telephones } from '../support/cluster/telephones.js';
import { type Container, startContainer } from '../support/container.js';
import { LAST, readEvents } from '../support/event-reader.js';

const order = (number: number): Readonly<Record<string, string>> => ({
  caller: `calling${number}`,
  callee: `called${number}`,
  agent: 'user1',
  method: 'invite',
});

describe('Several nodes', function () {
  this.timeout(120_000);

  let phones: Telephones;
  let nodes: Container[];

  beforeEach(async () => {
    phones = await Telephones.open();
    nodes = [];
  });

  afterEach(async () => {
    await Promise.all(nodes.map(async (node) => node.stop()));
    await phones.close();
  });

  async function startNodes(settings: Readonly<Record<string, unknown>>): Promise<[Container, Container]> {
    const start = async (): Promise<Container> =>
      startContainer({ ...settings, sipProxy: phones.uri, limits: { eventLoopDelayMs: 60_000 } });
    const both = await Promise.all([start(), start()]);
    nodes.push(...both);
    await Promise.all(both.map(async (node) => node.waitForLog('Joined the cluster', 20_000)));
    return both;
  }

  describe('whose Redis fails over to its replica while calls are placed', () => {
    let sentinel: Sentinel;

    before(async () => {
      sentinel = await Sentinel.start();
    });

    after(() => sentinel.stop());

    it('lose no call that was accepted, double none, and tell each event once', async () => {
      const both = await startNodes({ redis: sentinel.url });
      const read = [readAll(both[0]), readAll(both[1])];
      const ids: string[] = [];
      const placeSome = async (count: number): Promise<void> => {
        for (; count > 0; count--) ids.push((await placeCall(both[ids.length % 2] as Container, order(ids.length))).id);
      };
      await placeSome(20);
      await sentinel.first.kill();
      await placeSome(20);
      await sentinel.whenFailedOver();
      await placeSome(20);

      for (const [index, id] of ids.entries()) {
        const [one, other] = index % 2 === 0 ? both : [both[1], both[0]];
        const call = await waitForCall(other, id, ({ status }) => status === 'connected', 30_000);
        expect(call.node).to.equal(nameOf(one));
        expect(await steer(other, 'DELETE', `/v1/calls/${id}`)).to.equal(202);
      }
      const whole = ids.map((id) => `${id} 1 2 3 4`).toSorted();
      for (const told of read) expect(await (await told)(ids.length)).to.deep.equal(whole);
      for (const id of ids) await waitForCall(both[0], id, ({ legs }) => legs.every(({ state }) => state === 'ended'));
      expect(phones.faults).to.deep.equal([]);
      expect(phones.legs.map(({ byes }) => byes)).to.deep.equal(Array<number>(2 * ids.length).fill(1));
    });
  });

  describe('with a Redis that speaks TLS and lets in the user that the documentation describes', () => {
    let authority: Authority;
    let redis: Redis;

    before(async () => {
      authority = await createAuthority();
      const { certFile, keyFile } = await authority.issue('localhost', '127.0.0.1');
      const guide = await readFile(new URL('../../../docs/cluster.md', import.meta.url), 'utf8');
      const [, rules = ''] = /^user sipxrest (.*)$/m.exec(guide) ?? [];
      const tls = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-auth-clients', 'no'];
      const user = [
        '--user',
        'default',
        'off',
        '--user',
        'sipxrest',
        ...rules.replace('PASSWORD', 'a-secret').split(' '),
      ];
      redis = await Redis.start([...tls, ...user], 'tls-port');
    });

    after(async () => {
      await redis.stop();
      await authority.remove();
    });

    it('show and steer the calls of each other', async () => {
      const url = `rediss://sipxrest:a-secret@127.0.0.1:${redis.port}`;
      const [one, other] = await startNodes({ redis: url, tls: { ca: authority.caFile } });
      const { id } = await placeCall(one, order(0));
      await waitForCall(other, id, ({ status }) => status === 'connected');
      expect(await steer(other, 'DELETE', `/v1/calls/${id}`)).to.equal(202);
      await waitForCall(other, id, ({ isFinal }) => isFinal);
      for (const node of [one, other]) expect(node.logLines().join('\n')).not.to.include('a-secret');
    });
  });
});

/** Waits for the last event of `count` calls. @returns the sequence numbers of the events of each call */
async function readAll(node: Container): Promise<(calls: number) => Promise<string[]>> {
  const events = readEvents(node.url);
  await events.next();
  return async (calls) => {
    const told = new Map<string, number[]>();
    for (let over = 0; over < calls;) {
      const next = await events.next();
      if (next.done === true) throw new Error('The stream has ended');
      const { type, sequence = 0, data } = next.value;
      if (type === 'stream.reset') throw new Error('The stream was reset');
      if (data) told.set(data.call.id, [...(told.get(data.call.id) ?? []), sequence]);
      if (LAST.has(type)) over += 1;
    }
    return [...told].map(([id, sequences]) => [id, ...sequences].join(' ')).toSorted();
  };
}
